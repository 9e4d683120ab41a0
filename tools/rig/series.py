#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: series.py BASE TREE MANIFEST HOOKS VERSION LISTS REPOSITORY OUT SIGNATURE

Makes the patch series of LISTS/*.list out of the files of TREE and the hooks for a base of
VERSION, those in HOOKS/shared and HOOKS/VERSION, as branches of REPOSITORY, which holds on its
branch "base" what the project changes of BASE. Writes each as patches to OUT/NAME.

A list has one entry after the other:

    cover: SUBJECT        the cover letter; its text in the lines that begin with "|"
    after: NAME...        the series that have to be applied before
    hook: NAME            a hook, with its own text
    patch: SUBJECT        new files; the text in the lines that begin with "|", and one path or
    | TEXT                glob in each line that begins with "+"
    + PATH
    ? PATH                what a base must have, or the patch is passed over

Of several globs the longest one has a file. Each new file and each hook has to be in exactly one
entry of one list. An entry for another base's hook is passed over. A Makefile grows with the files
that it names.
"""
import fnmatch
import glob
import os
import re
import subprocess
import sys

base, tree, manifest, hooks, base_name, lists, repository, out, signature = sys.argv[1:]


def die(message):
    sys.exit("error: " + message)


def git(*args, text=None):
    return subprocess.run(["git", "-C", repository, *args], check=True, input=text,
                          stdout=subprocess.PIPE, text=True).stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def base_version():
    """As in 6.12.107."""
    numbers = re.findall(r"^(?:VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", read(f"{base}/Makefile"), re.M)
    return ".".join(numbers)


def hooks_named(pattern, bases="*"):
    return glob.glob(f"{hooks}/{bases}/{pattern}.patch")


class Entry:
    """A cover letter, a hook or a patch of a list."""

    def __init__(self, kind, name, where):
        self.kind, self.name, self.where = kind, name, where
        self.text, self.patterns, self.files, self.needs = [], [], [], []

    def message(self):
        if self.kind == "hook":
            text = read(hook_paths[self.name]).split("\n--- a/", 1)[0]
            return text.split("\n", 1)[1].strip() + "\n"
        return "\n".join([self.name, ""] + self.text).strip() + "\n"

    def check(self):
        """A subject, a body, and lines that are as long as is usual in mails."""
        lines = self.message().splitlines()
        if len(lines) < 3 or lines[1]:
            die(f"{self.where}: the text of {self.name} is not a subject and a body")
        for line in lines:
            if len(line) > 75:
                die(f"{self.where}: longer than 75 columns: {line}")


def parse(path):
    entries = []
    for number, line in enumerate(read(path).splitlines(), 1):
        where = f"{os.path.relpath(path)}:{number}"
        kind, _, name = line.partition(": ")
        if not line or line.startswith("#"):
            continue
        if kind in ("cover", "after", "hook", "patch") and name:
            entries.append(Entry(kind, name.strip(), where))
        elif line[0] == "|" and entries:
            entries[-1].text.append(line[2:])
        elif line.startswith("+ ") and entries and entries[-1].kind == "patch":
            entries[-1].patterns.append(line[2:])
        elif line.startswith("? ") and entries and entries[-1].kind == "patch":
            entries[-1].needs.append(line[2:])
        else:
            die(f"{where}: not understood: {line}")
    return entries


def assign(series, files):
    """Gives each of the new files to the entry with the longest glob for it."""
    for name, entries in series.items():
        series[name] = [e for e in entries if all(os.path.exists(f"{base}/{p}") for p in e.needs)]
    patches = [entry for entries in series.values() for entry in entries if entry.kind == "patch"]
    for path in files:
        fits = [(len(p), e) for e in patches for p in e.patterns if fnmatch.fnmatchcase(path, p)]
        longest = max((length for length, _ in fits), default=0)
        takers = [e for length, e in fits if length == longest]
        if len(takers) != 1:
            names = " and ".join(e.where for e in takers) or "no series"
            die(f"{path} is in {names}: give it to one patch of tools/rig/series/*.list")
        takers[0].files.append(path)
    for entry in patches:
        for pattern in entry.patterns:
            if not any(fnmatch.fnmatchcase(path, pattern) for path in entry.files):
                die(f"{entry.where}: there is no such file for this patch: {pattern}")

    listed = [e.name for entries in series.values() for e in entries if e.kind == "hook"]
    for name in hook_paths:
        if listed.count(name) != 1:
            die(f"the hook {name} is in {listed.count(name)} series: it has to be in one")
    for name in listed:
        if not hooks_named(name):
            die(f"there is no hook {name}")
    for name, entries in series.items():
        series[name] = [e for e in entries if e.kind != "hook" or e.name in hook_paths]
    for entry in (entry for entries in series.values() for entry in entries):
        if entry.kind != "after":
            entry.check()


def exists(path):
    return os.path.exists(f"{repository}/{path}") or os.path.exists(f"{base}/{path}")


def source_of(word, directory):
    """The file that a word of a Makefile is made from."""
    if word.endswith("/"):
        return f"{directory}/{word}Makefile"
    if word.endswith(".sh"):
        return f"{directory}/{word}"
    return f"{directory}/{re.sub(r'[.][co]$', '', word)}.c"


def kept_words(line, directory):
    """A line of a Makefile without the objects, programs and headers that are not there."""
    match = re.match(r"((?:obj-\S+|PROGRAMS|TEST_GEN_PROGS|TEST_FILES|\S+-src)\s*[:+]?=)(.*)$", line)
    if match:
        words = [word for word in match[2].split() if exists(source_of(word, directory))]
        return f"{match[1]} {' '.join(words)}" if words else None
    match = re.match(r"CFLAGS_(\S+)\.o\s", line)
    if match and not exists(source_of(match[1], directory)):
        return None
    match = re.search(r"-include \$\(srctree\)/(\S+)", line)
    if match and not exists(match[1]):
        return None
    return line


def makefile_so_far(path, text):
    """A Makefile for the files that are there: whole paragraphs go with their last line."""
    lines = []
    for line in text.splitlines():
        kept = kept_words(line, os.path.dirname(path))
        if kept is None:
            continue
        while kept == "endif" and lines and lines[-1].startswith("if"):
            lines.pop()
            kept = None
        if kept is not None:
            lines.append(kept)
    text = "\n".join(lines)
    text = re.sub(r"\n\n(#[^\n]*\n)+(?=\n|$)", "\n", text + "\n")
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"


def so_far(path):
    text = read(f"{tree}/{path}")
    if re.match(r"(drivers/.*|tools/iommu|tools/testing/.*)/Makefile$", path):
        return makefile_so_far(path, text)
    return text


def write_files(paths):
    """Two rounds, because a Makefile depends on the others."""
    for _ in range(2):
        for path in paths:
            target = f"{repository}/{path}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(so_far(path))
            os.chmod(target, os.stat(f"{tree}/{path}").st_mode)


def apply_hook(name):
    with open(hook_paths[name], encoding="utf-8") as file:
        done = subprocess.run(["patch", "-d", repository, "-p1", "--fuzz=0", "--forward", "--batch",
                               "--no-backup-if-mismatch", "-r", "-"], stdin=file, text=True,
                              stdout=subprocess.PIPE, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        die(f"the hook {name} does not fit where its series has it")


def make(name, entries, before):
    """A branch with a commit for each entry, on top of the series in "before"."""
    git("checkout", "-q", "-B", name, "base")
    present = []
    for other in before:
        git("am", "-q", *sorted(f"{out}/{other}/{p}" for p in os.listdir(f"{out}/{other}")
                                if not p.startswith("0000")))
    for entry in [e for es in (series[other] for other in before) for e in es]:
        present += entry.files
    start = git("rev-parse", "HEAD").strip()
    for entry in entries:
        if entry.kind == "patch":
            present += entry.files
        elif entry.kind == "hook":
            apply_hook(entry.name)
        else:
            continue
        write_files(present)
        git("add", "-A", "-f")
        git("commit", "-q", "-s", "-F", "-", text=entry.message())
    cover = [entry for entry in entries if entry.kind == "cover"]
    git("config", f"branch.{name}.description",
        f"{cover[0].message()}\nMade on Linux {base_version()}.\n")
    git("format-patch", "-q", "-o", f"{out}/{name}", "--cover-letter", "--no-renames",
        "--cover-from-description=subject", f"--signature={signature}", start)


hook_paths = {os.path.basename(path)[:-len(".patch")]: path
              for path in hooks_named("*", "shared") + hooks_named("*", base_name)}
names = sorted(name[:-len(".list")] for name in os.listdir(lists) if name.endswith(".list"))
series = {name: parse(f"{lists}/{name}.list") for name in names}
needs = {name: [n for e in series[name] if e.kind == "after" for n in e.name.split()]
         for name in names}
new = [path for path in (line[2:] for line in read(manifest).splitlines())
       if not os.path.exists(f"{base}/{path}")]
assign(series, new)
for name in sorted(names, key=lambda name: len(needs[name])):
    make(name, series[name], needs[name])
