#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: qemu_bench.sh
# Measures guests in QEMU whose tables the host's unit walks, and guests whose tables QEMU shadows;
# and counts the calls of guest programs, with libvunit and with QEMU. Leaves the results in
# build/bench-qemu: guests.json, programs.txt, machine.json. PAGE=1 puts the figures into the
# documentation, too.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PAGE=${PAGE:-0}
guides=$TOP/Documentation/userspace-api
bench=$BUILD/bench-qemu
mkdir -p "$bench"

# measure NAME FILE PROGRAM [ARGUMENT...]: the output of a program in a VM that has QEMU
measure() {
	local name=bench-qemu-$1 file=$bench/$2 status=0
	shift 2
	SECONDS=0
	"$RIG/vm.sh" -t 1500 -m 3G -q "-cpu max,-la57,-svm" -i "$BUILD/vmm.cpio" -e "$BUILD/vmm/qemu" \
		"$name" lean run "$@" >"$file" || status=$?
	[ $status = 0 ] || die "$name ended with $status (logs: build/log/$name.*)"
	! grep -H 'vtdsim0: violation' "$LOGS/$name.log" || die "the driver broke rules of the specification"
	say BENCH "$*: $SECONDS s"
}

status=0
"$RIG/vmm.sh" lean || status=$?
[ $status != 77 ] || die "there is no QEMU to be had"
[ $status = 0 ] || exit $status
measure programs programs.txt vunit-guest -q
measure guests guests.json vtd_qemu_bench

cat >"$bench/machine.json" <<EOF
{
 "date": "$(date -u +%F)",
 "commit": "$(git -C "$TOP" describe --always --dirty 2>/dev/null || echo unknown)",
 "kernel": "Linux $(make -s -C "$TREE" kernelversion 2>/dev/null), $(cat "$BUILD/base.stamp")",
 "machine": "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs",
 "vmm": "$("$BUILD/vmm/qemu" --version | head -n 1), without KVM"
}
EOF
[ "$PAGE" = 0 ] || "$RIG/qemu_page.py" "$bench" "$guides/iommufd-vtd-qemu.rst" "$guides/iommufd-vtd-vunit.rst"
say BENCH "build/bench-qemu/guests.json, build/bench-qemu/programs.txt"
