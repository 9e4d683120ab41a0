#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Proves the fixes of tools/rig/fixes for faults of Linux 7.N: on the base with vtdsim and nothing else
# of this project, each test below fails without them and passes with them. Writes them to
# build/7/fixes/patches, for git am.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

fixes=$BUILD/fixes
tree=$fixes/tree
[ -d "$RIG/fixes/$BASE" ] || die "there are no fixes for BASE=$BASE: make fixes BASE=7"
commit_as_here

# The files of the base are linked, not copied: git and this script never write to one in place.
make_tree() {
	local path
	rm -rf "$fixes"
	mkdir -p "$tree"
	rsync -a --exclude=.git --exclude='*.o' --exclude='*.cmd' --link-dest="$(realpath "$PRISTINE")/" \
		"$PRISTINE/" "$tree/"
	git -C "$tree" init -q
	{
		sed 's#^\./##' "$BUILD/tree.manifest"
		sed -n 's#^--- a/##p' "$RIG/fixes/$BASE"/*.patch
	} | sort -u | while read -r path; do
		[ ! -e "$PRISTINE/$path" ] || echo "$path"
	done | git -C "$tree" add -f --pathspec-from-file=-
	git -C "$tree" commit -q -m base
	# What the fixes change was compiled with them the last time, so it has to be newer than that.
	sed -n 's#^--- a/##p' "$RIG/fixes/$BASE"/*.patch | sort -u | while read -r path; do
		rm "$tree/$path"
		cp "$PRISTINE/$path" "$tree/$path"
	done
	find "$BUILD/series/vtdsim" -name '*.patch' ! -name '0000-*' | sort | xargs git -C "$tree" am -q
}

apply_fixes() {
	local fix from
	from=$(git -C "$tree" rev-parse HEAD)
	for fix in "$RIG/fixes/$BASE"/*.patch; do
		git -C "$tree" apply "$fix" || die "$(basename "$fix") does not fit"
		hook_text "$fix" | git -C "$tree" commit -q -a -F -
	done
	git -C "$tree" format-patch -q --signoff -o "$fixes/patches" "$from"
}

# The tests that a fault fails.
tests=(
	flight.half_a_group process.killed_after_replace
	race.flat.unmapped_while_detached race.second_stage.unmapped_while_detached
	pasid_dirty.switched_while_replaced
)

# The programs that have them, beside vtd_race.
programs=(vtd_nested_flight vtd_nested_pasid)

# outcome WHEN: a line for each test: its name, and ok or not, with the tree as it is WHEN.
outcome() {
	local when=$1 test status options="kunit.enable=0 lockdep.prove_locking=0"
	"$RIG/kernel.sh" fixes >&2
	say VM "${programs[*]}, $when" >&2
	"$RIG/vm.sh" -t 900 -k "$options" "nested-$when" fixes tests "${programs[@]}" >/dev/null || true
	say VM "vtd_race, $when" >&2
	"$RIG/vm.sh" -t 900 -k "$options" "race-$when" fixes run vtd_race >/dev/null || true
	for test in "${tests[@]}"; do
		status=$(grep -hoE "^(not )?ok [0-9]+ +$test$" "$LOGS/nested-$when.out" "$LOGS/race-$when.out") ||
			die "$test did not end, $when (logs: $LOGS/{nested,race}-$when.log)"
		echo "$test ${status%% *}"
	done
	for test in nested race; do
		"$RIG/ktap.py" quiet "$LOGS/$test-$when.log" || echo "log of $test not"
	done
}

"$RIG/series.sh"
lock fixes
make_tree
before=$(outcome before)
apply_fixes
after=$(outcome after)
say FIXES "without: ${before//$'\n'/, }"
say FIXES "with: ${after//$'\n'/, }"
! grep ' ok$' <<<"$before" || die "a fault did not show without the fixes"
! grep -v ' ok$' <<<"$after" || die "a fault shows with the fixes"
say FIXES "${fixes#"$TOP/"}/patches: $(find "$fixes/patches" -type f | wc -l) patches"
