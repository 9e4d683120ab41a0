#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Nested translation with a real VMM: guests in QEMU, whose test programs check every byte that
# the endpoints move. Calls and the unit's tables say that it was nesting that carried it.
#
# One guest is enough with the base's own nesting, which is there to compare, and with the profile
# gnr, which has no erratum.

# shellcheck source-path=SCRIPTDIR source=vtd_vmm.sh
. /vmm/vmm.sh
# shellcheck source-path=SCRIPTDIR source=vtd_vmm_rows.sh
. /vmm/rows.sh

# Did every change of the guest's tables go through nesting, none by shadowing? The last one was to
# the guest's own domain.
was_nested() {
	s1=$(calls "$1" 'alloc_hwpt .*hwpt_type=1 .*\(0\)$')
	inv=$(calls "$1" 'invalidate_cache .*\(0\)$')
	refused=$(($(calls "$1" '(alloc_hwpt|invalidate_cache) ') - s1 - inv))
	mapped=$(calls "$1" 'map_dma .*\(0\)$')
	echo "# $1: $s1 VTD_S1 tables, $inv HWPT_INVALIDATE, $refused refused, $mapped mappings"
	[ "$s1" -gt 0 ] && [ "$inv" -gt 0 ] && [ "$refused" = 0 ] && [ "$mapped" = 0 ]
}

# nested GUEST TRANSLATION NAME
nested() {
	was_nested "$1"
	status=$?
	read -r endpoints <"/tmp/$1/endpoints"
	for endpoint in $endpoints; do
		now=$(translation "$endpoint")
		[ "$now" = "$2" ] || { echo "# $1: $endpoint: $now"; status=1; }
	done
	result $status "$3"
}

# With erratum 772415 (intel_iommu_nested=erratum; the base says so of every unit) the BIOS must not
# be in the nest parent. QEMU knows from IOMMU_GET_HW_INFO.
read_only_memory() {
	mapped=$(cat /tmp/*/trace | grep -cE '^iommufd_backend_map_dma .*readonly=1 \(0\)$')
	if grep -q "vtdsim=.*gnr" /proc/cmdline; then
		[ "$mapped" -gt 0 ]
		result $? read_only_memory_was_mapped
	else
		[ "$mapped" = 0 ]
		result $? read_only_memory_was_left_out
	fi
}

at_the_end() {
	read_only_memory
	end_of_rows
}

# With VFIO's type 1 a plain 6.12 drives a device behind a unit with first stage only; with iommufd
# it takes this project's kernel.
one="/tests/vtd_type1 -T two_devices_share_mappings"
both="/tests/vtd_type1"
iommufd="/tests/vtd_nested_profiles"
flat="/tests/vtd_nested_fsonly -t unmapped_is_gone -t read_only -t copied_mapping"
switched="/tests/vtd_group -T lent_and_back -f group"
lent="/tests/vtd_group -f group -f beside"

echo "TAP version 13"
# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
if ! [ -e /vmm/bzImage ] || [ $# -lt 3 ]; then
	echo "1..0 # SKIP no guest in this initramfs, or no three endpoints"
	exit 4
fi

if grep -qE 'intel_iommu_nested=base|vtdsim=.*gnr' /proc/cmdline; then
	echo 1..10
	start alone "" "$1"
	boots alone guest_boots
	ask alone "$one"
	tests alone guest_tests
	nested alone nested guest_was_nested
	ask alone "$switched"
	tests alone switch_to_pass_through_and_back
	nested alone nested switches_were_nested
	powers_off alone guest_powers_off
	at_the_end
fi

# The second guest has the base's driver.
echo 1..27
start left "" "$1"
start right intel_iommu_nested=base "$2"
boots left guest_boots
boots right guest_beside_it_boots
ask left "$one"
ask right "$one"
tests left guest_tests
tests right guest_beside_it_tests
nested left nested guest_was_nested
nested right nested guest_beside_it_was_nested

ask left "$switched"
tests left switch_to_pass_through_and_back
nested left nested switches_were_nested

# One reboots. The other ends whatever the endpoint is doing, which then gets another guest, where
# devices are passed through until vfio-pci has them.
say left reboot -f
say right "echo @@ again; while :; do /tests/vtd_type1; done"
await right '^@@ again' && await right '^ok ' && alive right && kill -9 "$(cat /tmp/right/pid)"
result $? guest_killed_in_the_middle
wait "$(cat /tmp/right/pid)"
start both iommu=pt "$2" "$3"

boots left guest_boots_again
boots both guest_with_two_endpoints_boots
ask left "$one"
ask both "$both"
tests left rebooted_guest_tests
tests both two_endpoints_tests
nested left nested rebooted_guest_was_nested
nested both second-stage two_endpoints_were_nested
ask both "$iommufd"
tests both guest_tests_with_iommufd
nested both second-stage iommufd_was_nested
ask both "$flat"
tests both guest_tests_of_first_stage_only
nested both second-stage first_stage_only_was_nested
ask both "$lent"
tests both endpoints_lent_and_given_back
nested both second-stage lending_was_nested
powers_off left rebooted_guest_powers_off
powers_off both guest_with_two_endpoints_powers_off
at_the_end
