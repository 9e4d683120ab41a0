#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: bench_page.py DIR PAGE
Writes the figures of a run of bench.sh in DIR into the documentation: in the reStructuredText PAGE,
which is one of PAGES, what is between the comments ".. make bench: begin NAME" and
".. make bench: end NAME"."""

import json
import pathlib
import re
import sys

CELLS = []


def cell(**want):
    """The two sides' results under these conditions, {} if it was not measured."""
    for c in CELLS:
        if all(c["conditions"].get(k) == v for k, v in want.items()):
            return c
    return {}


def number(value):
    return "-" if value is None else f"{value:.2f}" if isinstance(value, float) else f"{value}"


def grid(head, rows):
    """A simple table of reStructuredText."""
    if not rows:
        return ["*Not measured in this run.*"]
    rows = [[number(v) if not isinstance(v, str) else v for v in row] for row in rows]
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    rule = "  ".join("=" * w for w in widths)
    lines = ["  ".join(v.ljust(w) for v, w in zip(row, widths)).rstrip() for row in [head] + rows]
    return [rule, lines[0], rule] + lines[1:] + [rule]


def side(c, name, result):
    return c.get(name, {}).get(result)


def compared(c, result, scale=1):
    """[base, this, ratio] of a result; what is counted for each request is divided by SCALE."""
    base, ext = side(c, "base", result), side(c, "ext", result)
    if base is None or ext is None:
        return ["-", "-", "-"]
    share = (lambda v: round(v / scale)) if scale > 1 else (lambda v: v)
    return [share(base), share(ext), f"{ext / base:.3f}" if base else "-"]


def machine_table(machine):
    names = {"date": "date", "commit": "commit", "kernel": "kernel", "machine": "machine",
             "vm": "emulator", "base_side": "the base's side"}
    return [f":{names[k]}: {v}" for k, v in machine.items()]


def call_table(_):
    at = {"section": "invalidate", "ats": 0, "devices": 1, "queue_ns": 0, "desc_ns": 0}
    one = cell(**at, batch=1)
    rows = [["1 request: instructions"] + compared(one, "call_insns")]
    for shape, what in (("contiguous", "256 contiguous pages"), ("scattered", "256 scattered pages"),
                        ("duplicates", "256, each page four times")):
        many = cell(**at, shape=shape, batch=256)
        rows += [[f"{what}: doorbells"] + compared(many, "doorbells"),
                 [f"{what}: descriptors"] + compared(many, "descriptors"),
                 [f"{what}: instructions a request"] + compared(many, "call_insns", 256)]
    for what in ("attach", "replace", "detach"):
        rows.append([f"{what}: instructions"] +
                    compared(cell(section="attach", what=what, ats=0), "call_insns"))
    rows.append(["a stage-1 page table: slab bytes"] +
                compared(cell(section="memory", ats=0), "slab_bytes"))
    for what in ("map", "unmap"):
        rows.append([f"DMA API, {what} 1 page: instructions"] +
                    compared(cell(section="dma", pages=1, ats=0), f"{what}_insns"))
    return grid(["one call", "base", "this", "ratio"], rows)


def share_table(_):
    share = cell(section="share", ats=0)
    return grid(["one request", "base", "this", "ratio"],
                [[what] + compared(share, result) for what, result in (
                    ("system call and iommufd", "empty_call_insns"),
                    ("driver and queue", "driver_insns"),
                    ("the simulated unit's registers", "register_insns"),
                    ("all", "call_insns"))])


def speed_table(_):
    rows = []
    for queue_ns in (0, 500, 2000):
        for shape in ("contiguous", "scattered"):
            c = cell(section="invalidate", ats=0, devices=1, desc_ns=0, queue_ns=queue_ns,
                     shape=shape, batch=256)
            base, ext, _ = compared(c, "entries_per_s")
            times = f"{ext / base:.1f}" if base != "-" else "-"
            rows.append([f"256 {shape}, a wait takes {queue_ns} ns", base, ext, times])
    return grid(["requests a second", "base", "this", "times"], rows)


def replace_table(_):
    rows = []
    for c in CELLS:
        if c["conditions"]["section"] != "replace":
            continue
        for name, who in (("base", "base"), ("ext", "this")):
            rows.append([f"{who}, ATS {'on' if c['conditions']['ats'] else 'off'}"] +
                        [side(c, name, k) for k in ("reads", "faults", "wrong")])
    return grid(["side", "reads", "faults", "wrong bytes"], rows)


def callers_table(_):
    rows = []
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "callers":
            rows.append([k["queue_ns"], k["callers"]] + [
                side(c, s, r) for r in ("doorbells_per_call", "waits_per_call", "calls_per_s")
                for s in ("base", "ext")])
    return grid(["queue ns", "callers", "doorbells: base", "this", "waits: base", "this",
                 "calls/s: base", "this"], rows)


def neighbour_table(_):
    rows = []
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "neighbour":
            rows.append([k["flood"], k["queue_ns"]] + [
                side(c, s, r) for r in ("median_ns", "p99_ns", "flood_calls")
                for s in ("base", "ext")])
    return grid(["flood", "queue ns", "median: base", "this", "99 %: base", "this",
                 "calls of the flood: base", "this"], rows)


