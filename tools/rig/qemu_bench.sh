#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: qemu_bench.sh
# Counts the calls of guest programs to the host, with libvunit and with QEMU, nested and shadowed.
# Leaves the result in build/bench-qemu/programs.txt. PAGE=1 puts the figures into the
# documentation, too.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PAGE=${PAGE:-0}
page=$TOP/Documentation/userspace-api/iommufd-vtd-vunit.rst
bench=$BUILD/bench-qemu
mkdir -p "$bench"

status=0
"$RIG/vmm.sh" lean || status=$?
[ $status != 77 ] || die "there is no QEMU to be had"
[ $status = 0 ] || exit $status

name="bench-qemu-programs"
SECONDS=0
"$RIG/vm.sh" -t 1500 -m 3G -q "-cpu max,-la57,-svm" -i "$BUILD/vmm.cpio" -e "$BUILD/vmm/qemu" \
	"$name" lean run vunit-guest -q >"$bench/programs.txt" || status=$?
[ $status = 0 ] || die "$name ended with $status (logs: build/log/$name.*)"
! grep -H 'vtdsim0: violation' "$LOGS/$name.log" || die "the driver broke rules of the specification"
say BENCH "guest programs: $SECONDS s"
[ "$PAGE" = 0 ] || "$RIG/qemu_page.py" "$bench/programs.txt" "$page"
say BENCH "build/bench-qemu/programs.txt"
