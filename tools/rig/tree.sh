#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes build/tree: the base with the overlay and the hooks. Touches only files whose content
# changes, so that a kernel build after it does only what the change needs.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock tree
"$RIG/base.sh"

manifest=$BUILD/tree.manifest
if [ ! -e "$TREE/Makefile" ]; then
	say COPY "the base to ${TREE#"$TOP/"}"
	rm -rf "$TREE.new" "$manifest"
	# Objects and history of somebody's KSRC would only get in the way.
	rsync -a --exclude=.git --exclude='*.o' --exclude='*.cmd' "$PRISTINE/" "$TREE.new/"
	if [ -e "$TREE.new/.config" ] || [ -d "$TREE.new/include/config" ]; then
		die "KSRC=$KSRC has been built in place; clean it first (make mrproper)"
	fi
	mv "$TREE.new" "$TREE"
fi

stage=$BUILD/stage
"$RIG/stage.sh" "$stage"
(cd "$stage" && find . -type f | sort) >"$manifest.new"
touch "$manifest"

changed=0
while read -r path; do
	if ! cmp -s "$stage/$path" "$TREE/$path"; then
		mkdir -p "$TREE/$(dirname "$path")"
		cp "$stage/$path" "$TREE/$path"
		changed=$((changed + 1))
	fi
done <"$manifest.new"

# What the overlay or a hook has let go: the base's own file again, or none.
while read -r path; do
	changed=$((changed + 1))
	if [ -e "$PRISTINE/$path" ]; then
		cp "$PRISTINE/$path" "$TREE/$path"
	else
		rm -f "$TREE/$path"
		rmdir -p --ignore-fail-on-non-empty "$TREE/$(dirname "$path")" 2>/dev/null || true
	fi
done < <(comm -13 "$manifest.new" "$manifest")

mv "$manifest.new" "$manifest"
say TREE "${TREE#"$TOP/"}: $(wc -l <"$manifest") files of this project, $changed changed now"
