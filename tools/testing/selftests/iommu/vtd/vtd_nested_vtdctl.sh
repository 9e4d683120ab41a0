#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# vtdctl and the netlink family vtd-nested: what they show agrees with sysfs and with what other
# tests do meanwhile, as a table and as JSON. Without the extension: how vtdctl says that there is
# nothing to show. Skips without vtdctl or the simulated unit.

tests=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=vtd_report.sh
. "$tests/vtd_report.sh"

# values KEY: the values of a key in JSON, one in a line.
values() {
	grep -o "\"$1\": \"*[^\",}]*" | sed 's/.*: "*//'
}

# rows KEY...: the values of these keys in JSON, as a table shows those of one object in a row.
rows() {
	cat >/tmp/rows
	columns=
	for key; do
		values "$key" </tmp/rows | sed 's/^true$/yes/; s/^false$/no/' >"/tmp/column-$key"
		columns="$columns /tmp/column-$key"
	done
	# shellcheck disable=SC2086 # names without blanks
	paste -d' ' $columns
}

# cells N: the first cells of each row of a table but the heading, with one blank between.
cells() {
	awk -v n="$1" 'NR > 1 { for (i = 1; i <= n; i++) printf "%s%s", $i, i < n ? " " : "\n" }'
}

# same FILE FILE: these have the same lines, and have any.
same() {
	[ -s "$1" ] && diff "$1" "$2" >/tmp/diff && return 0
	sed 's/^/# /' /tmp/diff
	return 1
}

# fails STATUS TEXT COMMAND...: it ends with this status, and says TEXT on standard error alone.
fails() {
	expected=$1 text=$2
	shift 2
	"$@" >/tmp/out 2>/tmp/err
	got=$?
	[ $got = "$expected" ] && [ ! -s /tmp/out ] && grep -q "$text" /tmp/err && return 0
	echo "# $*: exit status $got, not $expected"
	sed 's/^/# /' /tmp/out /tmp/err
	return 1
}

# of UNIT KEY: what vtdctl says of a unit.
of() {
	vtdctl --json unit | sed 's/}, {/\n/g' | grep "\"$1\"" | values "$2"
}

