#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: qemu_page.py DIR PAGE...
Writes the figures of a run of qemu_bench.sh in DIR into the documentation: in the reStructuredText
PAGEs, what is between the comments ".. make bench-qemu: begin NAME" and ".. make bench-qemu: end NAME"."""

import json
import pathlib
import re
import sys

from bench_page import grid

KINDS = ("nested", "scalable", "legacy")
MODES = ("nested", "shadow, scalable", "shadow, legacy")


def machine_table(results):
    return [f":{name}: {value}" for name, value in results["machine"].items()]


def by_what(results):
    """{what: {guest: row}}, in the order in which they were measured."""
    found = {}
    for row in results["guests"]["rows"]:
        found.setdefault(row["what"], {})[row["guest"]] = row
    return found


def calls(row):
    """All calls of QEMU's to /dev/iommu that a guest's doing has caused."""
    return row["map"] + row["unmap"] + row["tables"] + row["invalidate"]


def calls_table(results):
    rows = []
    for what, row in by_what(results).items():
        if what != "memory":
            rows.append([what] + [calls(row[k]) for k in KINDS] +
                        [f"{row[k]['doorbells']} / {row[k]['descriptors']}" for k in KINDS])
    return grid(["what the guest does", "calls: nested", "scalable", "legacy",
                 "unit: nested", "scalable", "legacy"], rows)


def kinds_table(results):
    rows = []
    for what, row in by_what(results).items():
        if what != "memory":
            rows.append([what] + [" / ".join(str(row[k][c]) for c in
                                             ("map", "unmap", "tables", "invalidate"))
                                  for k in KINDS])
    return grid(["map / unmap / VTD_S1 / invalidate", "nested", "scalable", "legacy"], rows)


def time_table(results):
    rows = []
    for what, row in by_what(results).items():
        if what != "memory":
            base = row["nested"]["time"]
            rows.append([what, *(row[k]["faults"] for k in KINDS),
                         *(f"{row[k]['time'] / base:.2f}" if base else "-" for k in KINDS[1:])])
    memory = by_what(results)["memory"]
    rows.append(["QEMU's memory, MiB", *(round(memory[k]["qemu"] / 1024) for k in KINDS),
                 *(f"{memory[k]['qemu'] / memory['nested']['qemu']:.2f}" for k in KINDS[1:])])
    rows.append(["the host's page tables, KiB", *(memory[k]["tables"] for k in KINDS),
                 *(f"{memory[k]['tables'] / memory['nested']['tables']:.2f}" for k in KINDS[1:])])
    return grid(["what the guest does", "faults: nested", "scalable", "legacy",
                 "time: scalable", "legacy"], rows)


def program_table(results):
    """A line of each program, VMM and kind of tables."""
    rows = []
    # QEMU's own messages are among them.
    for line in results["programs"].splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[-1] in ("ok", "differs"):
            rows.append(cells[:3] + [f"{int(c)}" for c in cells[3:10]])
    return grid(["program", "VMM", "tables", "new", "map", "unmap", "attach", "detach",
                 "invalidate", "requests"], rows)


TABLES = {"machine": machine_table, "calls": calls_table, "kinds": kinds_table, "time": time_table,
          "programs": program_table}


def main():
    directory = pathlib.Path(sys.argv[1])
    results = {"machine": json.loads((directory / "machine.json").read_text()),
               "guests": json.loads((directory / "guests.json").read_text()),
               "programs": (directory / "programs.txt").read_text()}
    written = set()

    def write(match):
        name = match[1]
        written.add(name)
        table = "\n".join(TABLES[name](results))
        return f".. make bench-qemu: begin {name}\n\n{table}\n\n.. make bench-qemu: end {name}\n"

    for page in (pathlib.Path(p) for p in sys.argv[2:]):
        page.write_text(re.sub(r"^\.\. make bench-qemu: begin (\S+)\n.*?^\.\. make bench-qemu: end \1\n",
                               write, page.read_text(), flags=re.M | re.S))
    missing = set(TABLES) - written
    if missing:
        sys.exit(f"error: the pages have no place for: {', '.join(sorted(missing))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
