#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: patch.sh [verify]
# Writes build/vtd-nested.patch: all that differs between the base and build/tree, for git apply
# on any pristine tree of the same version. With "verify", proves it: git apply on pristine files
# gives build/tree, file by file.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

patch=$BUILD/vtd-nested.patch
scratch=$BUILD/patch
manifest=$BUILD/tree.manifest
# The scratch directory is no part of whatever repository surrounds it.
export GIT_CEILING_DIRECTORIES=$BUILD GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

# The base's version of each file that the project touches, where it has one.
pristine() {
	rm -rf "$scratch"
	mkdir -p "$scratch"
	rsync -a --ignore-missing-args --files-from="$manifest" "$PRISTINE/" "$scratch/"
}

generate() {
	pristine
	git -C "$scratch" init -q
	git -C "$scratch" add -f .
	rsync -a --files-from="$manifest" "$TREE/" "$scratch/"
	# Intent to add makes new files part of the difference.
	git -C "$scratch" add -fN .
	git -C "$scratch" diff --no-renames --binary --full-index >"$patch"
	rm -rf "$scratch"
}

verify() {
	local path count=0
	(cd "$PRISTINE" && git apply --check "$patch") || die "git apply refuses the patch on the base"
	pristine
	(cd "$scratch" && git apply "$patch") || die "git apply refuses the patch on pristine files"
	while read -r path; do
		cmp "$scratch/$path" "$TREE/$path" || die "the patch does not give build/tree: $path"
		count=$((count + 1))
	done <"$manifest"
	diff <(cd "$scratch" && find . -type f | sort) "$manifest" ||
		die "the patch and build/tree do not have the same files"
	rm -rf "$scratch"
	say PATCH "applied to pristine files gives all $count files of build/tree"
}

lock tree
[ "${1:-}" != verify ] || { verify; exit; }
generate
say PATCH "$patch: $(grep -c '^diff --git' "$patch") files"