units_agree_with_sysfs() {
	units=0
	for dir in /sys/class/iommu/dmar*; do
		unit=${dir##*/}
		ids=$(cat "$dir/intel-iommu/domains_supported")
		[ "$(of "$unit" cap)" = "0x$(cat "$dir/intel-iommu/cap")" ] || return 1
		[ "$(of "$unit" ecap)" = "0x$(cat "$dir/intel-iommu/ecap")" ] || return 1
		[ "$(of "$unit" register-base)" = "0x$(cat "$dir/intel-iommu/address")" ] || return 1
		[ "$(of "$unit" domain-ids)" = "$ids" ] || return 1
		[ "$(of "$unit" domain-ids-used)" = "$(cat "$dir/intel-iommu/domains_used")" ] || return 1
		vtdctl decode cap "$(cat "$dir/intel-iommu/cap")" | grep -q " $ids domain ids" || return 1
		units=$((units + 1))
	done
	[ $units -gt 0 ] && [ "$(vtdctl --json unit | values name | wc -l)" = $units ]
}

unit_table_is_the_json() {
	vtdctl unit | cells 12 >/tmp/table
	vtdctl --json unit | rows name segment register-base cap ecap erratum domain-ids-used \
		domain-ids queue-free queue-slots queue-timeouts queue-errors >/tmp/json
	same /tmp/table /tmp/json
}

nothing_nests() {
	[ "$(vtdctl --json domain)" = "[]" ] && [ "$(vtdctl --json parent)" = "[]" ]
}

wrong_usage() {
	fails 2 "no such command: 'units'" vtdctl units &&
		fails 2 "one argument too many: 'dmar0'" vtdctl unit dmar0 &&
		fails 2 "one argument too many: 'all'" vtdctl monitor all &&
		fails 2 "not a number above 0: '0'" vtdctl --watch=0 stats &&
		fails 2 "not a number above 0: 'x'" vtdctl --count=x monitor
}

# as_nobody COMMAND: vtdctl without any capability. A bare initramfs has no users.
as_nobody() {
	if ! grep -q ^nobody: /etc/passwd 2>/dev/null; then
		mkdir -p /etc
		echo "nobody:x:65534:65534:nobody:/:/bin/false" >>/etc/passwd
	fi
	start-stop-daemon -S -q -c nobody -x "$(command -v vtdctl)" -- "$1"
}

denied_without_capability() {
	as_nobody unit >/dev/null || return 1
	for command in parent domain stats monitor; do
		fails 4 "permission denied.*CAP_NET_ADMIN" as_nobody $command || return 1
	done
}

# In a network namespace of one's own the family is not there.
absent_in_a_namespace() {
	[ -e /proc/self/ns/net ] || {
		why="no network namespaces in this kernel"
		return 4
	}
	fails 3 "no netlink family vtd-nested" unshare -n vtdctl unit
}

absent_without_the_extension() {
	for command in unit parent domain stats monitor; do
		fails 3 "no netlink family vtd-nested" vtdctl $command || return 1
		grep -q "intel_iommu_nested=base" /tmp/err || return 1
	done
	vtdctl decode fault-reason 0x71 >/dev/null
}

# until_listening PID: it is a member of a group of generic netlink (protocol 16). The lower 22 bits
# of a port's number are the process that libnl chose it for.
until_listening() {
	until awk -v pid="$1" '$2 == 16 && $3 % 4194304 == pid && $4 !~ /^0+$/ { found = 1 }
			       END { exit !found }' /proc/net/netlink; do
		kill -0 "$1" || return 1
		sleep 0.1
	done
}

# monitor FILE OPTION...: starts to write events to a file.
monitor() {
	file=$1
	shift
	vtdctl "$@" monitor >"$file" &
	monitor=$!
	monitors="$monitors $monitor"
	until_listening $monitor
}

# until_read PID: it has received all that was sent to it, and sleeps because nothing more comes.
until_read() {
	until awk -v pid="$1" '$2 == 16 && $3 % 4194304 == pid && $4 !~ /^0+$/ && $5 == 0 { found = 1 }
			       END { exit !found }' /proc/net/netlink &&
		grep -q '^State:.*sleeping' "/proc/$1/status"; do
		kill -0 "$1" || return 1
		sleep 0.1
	done
}

# What has been sent is written.
stop_monitors() {
	for monitor in $monitors; do
		until_read "$monitor"
		kill "$monitor"
		wait "$monitor" 2>/dev/null
	done
	monitors=
}

# Counts by kind are the same in both, as both listened to the same.
events_of_replaces() {
	monitor /tmp/replaces --json --replaces
	monitor /tmp/replaces-text --replaces
	monitor /tmp/errors --json
	"$tests/vtd_nested_attach" -t replace_s1_by_s1 -t replace_parent >/dev/null 2>&1 || return 1
	stop_monitors
	[ ! -s /tmp/errors ] || return 1
	grep -q '"replaced".*"device": "1000:.*"hitless": true' /tmp/replaces || return 1
	grep -q '"replaced".*"hitless": false' /tmp/replaces || return 1
	rows device from-domain to-domain </tmp/replaces >/tmp/json
	sed -nE 's/.* replaced: ([^ ]+) domain ([0-9]+) by ([0-9]+), (hitless|DMA faulted.*)$/\1 \2 \3/p' \
		/tmp/replaces-text >/tmp/table
	same /tmp/json /tmp/table
}

events_of_refusals() {
	vtdctl --json unit | grep -q '"erratum": true' || {
		why="no unit has the erratum"
		return 4
	}
	before=$(vtdctl --json stats | values erratum)
	monitor /tmp/refusals --json
	monitor /tmp/refusals-text
	"$tests/vtd_nested_erratum" -t map_refused -t s1_refused >/dev/null 2>&1
	stop_monitors
	after=$(vtdctl --json stats | values erratum)
	echo "# $((after - before)) refusals"
	[ "$after" -gt "$before" ] &&
		[ "$(grep -c '"reason": "erratum"' /tmp/refusals)" = $((after - before)) ] &&
		[ "$(grep -c 'refused: 1000:.*, reason: erratum$' /tmp/refusals-text)" = $((after - before)) ]
}

# One event for each overflow of the queue, and each has the unit.
events_of_lost_page_requests() {
	monitor /tmp/overflows --json
	"$tests/vtd_nested_overflow" >/tmp/overflow 2>&1
	code=$?
	stop_monitors
	[ $code = 4 ] && why="this unit has no page requests" && return 4
	[ $code = 0 ] && grep '"page-requests-lost"' /tmp/overflows | grep -q '"unit": "dmar'
}

# total KEY: a counter, of all units together.
total() {
	vtdctl --json unit | values "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# are N REGEX FILE: so many lines of a file match.
are() {
	[ "$(grep -cE "$2" "$3")" = "$1" ] && return 0
	echo "# not $1 lines of $3 are: $2"
	sed 's/^/# /' "$3"
	return 1
}

# One event for each invalidation that was given up.
events_of_silent_devices() {
	before=$(total queue-timeouts)
	monitor /tmp/silent --json
	monitor /tmp/silent-text
	"$tests/vtd_nested_device" -t silent_until_reset >/tmp/out 2>&1 || return 1
	stop_monitors
	silent=$(($(total queue-timeouts) - before))
	grep -q '# SKIP' /tmp/out && why="the endpoint cannot be reset" && return 4
	[ $silent -gt 0 ] || return 1
	are $silent '"device-silent".*"unit": "dmar[0-9]+", "device": "1000:.*"source-id": "0x[0-9a-f]+"' \
		/tmp/silent &&
		are $silent ' device-silent: dmar[0-9]+ source-id 0x[0-9a-f]+ 1000:[0-9a-f:.]+$' \
			/tmp/silent-text
}

# No system call leads to a descriptor that a unit refuses, so the kernel's own test has to make some.
events_of_queue_errors() {
	suite=/sys/kernel/debug/kunit/intel-nested-events
	[ -e $suite/run ] || {
		why="the kernel has no KUnit suite intel-nested-events, or it is off"
		return 4
	}
	before=$(total queue-errors)
	monitor /tmp/refused --json
	monitor /tmp/refused-text
	echo 1 >$suite/run
	stop_monitors
	refused=$(($(total queue-errors) - before))
	if [ $refused = 0 ] || grep -q 'not ok' $suite/results; then
		sed 's/^/# /' $suite/results
		return 1
	fi
	are $refused '"queue-error".*"unit": "dmar[0-9]+", "qw0": "0x[0-9a-f]+", "qw1": "0x[0-9a-f]+"' \
		/tmp/refused &&
		are $refused ' queue-error: dmar[0-9]+ qw0 = 0x[0-9a-f]+, qw1 = 0(x[0-9a-f]+)?$' \
			/tmp/refused-text &&
		are 1 'qw0 = 0x123456780000000f, qw1 = 0x9abcdef000000000$' /tmp/refused-text &&
		are 1 '"qw0": "0x123456780000000f", "qw1": "0x9abcdef000000000"' /tmp/refused
}

ends_after_a_count() {
	vtdctl --json --replaces --count=1 monitor >/tmp/one &
	one=$!
	until_listening $one
	"$tests/vtd_nested_attach" -t replace_s1_by_s1 -t replace_parent >/dev/null 2>&1
	wait $one && [ "$(wc -l </tmp/one)" = 1 ] &&
		[ "$(vtdctl --json --watch=0.01 --count=3 stats | wc -l)" = 3 ]
}

# A domain with something attached and counters, as a table and as JSON. The test that made it has
# been stopped, so it does not change.
tables_are_the_json() {
	vtdctl domain | cells 5 >/tmp/table
	vtdctl --json domain | rows id parent root width flags >/tmp/json
	same /tmp/table /tmp/json || return 1
	device=$(vtdctl --json domain | values device | head -n 1)
	did=$(vtdctl --json domain | values did | head -n 1)
	vtdctl domain | grep -q " $device \(PASID [0-9]* \)*(DID $did" || return 1
	COLUMNS=70 vtdctl domain >/tmp/narrow
	[ "$(tr -s ' \n' '\n' </tmp/narrow)" = "$(vtdctl domain | tr -s ' \n' '\n')" ] || return 1

	vtdctl parent | cells 7 >/tmp/table
	vtdctl --json parent |
		rows id width levels dirty-tracking force-snooping read-only exposures >/tmp/json
	same /tmp/table /tmp/json || return 1

	vtdctl stats | sed '$d' | cells 7 >/tmp/table
	vtdctl --json stats |
		rows id attachments entries ranges descriptors submissions timeouts >/tmp/json
	same /tmp/table /tmp/json || return 1
	vtdctl stats | tail -n 1 | sed 's/^refused: //' | xargs -n 2 | tr ' ' = >/tmp/table
	vtdctl --json stats | grep -o '"refusals": {.*' | grep -oE '"[a-z-]+": [0-9]+' |
		sed 's/"//g; s/: /=/' >/tmp/json
	same /tmp/table /tmp/json
}

# Dumps while domains come and go: each succeeds, and some of them have something.
dumps_under_load() {
	"$tests/vtd_nested_random" -n 1500 >/dev/null 2>&1 &
	load=$!
	domains=0 attached=0 dumps=0
	while kill -0 $load 2>/dev/null; do
		vtdctl --json domain >/tmp/domains && vtdctl --json parent >/tmp/parents &&
			vtdctl --json stats >/dev/null || return 1
		domains=$((domains + $(values root </tmp/domains | wc -l)))
		attached=$((attached + $(values did </tmp/domains | wc -l)))
		dumps=$((dumps + 1))
	done
	wait $load || return 1
	echo "# $dumps dumps with $domains domains and $attached attachments"
	[ $domains -gt 0 ] && [ $attached -gt 0 ] && nothing_nests
}

attached_now() {
	vtdctl --json domain | grep -q '"device"'
}

# Stops a test again and again, until it is stopped while something is attached.
dumps_while_attached() {
	"$tests/vtd_nested_random" -n 1500 >/dev/null 2>&1 &
	load=$!
	agrees=1
	while kill -STOP $load; do
		if attached_now; then
			tables_are_the_json
			agrees=$?
			attached_now || agrees=1
			kill -CONT $load
			break
		fi
		kill -CONT $load
		sleep 0.1
	done
	wait $load && return $agrees
}

# A reader that has stopped is told that it has missed something, and nobody waits for it.
lost_events() {
	room=$(cat /proc/sys/net/core/rmem_max)
	echo 2304 >/proc/sys/net/core/rmem_max
	monitor /tmp/lost --json --replaces
	monitor /tmp/lost-text --replaces
	echo "$room" >/proc/sys/net/core/rmem_max
	# shellcheck disable=SC2086 # one word for each
	kill -STOP $monitors
	"$tests/vtd_nested_attach" -t replace_s1_by_s1 -t replace_parent >/dev/null 2>&1
	# shellcheck disable=SC2086
	kill -CONT $monitors
	stop_monitors
	grep -q '"event": "lost"' /tmp/lost && grep -q "^events were lost" /tmp/lost-text
}

command -v vtdctl >/dev/null || skip "no vtdctl"
[ -d /sys/kernel/debug/vtdsim ] || skip "no simulated unit (vtdsim=on)"
if grep -q intel_iommu_nested=base /proc/cmdline; then
	echo "TAP version 13"
	echo "1..1"
	absent_without_the_extension
	result $? absent_without_the_extension
	exit $failed
fi
zcat /proc/config.gz | grep -q CONFIG_INTEL_IOMMU_NESTED_NETLINK=y ||
	skip "the kernel has no family vtd-nested"

echo "TAP version 13"
echo "1..15"
units_agree_with_sysfs
result $? units_agree_with_sysfs
unit_table_is_the_json
result $? unit_table_is_the_json
nothing_nests
result $? nothing_nests
wrong_usage
result $? wrong_usage
denied_without_capability
result $? denied_without_capability
absent_in_a_namespace
result $? absent_in_a_namespace
events_of_replaces
result $? events_of_replaces
events_of_refusals
result $? events_of_refusals
events_of_lost_page_requests
result $? events_of_lost_page_requests
events_of_silent_devices
result $? events_of_silent_devices
events_of_queue_errors
result $? events_of_queue_errors
ends_after_a_count
result $? ends_after_a_count
dumps_while_attached
result $? dumps_while_attached
dumps_under_load
result $? dumps_under_load
lost_events
result $? lost_events
exit $failed
