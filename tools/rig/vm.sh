#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: vm.sh [-n] [-s] [-l] [-t SECONDS] [-k 'KERNEL OPTIONS'] [-q 'QEMU OPTIONS'] [-i INITRAMFS]
#	[-m MEMORY] [-e QEMU] NAME VARIANT WHAT...
# Boots the kernel VARIANT (see kernel.sh) in QEMU and has its init do WHAT (see init). The
# output of WHAT goes to stdout and to build/log/NAME.out, the kernel's log to
# build/log/NAME.log. The exit status is that of WHAT; 124 is a VM that said nothing for SECONDS,
# 125 one that ended before WHAT did. With -n the simulated unit is not asked for, and with -s
# devices whose interrupts are not isolated stay safe; -e is for another QEMU than the machine's own.
# With -l a debug kernel looks after the lives of objects and memory, too, at a third of the speed.
#
# No limit is on the time that a VM takes, as that depends on what else the machine does. One that
# goes on saying things without end is stopped after four hours.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

seconds=600 kernel_options="" qemu_options="" vtdsim=vtdsim=on unsafe=1
initramfs=$BUILD/initramfs.cpio.gz memory="" emulator=qemu-system-x86_64
lives="kmemleak=off no_debug_objects"
while getopts nslt:k:q:i:m:e: option; do
	case $option in
	n) vtdsim="" ;;
	s) unsafe="" ;;
	l) lives="page_poison=1 slab_debug=FZ VTD_LEAKS=1" ;;
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

ceiling=14400
out=$LOGS/$name.out
klog=$LOGS/$name.log
pidfile=$LOGS/$name.pid
verdict=$LOGS/$name.limit
if [ -z "$memory" ]; then
	memory=2G
	case $variant in
	debug | coverage) memory=3G ;;
	esac
fi
append="console=ttyS0 panic=-1"
case $variant in
debug | coverage) append+=" $lives" ;;
esac
# The machine does not remap interrupts, and without that iommufd and VFIO's type 1 refuse a device
# unless told otherwise. It concerns nothing but this VM.
[ -z "$unsafe" ] ||
	append+=" iommufd.allow_unsafe_interrupts=1 vfio_iommu_type1.allow_unsafe_interrupts=1"
# Under emulation on a busy machine a timer may come late enough for the kernel to take it for
# broken, and a CPU may get no time for long enough to be taken for stuck.
append+=" no_timer_check rcupdate.rcu_cpu_stall_timeout=300"
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
# Linux 6.12 forgets and finds the boot CPU's features again while interrupts are on. For the moment
# between, a kernel on a CPU with LA57 takes its tables of five levels for tables of four.
# shellcheck disable=SC2206 # options are words
qemu=(
	"$emulator" -accel "$accel" -machine q35 -cpu "max,-la57" -smp "$cpus" -m "$memory"
	-nodefaults -no-user-config -no-reboot -display none
	-kernel "$BUILD/obj-$variant/arch/x86/boot/bzImage" -initrd "$initramfs"
	-append "$append" -serial "file:$klog" $qemu_options
)

# The second serial port is the caller's.
if [ "$1" = shell ]; then
	rm -f "$klog"
	exec "${qemu[@]}" -serial mon:stdio
fi

# QEMU that counts instructions may miss that its CPU has nothing to do any more, and then waits for ever
# instead of going on to the next timer. A signal that it has no use for has it look again.
wake_if_counting() {
	[ "$ACCEL" != icount ] || kill -ALRM "$(cat "$pidfile")" || true
}

# Counts seconds in which this process ran itself: a machine that has stopped has stopped this, too.
end_when_silent() {
	local silent=0 total=0 size last=""
	while sleep 1; do
		size=$(stat -c %s "$out" "$klog" 2>/dev/null) || true
		silent=$((silent + 1)) total=$((total + 1))
		[ "$size" = "$last" ] || silent=0
		last=$size
		[ $((silent % 10)) -ne 9 ] || wake_if_counting
		if [ "$silent" -ge "$seconds" ]; then
			echo "$name: said nothing for $seconds s" >"$verdict"
		elif [ "$total" -ge "$ceiling" ]; then
			echo "$name: no end after $ceiling s" >"$verdict"
		else
			continue
		fi
		kill "$(cat "$pidfile")"
		sleep 5
		kill -KILL "$(cat "$pidfile")"
		return
	done
}

# In the foreground, or Ctrl-C would not reach QEMU.
boot() {
	local watcher
	rm -f "$out" "$pidfile" "$verdict"
	: >"$klog"
	end_when_silent >/dev/null 2>&1 &
	watcher=$!
	"${qemu[@]}" -pidfile "$pidfile" -serial stdio </dev/null 2>"$LOGS/$name.qemu" |
		tee "$out" | sed -un '/^@@ start$/,/^@@ end /{/^@@ start$/d; /^@@ end /d; p}' || true
	kill "$watcher" 2>/dev/null || true
	if [ -e "$verdict" ]; then
		cat "$verdict" >&2
		exit 124
	fi
}

# Did the emulator give up on its own: before any test had begun, with nothing to report?
emulator_failed() {
	! grep -q '^@@ start' "$out" && ! grep -q 'KTAP version' "$klog" && "$RIG/ktap.py" quiet "$klog"
}

boot
if emulator_failed; then
	say RETRY "$name: the VM ended before init and without a report; once more. Its last words:" >&2
	tail -n 5 "$LOGS/$name.qemu" "$klog" >&2
	boot
fi

status=$(sed -n 's/^@@ end //p' "$out" | tail -n 1)
[ -n "$status" ] || {
	echo "$name: the VM ended before its work did; its last words:" >&2
	tail -n 15 "$LOGS/$name.qemu" "$klog" >&2
	exit 125
}
exit "$status"
