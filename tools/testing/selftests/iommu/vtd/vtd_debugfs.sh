#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The files of the simulated units in debugfs, as Documentation/admin-guide/vtdsim.rst describes them.
# Skips without a simulated unit, or without debugfs.

units=$(echo /sys/kernel/debug/vtdsim*)
# shellcheck source-path=SCRIPTDIR source=vtd_report.sh
. "$(dirname "$0")/vtd_report.sh"

# number FILE: does a file have a number, and nothing else?
number() {
	grep -qxE '[0-9]+' "$1" || {
		echo "# $1: $(cat "$1")"
		return 1
	}
}

counters_are_numbers() {
	for unit in $units; do
		for name in doorbells descriptors waits requests walks faults violations \
			violations_printed devtlb_invs page_requests page_responses prq_overflows \
			register_cycles cache_entries; do
			number "$unit/$name" || return 1
		done
	done
}

# kept FILE VALUE: does a file have what is written to it? It gets back what it had.
kept() {
	old=$(cat "$1")
	echo "$2" >"$1" && [ "$(cat "$1")" = "$2" ]
	code=$?
	echo "$old" >"$1"
	return $code
}

settings_are_kept() {
	for unit in $units; do
		kept "$unit/queue_delay" 3 && kept "$unit/desc_delay" 2 && kept "$unit/async" 77 &&
			kept "$unit/max_cache_entries" 100000 || return 1
	done
}

# Without room for one request, or beyond 32 bits
bad_settings_are_refused() {
	for unit in $units; do
		for setting in max_cache_entries=1 max_cache_entries=4294967296 async=4294967296; do
			file=$unit/${setting%=*}
			old=$(cat "$file")
			if echo "${setting#*=}" 2>/dev/null >"$file" || [ "$(cat "$file")" != "$old" ]; then
				echo "# $file took ${setting#*=}"
				return 1
			fi
		done
	done
}

# The driver has made entries for the devices. What is cached is another matter, after the last DMA.
tables_and_caches_are_shown() {
	for unit in $units; do
		cat "$unit/caches" >/dev/null && cat "$unit/tables" || return 1
	done >/tmp/tables
	grep -q '[0-9]' /tmp/tables
}

[ -r "${units%% *}/caches" ] || skip "needs vtdsim=on and debugfs"
echo "TAP version 13"
echo "1..4"
counters_are_numbers
result $? counters_are_numbers
settings_are_kept
result $? settings_are_kept
bad_settings_are_refused
result $? bad_settings_are_refused
tables_and_caches_are_shown
result $? tables_and_caches_are_shown
exit $failed
