#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: bench_table.py DIR
Puts the runs of bench.sh in DIR side by side: results.json for programs, table.md for people, and
data with plots.gp for gnuplot. Prints the table and the targets."""

import json
import pathlib
import sys

CONDITIONS = ("section", "what", "shape", "batch", "devices", "ats", "queue_ns", "desc_ns",
              "domains", "replaces", "mib", "bytes", "pages", "callers", "flood")
COUNTS = ("doorbells", "waits", "descriptors", "tables", "invalidate_calls", "faults", "wrong",
          "slab_bytes", "violations")
SIDES = ("base", "ext")


def load(directory):
    """One entry for each condition: {side: {result: value}}, the best time of all runs."""
    cells = {}
    for path in sorted(directory.glob("*-*-*-*.json")):
        side, ats, clock, _ = path.stem.split("-")
        for row in json.loads(path.read_text())["rows"]:
            # The base does not enable ATS below a stage-1 domain: it is about the machine's.
            row["ats"] = int(ats == "on")
            key = tuple((k, row[k]) for k in CONDITIONS if k in row)
            cell = cells.setdefault(key, {}).setdefault(side, {})
            for name, value in row.items():
                if name in CONDITIONS:
                    continue
                if clock in ("sharing", "waiting") and name != "violations":
                    # Time that instructions make: one is a nanosecond, and one run says all.
                    cell[name.replace("ticks", "ns")] = value
                elif name in ("reads", "faults", "wrong", "violations"):
                    # Streams of DMA say something only where time is real.
                    if clock == "time" or name == "violations":
                        cell[name] = cell.get(name, 0) + value
                elif name in COUNTS:
                    if cell.setdefault(name, value) != value and name != "slab_bytes":
                        cell["unsteady"] = name
                elif name.endswith("_ticks"):
                    if clock == "insns":
                        cell[name.replace("ticks", "insns")] = value
                elif clock == "time":
                    best = max if name == "entries_per_s" else min
                    cell[name] = best(cell.get(name, value), value)
    return cells


def ratio(a, b):
    return f"{a / b:.2f}" if b else "-"


def table(cells, want, columns, head):
    """Rows of the cells that have all of WANT; columns are (title, result)."""
    out = []
    title = "| " + " | ".join(head) + " |"
    for name, _ in columns:
        title += f" {name}: base | ours | ratio |"
    out.append(title)
    out.append("|" + "---|" * (len(head) + 3 * len(columns)))
    for key, cell in cells.items():
        conditions = dict(key)
        if any(conditions.get(k) != v for k, v in want.items()) or len(cell) < 2:
            continue
        line = "| " + " | ".join(str(conditions.get(h, "")) for h in head) + " |"
        for _, result in columns:
            base, ext = (cell[side].get(result) for side in SIDES)
            if base is None or ext is None:
                line += " - | - | - |"
            else:
                line += f" {base:g} | {ext:g} | {ratio(ext, base)} |"
        out.append(line)
    return out


def find(cells, **want):
    for key, cell in cells.items():
        conditions = dict(key)
        if all(conditions.get(k) == v for k, v in want.items()):
            return cell
    return None


def growth(cells, section, result, **want):
    """What a result of the section grows by, from a queue of 0 ns to one of 20000 ns."""
    short, long = (find(cells, section=section, queue_ns=ns, **want) for ns in (0, 20000))
    if not short or not long or len(short) < 2 or len(long) < 2:
        return None
    return {side: {"growth": long[side][result] - short[side][result]} for side in SIDES}


def targets(cells):
    """What the project wants to reach, and what it has: (text, target, measured, reached)."""
    out = []

    def add(text, cell, result, limit, better, fmt="{:.3f}"):
        if not cell or len(cell) < 2:
            return
        base, ext = (cell[side].get(result) for side in SIDES)
        if base and ext is not None:
            value = ext / base
            out.append((text, f"{better} {limit:g}", fmt.format(value),
                        value <= limit if better == "<=" else
                        value < limit if better == "<" else value >= limit))

    def limit(text, cell, value, most, fmt="{:g}"):
        """A number of this project's own; the base's is told beside it."""
        if not cell or len(cell) < 2:
            return
        base, ext = (value(cell[side]) for side in SIDES)
        out.append((f"{text} (base: {fmt.format(base)})", f"<= {most:g}", fmt.format(ext),
                    ext <= most))

    at = {"section": "invalidate", "ats": 0, "devices": 1, "desc_ns": 0}
    scattered = find(cells, **at, shape="scattered", batch=256, queue_ns=0)
    slow = find(cells, **at, shape="scattered", batch=256, queue_ns=2000)
    one = find(cells, **at, shape="contiguous", batch=1, queue_ns=0)
    add("256 scattered: doorbells", scattered, "doorbells", 1 / 50, "<=")
    add("256 scattered: waits", scattered, "waits", 1 / 50, "<=")
    add("256 scattered: entries/s, queue 0 ns", scattered, "entries_per_s", 5, ">=", "{:.1f}")
    add("256 scattered: entries/s, queue 2000 ns", slow, "entries_per_s", 20, ">=", "{:.1f}")
    add("one entry: guest instructions", one, "call_insns", 1, "<=")
    limit("one entry: instructions of the driver and its queue",
          find(cells, section="share", ats=0), lambda side: side["driver_insns"], 550)
    for queue_ns in (2000, 20000):
        limit(f"8 callers, queue {queue_ns} ns: doorbells per call",
              find(cells, section="callers", callers=8, queue_ns=queue_ns),
              lambda side: side["doorbells_per_call"], 0.4, "{:.2f}")
    for what, batch in (("one entry", 1), ("254 blocks", 254)):
        cell = growth(cells, "locks", "q_lock_per_call", batch=batch, ats=0)
        limit(f"{what}: acquisitions of q_lock that 20000 ns of the queue add", cell,
              lambda side: side["growth"], 0)
        for ats in (0, 1):
            cell = growth(cells, "irqs_off", "longest_ns", batch=batch, ats=ats)
            limit(f"{what}{', ATS' if ats else ''}: of the queue's 20000 ns, ns with interrupts "
                  "off", cell, lambda side: side["growth"], 5000)
    neighbour = find(cells, section="neighbour", flood="254 blocks", queue_ns=2000)
    add("unmap beside a flood: median", neighbour, "median_ns", 1, "<=")
    add("unmap beside a flood: 99th percentile", neighbour, "p99_ns", 1, "<=")
    contiguous = find(cells, **at, shape="contiguous", batch=256, queue_ns=0)
    if contiguous and "ext" in contiguous:
        n = contiguous["ext"]["descriptors"] - contiguous["ext"]["waits"]
        out.append(("256 contiguous: descriptors per tag", "== 1", str(n), n == 1))
    few, many = (find(cells, section="unmap", ats=0, domains=n) for n in (4, 256))
    if few and many:
        value = many["ext"]["call_insns"] / few["ext"]["call_insns"]
        out.append(("stage-2 unmap, 256 domains to 4: instructions", "<= 1.5", f"{value:.3f}",
                    value <= 1.5))
    stream = find(cells, section="replace", ats=0)
    if stream:
        base, ext = stream["base"], stream["ext"]
        out.append((f"faults of a DMA stream during replaces (base: {base['faults']:g} in "
                    f"{base['reads']:g} reads)", "== 0",
                    f"{ext['faults']:g} in {ext['reads']:g}", ext["faults"] == 0))
    add("replace: guest instructions", find(cells, section="attach", ats=0, what="replace"),
        "call_insns", 1, "<=")
    memory = find(cells, section="memory", ats=0)
    if memory:
        value = memory["ext"]["slab_bytes"]
        out.append(("slab bytes of a stage-1 page table, iommufd's part included "
                    f"(base: {memory['base']['slab_bytes']:g})", "<= 1024", f"{value:g}",
                    value <= 1024))
    for name in ("map", "unmap"):
        add(f"IOAS {name}: guest instructions", find(cells, section="map", ats=0),
            f"{name}_insns", 1.01, "<=")
        for pages in (1, 16):
            add(f"DMA API, {name} of {pages} pages: guest instructions",
                find(cells, section="dma", ats=0, pages=pages), f"{name}_insns", 1.01, "<=")
    return out


PLOTS = """set terminal svg size 800,500 background rgb 'white'
set logscale xy
set key top left
set grid
set xlabel 'entries in one call'
"""


def plots(cells, directory):
    script = PLOTS
    for result, label in (("entries_per_s", "entries per second"), ("doorbells", "doorbells")):
        for queue_ns in (0, 2000):
            if result == "doorbells" and queue_ns:
                continue
            name = f"{result}-{queue_ns}ns"
            lines = []
            for shape in ("contiguous", "scattered"):
                for side in SIDES:
                    path = directory / f"{name}-{shape}-{side}.dat"
                    points = []
                    for key, cell in cells.items():
                        c = dict(key)
                        # One entry has no shape.
                        if (c.get("shape") == shape or c.get("batch") == 1) and \
                           (c.get("devices"), c.get("ats"), c.get("desc_ns")) == (1, 0, 0) and \
                           c.get("queue_ns") == queue_ns and result in cell.get(side, {}):
                            points.append((c["batch"], cell[side][result]))
                    path.write_text("".join(f"{x} {y}\n" for x, y in sorted(points)))
                    title = ("this project" if side == "ext" else "base") + ", " + shape
                    lines.append(f"'{path.name}' with linespoints title '{title}'")
            script += (f"set output '{name}.svg'\nset ylabel '{label}'\n"
                       f"set title 'HWPT\\_INVALIDATE, one device, a wait takes {queue_ns} ns'\n"
                       f"plot {', '.join(lines)}\n")
    (directory / "plots.gp").write_text(script)


def main():
    directory = pathlib.Path(sys.argv[1])
    machine = json.loads((directory / "machine.json").read_text())
    cells = load(directory)
    reached = targets(cells)

    lines = ["# Nested translation: this project and the base", ""]
    lines += [f"- {k}: {v}" for k, v in machine.items()]
    lines += ["", "## Targets", "", "| what, as ratio to the base | target | measured | |",
              "|---|---|---|---|"]
    lines += [f"| {text} | {target} | {value} | {'reached' if ok else 'MISSED'} |"
              for text, target, value, ok in reached]
    short = list(lines)

    invalidation = [("doorbells", "doorbells"), ("waits", "waits"),
                    ("descriptors", "descriptors"), ("entries/s", "entries_per_s"),
                    ("instructions per entry", "entry_insns")]
    lines += ["", "## HWPT_INVALIDATE, one call", ""]
    lines += table(cells, {"section": "invalidate"}, invalidation,
                   ["shape", "batch", "devices", "ats", "queue_ns", "desc_ns"])
    lines += ["", "## Where the instructions of one request go", ""]
    lines += table(cells, {"section": "share"},
                   [("call", "call_insns"), ("system call and iommufd", "empty_call_insns"),
                    ("the unit's registers", "register_insns"),
                    ("driver and queue", "driver_insns")], ["ats"])
    lines += ["", "## Several callers at one unit, one request a call", ""]
    lines += table(cells, {"section": "callers"},
                   [("doorbells per call", "doorbells_per_call"),
                    ("waits per call", "waits_per_call"),
                    ("descriptors per call", "descriptors_per_call"),
                    ("calls/s", "calls_per_s")], ["callers", "queue_ns"])
    lines += ["", "## A neighbour's unmaps beside a flood of invalidations", ""]
    lines += table(cells, {"section": "neighbour"},
                   [("median ns", "median_ns"), ("99th percentile ns", "p99_ns"),
                    ("max ns", "max_ns"), ("calls of the flood", "flood_calls")],
                   ["flood", "queue_ns"])
    lines += ["", "## Acquisitions of q_lock", ""]
    lines += table(cells, {"section": "locks"},
                   [("per call", "q_lock_per_call"), ("waits", "waits_per_call")],
                   ["batch", "queue_ns", "ats"])
    lines += ["", "## Longest stretch with interrupts off", ""]
    lines += table(cells, {"section": "irqs_off"}, [("ns", "longest_ns")],
                   ["batch", "queue_ns", "ats"])
    lines += ["", "## Attach, replace, detach", ""]
    lines += table(cells, {"section": "attach"},
                   [("doorbells", "doorbells"), ("descriptors", "descriptors"),
                    ("ns", "call_ns"), ("instructions", "call_insns")], ["what", "ats"])
    lines += ["", "## A device reads without a pause while its domain is replaced", ""]
    lines += table(cells, {"section": "replace"},
                   [("reads", "reads"), ("faults", "faults"), ("wrong bytes", "wrong"),
                    ("ns per replace", "call_ns")], ["replaces", "ats"])
    lines += ["", "## Stage-2 unmap of 256 KiB", ""]
    lines += table(cells, {"section": "unmap"},
                   [("doorbells", "doorbells"), ("descriptors", "descriptors"),
                    ("ns", "call_ns"), ("instructions", "call_insns")],
                   ["domains", "devices", "ats"])
    lines += ["", "## IOAS map and unmap", ""]
    lines += table(cells, {"section": "map"},
                   [("map ns", "map_ns"), ("map instructions", "map_insns"),
                    ("unmap ns", "unmap_ns"), ("unmap instructions", "unmap_insns")],
                   ["mib", "ats"])
    lines += ["", "## DMA API: map and unmap", ""]
    lines += table(cells, {"section": "dma"},
                   [("map ns", "map_ns"), ("map instructions", "map_insns"),
                    ("unmap ns", "unmap_ns"), ("unmap instructions", "unmap_insns")],
                   ["pages", "ats"])
    lines += ["", "## Memory and time of a stage-1 page table", ""]
    lines += table(cells, {"section": "memory"},
                   [("slab bytes", "slab_bytes"), ("ns to allocate", "alloc_ns")],
                   ["ats"])
    lines += ["", "## What a guest in QEMU does", ""]
    lines += table(cells, {"section": "guest"},
                   [("doorbells", "doorbells"), ("waits", "waits"),
                    ("descriptors", "descriptors"), ("VTD_S1 tables", "tables"),
                    ("HWPT_INVALIDATE", "invalidate_calls")], ["what", "ats"])

    (directory / "table.md").write_text("\n".join(lines) + "\n")
    (directory / "results.json").write_text(json.dumps({
        "machine": machine,
        "targets": [dict(zip(("what", "target", "measured", "reached"), t)) for t in reached],
        "cells": [{"conditions": dict(key), **cell} for key, cell in cells.items()],
    }, indent=1) + "\n")
    plots(cells, directory)
    print("\n".join(short))
    return 0


if __name__ == "__main__":
    sys.exit(main())
