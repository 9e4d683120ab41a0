#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's driver for I/OAT and dmatest move data with a simulated device, through the DMA API.
# Needs vtdsim=on,endpoint=ioat and iommu.strict=1: with lazy flushing, memory may be reused while
# the unit still has its translation, which the rule checker reports.

unit=/sys/kernel/debug/vtdsim
dmatest=/sys/module/dmatest/parameters
# shellcheck source-path=SCRIPTDIR source=vtd_report.sh
. "$(dirname "$0")/vtd_report.sh"

# devices: simulated PCI functions that the driver has taken.
devices() {
	for device in /sys/bus/pci/drivers/ioatdma/1000:*; do
		[ ! -e "$device" ] || echo "$device"
	done
}

# copies PARAMETER=VALUE...: has dmatest copy on all channels, and checks what it says of each thread.
# It compares every byte, those around the copy too.
copies() {
	dmesg -c >/dev/null
	echo 1 >$dmatest/nobounce
	for setting; do
		echo "${setting#*=}" >"$dmatest/${setting%%=*}"
	done
	echo "" >$dmatest/channel
	echo 1 >$dmatest/run
	threads=$((channels * $(cat $dmatest/threads_per_chan)))
	# dmatest does not wait for threads that have not had a CPU yet.
	while cat $dmatest/wait >/dev/null && [ "$(dmesg | grep -c 'dmatest: .*summary ')" -lt $threads ]; do
		sleep 0.1
	done
	dmesg | sed -n 's/^.*dmatest: \(.*summary.*\)/# \1/p'
	said=$(dmesg | grep -c 'dmatest: .*summary .* 0 failures')
	wrong=$(dmesg | grep -cE 'dmatest: .*(summary .* [1-9][0-9]* failures|mismatch|not copied|overwritten)')
	[ "$said" = $threads ] && [ "$wrong" = 0 ]
}

# count COUNTER
count() {
	cat "$unit/$1"
}

echo "TAP version 13"
[ -d $unit ] || skip "no simulated unit"
[ -d $dmatest ] || skip "no dmatest in this kernel"
[ -n "$(devices)" ] || skip "no simulated ioat device"
grep -q iommu.strict=1 /proc/cmdline || skip "needs iommu.strict=1"
channels=$(devices | wc -l)
# The simulated device is a thread, which on a busy machine may have to wait for a CPU.
echo 60000 >/sys/module/ioatdma/parameters/completion_timeout

echo 1..6
violations=$(count violations)
faults=$(count faults)
requests=$(count requests)

copies iterations=20 threads_per_chan=1 test_buf_size=16384 timeout=30000
result $? copies_within_pages
copies iterations=4 threads_per_chan=1 test_buf_size=1048576
result $? copies_of_many_pages
copies iterations=10 threads_per_chan=4 test_buf_size=16384
result $? several_threads
[ "$(count requests)" -gt $((requests + 100)) ]
result $? data_went_through_the_unit
[ "$(count faults)" = "$faults" ]
result $? nothing_was_blocked
[ "$(count violations)" = "$violations" ]
result $? no_rule_was_broken
exit $failed
