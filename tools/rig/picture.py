#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: picture.py run OUTPUT SVG
       picture.py bench PAGE SVG
Draws a picture of the README: what a run of the demonstration printed, or the requests a second
that the page about performance has from a run of "make bench"."""

import pathlib
import re
import sys
from xml.sax.saxutils import escape

FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Written by tools/rig/picture.py (make picture) -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
 role="img" font-family="{font}" font-size="13">
<title>{title}</title>
"""


def head(width, height, title):
    return HEAD.format(width=width, height=height, title=escape(title), font=FONT)


def terminal(command, lines):
    """A terminal, dark wherever it is shown."""
    pitch, margin = 17, 14
    width = max(map(len, lines)) * 8 + 2 * margin
    height = (len(lines) + 1) * pitch + 2 * margin
    out = [head(width, height, f"what {command} prints"),
           "<style>text { fill: #d4d4d4; white-space: pre } .more { fill: #9a9a9a }",
           ".ok { fill: #6fc276 } .bad { fill: #ff6b6b } .typed { fill: #ffffff }</style>",
           '<rect width="100%" height="100%" rx="6" fill="#1c1f24"/>']
    for number, line in enumerate([f"$ {command}"] + lines):
        text, what = escape(line), ""
        if number == 0:
            what = ' class="typed"'
        elif re.match(r" {6}", line):
            what = ' class="more"'
        text = re.sub(r"\b(ok)$", r'<tspan class="ok">\1</tspan>', text)
        text = re.sub(r"\b(FAILED)$", r'<tspan class="bad">\1</tspan>', text)
        if text:
            y = margin + number * pitch + 12
            out.append(f'<text x="{margin}" y="{y}" xml:space="preserve"{what}>{text}</text>')
    return "\n".join(out + ["</svg>", ""])


def demonstration(path):
    """The steps, without what the unit of this one VM can do."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("@@")]
    if not lines or not re.fullmatch(r"\d+ steps, 0 failed", lines[-1]):
        sys.exit(f"error: {path} is not the output of a demonstration that succeeded")
    return terminal("make run", [line for line in lines if not re.match(r" {6}( |cap|ecap)", line)])


def speeds(path):
    """[what, base, this, times] for each row of the table "speed" of the page."""
    table = re.search(r"^\.\. make bench: begin speed\n(.*?)^\.\. make bench: end speed$",
                      path.read_text(), flags=re.M | re.S)
    rows = re.findall(r"^(\S.*?)  +(\d+)  +(\d+)  +([\d.]+)$", table[1], flags=re.M) if table else []
    if not rows:
        sys.exit(f"error: {path} has no figures of make bench")
    return [(what, int(base), int(this), times) for what, base, this, times in rows]


def bench(path):
    """Two bars a row: the base's nesting and this project's."""
    rows = speeds(path)
    longest = max(max(base, this) for _, base, this, _ in rows)
    left, widest, pitch, top = 230, 300, 46, 76
    out = [head(760, top + pitch * len(rows) + 4, "requests of IOMMU_HWPT_INVALIDATE a second"),
           "<style>.paper { fill: #ffffff } text { fill: #24292f } .base { fill: #8c959f }",
           ".this { fill: #1f6feb } @media (prefers-color-scheme: dark) {",
           ".paper { fill: #161b22 } text { fill: #d4d4d4 } .base { fill: #7d8590 }",
           ".this { fill: #58a6ff } }</style>",
           '<rect class="paper" width="100%" height="100%" rx="6"/>',
           '<text x="14" y="26" font-weight="bold">IOMMU_HWPT_INVALIDATE with 256 pages: '
           'millions a second</text>',
           f'<rect class="base" x="{left}" y="42" width="13" height="13"/>',
           f'<text x="{left + 20}" y="53" font-size="11">nesting of Linux 6.12</text>',
           f'<rect class="this" x="{left + 200}" y="42" width="13" height="13"/>',
           f'<text x="{left + 220}" y="53" font-size="11">vtd-nested</text>']
    for number, (what, base, this, times) in enumerate(rows):
        y = top + number * pitch
        what = re.sub(r"^256 (\w+), a wait takes", r"\1, wait of", what)
        out.append(f'<text x="14" y="{y + 20}">{escape(what)}</text>')
        for name, value, note, lower in (("base", base, "", 0), ("this", this, f", {times} times", 15)):
            width = round(value / longest * widest)
            out += [f'<rect class="{name}" x="{left}" y="{y + lower}" width="{width}" height="13"/>',
                    f'<text x="{left + width + 6}" y="{y + lower + 11}" font-size="11">'
                    f'{value / 1e6:.2f}{note}</text>']
    return "\n".join(out + ["</svg>", ""])


def main():
    kinds = {"run": demonstration, "bench": bench}
    if len(sys.argv) != 4 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    kind, source, target = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(kinds[kind](source))
    return 0


if __name__ == "__main__":
    sys.exit(main())
