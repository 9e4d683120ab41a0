#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Shadowing with a real VMM: guests in QEMU whose VT-d unit has second-stage tables alone, of
# legacy and of scalable mode, and endpoints through iommufd and through VFIO's type 1. QEMU maps
# what the guests' tables map. The guests' programs check every byte, and that DMA goes on through
# flushes; QEMU's trace says that it was shadowing that carried it.
#
# With VTD_ALL=1 on the kernel's command line all four kinds of guests run, not just two. The other
# two boot with iommu=pt, so that their endpoints pass through until a driver has them. And all four
# have a guest of their own, whose VT-d unit they emulate (vtd_vunit): what its tables map they map by
# iommufd, and what they map QEMU maps.

# shellcheck source-path=SCRIPTDIR source=vtd_vmm.sh
. /vmm/vmm.sh
# shellcheck source-path=SCRIPTDIR source=vtd_vmm_rows.sh
. /vmm/rows.sh

# second_stage GUEST MODE THROUGH OPTIONS ENDPOINT...: starts a guest without a first stage.
second_stage() {
	guest=$1 through=$3 boot=$4
	[ "$2" = scalable ] && viommu=scalable-mode=on || viommu=scalable-mode=off
	shift 4
	start "$guest" "$boot" "$@"
}

# shadowed GUEST LEAST NAME: did QEMU map page by page, at least LEAST times, and use no nesting?
# Through type 1 its calls go elsewhere than to /dev/iommu; what it is told of the guest's tables is
# the same.
shadowed() {
	maps=$(traced "$1" 'vfio_iommu_map_notify .* MAP @')
	unmaps=$(traced "$1" 'vfio_iommu_map_notify .* UNMAP @')
	nested=$(calls "$1" '(alloc_hwpt .*hwpt_type=1|invalidate_cache) ')
	echo "# $1: $maps mapped, $unmaps unmapped, $nested calls of nesting"
	[ "$maps" -ge "$2" ] && [ "$unmaps" -ge "$2" ] && [ "$nested" = 0 ]
	status=$?
	read -r endpoints <"/tmp/$1/endpoints"
	for endpoint in $endpoints; do
		now=$(translation "$endpoint")
		[ "$now" = second-stage ] || { echo "# $1: $endpoint: $now"; status=1; }
	done
	result $status "$3"
}

# vmm_rows GUEST...: each of these guests is a VMM, too.
vmm_rows() {
	for guest; do
		ask "$guest" /tests/vtd_vunit
	done
	for guest; do
		tests "$guest" "${guest}_has_a_guest"
		shadowed "$guest" 100 "${guest}_with_its_guest_was_shadowed"
	done
}

# rows GUEST...: what each of these guests, which have been started, is to do.
rows() {
	for guest; do
		boots "$guest" "${guest}_boots"
	done
	for guest; do
		ask "$guest" /tests/vtd_type1
	done
	for guest; do
		tests "$guest" "${guest}_tests"
		shadowed "$guest" 100 "${guest}_was_shadowed"
	done
	for guest; do
		ask "$guest" /tests/vtd_group -f group -f beside
	done
	for guest; do
		tests "$guest" "${guest}_switches_to_pass_through_and_back"
		shadowed "$guest" 0 "${guest}_switches_were_shadowed"
	done
	[ "${VTD_ALL:-0}" = 0 ] || vmm_rows "$@"
	for guest; do
		powers_off "$guest" "${guest}_powers_off"
	done
}

echo "TAP version 13"
# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
if ! [ -e /vmm/bzImage ] || [ $# -lt 3 ]; then
	echo "1..0 # SKIP no guest in this initramfs, or no three endpoints"
	exit 4
fi

[ "${VTD_ALL:-0}" = 1 ] && echo 1..35 || echo 1..15
second_stage legacy legacy iommufd "" "$1" "$2"
second_stage scalable_type1 scalable type1 "" "$3"
rows legacy scalable_type1
if [ "${VTD_ALL:-0}" = 1 ]; then
	second_stage legacy_type1_pt legacy type1 iommu=pt "$3"
	second_stage scalable_pt scalable iommufd iommu=pt "$1" "$2"
	rows scalable_pt legacy_type1_pt
fi
end_of_rows
