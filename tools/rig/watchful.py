#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does the judge of kernel logs (ktap.py) notice what was provoked on purpose?

usage: watchful.py RESULTS KERNEL-LOG NAME...

Cuts KERNEL-LOG at the lines of the program "provoke". Up to the first of them it must be judged
clean. The part of each NAME must be judged bad, and for what NAME stands for. Each is a line in the
file RESULTS, "pass" or "fail".
"""
import contextlib
import io
import re
import sys

import ktap

PROVOKE = re.compile(r"vtd: provoke (\S+)$")

# What tells each report from all others.
REPORTS = {
    "warning": r"WARNING: CPU: \d+ PID: \d+ at \S*drivers/misc/lkdtm/",
    "ubsan": r"UBSAN: array-index-out-of-bounds",
    "hung-task": r"INFO: task provoke:\d+ blocked for more than",
    "violation": r"vtdsim0: violation: stale: ",
    "lockdep": r"WARNING: lock held when returning to user space",
    "refcount": r"refcount_t: addition on 0; use-after-free",
    "list": r"list_add corruption",
    "kasan": r"BUG: KASAN: slab-use-after-free in lkdtm_",
    "oops": r"Oops: invalid opcode",
    "panic": r"Kernel panic - not syncing: dumptest",
}


def cut(log):
    """The log's parts by name; the first has none."""
    name, parts = "", {"": []}
    for line in log:
        if match := PROVOKE.search(line):
            name = match[1]
        parts.setdefault(name, []).append(line)
    return parts


def verdict(log):
    """The verdict of ktap.py on the kernel's log alone."""
    results = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()):
        ktap.judge_log(ktap.Judge(results, "provoked"), log)
    return results.getvalue().split("\t")[0]


def fault(name, log):
    """What is wrong with the judge's view of this part, or None."""
    if not name:
        return None if verdict(log) == "pass" else "it was judged bad"
    if not any(re.search(REPORTS[name], line) for line in log):
        return "there was no such report"
    if not any(re.search(REPORTS[name], line) for _, line in ktap.complaints_in(log)):
        return "it was not noticed"
    return None if verdict(log) == "fail" else "it was judged clean"


def main():
    results, log, *names = sys.argv[1:]
    parts = cut(ktap.read(log))
    failed = 0
    with open(results, "a", encoding="utf-8") as file:
        for name in ["", *names]:
            title = f"{name} is noticed" if name else "a boot without complaints is judged clean"
            wrong = fault(name, parts.get(name, []))
            failed += wrong is not None
            file.write(f"{'fail' if wrong else 'pass'}\twatchful: {title}\n")
            print(f"  FAIL     watchful: {title}: {wrong}" if wrong else f"  PASS     watchful: {title}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
