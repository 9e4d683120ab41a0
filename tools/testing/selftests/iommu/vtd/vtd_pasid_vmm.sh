#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# PASIDs of a guest with a real VMM: the guest's /dev/iommu attaches page tables to PASIDs of its
# endpoint, QEMU's unit (pasid-bits) hands these first-stage tables to this kernel, and the
# endpoint does DMA with them. Both kernels have to attach PASIDs for user space.

# shellcheck source-path=SCRIPTDIR source=vtd_vmm.sh
. /vmm/vmm.sh
# shellcheck source-path=SCRIPTDIR source=vtd_vmm_rows.sh
. /vmm/rows.sh

viommu=scalable-mode=on,fsts=on,pasid-bits=20

# What the guest's test uses most, as QEMU's trace writes it: PASID_A of nested_pasid.h
told='vtd_inv_desc_pasid_cache_psi .* pasid 0x17$'
attached='iommufd_cdev_pasid_attach_ioas_hwpt .* pasid 23 to id='
detached='iommufd_cdev_pasid_detach_ioas_hwpt .* pasid 23$'

# Did the tables of all three tests get to the PASID, and none by shadowing?
were_nested() {
	[ "$(traced "$1" "$attached")" -ge 3 ] && [ "$(traced "$1" "$detached")" -ge 3 ] &&
		[ "$(calls "$1" 'invalidate_cache .*\(0\)$')" -gt 0 ] &&
		[ "$(calls "$1" 'map_dma .*\(0\)$')" = 0 ]
}

# Was QEMU told of the PASID by the guest's invalidations, and did not even try to attach it?
was_left_out() {
	[ "$(traced "$1" "$told")" -gt 0 ] && [ "$(traced "$1" "$attached")" = 0 ] &&
		! grep -qi attach "/tmp/$1/stderr"
}

# attaches GUEST VARIANT NAME: what came out of the tests of PASIDs. QEMU may look at them only
# while requests without PASID have a page table (variant "beside"); that is the fault of neither
# kernel.
attaches() {
	ask "$1" "/tests/vtd_pasid -v $2"
	outcome "$1" >"/tmp/$1/report"
	status=$?
	seen="invalidations of PASID 0x17: $(traced "$1" "$told"), attached:"
	seen="$seen $(traced "$1" "$attached"), detached: $(traced "$1" "$detached")"
	echo "# $1: $seen"
	if [ $status != 0 ] && [ "$2" = alone ] && was_left_out "$1"; then
		skip="# SKIP QEMU is told of a PASID and does not attach it: $seen"
		sed 's/^/# /' "/tmp/$1/report"
		result 0 "$3 $skip"
		result 0 "$3_were_nested $skip"
		return
	fi
	echo "    # Subtest: $3"
	sed '/^TAP/d; s/^/    /' "/tmp/$1/report"
	result $status "$3"
	were_nested "$1"
	result $? "$3_were_nested"
}

echo "TAP version 13"
# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
if ! [ -e /vmm/bzImage ] || [ $# -lt 1 ]; then
	echo "1..0 # SKIP no guest in this initramfs, or no endpoint"
	exit 4
fi

echo 1..9
start guest "" "$1"
boots guest guest_boots
attaches guest beside pasids_beside_requests_without
attaches guest alone pasids_alone
powers_off guest guest_powers_off
end_of_rows