def locks_table(_):
    rows = []
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "locks" and not k["ats"]:
            rows.append([k["batch"], k["queue_ns"]] +
                        [side(c, s, r) for r in ("waits_per_call", "q_lock_per_call")
                         for s in ("base", "ext")])
    return grid(["requests", "queue ns", "waits: base", "this", "q_lock: base", "this"], rows)


def irqs_off_table(_):
    rows = []
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "irqs_off":
            rows.append([k["batch"], "on" if k["ats"] else "off", k["queue_ns"]] +
                        [side(c, s, "longest_ns") for s in ("base", "ext")])
    return grid(["requests", "ATS", "queue ns", "base", "this"], rows)


def guest_table(_):
    rows = []
    for c in CELLS:
        k = c["conditions"]
        if k["section"] != "guest" or k["ats"]:
            continue
        row = [k["what"]]
        ats = cell(section="guest", what=k["what"], ats=1)
        for c, s in ((c, "base"), (c, "ext"), (ats, "ext")):
            row.append(f"{number(side(c, s, 'doorbells'))} / {number(side(c, s, 'descriptors'))}")
        rows.append(row)
    return grid(["what the guest does", "base", "this", "this, ATS on"], rows)


def mainline_table(machine):
    """What does not depend on the machine, without ATS."""
    version = re.match(r"Linux (\d+\.\d+)", machine["kernel"])[1]
    rows = []

    def row(what, c, *results):
        values = [[side(c, s, r) for r in results] for s in ("base", "ext")]
        if all(v is not None for v in values[0] + values[1]):
            rows.append([what] + [", ".join(number(v) for v in vs) for vs in values])

    counts = ("doorbells", "waits", "descriptors")
    at = {"section": "invalidate", "ats": 0, "devices": 1, "queue_ns": 0, "desc_ns": 0}
    row("1 request: instructions", cell(**at, batch=1), "call_insns")
    row("1 request: doorbells, waits, descriptors", cell(**at, batch=1), *counts)
    for shape in ("contiguous", "scattered"):
        many = cell(**at, shape=shape, batch=256)
        row(f"256 {shape} pages: instructions", many, "call_insns")
        row(f"256 {shape} pages: doorbells, waits, descriptors", many, *counts)
    for what in ("attach", "replace", "detach"):
        c = cell(section="attach", what=what, ats=0)
        row(f"{what}: instructions", c, "call_insns")
        row(f"{what}: doorbells, waits, descriptors", c, *counts)
    for domains in (1, 4, 256):
        row(f"stage-2 unmap, 4 devices, stage-1 domains: {domains}; doorbells, descriptors",
            cell(section="unmap", domains=domains, ats=0), "doorbells", "descriptors")
    row("DMA API, map and unmap 1 page: instructions",
        cell(section="dma", pages=1, ats=0), "map_insns", "unmap_insns")
    row("IOAS, map and unmap 64 MiB: instructions",
        cell(section="map", mib=64, ats=0), "map_insns", "unmap_insns")
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "callers" and k["callers"] >= 8 and k["queue_ns"]:
            row(f"{k['callers']} callers, a wait takes {k['queue_ns']} ns: doorbells a call", c,
                "doorbells_per_call")
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "neighbour" and k["flood"] != "none":
            row(f"unmap beside a flood, a wait takes {k['queue_ns']} ns: median, 99 % in ns", c,
                "median_ns", "p99_ns")
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "locks" and not k["ats"] and k["queue_ns"] == 20000:
            row(f"requests: {k['batch']}, a wait takes 20000 ns; q_lock taken a call", c,
                "q_lock_per_call")
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "irqs_off" and not k["ats"] and k["queue_ns"] == 20000:
            row(f"requests: {k['batch']}, a wait takes 20000 ns; ns with interrupts off at most",
                c, "longest_ns")
    for c in CELLS:
        k = c["conditions"]
        if k["section"] == "guest" and not k["ats"]:
            row(f"guest in QEMU, {k['what']}: doorbells, descriptors", c, "doorbells", "descriptors")
    return grid(["what", f"{version}'s nesting", "extension"], rows)


PAGES = {
    "performance.rst": {
        "machine": machine_table, "calls": call_table, "share": share_table,
        "speed": speed_table, "replace": replace_table, "callers": callers_table,
        "neighbour": neighbour_table, "locks": locks_table, "interrupts": irqs_off_table,
        "guest": guest_table,
    },
    "comparison.rst": {"machine": machine_table, "mainline": mainline_table},
}


def main():
    directory, page = (pathlib.Path(a) for a in sys.argv[1:3])
    results = json.loads((directory / "results.json").read_text())
    CELLS.extend(results["cells"])
    tables = PAGES[page.name]
    written = []

    def write(match):
        name = match[1]
        written.append(name)
        table = "\n".join(tables[name](results["machine"]))
        return f".. make bench: begin {name}\n\n{table}\n\n.. make bench: end {name}\n"

    text = re.sub(r"^\.\. make bench: begin (\S+)\n.*?^\.\. make bench: end \1\n", write,
                  page.read_text(), flags=re.M | re.S)
    missing = set(tables) - set(written)
    if missing:
        sys.exit(f"error: {page} has no place for: {', '.join(sorted(missing))}")
    page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
