#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: vm.sh [-n] [-t SECONDS] [-k 'KERNEL OPTIONS'] [-q 'QEMU OPTIONS'] [-i INITRAMFS]
#	[-m MEMORY] [-e QEMU] NAME VARIANT WHAT...
# Boots the kernel VARIANT (see kernel.sh) in QEMU and has its init do WHAT (see init). The
# output of WHAT goes to stdout and to build/log/NAME.out, the kernel's log to
# build/log/NAME.log. The exit status is that of WHAT; 124 is a time-out, 125 a VM that ended
# before WHAT did. With -n the simulated unit is not asked for; -e is for
# another QEMU than the machine's own.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

seconds=600 kernel_options="" qemu_options="" vtdsim=vtdsim=on
initramfs=$BUILD/initramfs.cpio.gz memory="" emulator=qemu-system-x86_64
while getopts nt:k:q:i:m:e: option; do
	case $option in
	n) vtdsim="" ;;
	t) seconds=$OPTARG ;;
	k) kernel_options=$OPTARG ;;
	q) qemu_options=$OPTARG ;;
	i) initramfs=$OPTARG ;;
	m) memory=$OPTARG ;;
	e) emulator=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
name=$1 variant=$2
shift 2

out=$LOGS/$name.out
klog=$LOGS/$name.log
if [ -z "$memory" ]; then
	memory=2G
	[ "$variant" != debug ] || memory=3G
fi
# The simulated unit does not remap interrupts, and without that iommufd and VFIO's type 1 refuse
# a device unless told otherwise. It concerns nothing but this VM.
append="console=ttyS0 panic=-1 iommufd.allow_unsafe_interrupts=1"
append+=" vfio_iommu_type1.allow_unsafe_interrupts=1"
# Under emulation on a busy machine a timer may come late enough for the kernel to take it for
# broken, and a CPU may get no time for long enough to be taken for stuck.
append+=" no_timer_check rcupdate.rcu_cpu_stall_timeout=120"
# Of several vtdsim= the first counts: that of the caller, if there is one.
append+=" $kernel_options $vtdsim -- $*"

# /dev/kvm may be there and still not run a stock kernel, so it has to show that it does.
accelerator() {
	case $ACCEL in
	tcg) echo tcg,thread=multi ;;
	kvm)
		if [ -w /dev/kvm ] && ACCEL=kvm-unproven "$0" -t 30 kvm-probe "$variant" boot >/dev/null 2>&1; then
			echo kvm
		else
			echo "ACCEL=kvm: /dev/kvm does not boot this kernel here; going on with tcg" >&2
			echo tcg,thread=multi
		fi
		;;
	kvm-unproven) echo kvm ;;
	icount) echo tcg,thread=single ;;
	*) die "ACCEL is tcg, kvm or icount, not $ACCEL" ;;
	esac
}

accel=$(accelerator)
cpus=2
# Time that instructions make: one is a nanosecond, and every run is the same as the one before.
if [ "$ACCEL" = icount ]; then
	cpus=1
	qemu_options="-icount shift=0,sleep=off -rtc clock=vm,base=2020-01-01 $qemu_options"
fi
rm -f "$out" "$klog"
# shellcheck disable=SC2206 # options are words
qemu=(
	"$emulator" -accel "$accel" -machine q35 -cpu max -smp "$cpus" -m "$memory"
	-nodefaults -no-user-config -no-reboot -display none
	-kernel "$BUILD/obj-$variant/arch/x86/boot/bzImage" -initrd "$initramfs"
	-append "$append" -serial "file:$klog" $qemu_options
)

# The second serial port is the caller's.
if [ "$1" = shell ]; then
	exec "${qemu[@]}" -serial mon:stdio
fi

# In the foreground, or Ctrl-C would not reach QEMU.
timeout --foreground -k 5 "$seconds" "${qemu[@]}" -serial stdio </dev/null 2>"$LOGS/$name.qemu" |
	tee "$out" | sed -un '/^@@ start$/,/^@@ end /{/^@@ start$/d; /^@@ end /d; p}' ||
	[ $? != 124 ] || { echo "$name: no end after $seconds s" >&2; exit 124; }

status=$(sed -n 's/^@@ end //p' "$out" | tail -n 1)
[ -n "$status" ] || {
	echo "$name: the VM ended before its work did; its last words:" >&2
	tail -n 15 "$LOGS/$name.qemu" "$klog" >&2
	exit 125
}
exit "$status"
