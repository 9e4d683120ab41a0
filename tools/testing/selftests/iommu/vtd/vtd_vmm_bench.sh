#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: vtd_vmm_bench
# What a guest in QEMU costs the host's VT-d unit: for each thing that the guest does, as JSON, the
# submissions to the unit's queue, the descriptors in them, and QEMU's calls. Everything is counted
# from the guest's start on, so it is the same whichever driver nests.

# shellcheck source-path=SCRIPTDIR source=vtd_vmm.sh
. /vmm/vmm.sh

# count_from_here GUEST
count_from_here() {
	mark "$1"
	for counter in doorbells waits descriptors; do
		cp "$unit/$counter" /tmp/
	done
}

# row GUEST WHAT: what it has cost since.
row() {
	printf '%s\n  {"section": "guest", "what": "%s"' "$comma" "$2"
	for counter in doorbells waits descriptors; do
		printf ', "%s": %d' "$counter" $(($(cat "$unit/$counter") - $(cat "/tmp/$counter")))
	done
	printf ', "tables": %d, "invalidate_calls": %d}' \
		"$(calls "$1" 'alloc_hwpt .*hwpt_type=1 .*\(0\)$')" \
		"$(calls "$1" 'invalidate_cache .*\(0\)$')"
	comma=,
}

# does GUEST WHAT PROGRAM...
does() {
	guest=$1 what=$2
	shift 2
	count_from_here "$guest"
	ask "$guest" "$@"
	outcome "$guest" >"/tmp/$guest/report" || { cat "/tmp/$guest/report" >&2; exit 1; }
	row "$guest" "$what"
}

# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
comma=""
printf '{"rows": ['
for counter in doorbells waits descriptors; do
	cp "$unit/$counter" /tmp/
done
start guest "" "$1"
booted guest >&2 || exit 1
row guest "boots"
does guest "vtd_type1" /tests/vtd_type1 -T two_devices_share_mappings
does guest "20 times maps a page, reads it, unmaps it" /tests/vtd_type1 -t remapped_leads_elsewhere
does guest "maps 16 pages far apart, reads, unmaps 8" /tests/vtd_type1 -t far_apart_and_back
does guest "10 times pass-through and back" /tests/vtd_group -t back_and_forth
count_from_here guest
power_off guest >&2 || exit 1
row guest "powers off"
printf '\n]}\n'
