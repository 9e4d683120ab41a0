#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Mutants: small breakages, one at a time, that tests have to notice.

usage: mutants.py check LIST TREE
       mutants.py write LIST TREE
       mutants.py begin LIST RESULTS [NAME...]
       mutants.py plan LIST RESULTS (vm|boot) [NAME...]
       mutants.py read LIST RESULTS OUTPUT KERNEL-LOG [NAME]
       mutants.py table LIST RESULTS [NAME...]

LIST begins with a line "in DIRECTORY switch FILE": the files are below that directory, and one of
them defines the switch. Then it has mutants like this one, separated by empty lines:

    [name] file.c
    What is broken.
    within: function                where OLD is more than once in the file
    - OLD                           an expression, or statements if it ends with ; or }
    + NEW
    tests: SUITE... PROGRAM...      KUnit suites without slow tests, and selftests; async:SUITE and
                                    async:PROGRAM if units are to work beside the CPUs
    boot: SUITE                     instead, a suite of slow tests, or of those that boot with the kernel
    survives: REASON                why no test notices

"write" puts all of them into the sources in TREE, behind a switch, so that one kernel is enough: a boot
parameter and a file in sysfs, or for programs of user space the variable VTD_MUTANT. "check" only says
whether each can be, and whether its tests are in TREE. "begin" forgets results of those that are
named, and all but kills of the others; "plan" prints what the VM has to do for those, or of those
named, that have no result; "read" looks in the logs for what became of them, and "table" prints it
and the sum, of all or of those named. "read" fails if a suite did not pass when the kernel booted, without any mutant. The exit
status of "table" says whether nothing survived without a reason.
"""
import glob
import hashlib
import os
import re
import sys

import ktap

SWITCH = """\
#ifndef VTD_MUTANT
extern int vtd_mutant;
#define VTD_MUTANT(n) (*(volatile int *)&vtd_mutant == (n))
#endif
"""
DEFINITION = """
#include <linux/moduleparam.h>
int vtd_mutant;
core_param(vtd_mutant, vtd_mutant, int, 0644);
"""
# Programs of user space have it from their environment.
USER_DEFINITION = """
#include <stdlib.h>
int vtd_mutant;
__attribute__((constructor)) static void vtd_mutant_choose(void)
{
	const char *number = getenv("VTD_MUTANT");

	vtd_mutant = number ? atoi(number) : 0;
}
"""

MARK = re.compile(r"vtd: mutant (\S+) (starts|ends)$")
SUITE = re.compile(r'^(?:\t\.name =|const struct test_suite \w+ = \{) "([\w-]+)",', re.M)
# The second is of a test that never came to its end, the third of a program that said nothing.
FAILED = re.compile(r"^ *not ok \d+ (?:- )?([^#]*?) *(?:#.*)?$|"
                    r"^ *# (\S+): (?:EXPECTATION|ASSERTION) FAILED|^vtd: mutant \S+ fails (\S+)")


class Mutant:
    """One of the list."""

    def __init__(self, number, text):
        self.number, self.what, self.fields = number, [], {}
        old, new = [], []
        head, *lines = text.split("\n")
        match = re.fullmatch(r"\[([\w-]+)\] (\S+)", head)
        if not match:
            sys.exit(f"not the head of a mutant: {head}")
        self.name, self.file = match.groups()
        for line in lines:
            if line[:2] in ("- ", "-"):
                old.append(line[2:])
            elif line[:2] in ("+ ", "+"):
                new.append(line[2:])
            elif match := re.fullmatch(r"(within|tests|boot|survives): (.*)", line):
                self.fields[match[1]] = match[2]
            else:
                self.what.append(line)
        self.old, self.new = "\n".join(old), "\n".join(new)
        if not self.old or not self.fields.keys() & {"tests", "boot"}:
            sys.exit(f"{self.name}: it needs what to change, and tests")
        self.key = hashlib.sha256(text.encode()).hexdigest()[:16]

    def place(self, source):
        """Where the old text is in the source: (start, end)."""
        start, end = 0, len(source)
        if function := self.fields.get("within"):
            found = [m.start() for m in re.finditer(rf"^[^\s#*/].*\b{function}\(", source, re.M)
                     if source[m.start():source.find("\n\n", m.start())].find("\n{") > 0]
            if len(found) != 1:
                sys.exit(f"{self.name}: {len(found)} functions {function}() in {self.file}")
            start = found[0]
            end = source.index("\n}\n", start)
        old = re.compile(r"\s+".join(re.escape(word) for word in self.old.split()))
        found = [m.span() for m in old.finditer(source, start, end)]
        if len(found) != 1:
            sys.exit(f"{self.name}: the old text is {len(found)} times in {self.file}")
        return found[0]

    def switched(self, old):
        """What stands for the text, with the mutant behind its switch."""
        if self.old[-1] in ";}":
            return f"{{ if (VTD_MUTANT({self.number})) {{ {self.new} }} else {{ {old} }} }}"
        return f"(VTD_MUTANT({self.number}) ? ({self.new}) : ({old}))"


def read_list(path):
    with open(path, encoding="utf-8") as file:
        text = "\n".join(line.rstrip() for line in file if not line.startswith("#"))
    first, *mutants = [part.strip("\n") for part in re.split(r"\n\n+", text) if part.strip()]
    match = re.fullmatch(r"in (\S+) switch (\S+)", first)
    if not match:
        sys.exit(f"not the first line of a list: {first}")
    mutants = [Mutant(number, part) for number, part in enumerate(mutants, 1)]
    names = [mutant.name for mutant in mutants]
    if len(set(names)) != len(names):
        sys.exit("two mutants have the same name")
    return match[1], match[2], mutants


def tests_in(directory, tree):
    """The names of all suites and programs that a list for this directory can have."""
    if directory.startswith("drivers/"):
        sources = f"{tree}/drivers/iommu/**/tests/*.c"
        programs = glob.glob(f"{tree}/tools/testing/selftests/iommu/vtd/vtd_*.*")
    else:
        sources, programs = f"{tree}/{directory}/**/*_test.c", []
    names = {os.path.basename(path).removesuffix(".c") for path in programs}
    for path in glob.glob(sources, recursive=True):
        with open(path, encoding="utf-8") as file:
            names.update(SUITE.findall(file.read()))
    return names


def check_tests(directory, mutants, tree):
    """A test that there is not would fail, and so seem to notice everything."""
    known = tests_in(directory, tree)
    for mutant in mutants:
        for field in mutant.fields.keys() & {"tests", "boot"}:
            for test in mutant.fields[field].split():
                if test.removeprefix("async:") not in known:
                    sys.exit(f"{mutant.name}: there is no test {test}")


def switch_all(source, mutants):
    """The source with all its mutants. One may be within what another changes."""
    spans = sorted(((*mutant.place(source), mutant) for mutant in mutants),
                   key=lambda span: (span[0] - span[1], span[0]))

    def render(start, end, inner):
        text, at = "", start
        while inner:
            # The widest of those left; those within it are its own.
            first = min(inner, key=lambda s: (s[0], -s[1]))
            own = [s for s in inner if s is not first and s[0] < first[1]]
            if any(s[1] > first[1] for s in own):
                sys.exit(f"{first[2].name} and {own[0][2].name} overlap")
            text += source[at:first[0]] + first[2].switched(render(first[0], first[1], own))
            at = first[1]
            inner = [s for s in inner if s is not first and s not in own]
        return text + source[at:end]

    return render(0, len(source), spans)


def write(directory, switch, mutants, tree, dry):
    files = {switch: []}
    definition = DEFINITION if directory.startswith("drivers/") else USER_DEFINITION
    for mutant in mutants:
        files.setdefault(mutant.file, []).append(mutant)
    for name, those in files.items():
        path = f"{tree}/{directory}/{name}"
        with open(path, encoding="utf-8") as file:
            source = file.read()
        source = switch_all(source, those)
        head, rest = source.split("\n", 1)
        source = f"{head}\n{SWITCH}{rest}" + (definition if name == switch else "")
        if not dry:
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)


def read_results(path):
    """By name: (key, verdict, by what)."""
    results = {}
    for line in ktap.read(path):
        name, *rest = line.split("\t")
        results[name] = rest
    return results


def begin(mutants, path, names):
    if unknown := set(names) - {mutant.name for mutant in mutants}:
        sys.exit(f"there is no mutant {', '.join(sorted(unknown))}")
    results, key = read_results(path), {mutant.name: mutant.key for mutant in mutants}
    with open(path, "w", encoding="utf-8") as file:
        for name, (was, verdict, what) in results.items():
            if key.get(name) == was and verdict == "killed" and name not in names:
                file.write(f"{name}\t{was}\t{verdict}\t{what}\n")


def plan(mutants, results, kind, names):
    field = "tests" if kind == "vm" else "boot"
    for mutant in mutants:
        if mutant.name not in results and mutant.name in (names or [mutant.name]):
            if field in mutant.fields:
                print(mutant.number, mutant.name, mutant.fields[field])


def parts_of(log):
    """By name: the lines of a mutant, and whether its end was seen."""
    parts, name = {}, None
    for line in log:
        match = MARK.search(line)
        if match and match[2] == "starts":
            name = match[1]
            parts[name] = [[], False]
        elif match:
            parts[match[1]][1] = True
            name = None
        elif name:
            parts[name][0].append(ktap.STAMP.sub("", line, count=1))
    return parts


def judge(log, output, ended):
    """(verdict, by what) from the logs of one mutant."""
    failed = [match[1] or match[2] or match[3] for line in log + output if (match := FAILED.match(line))]
    if failed:
        return "killed", failed[0]
    if complaints := ktap.complaints_in(log):
        return "killed", complaints[0][1].strip()
    return ("survived", "") if ended else ("stuck", "the VM ended or said nothing")


def without_mutants(log):
    """What has failed before the first mutant: the suites run once when the kernel boots."""
    for line in log:
        if MARK.search(line):
            break
        if match := FAILED.match(line):
            yield match[1] or match[2]


def take(mutants, path, output, log, name):
    log, output = ktap.read(log), ktap.read(output)
    if not name and (failed := sorted(set(without_mutants(log)))):
        sys.exit("these fail without any mutant: " + ", ".join(failed))
    if name:
        found = {name: (log, [], any("@@ end" in line for line in output))}
    else:
        said = parts_of(output)
        found = {name: (lines, said.get(name, [[], 0])[0], ended)
                 for name, (lines, ended) in parts_of(log).items()}
    with open(path, "a", encoding="utf-8") as file:
        for mutant in mutants:
            if mutant.name in found:
                verdict, what = judge(*(found[mutant.name][i] for i in (0, 1, 2)))
                file.write(f"{mutant.name}\t{mutant.key}\t{verdict}\t{what}\n")
                print(f"  {verdict.upper():8} {mutant.name}" + (f": {what}" if what else ""))


def table(mutants, results, names):
    count = {}
    for mutant in mutants:
        if mutant.name not in (names or [mutant.name]):
            continue
        key, verdict, what = results.get(mutant.name, ("", "", ""))
        if key != mutant.key:
            verdict, what = "not run", ""
        if reason := mutant.fields.get("survives"):
            if verdict == "survived":
                verdict, what = "excused", reason
            elif verdict == "killed":
                what += " (and it should survive: " + reason + ")"
        count[verdict] = count.get(verdict, 0) + 1
        print(f"{verdict:9} {mutant.file:20} {mutant.name:32} {what}")
    print(f"{count.get('killed', 0)} killed, {count.get('survived', 0)} survived" +
          "".join(f", {n} {verdict}" for verdict, n in sorted(count.items())
                  if verdict not in ("killed", "survived")))
    return 0 if set(count) <= {"killed", "excused"} else 1


def main():
    what, listed, *rest = sys.argv[1:]
    directory, switch, mutants = read_list(listed)
    if what == "check":
        check_tests(directory, mutants, rest[0])
    if what in ("check", "write"):
        write(directory, switch, mutants, rest[0], what == "check")
        print(f"{len(mutants)} mutants")
    elif what == "begin":
        begin(mutants, rest[0], rest[1:])
    elif what == "plan":
        plan(mutants, read_results(rest[0]), rest[1], rest[2:])
    elif what == "read":
        take(mutants, *rest[:3], rest[3] if len(rest) > 3 else None)
    elif what == "table":
        return table(mutants, read_results(rest[0]), rest[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
