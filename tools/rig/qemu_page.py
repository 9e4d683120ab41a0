#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: qemu_page.py DIR PAGE...
Writes the figures of a run of qemu_bench.sh in DIR into the documentation: what is between the
comments "make bench-qemu: begin NAME" and "make bench-qemu: end NAME" in the PAGEs."""

import json
import pathlib
import re
import sys
import textwrap

from bench_page import grid

# The files of guests in QEMU, and what their rows are called
GUESTS = {
    "base-nested": "nested, base", "ext-nested": "nested, this", "ext-scalable": "shadow, scalable",
    "ext-legacy": "shadow, legacy", "ext-scalable_type1": "shadow, scalable, type 1",
}


def rows(directory, name, section):
    """None, if that was not measured"""
    path = directory / f"{name}.json"
    data = json.loads(path.read_text()) if path.exists() else {"rows": []}
    return [row for row in data["rows"] if row["section"] == section]


def machine_table(directory):
    return [f":{k}: {v}" for k, v in json.loads((directory / "machine.json").read_text()).items()]


def programs_table(directory):
    """A row of each program, VMM and kind of tables. QEMU's own messages are among the lines."""
    found = []
    for line in (directory / "programs.txt").read_text().splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[-1] in ("ok", "differs"):
            found.append(cells[:3] + [str(int(c)) for c in cells[3:10]])
    return grid(["program", "VMM", "tables", "new", "map", "unmap", "attach", "detach",
                 "invalidate", "requests"], found)


def calls(row):
    return round(sum(row[k] for k in ("new", "attach", "map", "unmap", "invalidate")))


def acts_table(directory):
    """Each thing that a guest does: with the base's nesting, with this project's, shadowed."""
    by_what = {}
    for side in ("base", "ext"):
        for row in rows(directory, f"unit-{side}", "act"):
            by_what.setdefault(row["what"], {})[side, row["tables"]] = row
    found = []
    for what, of in by_what.items():
        base, this = of["base", "nested"], of["ext", "nested"]
        scalable, legacy = of["ext", "shadow, scalable"], of["ext", "shadow, legacy"]
        found.append([what, calls(this), calls(scalable)] +
                     [round(r["doorbells"]) for r in (base, this, scalable)] +
                     [r["ticks"] for r in (base, this, scalable, legacy)])
    return grid(["the guest", "calls: nested", "shadow", "submissions: base", "this", "shadow",
                 "instructions: base", "this", "scalable", "legacy"], found)


def queue_table(directory):
    """Submissions of the guest, with a call for each invalidation and with one for all of them."""
    by_load = {}
    for side in ("base", "ext"):
        for row in rows(directory, f"unit-{side}", "queue"):
            by_load.setdefault((row["descriptors"], row["vcpus"]), {})[side, row["calls"]] = row
    found = []
    for load, of in by_load.items():
        each, together = of["ext", "one each"], of["ext", "one for all"]
        base = of["base", "one for all"]
        found.append([*load] +
                     [round(r["invalidate"]) for r in (each, together)] +
                     [round(r["doorbells"]) for r in (each, base, together)] +
                     [r["ticks"] for r in (each, base, together)] +
                     [f"{together['ticks'] / each['ticks']:.2f}"])
    return grid(["invalidations", "vCPUs", "calls: one each", "one", "submissions: one each",
                 "one, base", "one", "instructions: one each", "one, base", "one", "ratio"], found)


def guests_table(directory):
    by_what = {}
    for guest, name in GUESTS.items():
        for row in rows(directory, f"guest-{guest}", "guest"):
            by_what.setdefault(row["what"], {})[name] = row
    found = []
    for what, of in by_what.items():
        for kind, row in of.items():
            us = [f"{row[k] / 1000:.0f}" if k in row else "" for k in ("map_ns", "unmap_ns")]
            dma = f"{row['faults']} of {row['reads']}" if "reads" in row else ""
            found.append([what, kind] +
                         [row[k] for k in ("tables", "invalidate", "map", "unmap", "doorbells")] +
                         us + [dma])
    return grid(["the guest", "tables", "new", "invalidate", "map", "unmap", "submissions",
                 "map, us", "unmap, us", "blocked"], found)


def memory_table(directory):
    found = []
    for row in rows(directory, "unit-ext", "memory"):
        found.append(["libvunit", row["tables"], round(row["kernel_bytes"]),
                      round(row["own_bytes"]), ""])
    for guest, name in GUESTS.items():
        for row in rows(directory, f"guest-{guest}", "memory"):
            found.append(["QEMU", name, "", "", f"{row['pinned_kib'] / 1024:.0f}"])
    return grid(["VMM", "tables", "kernel, bytes", "VMM, bytes", "pinned, MiB"], found)


def gain(directory):
    """A sentence."""
    acts = {(r["what"], r["tables"]): f"{r['ticks']:,}" for r in rows(directory, "unit-ext", "act")}
    page, domain = "unmaps a page", "invalidates a domain of 1024 pages that stay"
    return textwrap.wrap(
        f"What nesting buys a guest over shadowed tables (`make bench-qemu`): unmapping a page takes "
        f"{acts[page, 'nested']} instructions of the host instead of "
        f"{acts[page, 'shadow, scalable']}, and invalidating a domain of 1024 pages "
        f"{acts[domain, 'nested']} instead of {acts[domain, 'shadow, scalable']}.", 100)


TABLES = {
    "gain": gain, "machine": machine_table, "programs": programs_table, "acts": acts_table,
    "guests": guests_table, "memory": memory_table, "queue": queue_table,
}


def main():
    directory, *pages = (pathlib.Path(a) for a in sys.argv[1:])
    written = []

    def write(match):
        written.append(match[2])
        table = "\n".join(TABLES[match[2]](directory))
        return f"{match[1]}\n{table}\n\n{match[3]}"

    texts = [re.sub(r"^(\S+ make bench-qemu: begin (\S+).*?\n).*?^(\S+ make bench-qemu: end \2\b)",
                    write, page.read_text(), flags=re.M | re.S) for page in pages]
    missing = set(TABLES) - set(written)
    if missing:
        sys.exit(f"error: there is no place for: {', '.join(sorted(missing))}")
    for page, text in zip(pages, texts):
        page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
