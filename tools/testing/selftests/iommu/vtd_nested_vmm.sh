#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Nested translation with a real VMM: guests in QEMU, which has endpoints of vtdsim assigned to
# it and a VT-d unit of its own for the guest. The guest's kernel writes the first-stage tables,
# QEMU hands them to this kernel, and the guest's test program (vtd_type1) checks every byte.
#
# It runs in a VM whose initramfs has QEMU in /usr and the guest in /vmm (tools/build/vmm.sh).
# QEMU's trace says which calls it made. One guest is enough with the base's own nesting, which is
# there to compare, and with the profile gnr, which has no erratum.

PATH=/bin:/usr/bin
unit=/sys/kernel/debug/vtdsim
counters="doorbells descriptors waits requests walks"
n=0 failed=0

# result CODE NAME: one line of the report.
result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
	else
		failed=1
		echo "not ok $n $2"
	fi
	return "$1"
}

# Binds all endpoints to vfio-pci and prints their addresses.
endpoints() {
	for dev in /sys/bus/pci/devices/*; do
		[ "$(cat "$dev/vendor" "$dev/device" | tr '\n' ' ')" = "0x1234 0x7d51 " ] || continue
		echo vfio-pci >"$dev/driver_override"
		[ -e "$dev/driver" ] || echo "${dev##*/}" >/sys/bus/pci/drivers_probe
		echo "${dev##*/}"
	done
}

# start GUEST OPTIONS ENDPOINT...: a guest with a kernel option and endpoints, which executes what
# say sends.
start() {
	dir=/tmp/$1 options=$2
	shift 2
	mkdir "$dir"
	mkfifo "$dir/in"
	: >"$dir/out"
	for endpoint; do
		set -- "$@" -device "vfio-pci,host=$endpoint,iommufd=iommufd0"
		shift
	done
	qemu-system-x86_64 -accel kvm -accel tcg -machine q35,kernel-irqchip=split -cpu max \
		-m 256M -nodefaults -no-user-config -display none \
		-device intel-iommu,scalable-mode=on,fsts=on,caching-mode=on \
		-object iommufd,id=iommufd0 "$@" \
		-trace 'iommufd_backend_*' -D "$dir/trace" \
		-kernel /vmm/bzImage -initrd /vmm/initramfs.cpio.gz \
		-append "console=ttyS0 loglevel=5 panic=-1 no_timer_check intel_iommu=on,sm_on $options \
			vfio_iommu_type1.allow_unsafe_interrupts=1 -- commands" \
		-serial "file:$dir/kernel" -serial stdio 0<>"$dir/in" >"$dir/out" 2>"$dir/stderr" &
	echo $! >"$dir/pid"
}

# say GUEST COMMAND...
say() {
	dir=/tmp/$1
	shift
	echo "$*" 1<>"$dir/in"
}

# alive GUEST
alive() {
	case $(cat "/proc/$(cat "/tmp/$1/pid")/stat" 2>/dev/null) in
	"" | *") Z "*) return 1 ;;
	esac
}

# await GUEST COUNT REGEX: until the guest has said so many matching lines.
await() {
	dir=/tmp/$1
	end=$(($(date +%s) + 600))
	until [ "$(grep -cE "$3" "$dir/out")" -ge "$2" ]; do
		if ! alive "$1"; then
			echo "# $1: QEMU has ended"
		elif [ "$(date +%s)" -ge "$end" ]; then
			echo "# $1: no line $3 from the guest"
		else
			sleep 1
			continue
		fi
		for log in stderr kernel out; do
			grep -v 'PCI BAR' "$dir/$log" | tail -n 20 | sed "s/^/# $1: $log: /"
		done
		return 1
	done
}

# boots GUEST COUNT NAME
boots() {
	await "$1" "$2" '^@@ start'
	result $? "$3"
}

# From here on calls and the unit's work count.
count_from_here() {
	for guest; do
		wc -l <"/tmp/$guest/trace" >"/tmp/$guest/traced"
		wc -l <"/tmp/$guest/out" >"/tmp/$guest/before"
	done
	for counter in $counters; do
		cp "$unit/$counter" /tmp/
	done
}

# tests GUEST NAME: what came out of the tests that the guest was told to run.
tests() {
	await "$1" "$3" '^@@ exit'
	dir=/tmp/$1
	echo "    # Subtest: $2"
	tail -n "+$(($(cat "$dir/before") + 1))" "$dir/out" | sed '/^@@/d; /^TAP/d; s/^/    /'
	code=$(tail -n "+$(($(cat "$dir/before") + 1))" "$dir/out" | sed -n 's/^@@ exit //p')
	result "${code:-1}" "$2"
}

