#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which tests have run nowhere?

usage: skips.py RESULTS LIST

A test skips where its VM lacks what it needs, and one VM at least should have that. RESULTS has the
verdicts of all VMs of "make test". A test that has only been skipped is a failure, which is added to
RESULTS, unless LIST knows it: a line "TEST: why" there, or "TEST if NAME: why" for tests that have to
do with NAME, which was skipped itself. TEST is a regular expression.
"""
import re
import sys

import ktap


def read_results(path):
    """By verdict: the names of tests, without their VMs."""
    names = {"pass": set(), "fail": set(), "skip": set()}
    for line in ktap.read(path):
        verdict, name = line.split("\t", 1)
        names[verdict].add(name.split(": ", 1)[-1])
    return names


def read_list(path):
    allowed = []
    for line in ktap.read(path):
        if line and not line.startswith("#"):
            test, why = line.split(": ", 1)
            test, _, name = test.partition(" if ")
            allowed.append((re.compile(test), name, why))
    return allowed


def only_skipped(names):
    """A guest's tests have the name of what it was booted for in front; "(all)" is a whole program."""
    ran = names["pass"] | names["fail"]
    programs = {name.split("/", 1)[0] for name in ran}
    tests = {name.rsplit("/", 1)[-1] for name in ran}
    for name in sorted(names["skip"]):
        program, _, test = name.rpartition("/")
        if not (program in programs if test == "(all)" else test in tests):
            yield name


def main():
    results, allowed = sys.argv[1], read_list(sys.argv[2])
    names = read_results(results)
    with open(results, "a", encoding="utf-8") as file:
        for name in only_skipped(names):
            for test, needs, why in allowed:
                if test.fullmatch(name) and (not needs or needs in names["skip"]):
                    print(f"  NOWHERE  {name}: {why}")
                    break
            else:
                print(f"  FAIL     {name}: skipped in all VMs")
                file.write(f"fail\t{name}: skipped in all VMs\n")


if __name__ == "__main__":
    main()
