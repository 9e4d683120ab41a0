#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The tracepoints of nested translation, by tracefs, as Documentation/admin-guide/iommu-vtd-tracing.rst
# uses them, while other tests run. Skips without the simulated unit, or in a kernel without tracing.

tests=$(dirname "$0")
trace=/sys/kernel/tracing
events=$trace/events/intel_nested
# shellcheck source-path=SCRIPTDIR source=vtd_report.sh
. "$tests/vtd_report.sh"

# traced EVENT COMMAND...: what an event says while a command runs, in /tmp/trace.
traced() {
	event=$1
	shift
	echo >$trace/trace
	echo 1 >"$events/$event/enable"
	"$@" >/tmp/out 2>&1
	code=$?
	echo 0 >"$events/$event/enable"
	grep "$event: " $trace/trace >/tmp/trace
	return $code
}

# all REGEX: there are lines in the trace, and each matches.
all() {
	[ -s /tmp/trace ] && ! grep -vE "$1" /tmp/trace | sed 's/^/# /' | grep .
}

domains_are_allocated() {
	traced vtd_s1_alloc "$tests/vtd_nested_attach" -t new_objects_after_old &&
		all 'vtd_s1_alloc: 1000:.* domain=[1-9][0-9]* parent=[1-9][0-9]* root=0x[0-9a-f]+ width=(48|57) flags='
}

# In place nothing is blocked; a domain on another parent is put in by breaking the entry before.
attachments_tell_how_long() {
	traced vtd_s1_attach "$tests/vtd_nested_attach" -t replace_s1_by_s1 -t replace_parent &&
		all 'pasid=0 from=[0-9]+ to=[1-9][0-9]* plan=(publish|in-place|break) hitless=[01] blocked_ns=' ||
		return 1
	grep -q 'from=[1-9].*plan=in-place hitless=1 blocked_ns=0$' /tmp/trace &&
		grep -q 'from=[1-9].*plan=break hitless=0 blocked_ns=[1-9]' /tmp/trace &&
		grep -q 'from=0 .*plan=publish hitless=0 blocked_ns=[1-9]' /tmp/trace
}

# The filter of the second recipe.
only_what_blocked() {
	echo 'hitless == 0' >$events/vtd_s1_attach/filter
	traced vtd_s1_attach "$tests/vtd_nested_attach" -t replace_s1_by_s1 -t replace_parent
	code=$?
	echo 0 >$events/vtd_s1_attach/filter
	[ $code = 0 ] && all 'plan=(publish|break) hitless=0 blocked_ns=[1-9]'
}

invalidations_tell_what_they_cost() {
	traced vtd_s1_invalidate "$tests/vtd_nested_invalidate" -t one_page_and_no_other -t everything &&
		all 'domain=[1-9][0-9]* requests=1 merged=1 descriptors=[12] batches=1 timeouts=0$'
}

# Arrays of many requests are merged, and those of a domain with nothing attached cost nothing.
invalidations_are_merged() {
	traced vtd_s1_invalidate "$tests/vtd_nested_random" &&
		sed -E 's/.*requests=([0-9]+) merged=([0-9]+) .*/\1 \2/' /tmp/trace |
			awk '{ more += $1 > $2; bad += $2 > $1 } END { exit !(more && !bad) }'
}

batches_tell_who_meets() {
	traced vtd_ring_batch "$tests/vtd_nested_invalidate" -t one_page_and_no_other &&
		all 'vtd_ring_batch: dmar[0-9]+ callers=[1-9][0-9]* slots=[0-9]+ free=[0-9]+$'
}

# As many as are counted, each with device and reason.
refusals_tell_why() {
	vtdctl --json unit | grep -q '"erratum": true' || {
		why="no unit has the erratum"
		return 4
	}
	before=$(vtdctl stats | sed -n 's/^refused:.* erratum \([0-9]*\).*/\1/p')
	traced vtd_refused "$tests/vtd_nested_erratum"
	after=$(vtdctl stats | sed -n 's/^refused:.* erratum \([0-9]*\).*/\1/p')
	[ "$after" -gt "$before" ] && all 'vtd_refused: 1000:[0-9a-f:.]+ reason=[a-z-]+$' &&
		[ "$(grep -c reason=erratum /tmp/trace)" = $((after - before)) ]
}

# The histogram of the third recipe.
histogram_names_who_floods() {
	[ -e $events/vtd_s1_invalidate/hist ] || {
		why="no histograms in this kernel"
		return 4
	}
	hist='hist:keys=domain,common_pid.execname:vals=requests,descriptors'
	echo "$hist" >$events/vtd_s1_invalidate/trigger || return 1
	"$tests/vtd_nested_invalidate" -t one_page_and_no_other >/dev/null 2>&1
	code=$?
	cat $events/vtd_s1_invalidate/hist >/tmp/hist
	echo "!$hist" >$events/vtd_s1_invalidate/trigger
	[ $code = 0 ] && grep -qE 'domain: +[1-9][0-9]*, common_pid: vtd_nested_inva.*requests: +[1-9]' /tmp/hist
}

[ -d /sys/kernel/debug/vtdsim ] || skip "no simulated unit (vtdsim=on)"
[ -d $trace/events ] || mount -t tracefs tracefs $trace 2>/dev/null
[ -d $events ] || skip "no tracepoints of nested translation in this kernel"

echo "TAP version 13"
echo "1..8"
domains_are_allocated
result $? domains_are_allocated
attachments_tell_how_long
result $? attachments_tell_how_long
only_what_blocked
result $? only_what_blocked
invalidations_tell_what_they_cost
result $? invalidations_tell_what_they_cost
invalidations_are_merged
result $? invalidations_are_merged
batches_tell_who_meets
result $? batches_tell_who_meets
refusals_tell_why
result $? refusals_tell_why
histogram_names_who_floods
result $? histogram_names_who_floods
exit $failed
