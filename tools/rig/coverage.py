#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: coverage.py COVERAGE.JSON TREE REASONS

Prints what share of the lines and branches of the drivers was reached, by directory, and each file's
lines that were not, with the reason for each that REASONS has. COVERAGE.JSON is gcovr's.

REASONS has groups of lines, separated by empty ones. The first lines of a group say why, each after
"# ". The others are what is not reached for that reason: "PATH: CODE", where CODE is the whole line in
the source without the space around it. It stands for every such line of the file.

The exit status is 1 if a share is below its floor, if a line was not reached and has no reason, or if
REASONS has a line that is not in the source any more. A line that has a reason and was reached is no
error, since some tests leave things to chance.
"""
import collections
import json
import os
import re
import sys

# Percent of lines, and of branches
FLOORS = {"drivers/iommu/intel/nested": (95, 85), "drivers/iommu/vtdsim": (90, 0)}


def ranges(numbers):
    """As in 3-5, 9."""
    text, first = [], None
    for number in sorted(numbers) + [None]:
        if first is not None and number != last + 1:
            text.append(f"{first}-{last}" if last > first else str(first))
            first = None
        if first is None:
            first = number
        last = number if number is not None else 0
    return ", ".join(text)


def read_reasons(path):
    """What is not reached for each reason: {reason: {(file, code), ...}}."""
    groups = collections.defaultdict(set)
    with open(path, encoding="utf-8") as file:
        for group in re.split(r"\n\s*\n", file.read()):
            lines = [line for line in group.splitlines() if line.strip()]
            reason = " ".join(line[2:] for line in lines if line.startswith("# "))
            code = {tuple(line.split(": ", 1)) for line in lines if not line.startswith("#")}
            if code:
                groups[reason] |= code
    return groups


def source_lines(tree, path):
    """The lines of a file, without the space around them."""
    with open(f"{tree}/{path}", encoding="utf-8") as file:
        return [line.strip() for line in file]


def share(reached, number):
    """In percent."""
    return 100 * reached / max(number, 1)


def explain(missing, tree, groups):
    """Prints what was not reached by reason, and returns whether all of it has one."""
    complete = True
    known = set().union(*groups.values())
    sources = {path: source_lines(tree, path) for path in
               set(missing) | {path for path, _ in known if os.path.exists(f"{tree}/{path}")}}
    unreached = collections.defaultdict(list)
    for path, numbers in missing.items():
        for number in numbers:
            unreached[path, sources[path][number - 1]].append(number)
    for reason, code in groups.items():
        here = collections.defaultdict(list)
        for path, line in code & unreached.keys():
            here[path] += unreached[path, line]
        if here:
            print(f"\n{reason}")
        for path in sorted(here):
            print(f"    {path}: {ranges(here[path])}")
    unexplained = unreached.keys() - known
    if unexplained:
        complete = False
        print("\nnot reached, and no reason:")
    for path, line in sorted(unexplained, key=lambda key: (key[0], unreached[key])):
        print(f"{path}: {line}    # {ranges(unreached[path, line])}")
    for path, line in sorted(known):
        if line not in sources.get(path, []):
            complete = False
            print(f"a reason for what is not there: {path}: {line}")
    return complete


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    good = True
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    missing = {}
    for source in report["files"]:
        path = source["file"]
        driver = next(d for d in FLOORS if path.startswith(d))
        lines = [line for line in source["lines"] if not line["gcovr/noncode"]]
        branches = [branch for line in lines for branch in line["branches"]]
        for name in {driver, os.path.dirname(path)}:
            for i, number in enumerate((len(lines), sum(line["count"] > 0 for line in lines),
                                        len(branches), sum(b["count"] > 0 for b in branches))):
                sums[name][i] += number
        unreached = [line["line_number"] for line in lines if not line["count"]]
        if unreached:
            missing[path] = unreached
    print(f"{'':42} {'lines':>18} {'branches':>20}")
    for name in sorted(sums):
        lines, reached, branches, taken = sums[name]
        print(f"{name:42} {reached:5} of {lines:5} {share(reached, lines):5.1f}%"
              f" {taken:5} of {branches:5} {share(taken, branches):5.1f}%")
    for name, floors in FLOORS.items():
        lines, reached, branches, taken = sums[name]
        for what, now, floor in zip(("lines", "branches"),
                                    (share(reached, lines), share(taken, branches)), floors):
            if now < floor:
                good = False
                print(f"{name}: {now:.1f} % of the {what} are less than {floor} %")
    good &= explain(missing, sys.argv[2], read_reasons(sys.argv[3]))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
