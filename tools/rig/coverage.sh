#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Counts which lines and branches of the two drivers the tests reach: build/coverage/index.html, and a
# table by directory, with the reason for each line that is not reached (coverage-reasons). The tests are
# those of make test that need no kernel of another kind, all on one that counts. What the macros of
# tracepoints expand to has branches of its own, which are not counted. Two CPUs may count at the same
# time, so that a number can be wrong, or even less than 0: gcovr leaves such a branch out.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

obj=$BUILD/obj-coverage
out=$BUILD/coverage
rm -rf "$out"
mkdir -p "$out/counts"

# counts NAME: the counters that the VM NAME has left in its output, added to the others.
counts() {
	local name=$1 merged=$out/counts/all new=$out/counts/new
	rm -rf "$new" "$merged.new"
	mkdir -p "$new"
	sed -n '/^@@ coverage$/,/^@@ coverage end$/{//!p}' "$LOGS/$name.out" | base64 -di |
		tar -xz -C "$new" || die "$name left no counters (output: $LOGS/$name.out)"
	if [ -d "$merged" ]; then
		gcov-tool merge "$new" "$merged" -o "$merged.new" >/dev/null
		rm -rf "$merged"
		mv "$merged.new" "$merged"
	else
		mv "$new" "$merged"
	fi
}

"$RIG/kernel.sh" coverage
find "$obj" -name '*.gcda' -delete
status=0
"$RIG/test.sh" coverage || status=$?
while read -r name; do
	counts "$name"
done <"$LOGS/coverage.vms"
rsync -a "$out/counts/all/$obj/" "$obj/"
rm -rf "$out/counts"
(cd "$obj" && gcovr --root "$TREE" --object-directory . --filter '.*/drivers/iommu/(vtdsim|intel/nested)/' \
	--exclude '.*/tests/' --exclude-unreachable-branches --exclude-throw-branches \
	--gcov-ignore-parse-errors \
	--exclude-branches-by-pattern '(TRACE_EVENT|DECLARE_EVENT_CLASS|DEFINE_EVENT)\(' \
	--html-details "$out/index.html" --json "$out/coverage.json" drivers/iommu) >"$LOGS/gcovr.log" 2>&1 ||
	{ tail -n 20 "$LOGS/gcovr.log" >&2; die "gcovr failed"; }
"$RIG/coverage.py" "$out/coverage.json" "$TREE" "$RIG/coverage-reasons" >"$out/table.txt" || status=1
cat "$out/table.txt"
say COVERAGE "build/coverage/index.html"
exit "$status"
