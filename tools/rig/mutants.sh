#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: mutants.sh LIST [NAME...]
# Does any test notice when something is broken? LIST is a file of tools/rig/mutants, see mutants.py.
# All its mutants go into one debug kernel, switched off; a VM switches them on one at a time, and
# runs the tests that should fail. Results are in build/mutants: what has been killed is not run
# again unless it is named or the sources have changed, so that a run which was stopped goes on where
# it was. The last line is the sum, and the exit status says whether none survived without a reason.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

list=$RIG/mutants/$1
case $1 in
nested) suites="intel-nested-*" ;;
vtdsim) suites="vtdsim-*" ;;
vunit) exec "$RIG/mutants_vunit.sh" "${@:2}" ;;
*) die "no such list of mutants: $1" ;;
esac
shift
work=$BUILD/mutants
results=$work/${list##*/}.results
plan=$work/plan
image=$BUILD/obj-mutants/arch/x86/boot/bzImage
mkdir -p "$work" "${image%/*}"
touch "$results"
tell() { "$RIG/mutants.py" "$@"; }

sources() { find "$BUILD/stage" -type f | sort | xargs cat | sha256sum; }

# What became of mutants of other sources, or with other tests, says nothing.
forget_others() {
	if [ "$(sources)" != "$(cat "$results.of" 2>/dev/null)" ]; then
		: >"$results"
		sources >"$results.of"
	fi
}

# The kernel follows from the sources and the list. The sources are this project's again
# afterwards, whatever happens.
build() {
	local inputs
	inputs=$({ find "$BUILD/stage" -type f | sort | xargs cat; cat "$list" "$RIG/mutants.py"; } | sha256sum)
	[ "$inputs" != "$(cat "$work/stamp" 2>/dev/null)" ] || return 0
	trap '"$RIG/tree.sh"' EXIT
	tell write "$list" "$TREE"
	"$RIG/kernel.sh" debug
	cp "$BUILD/obj-debug/arch/x86/boot/bzImage" "$image"
	trap - EXIT
	"$RIG/tree.sh"
	echo "$inputs" >"$work/stamp"
}

initramfs() {
	local root=$work/root
	rm -rf "$root"
	mkdir -p "$root/bin"
	cp "$RIG/mutants/in_vm" "$root/bin/mutants"
	cp "$plan" "$root/mutants"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -n1) |
		cat "$BUILD/initramfs.cpio.gz" - >"$work/initramfs.cpio.gz"
}

# vm OPTIONS WHAT...: what became of the mutants is in its logs.
vm() {
	"$RIG/vm.sh" -t 150 -m 3G -i "$work/initramfs.cpio.gz" \
		-k "vtdsim=on,unit,gnr,unit,gnr,ecap.dt=0,endpoints=1 iommu.strict=1 leak_kunit.cycles=500 $1" mutants mutants "${@:2}" \
		>/dev/null 2>&1 || true
}

# judge [NAME]: at least one result has to be new, or this would not end.
judge() {
	local before
	before=$(wc -l <"$results")
	tell read "$list" "$results" "$LOGS/mutants.out" "$LOGS/mutants.log" "$@"
	[ "$(wc -l <"$results")" -gt "$before" ] || die "the VM ran no mutant (log: $LOGS/mutants.log)"
}

forget_others
tell begin "$list" "$results" "$@"
build
while tell plan "$list" "$results" vm "$@" >"$plan" && [ -s "$plan" ]; do
	initramfs
	vm "kunit.filter_glob=$suites kunit.filter=speed>slow" run mutants /mutants
	judge
done
while tell plan "$list" "$results" boot "$@" >"$plan" && [ -s "$plan" ]; do
	read -r number name suite <"$plan"
	initramfs
	vm "kunit.filter_glob=$suite vtd_mutant=$number" boot
	judge "$name"
done
tell table "$list" "$results" "$@"
