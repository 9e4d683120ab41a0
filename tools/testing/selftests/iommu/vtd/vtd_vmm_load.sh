#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: vtd_vmm_load KIND...
# What the same load costs guests in QEMU whose tables are nested or shadowed, as JSON: QEMU's calls,
# submissions to the host's unit, time that the guest sees, reads of an endpoint that were blocked, and
# memory. KIND is nested, or the mode of the guest's second-stage tables: scalable or legacy, with
# _type1 for VFIO's type 1 in place of iommufd. Calls are counted with QEMU's trace, and times are taken
# without.

# shellcheck source-path=SCRIPTDIR source=vtd_vmm.sh
. /vmm/vmm.sh

# trace GUEST on|off: QEMU's trace
trace() {
	for events in 'iommufd_*' vfio_iommu_map_notify; do
		echo "trace-event $events $2" 1<>"/tmp/$1/monitor.in"
	done
	sleep 1
}

# runs GUEST PROGRAM...: until it has ended; its results are in the variable results.
runs() {
	guest=$1
	ask "$@"
	results=$(outcome "$guest") || { echo "$results" >&2; exit 1; }
	results=$(echo "$results" | sed -n 's/^load //p')
}

# numbers NAME=NUMBER...: more of a row
numbers() {
	for number; do
		printf ', "%s": %d' "${number%=*}" "${number#*=}"
	done
}

# mappings GUEST MAP|UNMAP: how often QEMU told the host so.
mappings() {
	case $1,$2 in
	*_type1,*) traced "$1" "vfio_iommu_map_notify .* $2 @" ;;
	*,MAP) calls "$1" map_dma ;;
	*,UNMAP) calls "$1" unmap_dma ;;
	esac
}

# count_from_here GUEST
count_from_here() {
	mark "$1"
	doorbells=$(cat "$unit/doorbells")
}

# row GUEST WHAT: what it has cost since
row() {
	printf '%s\n  {"section": "guest", "kind": "%s", "what": "%s"' "$comma" "$1" "$2"
	numbers "doorbells=$(($(cat "$unit/doorbells") - doorbells))" \
		"tables=$(calls "$1" 'alloc_hwpt .*hwpt_type=1 .*\(0\)$')" \
		"invalidate=$(calls "$1" 'invalidate_cache .*\(0\)$')" \
		"map=$(mappings "$1" MAP)" "unmap=$(mappings "$1" UNMAP)"
	comma=,
}

# counted GUEST WHAT PROGRAM...: its calls
counted() {
	guest=$1 what=$2
	shift 2
	count_from_here "$guest"
	runs "$guest" "$@"
	row "$guest" "$what"
}

# measured GUEST WHAT PROGRAM...: its calls, then its time
measured() {
	counted "$@"
	shift 2
	trace "$guest" off
	runs "$guest" "$@"
	trace "$guest" on
	# shellcheck disable=SC2086 # several words
	numbers $results
	echo '}'
}

# memory GUEST: pinned while it has 4096 pages mapped
memory() {
	say "$1" "/bin/vtd_load hold 4096; echo @@ exit \$?"
	await "$1" '^load held' >&2 || exit 1
	printf ',\n  {"section": "memory", "kind": "%s"' "$1"
	numbers "pinned_kib=$(awk '/^Vm(Lck|Pin):/ { sum += $2 } END { print sum }' \
		"/proc/$(cat "/tmp/$1/pid")/status")"
	echo '}'
	echo 1<>"/tmp/$1/in"
	outcome "$1" >/dev/null || exit 1
}

# loads GUEST: all that is measured of it
loads() {
	booted "$1" >&2 || exit 1
	row "$1" "boots"
	echo '}'
	runs "$1" vtd_load page 1
	counted "$1" "opens the device, maps a page, unmaps it" vtd_load page 1
	echo '}'
	measured "$1" "64 times maps a page, reads it, unmaps it" vtd_load page 64
	measured "$1" "maps 1024 scattered pages, reads, unmaps" vtd_load many 1024
	counted "$1" "DMA goes on, 16 pages change 32 times" vtd_load stream 16
	# shellcheck disable=SC2086 # several words
	numbers $results
	echo '}'
	counted "$1" "10 times pass-through and back" /tests/vtd_group -t back_and_forth
	echo '}'
	memory "$1"
	power_off "$1" >&2 || exit 1
}

# The clock of a guest is that of its host.
clock=$(grep -oE 'tsc(_early_khz)?=[^ ]*' /proc/cmdline | tr '\n' ' ')
kinds=$* comma=""
# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
printf '{"rows": ['
for kind in $kinds; do
	case $kind in
	nested) viommu=scalable-mode=on,fsts=on ;;
	scalable*) viommu=scalable-mode=on ;;
	legacy*) viommu=scalable-mode=off ;;
	esac
	case $kind in
	*_type1) through=type1 ;;
	*) through=iommufd ;;
	esac
	doorbells=$(cat "$unit/doorbells")
	start "$kind" "$clock" "$1"
	loads "$kind"
done
printf '\n]}\n'
