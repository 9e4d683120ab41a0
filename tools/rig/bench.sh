#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: bench.sh
# Measures nested translation, this project's and the base's, in the same VM with the same kernel
# but for the boot option intel_iommu_nested=base, one after the other and several times. Leaves
# the results in build/bench, or build/7/bench: results.json, table.md and, if gnuplot is there, plots.
# QUICK=1 takes few measurements, and none that need a kernel of their own or guests; ROUNDS=N the
# number of times; ATS=off or ATS=on one of the two; PEER=kernel a second kernel with
# CONFIG_INTEL_IOMMU_NESTED=n as the base's side; PAGE=1 puts the figures into the documentation,
# too: those of 6.12 into the page about performance, those of 7 into the comparison.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

QUICK=${QUICK:-0}
ROUNDS=${ROUNDS:-2}
ATS=${ATS:-off on}
PEER=${PEER:-option}
PAGE=${PAGE:-0}
page=$TOP/Documentation/driver-api/iommu-vtd/performance.rst
[ "$QUICK" = 0 ] || [ "$PAGE" = 0 ] || [ "$BASE" != 6.12 ] ||
	die "QUICK=1 does not measure all that ${page##*/} has"
[ "$BASE" = 6.12 ] || page=${page%/*}/comparison.rst
bench=$BUILD/bench
rm -rf "$bench"
mkdir -p "$bench"

case $PEER in
option) base_variant=lean base_option="intel_iommu_nested=base" ;;
kernel) base_variant=lean-base base_option="" ;;
*) die "PEER is option or kernel, not $PEER" ;;
esac

# A guest's time stamp counter is this machine's under TCG, and the guest is bad at finding out how
# fast it is while the machine is busy. The model's delays and all times depend on it.
tsc_khz() {
	local probe=$bench/tsc
	gcc -O2 -x c -o "$probe" - <<-'EOF'
		#include <stdio.h>
		#include <time.h>
		#include <x86intrin.h>
		static double ns(void)
		{
			struct timespec t;
			clock_gettime(CLOCK_MONOTONIC_RAW, &t);
			return t.tv_sec * 1e9 + t.tv_nsec;
		}
		int main(void)
		{
			double t = ns();
			unsigned long long c = __rdtsc();
			while (ns() - t < 3e8)
				;
			printf("%.0f\n", (__rdtsc() - c) / (ns() - t) * 1e6);
			return 0;
		}
	EOF
	"$probe"
	rm -f "$probe"
}

# measure SIDE ATS CLOCK ROUND: one boot, one file of results. CLOCK is time, or one of three whose
# time is made by instructions: insns for their number; sharing for several CPUs that meet at the unit;
# waiting for locks and interrupts, with a kernel of its own, whose base side is always the boot option.
measure() {
	local side=$1 ats=$2 clock=$3 round=$4 variant=lean options="kunit.enable=0 vtdsim=endpoints=16"
	local name=bench-$side-$ats-$clock program=(nesting-bench --json) status=0
	local accel=icount cpus=1 khz=1000000
	[ "$side" = ext ] || { variant=$base_variant; options+=" $base_option"; }
	[ "$ats" = on ] || options+=" pci=noats"
	[ "$QUICK" = 0 ] || program+=(--quick)
	case $clock in
	time) accel=$ACCEL cpus=2 khz=$this_khz ;;
	insns) program+=(--no-delay) ;;
	sharing) cpus=2 program+=(sharing) ;;
	waiting)
		variant=trace program+=(waiting)
		[ "$side$PEER" != basekernel ] || options+=" intel_iommu_nested=base"
		;;
	esac
	options+=" tsc=reliable tsc_early_khz=$khz"
	SECONDS=0
	ACCEL=$accel "$RIG/vm.sh" -t 1500 -q "-smp $cpus" -k "$options" "$name" "$variant" run "${program[@]}" \
		>"$bench/$side-$ats-$clock-$round.json" || status=$?
	[ $status = 0 ] || die "$name ended with $status (logs: build/log/$name.*)"
	! grep -H 'vtdsim0: violation' "$LOGS/$name.log" || die "the driver broke rules of the specification"
	say BENCH "$side, ATS $ats, $clock, round $round: $SECONDS s"
}

# measure_guest SIDE ATS: the same with a guest in QEMU; only the counts are of interest.
measure_guest() {
	local side=$1 ats=$2 variant=lean options=vtdsim=on name=bench-guest-$1-$2 status=0
	[ "$side" = ext ] || { variant=$base_variant; options+=" $base_option"; }
	[ "$ats" = on ] || options+=" pci=noats"
	SECONDS=0
	"$RIG/vm.sh" -t 1500 -m 3G -q "-cpu max,-la57,-svm" -i "$BUILD/vmm.cpio" -e "$BUILD/vmm/qemu" \
		-k "$options" "$name" "$variant" run vtd_vmm_bench >"$bench/$side-$ats-counts-1.json" || status=$?
	[ $status = 0 ] || die "$name ended with $status (logs: build/log/$name.*)"
	! grep -H 'vtdsim0: violation' "$LOGS/$name.log" || die "the driver broke rules of the specification"
	say BENCH "guest in QEMU, $side, ATS $ats: $SECONDS s"
}

this_khz=$(tsc_khz)
vmm=0
if [ "$QUICK" = 0 ]; then
	"$RIG/vmm.sh" lean || vmm=$?
fi
for ats in $ATS; do
	for side in base ext; do
		measure $side "$ats" insns 1
		[ "$QUICK" != 0 ] || measure $side "$ats" waiting 1
		# What callers share does not depend on ATS.
		[ "$ats" = on ] || measure $side "$ats" sharing 1
	done
	for round in $(seq "$ROUNDS"); do
		for side in base ext; do
			measure $side "$ats" time "$round"
		done
	done
	[ "$QUICK" = 0 ] || continue
	case $vmm in
	0)
		for side in base ext; do
			measure_guest $side "$ats"
		done
		;;
	77) say SKIP "guests in QEMU: the package is not to be had" ;;
	*) die "vmm.sh ended with $vmm" ;;
	esac
done

cat >"$bench/machine.json" <<EOF
{
 "date": "$(date -u +%F)",
 "commit": "$(git -C "$TOP" describe --always --dirty 2>/dev/null || echo unknown)",
 "kernel": "Linux $(make -s -C "$TREE" kernelversion 2>/dev/null), $(cat "$BUILD/base.stamp")",
 "machine": "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs",
 "vm": "$(qemu-system-x86_64 --version | head -n 1), ACCEL=$ACCEL",
 "base_side": "$([ "$PEER" = kernel ] && echo "CONFIG_INTEL_IOMMU_NESTED=n" || echo "intel_iommu_nested=base")"
}
EOF
"$RIG/bench_table.py" "$bench"
[ "$PAGE" = 0 ] || "$RIG/bench_page.py" "$bench" "$page"
if command -v gnuplot >/dev/null; then
	(cd "$bench" && gnuplot plots.gp) && say PLOT "${bench#"$TOP/"}/*.svg"
else
	say PLOT "none: gnuplot is not installed (apt-get install gnuplot-nox)"
fi
say BENCH "${bench#"$TOP/"}/results.json, ${bench#"$TOP/"}/table.md"
