#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Check that a document quotes a program word by word.

usage: quotes.py DOCUMENT PROGRAM

Every block of C in DOCUMENT must be in PROGRAM as it is, but for one tab of indentation, and there
must be one.
"""
import sys


def blocks(lines):
    """Yield line number and text of each block of C."""
    start, block = 0, []
    for number, line in enumerate(lines + ["end"], 1):
        if start and (line.startswith("\t") or not line):
            block.append(line.removeprefix("\t"))
            continue
        if start:
            yield start, "\n".join(block).strip("\n")
        start, block = (number if line == ".. code-block:: c" else 0), []


def main():
    document, program = sys.argv[1:]
    with open(program, encoding="utf-8") as file:
        source = file.read()
    with open(document, encoding="utf-8") as file:
        quotes = list(blocks(file.read().split("\n")))
    wrong = [number for number, text in quotes if not text or text not in source]
    for number in wrong:
        print(f"{document}:{number}: not as in {program}")
    if not quotes:
        print(f"{document}: quotes nothing")
    return 1 if wrong or not quotes else 0


if __name__ == "__main__":
    sys.exit(main())
