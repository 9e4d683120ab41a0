#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compare what a VT-d unit saw of the extension with what it saw of the base's nesting.

usage: sequence.py [--unmap] BASE EXTENSION [KIND=MINIMUM...]

BASE and EXTENSION are the traces of QEMU's unit in two VMs that did the same: each read and write of
a register, and each descriptor, from boot on. They must be the same, line by line, but for addresses
of memory that the kernel has allocated (which must be the same by the order in which they appear).
--unmap allows for the difference that intel_iommu_nested=base-unmap turns off. The trace of BASE must
have each KIND of line often enough.
"""
import re
import sys
from collections import Counter

READ, WRITE, DESCRIPTOR = "vtd_reg_read", "vtd_reg_write", "vtd_inv_desc"
LINE = re.compile(rf"({READ}|{WRITE}|{DESCRIPTOR}) (.*)$")
POINTER = re.compile(r"(addr (?:0x20|0x90|0xb8) size 0x8 value )(0x[0-9a-f]+)$")  # RTADDR, IQA, IRTA
STATUS = re.compile(r"(invalidate desc type wait high )(0x[0-9a-f]+)( .*)$")
IOTLB = re.compile(r"(invalidate desc type iotlb) high (0x[0-9a-f]+) (.*)$")
IH = 1 << 6


class Trace:
    """What one unit saw."""

    def __init__(self, path):
        self.lines, self.seen = [], {}
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                match = LINE.match(line.rstrip())
                if match:
                    self.lines.append((match[1], self.without_addresses(match[2])))

    def memory(self, addr, offset):
        page = addr & ~offset
        return f"memory {self.seen.setdefault(page, len(self.seen))}+{addr & offset:#x}"

    def without_addresses(self, text):
        match = POINTER.match(text)
        if match:
            return match[1] + self.memory(int(match[2], 0), 0xfff)
        match = STATUS.match(text)
        if match:
            return match[1] + self.memory(int(match[2], 0), 0) + match[3]
        return text

    def count(self):
        kinds = Counter()
        for kind, text in self.lines:
            kinds[text.split(" ")[3] if kind == DESCRIPTOR else kind] += 1
        return kinds


def unmap_order(mine, other):
    """41-nested-unmap-order: tables are freed with the flush of their own range, without IH"""
    if mine[0] != DESCRIPTOR or other[0] != DESCRIPTOR:
        return False
    pair = [IOTLB.match(text) for text in (mine[1], other[1])]
    return all(pair) and pair[0][3] == pair[1][3] and int(pair[0][2], 0) ^ int(pair[1][2], 0) == IH


def compare(base, extension, unmap, decided):
    """The first place that differs, or None."""
    for at in range(max(len(base), len(extension))):
        mine = base[at] if at < len(base) else None
        other = extension[at] if at < len(extension) else None
        if mine == other:
            continue
        if not (mine and other and unmap and unmap_order(mine, other)):
            return at
        decided[unmap_order.__doc__] += 1
    return None


def show(name, lines, at):
    print(f"{name}, from line {max(0, at - 10)} on:")
    for number in range(max(0, at - 10), min(at + 3, len(lines))):
        print("->" if number == at else "  ", *lines[number])
    if at >= len(lines):
        print("-> (nothing)")


def main():
    unmap = sys.argv[1] == "--unmap"
    paths, minima = sys.argv[1 + unmap:3 + unmap], sys.argv[3 + unmap:]
    base, extension = (Trace(path) for path in paths)
    status, decided, kinds = 0, Counter(), base.count()
    place = compare(base.lines, extension.lines, unmap, decided)
    if place is not None:
        show("base's nesting", base.lines, place)
        show("extension", extension.lines, place)
        status = 1
    for kind, number in kinds.items():
        print(f"{number} times {kind}")
    for minimum in minima:
        kind, number = minimum.split("=")
        if kinds[kind] < int(number):
            print(f"FEWER THAN {number} times {kind}: not much of a comparison")
            status = 1
    for rule, times in decided.items():
        print(f"decided, {times} times: {rule}")
    return status


if __name__ == "__main__":
    sys.exit(main())
