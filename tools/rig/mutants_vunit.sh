#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: mutants_vunit.sh [NAME...]
# The mutants of the VT-d unit for guests, which need no VM: its unit tests run with one mutant after
# the other, each of which must fail them, and first with none. Results are in build/mutants; the last
# line is the sum, and the exit status says whether none survived without a reason.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

list=$RIG/mutants/vunit
work=$BUILD/mutants
results=$work/vunit.results
said=$LOGS/mutants-vunit.log
sources=$work/vunit
mkdir -p "$work"
touch "$results"
tell() { "$RIG/mutants.py" "$@"; }

rm -rf "$sources"
mkdir -p "$sources/tools"
cp -a "$TREE/tools/iommu" "$sources/tools/"
tell write "$list" "$sources"
make -s -C "$sources/tools/iommu/vunit" OUT="$sources/out" HDR="$HEADERS/include" "$sources/out/test-plain"
"$sources/out/test-plain" >"$said" || die "the unit tests fail without any mutant (log: $said)"

# play NUMBER NAME SUITE...: the tests, as mutants.py reads them
play() {
	local number=$1 name=$2 status=0
	shift 2
	echo "vtd: mutant $name starts"
	VTD_MUTANT=$number timeout 15 "$sources/out/test-plain" "$@" || status=$?
	[ $status -le 1 ] || echo "vtd: mutant $name fails with-$status"
	echo "vtd: mutant $name ends"
}

tell begin "$list" "$results" "$@"
tell plan "$list" "$results" vm "$@" >"$work/plan"
while read -r number name suites; do
	# shellcheck disable=SC2086 # several words
	play "$number" "$name" $suites
done <"$work/plan" >"$said" 2>&1
tell read "$list" "$results" "$said" "$said"
tell table "$list" "$results" "$@"