# calls GUEST REGEX: how many calls QEMU made.
calls() {
	tail -n "+$(($(cat "/tmp/$1/traced") + 1))" "/tmp/$1/trace" | grep -cE "^iommufd_backend_$2"
}

# nested GUEST NAME: did every change of the guest's tables go through nesting, none by shadowing?
nested() {
	s1=$(calls "$1" 'alloc_hwpt .*hwpt_type=1 .*\(0\)$')
	inv=$(calls "$1" 'invalidate_cache .*\(0\)$')
	refused=$(($(calls "$1" '(alloc_hwpt|invalidate_cache) ') - s1 - inv))
	mapped=$(calls "$1" 'map_dma .*\(0\)$')
	echo "# $1: $s1 VTD_S1 tables, $inv HWPT_INVALIDATE, $refused refused, $mapped mappings"
	[ "$s1" -gt 0 ] && [ "$inv" -gt 0 ] && [ "$refused" = 0 ] && [ "$mapped" = 0 ]
	result $? "$2"
}

unit_work() {
	for counter in $counters; do
		echo "# unit: $(($(cat "$unit/$counter") - $(cat "/tmp/$counter"))) $counter"
	done
}

# powers_off GUEST NAME
powers_off() {
	say "$1" end
	await "$1" "$3" '^@@ end' && wait "$(cat "/tmp/$1/pid")"
	result $? "$2"
}

logs_are_clean() {
	! grep -E "BUG: |WARNING: |Oops|Kernel panic|general protection|unable to handle|stall|lockup|\
possible .* locking|hung task|refcount_t|list_(add|del)" /tmp/*/kernel
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

# Prints the files below /dev that processes have open for nested translation.
open_files() {
	for fd in /proc/[0-9]*/fd/*; do
		readlink "$fd"
	done | grep -E '^/dev/(iommu|vfio)'
}

at_the_end() {
	read_only_memory
	logs_are_clean
	result $? guests_logs_are_clean
	! open_files
	result $? nothing_is_left_open
	[ "$(cat $unit/violations)" = 0 ]
	result $? no_rule_was_broken
	exit $failed
}

both="/tests/vtd_type1; echo @@ exit \$?"
one="/tests/vtd_type1 -T two_devices_share_mappings; echo @@ exit \$?"

echo "TAP version 13"
# shellcheck disable=SC2046 # one word for each
set -- $(endpoints)
if ! [ -e /vmm/bzImage ] || [ $# -lt 3 ]; then
	echo "1..0 # SKIP no guest in this initramfs, or no three endpoints"
	exit 4
fi

if grep -qE 'intel_iommu_nested=base|vtdsim=.*gnr' /proc/cmdline; then
	echo 1..8
	start alone "" "$1"
	boots alone 1 guest_boots
	count_from_here alone
	say alone "$one"
	tests alone guest_tests 1
	nested alone guest_was_nested
	unit_work
	powers_off alone guest_powers_off 1
	at_the_end
fi

echo 1..19
start left "" "$1"
start right "" "$2"
boots left 1 guest_boots
boots right 1 guest_beside_it_boots
count_from_here left right
say left "$one"
say right "$one"
tests left guest_tests 1
tests right guest_beside_it_tests 1
nested left guest_was_nested
nested right guest_beside_it_was_nested
unit_work

# One reboots. The other ends whatever the endpoint is doing, which then gets another guest, where
# devices are passed through until vfio-pci has them.
say left reboot -f
say right "echo @@ again; while :; do /tests/vtd_type1; done"
await right 1 '^@@ again' && sleep 3 && alive right && kill -9 "$(cat /tmp/right/pid)"
result $? guest_killed_in_the_middle
wait "$(cat /tmp/right/pid)"
start both iommu=pt "$2" "$3"

boots left 2 guest_boots_again
boots both 1 guest_with_two_endpoints_boots
count_from_here left both
say left "$one"
say both "$both"
tests left rebooted_guest_tests 2
tests both two_endpoints_tests 1
nested left rebooted_guest_was_nested
nested both two_endpoints_were_nested
unit_work
powers_off left rebooted_guest_powers_off 1
powers_off both guest_with_two_endpoints_powers_off 1
at_the_end
