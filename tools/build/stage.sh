#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: stage.sh DIR
# Fills DIR with every file that differs from the base: the overlay, and the base's files with
# the hooks applied. Stops when the base has a file of the overlay, or when a hook does not fit.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stage=$1
rm -rf "$stage"
mkdir -p "$stage"

"$RIG/overlay.sh" | while read -r path; do
	[ ! -e "$BASE/$path" ] || die "$path is in the base already: change it with a hook (tools/build/hooks)"
	echo "$path"
done | rsync -a --files-from=- "$TOP/" "$stage/"

# Hooks are patches with exact context. Fuzz could put a line where it does not belong.
for hook in "$RIG"/hooks/*.patch; do
	[ -e "$hook" ] || continue
	for path in $(sed -n 's#^--- a/\([^[:space:]]*\).*#\1#p' "$hook"); do
		[ -e "$BASE/$path" ] || die "hook $(basename "$hook") changes $path, which the base does not have"
		[ -e "$stage/$path" ] || { mkdir -p "$stage/$(dirname "$path")" && cp "$BASE/$path" "$stage/$path"; }
	done
	out=$(patch -d "$stage" -p1 --fuzz=0 --forward --batch --no-backup-if-mismatch -r - <"$hook" 2>&1) || {
		echo "$out" >&2
		die "hook $(basename "$hook") no longer fits the file named above"
	}
done
