# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # unit is of vtd_vmm.sh
# The report of a test with guests in QEMU: what a guest was to do, and how it went. Sourced after
# vtd_vmm.sh.

# shellcheck source-path=SCRIPTDIR source=vtd_report.sh
. /tests/vtd_report.sh

# boots GUEST NAME
boots() {
	booted "$1"
	result $? "$2"
}

# tests GUEST NAME: what came out of the tests that the guest was asked for.
tests() {
	echo "    # Subtest: $2"
	outcome "$1" >"/tmp/$1/report"
	status=$?
	sed '/^TAP/d; s/^/    /' "/tmp/$1/report"
	result $status "$2"
}

# powers_off GUEST NAME
powers_off() {
	power_off "$1"
	result $? "$2"
}

logs_are_clean() {
	! grep -E "BUG: |WARNING: |Oops|Kernel panic|general protection|unable to handle|stall|lockup|\
possible .* locking|hung task|refcount_t|list_(add|del)" /tmp/*/kernel
}

# Prints the files below /dev that processes have open for nested translation, the unit's nested
# translations, and this project's stage-1 domains.
leftovers() {
	for fd in /proc/[0-9]*/fd/*; do
		readlink "$fd"
	done | grep -E '^/dev/(iommu|vfio)'
	grep nested "$unit/tables"
	vtdctl domain 2>/dev/null | tail -n +2
}

# The last three rows
end_of_rows() {
	logs_are_clean
	result $? guests_logs_are_clean
	left=$(leftovers)
	[ -z "$left" ] || echo "# left: $left"
	[ -z "$left" ]
	result $? nothing_is_left
	[ "$(cat "$unit/violations")" = 0 ]
	result $? no_rule_was_broken
	exit $failed
}
