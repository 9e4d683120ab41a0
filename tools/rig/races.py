#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tell data races of the base from this project's.

usage: races.py KERNEL-LOG OBJECTS

KERNEL-LOG is that of a kernel with KCSAN, and OBJECTS where it was built. A report stays as it is if
one of its functions is the project's. One that only names functions of the base is no complaint of a
test of this project: its headline is changed, so that ktap.py does not take it for one, and it is
printed. The file known-races has those that are known, each a line "FUNCTION / FUNCTION: why".
"""
import os
import re
import subprocess
import sys

import ktap

DRIVERS = ("drivers/iommu/intel/nested", "drivers/iommu/vtdsim")
HEADLINE = re.compile(r"BUG: KCSAN: (.*?) in (.*)$")


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
    lines, seen = [], {}
    for line in ktap.read(log):
        if match := HEADLINE.search(line):
            names = [plain(name) for name in match[2].split(" / ")]
            if not ours & set(names):
                where = " / ".join(names)
                seen[where] = seen.get(where, 0) + 1
                line = f"{line[:match.start()]}KCSAN: {match[1]} of the base in {where}"
        lines.append(line)
    with open(log, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    for where, count in sorted(seen.items()):
        print(f"  RACE     of the base, {count} times: {where}: {known.get(where, 'not known')}")


if __name__ == "__main__":
    main()
