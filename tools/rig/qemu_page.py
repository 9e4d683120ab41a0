#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: qemu_page.py FILE PAGE
Writes the figures of a run of qemu_bench.sh, which are in FILE, into the documentation: in the
reStructuredText PAGE, what is between the comments ".. make bench-qemu: begin programs" and
".. make bench-qemu: end programs"."""

import pathlib
import re
import sys

from bench_page import grid

BEGIN = ".. make bench-qemu: begin programs\n"
END = ".. make bench-qemu: end programs\n"
HEAD = ["program", "VMM", "tables", "new", "map", "unmap", "attach", "detach", "invalidate",
        "requests"]


def rows(text):
    """A row of each program, VMM and kind of tables. QEMU's own messages are among the lines."""
    for line in text.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[-1] in ("ok", "differs"):
            yield cells[:3] + [str(int(c)) for c in cells[3:10]]


def main():
    results, page = (pathlib.Path(a) for a in sys.argv[1:3])
    table = "\n".join(grid(HEAD, list(rows(results.read_text()))))
    text, places = re.subn(re.escape(BEGIN) + ".*?" + re.escape(END),
                           lambda _: f"{BEGIN}\n{table}\n\n{END}", page.read_text(), flags=re.S)
    if places != 1:
        sys.exit(f"error: {page} has no place for the figures, or several")
    page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
