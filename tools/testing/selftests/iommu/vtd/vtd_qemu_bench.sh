#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: vtd_qemu_bench
# The same work in guests whose tables QEMU hands to the host's unit (nested) and in guests whose
# tables it shadows, of scalable and of legacy mode. Prints JSON: for each guest and each thing that
# it does, QEMU's calls to /dev/iommu, what these cost the unit, its faults, and the time; and for each
# guest the memory that it took.

# shellcheck source-path=SCRIPTDIR source=vtd_vmm.sh
. /vmm/vmm.sh

counters="doorbells descriptors faults"

# Hundredths of a second since the host has booted
now() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}"
}

# kilobytes of FILE NAME
kilobytes() {
	sed -nE "s/^$2:[[:space:]]*([0-9]+) kB$/\1/p" "$1"
}

count_from_here() {
	for counter in $counters; do
		cp "$unit/$counter" /tmp/
	done
	begun=$(now)
}

# row GUEST WHAT: what it has cost since.
row() {
	ended=$(now)
	printf '%s\n  {"guest": "%s", "what": "%s", "time": %d' "$comma" "$1" "$2" $((ended - begun))
	for counter in $counters; do
		printf ', "%s": %d' "$counter" $(($(cat "$unit/$counter") - $(cat "/tmp/$counter")))
	done
	printf ', "map": %d, "unmap": %d, "tables": %d, "invalidate": %d}' \
		"$(calls "$1" map_)" "$(calls "$1" unmap_)" \
		"$(calls "$1" 'alloc_hwpt .*hwpt_type=1 ')" "$(calls "$1" 'invalidate_cache ')"
	comma=,
}

# does GUEST WHAT PROGRAM...
does() {
	guest=$1 what=$2
	shift 2
	count_from_here
	ask "$guest" "$@"
	outcome "$guest" >"/tmp/$guest/report" || { cat "/tmp/$guest/report" >&2; exit 1; }
	row "$guest" "$what"
}

# works GUEST ENDPOINT: all that a guest does, from its start to its end.
works() {
	tables=$(kilobytes /proc/meminfo SecPageTables)
	count_from_here
	start "$1" "" "$2"
	booted "$1" >&2 || exit 1
	row "$1" "boots"
	does "$1" "20 times maps a page, reads it, unmaps it" /tests/vtd_type1 -t remapped_leads_elsewhere
	does "$1" "maps 16 pages far apart, reads, unmaps 8" /tests/vtd_type1 -t far_apart_and_back
	does "$1" "DMA all the time, 20 times maps 14 pages and unmaps them" \
		/tests/vtd_type1 -t flushes_do_not_interrupt
	does "$1" "4 times maps 2 MiB of small pages, reads, unmaps" \
		/tests/vtd_unmap -t other_memory_after_that
	does "$1" "10 times pass-through and back" /tests/vtd_group -t back_and_forth
	memory=$(kilobytes "/proc/$(cat "/tmp/$1/pid")/status" VmHWM)
	tables=$(($(kilobytes /proc/meminfo SecPageTables) - tables))
	count_from_here
	power_off "$1" >&2 || exit 1
	row "$1" "powers off"
	printf ',\n  {"guest": "%s", "what": "memory", "qemu": %d, "tables": %d}' "$1" "$memory" "$tables"
}

# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
comma=""
printf '{"rows": ['
viommu=scalable-mode=on,fsts=on
works nested "$1"
viommu=scalable-mode=on
works scalable "$1"
viommu=scalable-mode=off
works legacy "$1"
printf '\n]}\n'
