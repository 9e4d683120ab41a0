#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compare what two VT-d units made of the same accesses.

usage: differential.py RESULTS NAME MODEL REFERENCE

MODEL and REFERENCE are what a VM printed that ran dma-transcript, with vtdsim and with QEMU's
intel-iommu. Each chunk of the transcript adds a line to the file RESULTS, "pass" or "fail" and its
name. Lines must be the same, but for the differences below: each has been decided by the
specification, which the model follows. Documentation/driver-api/iommu-vtd/differential.rst has the
reasons.
"""
import re
import sys
from collections import Counter

from ktap import Judge, read

ACCESS = re.compile(r"(\d+) (read|write) (0x[0-9a-f]+)\+(\d+):(.*), (\d+) bytes, ([0-9a-f]{16})$")
FAULT = re.compile(r" fault (read|write) (with PASID )?(0x[0-9a-f]+) (0x[0-9a-f]+) where (\w+)"
                   r"(?: but the device saw (0x[0-9a-f]+) at (0x[0-9a-f]+))?")
INTERRUPTS = range(0xfee00000, 0xfef00000)
WIDEST = 48  # bits that the largest AGAW of both units has
PAGE = ~0xfff

NOT_PRESENT, WIDTH, WRITE, READ, INTERRUPT = 0x79, 0x84, 0x85, 0x86, 0x87
PASID_ACCESS, PASID_NOT_PRESENT, PASID_INVALID = 0x58, 0x59, 0x5b


class Fault:
    """A fault that the driver has logged."""

    def __init__(self, match):
        self.kind, self.pasid, self.rights = match[1], bool(match[2]), match[5]
        self.addr, self.reason = int(match[3], 0), int(match[4], 0)
        self.seen = (int(match[6], 0), int(match[7], 0)) if match[6] else None

    def key(self):
        return self.kind, self.pasid, self.addr, self.reason, self.rights, self.seen


class Access:
    """A line of the transcript about an access; whether the device was attached to nothing."""

    def __init__(self, match, detached):
        self.detached = detached
        self.number, self.kind, self.addr, self.len = match[1], match[2], int(match[3], 0), int(match[4])
        self.done, self.hash = int(match[6]), match[7]
        self.faults = [Fault(found) for found in FAULT.finditer(match[5])]
        # What is neither a fault nor "ok" has no meaning here, and so is no outcome that is known.
        self.known = FAULT.sub("", match[5]) == ("" if self.faults else " ok")

    def key(self):
        return (self.number, self.kind, self.addr, self.len, self.done, self.hash,
                [fault.key() for fault in self.faults])


# Each of these takes a difference out of the reference's outcome, if it is there, and says so.

def pasid_present(_model, reference):
    """11.4.7.6, PP: requests without PASID are recorded as with PASID 0"""
    found = [fault for fault in reference.faults if fault.pasid]
    for fault in found:
        fault.pasid = False
    return found


def fault_info(model, reference):
    """11.4.7.6, FI: address bits from the largest AGAW on are recorded"""
    found = False
    for mine, other in zip(model.faults, reference.faults):
        # The endpoint knows the address, and what was found there; the rest is the register's width.
        if other.addr >> WIDEST and mine.addr == other.addr & (1 << WIDEST) - 1 and \
                mine.seen == (mine.reason, other.addr):
            mine.addr, mine.rights, mine.seen, found = other.addr, other.rights, None, True
    return found


def legacy_reasons(_model, reference):
    """7.1.3, table 30: faults of the second stage have the reasons of legacy mode"""
    scalable = {
        (0x4, "read"): WIDTH, (0x4, "write"): WIDTH, (0x5, "write"): WRITE, (0x6, "read"): READ,
    }
    found = False
    for fault in reference.faults:
        reason = scalable.get((fault.reason, fault.kind))
        if reason == WIDTH and not fault.addr >> WIDEST:
            reason = None
        if reason in (WRITE, READ) and fault.rights == "none":
            reason = NOT_PRESENT
        if reason:
            fault.reason, found = reason, True
    return found


def pasid_not_present(_model, reference):
    """7.1.3, SPT.2: a PASID entry that is not present is recorded as another fault"""
    found = [fault for fault in reference.faults
             if reference.detached and fault.reason in (PASID_ACCESS, PASID_INVALID)]
    for fault in found:
        fault.reason = PASID_NOT_PRESENT
    return found


def interrupt_range(model, reference):
    """3.15: reads of the interrupt address range succeed"""
    if len(model.faults) != 1 or reference.faults or reference.kind != "read":
        return False
    fault = model.faults[0]
    if fault.reason != INTERRUPT or fault.addr not in INTERRUPTS or fault.seen or \
            fault.addr != max(model.addr, INTERRUPTS.start) & PAGE or \
            model.done != max(0, INTERRUPTS.start - model.addr):
        return False
    reference.faults, reference.done, reference.hash = model.faults, model.done, model.hash
    return True


def rights_of_cached(model, reference):
    """7.1.3, SGN.6 and SGN.7: what is blocked by rights that are cached is not recorded"""
    if len(model.faults) != 1 or reference.faults or reference.done != reference.len:
        return False
    fault = model.faults[0]
    lacking = {("write", "r"): WRITE, ("read", "w"): READ}
    if fault.reason != lacking.get((fault.kind, fault.rights)) or fault.seen:
        return False
    # Of a write, the hash is what is in memory: nothing may have got there. Of a read, it is what
    # the device got, which the model's device did not.
    if model.kind == "read":
        reference.hash = model.hash
    reference.faults, reference.done = model.faults, model.done
    return True


DECIDED = (pasid_present, fault_info, legacy_reasons, pasid_not_present, interrupt_range,
           rights_of_cached)


class Comparison:
    """Two transcripts side by side, and what has been seen in them."""

    def __init__(self, judge):
        self.judge, self.count, self.decided = judge, Counter(), Counter()

    def same(self, mine, other, detached):
        if not (ACCESS.match(mine) and ACCESS.match(other)):
            return mine == other
        model = Access(ACCESS.match(mine), detached)
        reference = Access(ACCESS.match(other), detached)
        self.count["accesses"] += 1
        self.count["faults"] += bool(model.faults)
        for rule in DECIDED:
            if rule(model, reference):
                self.decided[rule.__doc__] += 1
        return model.known and reference.known and model.key() == reference.key()

    def chunk(self, name, mine, other):
        for number in range(max(len(mine), len(other))):
            pair = [lines[number] if number < len(lines) else "(nothing)" for lines in (mine, other)]
            detached = number > 0 and mine[number - 1].startswith("detach:")
            if not self.same(*pair, detached):
                before = mine[max(0, number - 12):number]
                self.judge.result("fail", name, before + [f"model:     {pair[0]}", f"reference: {pair[1]}"])
                return
        self.judge.result("pass", name)


def chunks(path):
    """The transcript in pieces, each of them with its name: what came before the first chunk, too."""
    pieces, lines = {}, read(path)
    lines = lines[lines.index("@@ start") + 1:] if "@@ start" in lines else []
    name = "limits"
    for line in lines:
        if line.startswith("chunk "):
            name = line
        elif line.startswith("stray "):
            name = "end"
        if not line.startswith("@@ "):
            pieces.setdefault(name, []).append(line)
    return pieces


def main():
    results, name, model, reference = sys.argv[1:]
    mine, other = chunks(model), chunks(reference)
    with open(results, "a", encoding="utf-8") as file:
        judge = Judge(file, name)
        comparison = Comparison(judge)
        for piece in mine | other:
            comparison.chunk(piece, mine.get(piece, []), other.get(piece, []))
        if "end" not in mine or not comparison.count["accesses"]:
            judge.result("fail", "transcript", reason="it breaks off")
        print(f"  COMPARED {name}: {comparison.count['accesses']} accesses, "
              f"{comparison.count['faults']} of them with a fault")
        for rule, times in comparison.decided.items():
            print(f"  DECIDED  {name}: {times} times: {rule}")
        judge.summary()
    return 1 if judge.count["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
