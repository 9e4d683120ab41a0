#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
usage: floors.py OBJECT-TREE DIRECTORY...

Proves the floors of a directory from its object files. The directory's README.rst has a section
"Floors" with a numbered list from the bottom to the top. An item names the rooms of one floor, as
literals (``room/`` for a folder, ``file.c`` for a single file), up to its colon. A file uses its own
floor and those below; folders of one floor do not use each other. Prints each symbol that breaks
this, as "room/file.o -> room/file.o: symbol", each header of a folder that does, and files that use
each other in a circle.
"""
import collections
import pathlib
import re
import subprocess
import sys

ITEM = re.compile(r"\s*(\d+)\.\s+(.*?)(?::|$)", re.S)
INCLUDE = re.compile(r'^#include "(\w+/[\w/.]+)"', re.M)


def fail(message):
    """Ends with a message that is no finding about objects."""
    sys.exit(f"error: {message}")


def read_floors(page):
    """The number of the floor by room, as the page has it."""
    text = page.read_text()
    section = re.search(r"^Floors\n[=~-]+\n(.*?)(?=^\S[^\n]*\n[=~-]{3,}\n|\Z)", text, re.M | re.S)
    if not section:
        fail(f"{page}: no section \"Floors\"")
    floors = {}
    items = re.split(r"\n(?= *\d+\. )", section.group(1))
    for item in items[1:]:
        match = ITEM.match(item)
        number = int(match.group(1))
        rooms = re.findall(r"``([\w./-]+)``", match.group(2))
        if number != len(set(floors.values())) + 1 or not rooms:
            fail(f"{page}: item {number} is out of order or names no room")
        for room in rooms:
            if room in floors:
                fail(f"{page}: {room} is on two floors")
            floors[room] = number
    if len(set(floors.values())) < 2:
        fail(f"{page}: fewer than two floors")
    return floors


def room_of(floors, obj):
    """The room of a file, by its path below the directory."""
    if len(obj.parts) > 1:
        room = obj.parts[0] + "/"
    else:
        room = obj.stem + ".c"
    return room if room in floors else None


def symbols(path, *options):
    """The external symbols of an object file."""
    out = subprocess.run(["nm", "-g", "--format=just-symbols", *options, str(path)], check=True,
                         capture_output=True, text=True).stdout
    return set(out.split())


def breaks_rule(floors, room, other):
    """May a file of one room not use one of another?"""
    if room == other or floors[other] < floors[room]:
        return False
    return floors[other] > floors[room] or (room.endswith("/") and other.endswith("/"))


def check_includes(source, floors):
    """Prints headers that a folder includes against the rule. Returns how many there are."""
    bad = 0
    for path in sorted(source.rglob("*.[ch]")):
        name = path.relative_to(source)
        room = room_of(floors, name)
        for header in INCLUDE.findall(path.read_text()):
            other = room_of(floors, pathlib.Path(header))
            if room and other and breaks_rule(floors, room, other):
                print(f"{name} -> {header}: #include")
                bad += 1
    return bad


def circle_in(uses):
    """The first circle of files that use each other, or None."""
    done, way = set(), []

    def visit(obj):
        if obj in way:
            return way[way.index(obj):] + [obj]
        if obj in done:
            return None
        way.append(obj)
        for other in sorted(uses[obj]):
            found = visit(other)
            if found:
                return found
        way.pop()
        done.add(obj)
        return None

    for obj in sorted(uses):
        found = visit(obj)
        if found:
            return found
    return None


def check(source, built):
    """Prints what is wrong with one directory. Returns True if nothing is."""
    floors = read_floors(source / "README.rst")
    objects = {}
    for path in sorted(source.rglob("*.c")):
        obj = path.relative_to(source).with_suffix(".o")
        # What the configuration leaves out has no object.
        if (built / obj).exists():
            objects[obj] = room_of(floors, obj)
    bad = 0
    for obj, room in objects.items():
        if room is None:
            print(f"{source}/{obj}: in no room of {source}/README.rst")
            bad += 1
    for room in sorted(set(floors) - set(objects.values())):
        print(f"{source}/README.rst: no object is in {room}")
        bad += 1
    if bad:
        return False

    bad = check_includes(source, floors)
    home = {}
    for obj in objects:
        for symbol in symbols(built / obj, "--defined-only"):
            home[symbol] = obj
    uses = {obj: collections.defaultdict(list) for obj in objects}
    for obj, room in objects.items():
        for symbol in sorted(symbols(built / obj, "--undefined-only")):
            other = home.get(symbol)
            if other is None:
                continue
            uses[obj][other].append(symbol)
            if breaks_rule(floors, room, objects[other]):
                print(f"{obj} -> {other}: {symbol}")
                bad += 1
    circle = circle_in(uses)
    if circle and not bad:
        for obj, other in zip(circle, circle[1:]):
            print(f"{obj} -> {other}: {uses[obj][other][0]} (in a circle)")
        bad += 1
    return not bad


def main():
    """Checks all directories that were named."""
    if len(sys.argv) < 3:
        fail("usage: floors.py OBJECT-TREE DIRECTORY...")
    tree = pathlib.Path(sys.argv[1])
    good = [check(pathlib.Path(d), tree / d) for d in sys.argv[2:]]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
