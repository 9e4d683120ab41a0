#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: qemu_bench.sh
# What nesting buys: the same guests nested and shadowed, with libvunit and with QEMU, on this
# project's nesting and on the base's. Leaves in build/bench-qemu: programs.txt, the calls of guest
# programs to the host; unit-SIDE.json, what libvunit costs; guest-SIDE-KIND.json, Linux guests in QEMU.
# PAGE=1 puts the figures into the documentation, too.
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

# measure NAME FILE KERNEL-OPTIONS PROGRAM...: one VM. In all but the first, time is made by
# instructions, one a nanosecond, so that a busy machine changes nothing.
measure() {
	local name=bench-qemu-$1 file=$bench/$2 options="kunit.enable=0 $3" accel=icount status=0
	shift 3
	[ "$name" != bench-qemu-programs ] || accel=$ACCEL
	SECONDS=0
	ACCEL=$accel "$RIG/vm.sh" -t 1500 -m 3G -q "-cpu max,-la57,-svm" -i "$BUILD/vmm.cpio" \
		-e "$BUILD/vmm/qemu" -k "$options" "$name" lean run "$@" >"$file" || status=$?
	[ $status = 0 ] || die "$name ended with $status (logs: build/log/$name.*)"
	! grep -H 'vtdsim0: violation' "$LOGS/$name.log" || die "the driver broke rules of the specification"
	say BENCH "$name: $SECONDS s"
}

# options SIDE: the kernel's
options() {
	echo "pci=noats tsc=reliable tsc_early_khz=1000000$([ "$1" = ext ] || echo " intel_iommu_nested=base")"
}

measure programs programs.txt "" vunit-guest -q
for side in base ext; do
	measure "unit-$side" "unit-$side.json" "$(options "$side")" vunit-bench
done
# Each of these VMs keeps one processor busy.
vms=()
trap 'kill "${vms[@]}" 2>/dev/null || true' EXIT
for guest in base-nested ext-nested ext-scalable ext-legacy ext-scalable_type1; do
	measure "guest-$guest" "guest-$guest.json" "$(options "${guest%%-*}")" vtd_vmm_load "${guest#*-}" &
	vms+=($!)
	if [ "${#vms[@]}" -ge "$J" ]; then
		wait "${vms[0]}"
		vms=("${vms[@]:1}")
	fi
done
for vm in "${vms[@]}"; do
	wait "$vm"
done
cat >"$bench/machine.json" <<END
{
 "date": "$(date -u +%F)",
 "commit": "$(git -C "$TOP" describe --always --dirty 2>/dev/null || echo unknown)",
 "kernel": "Linux $(make -s -C "$TREE" kernelversion 2>/dev/null), $(cat "$BUILD/base.stamp")",
 "QEMU": "$("$BUILD/vmm/qemu" --version | head -n 1)"
}
END
[ "$PAGE" = 0 ] || "$RIG/qemu_page.py" "$bench" "$page" "$TOP/README.md"
say BENCH "build/bench-qemu: programs.txt, unit-*.json, guest-*.json"
