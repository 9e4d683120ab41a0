#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tell data races of the base from this project's.

usage: races.py KERNEL-LOG OBJECTS

KERNEL-LOG is that of a kernel with KCSAN, and OBJECTS where it was built. A report is a complaint if
one of the functions in its stacks is the project's, or if nobody knows it. The file known-races has
those of the base that are known, each a line "FUNCTION / FUNCTION: why". The headline of these is
changed, so that ktap.py does not take it for a complaint, and they are printed.
"""
import os
import re
import subprocess
import sys

import ktap

DRIVERS = ("drivers/iommu/intel/nested", "drivers/iommu/vtdsim")
HEADLINE = re.compile(r"BUG: KCSAN: (.*?) in (.*)$")
CALL = re.compile(r"^ (\S+)\+0x[0-9a-f]+/0x[0-9a-f]+")


def plain(symbol):
    """A function's name without its offset and what the compiler put behind it."""
    return symbol.split("+")[0].split(".")[0].strip()


def functions(objects):
    """The names of the project's functions."""
    names = set()
    for driver in DRIVERS:
        for directory, _, files in os.walk(os.path.join(objects, driver)):
            paths = [os.path.join(directory, name) for name in files if name.endswith(".o")]
            if not paths:
                continue
            said = subprocess.run(["nm", "--defined-only", *paths], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout
            names.update(plain(name) for name in re.findall(r" [tTwW] (\S+)$", said, re.M))
    if not names:
        sys.exit(f"{objects} has no objects of the project")
    return names


def stacks(lines):
    """The functions in a report, whose headline came before LINES."""
    names = set()
    for line in lines:
        text = ktap.STAMP.sub("", line, count=1)
        if text.startswith("====="):
            break
        if match := CALL.match(text):
            names.add(plain(match[1]))
    return names


def known_races(path):
    """By the names of the functions: why."""
    known = {}
    for line in ktap.read(path):
        if line and not line.startswith("#"):
            where, why = line.split(": ", 1)
            known[where] = why
    return known


def main():
    log, objects = sys.argv[1:]
    ours = functions(objects)
    known = known_races(os.path.join(os.path.dirname(__file__), "known-races"))
    lines, seen = list(ktap.read(log)), {}
    for at, line in enumerate(lines):
        match = HEADLINE.search(line)
        if not match:
            continue
        where = " / ".join(plain(name) for name in match[2].split(" / "))
        if where in known and not ours & stacks(lines[at + 1:]):
            seen[where] = seen.get(where, 0) + 1
            lines[at] = f"{line[:match.start()]}KCSAN: {match[1]} of the base in {where}"
    with open(log, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    for where, count in sorted(seen.items()):
        print(f"  RACE     of the base, {count} times: {where}: {known[where]}")


if __name__ == "__main__":
    main()
