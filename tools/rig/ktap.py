#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Judge what a VM said: KTAP results, programs' exit codes and the kernel's log.

usage: ktap.py RESULTS NAME KIND STATUS OUTPUT KERNEL-LOG
       ktap.py quiet KERNEL-LOG
       ktap.py complaints

KIND is "kunit" (KTAP in the kernel's log), "tests" (KTAP of programs, in sections of OUTPUT that
begin with "@@ suite NAME" and end with "@@ exit CODE NAME") or "program" (only STATUS counts).
STATUS is that of vm.sh. Each test adds a line to the file RESULTS: "pass", "fail" or "skip", and
its name. Failures are printed with their part of the log, skips with their reason.

The second form only says, with its exit status, whether the kernel did not complain. The third
prints the regular expression of complaints, for grep -P.
"""
import re
import sys

RESULT = re.compile(r"^( *)(ok|not ok)\b *\d* *-? *([^#]*?) *(?:# *(SKIP|XFAIL|TODO)? *:? *(.*))?$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(?: # SKIP *(.*))?")
SUBTEST = re.compile(r"^( *)# Subtest: (\S+)")
STAMP = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")

COMPLAINT = re.compile("|".join((
    r"BUG: ", r"BUG \S+ \(", r"kernel BUG at", r"WARNING: ", r"\bOops\b", r"Kernel panic",
    r"KASAN: ", r"UBSAN: ", r"ODEBUG: ", r"pagealloc: memory corruption",
    r"general protection fault", r"unable to handle", r"invalid opcode", r"double fault",
    r"possible (circular|recursive) locking", r"inconsistent lock state", r"suspicious RCU",
    r"INFO: (possible|task|rcu|trying)", r"rcu: .*stall", r"sleeping function called",
    r"scheduling while atomic", r"bad: scheduling", r"kmemleak: (\d+ new|no scan)",
    r"list_(add|del) corruption", r"refcount_t: ", r"vtdsim\d+: violation", r"soft lockup",
    r"hung task",
)))


class Judge:
    """Counts results; prints what failed or was skipped."""

    def __init__(self, results, name):
        self.results, self.name = results, name
        self.count = {"pass": 0, "fail": 0, "skip": 0}

    def result(self, verdict, test, lines=(), reason=""):
        self.count[verdict] += 1
        self.results.write(f"{verdict}\t{self.name}: {test}\n")
        if verdict == "skip":
            print(f"  SKIP     {self.name}: {test}: {reason or 'no reason given'}")
        elif verdict == "fail":
            print(f"  FAIL     {self.name}: {test}" + (f": {reason}" if reason else ""))
            for line in list(lines)[-60:]:
                print(f"           | {line}")

    def summary(self):
        n = self.count
        text = f"{n['pass']} passed, {n['fail']} failed"
        if n["skip"]:
            text += f", {n['skip']} skipped"
        print(f"  TESTED   {self.name}: {text}")


class Level:
    """One indentation of a KTAP report."""

    def __init__(self, indent):
        self.indent, self.plan, self.seen, self.failed = indent, None, 0, 0
        self.name, self.skipped = None, False


class Ktap:
    """A KTAP report, line by line. A result with subtests stands for these and is not counted."""

    def __init__(self, judge, prefix=""):
        self.judge, self.prefix = judge, prefix
        self.levels, self.context = [], []

    def path(self, name):
        names = [level.name for level in self.levels if level.name]
        return "/".join(([self.prefix] if self.prefix else []) + names + [name])

    def fail(self, name, reason):
        self.judge.result("fail", name, self.context, reason)

    def level(self, indent):
        if not self.levels or self.levels[-1].indent < indent:
            self.levels.append(Level(indent))
        return self.levels[-1]

    def close(self, indent):
        """End the levels deeper than indent; say whether there were any, and their failures."""
        had, failed = False, 0
        while self.levels and self.levels[-1].indent > indent:
            level = self.levels.pop()
            where = self.path(level.name or "(report)")
            had, failed = True, failed + level.failed
            if level.plan is not None and level.plan != level.seen:
                failed += 1
                self.fail(where, f"{level.plan} tests planned, {level.seen} reported")
            elif not level.seen and not level.skipped:
                failed += 1
                self.fail(where, "ran no tests")
        return had, failed

    def line(self, line):
        self.context.append(line)
        if match := SUBTEST.match(line):
            self.close(len(match[1]))
            self.level(len(match[1])).name = match[2]
        elif match := PLAN.match(line):
            self.close(len(match[1]))
            level = self.level(len(match[1]))
            level.plan = int(match[2])
            if match[3] is not None:
                level.skipped = True
                self.judge.result("skip", self.path("(all)"), reason=match[3])
        elif match := RESULT.match(line):
            self.outcome(match)

    def outcome(self, match):
        indent, ok, name, directive, reason = len(match[1]), match[2] == "ok", *match.group(3, 4, 5)
        # The harness of the selftests puts the name of a skipped test behind the directive.
        if not name:
            name = reason or "(no name)"
        had, failed = self.close(indent)
        level = self.level(indent)
        level.seen += 1
        if had:
            if not ok and not failed:
                self.fail(self.path(name), "failed, though none of its subtests did")
                failed = 1
            level.failed += failed
        elif directive == "SKIP":
            self.judge.result("skip", self.path(name), reason=reason)
        elif ok:
            self.judge.result("pass", self.path(name))
        else:
            level.failed += 1
            self.judge.result("fail", self.path(name), self.context)
        self.context = []

    def end(self):
        """The report is over: what is still open has been cut off."""
        had, _ = self.close(0)
        if had:
            self.fail(self.path("(end)"), "the report breaks off inside a subtest")
        if not self.levels:
            self.fail(self.path("(all)"), "ran no tests")
        elif self.levels[0].plan is None:
            self.fail(self.path("(plan)"), "the report has no plan")
        else:
            self.close(-1)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\r\n") for line in file]
    except FileNotFoundError:
        return []


def judge_kunit(judge, log):
    ktap = Ktap(judge)
    started = False
    for line in log:
        line = STAMP.sub("", line, count=1)
        started = started or line == "KTAP version 1"
        if started:
            ktap.line(line)
    ktap.end()


def judge_tests(judge, output):
    ktap, suites = None, 0
    for line in output:
        if line.startswith("@@ suite "):
            suites += 1
            name = line.split(" ", 2)[2]
            ktap, failed = Ktap(judge, name), judge.count["fail"]
        elif line.startswith("@@ exit ") and ktap:
            code = int(line.split(" ")[2])
            last = ktap.context
            ktap.end()
            if code and judge.count["fail"] == failed and code != 4:
                judge.result("fail", name, last, f"exit code {code}")
            ktap = None
        elif ktap:
            ktap.line(line)
    if ktap:
        ktap.fail(name, "the VM ended inside this program")
    if not suites:
        judge.result("fail", "(all)", reason="ran no test programs")


def complaints_in(log):
    """What the kernel has complained of: (line number, text)."""
    return [(number, line) for number, line in enumerate(log) if COMPLAINT.search(line)]


def judge_log(judge, log):
    """The kernel must not have complained."""
    complaints = complaints_in(log) if log else [(0, "there is no log")]
    if not complaints:
        judge.result("pass", "kernel log clean")
        return
    first = complaints[0][0]
    lines = [line for _, line in complaints[1:8]]
    judge.result("fail", "kernel log clean", log[max(0, first - 3):first + 40] + ["..."] + lines,
                 f"{len(complaints)} complaints, the first: {complaints[0][1]}")


def main():
    if sys.argv[1] == "quiet":
        return 1 if complaints_in(read(sys.argv[2])) else 0
    if sys.argv[1] == "complaints":
        print(COMPLAINT.pattern)
        return 0
    results, name, kind, status, output, log = sys.argv[1:]
    status, output, log = int(status), read(output), read(log)
    with open(results, "a", encoding="utf-8") as file:
        judge = Judge(file, name)
        if kind == "kunit":
            judge_kunit(judge, log)
        elif kind == "tests":
            judge_tests(judge, output)
        if kind == "program" or status >= 124:
            why = {124: "timed out", 125: "the VM ended early"}.get(status, f"exit code {status}")
            judge.result("fail" if status else "pass", "end", output + ["kernel log:"] + log[-20:],
                         why)
        judge_log(judge, log)
        judge.summary()
    return 1 if judge.count["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
