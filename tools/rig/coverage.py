#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: coverage.py COVERAGE.JSON

Prints what share of the lines and branches of the drivers was reached, by directory, and each file's
lines that were not. COVERAGE.JSON is gcovr's.
"""
import collections
import json
import os
import sys

DRIVERS = ("drivers/iommu/intel/nested", "drivers/iommu/vtdsim")


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


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    missing = {}
    for source in report["files"]:
        path = source["file"]
        driver = next(d for d in DRIVERS if path.startswith(d))
        lines = [line for line in source["lines"] if not line["gcovr/noncode"]]
        branches = [branch for line in lines for branch in line["branches"]]
        for name in {driver, os.path.dirname(path)}:
            for i, number in enumerate((len(lines), sum(line["count"] > 0 for line in lines),
                                        len(branches), sum(b["count"] > 0 for b in branches))):
                sums[name][i] += number
        unreached = [line["line_number"] for line in lines if not line["count"]]
        if unreached:
            missing[path] = unreached
    print(f"{'':42} {'lines':>16} {'branches':>18}")
    for name in sorted(sums):
        lines, reached, branches, taken = sums[name]
        print(f"{name:42} {reached:5} of {lines:5} {reached / max(lines, 1):4.0%}"
              f" {taken:5} of {branches:5} {taken / max(branches, 1):4.0%}")
    print("\nnot reached:")
    for path, numbers in sorted(missing.items()):
        print(f"{path}: {ranges(numbers)}")


if __name__ == "__main__":
    main()
