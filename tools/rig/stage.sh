#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: stage.sh DIR [HOOK]
# Fills DIR with every file that differs from the base: the overlay, and the base's files with
# the hooks applied, except HOOK. Stops when the base has a file of the overlay, or when a hook
# does not fit.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stage=$1 except=${2:-}
rm -rf "$stage"
mkdir -p "$stage"

# new_paths: passes on the paths on its input, none of which may be the base's.
new_paths() {
	local path
	while read -r path; do
		[ ! -e "$PRISTINE/$path" ] ||
			die "$path is in the base already: change it with a hook (tools/rig/hooks/$BASE)"
		echo "$path"
	done
}

# of_this_base: passes on what this base has a place for. VFIO's selftests came later than 6.12.
of_this_base() {
	if [ -e "$PRISTINE/tools/testing/selftests/vfio" ]; then
		cat
	else
		grep -v '^tools/testing/selftests/vfio/'
	fi
}

"$RIG/overlay.sh" | of_this_base | new_paths | rsync -a --files-from=- "$TOP/" "$stage/"

# The options are in one file here. Each part of it is the Kconfig of the directory that it names.
sed -nE 's/^# (drivers.*Kconfig)$/\1/p' "$TOP/Kconfig" | new_paths >/dev/null
awk -v stage="$stage" '
	NR == 1 { licence = $0 }
	/^# drivers.*Kconfig$/ { file = stage "/" $2; blank = ""; print licence >file; next }
	!file { next }
	/^$/ { blank = blank "\n"; next }
	{ printf "%s%s\n", blank, $0 >file; blank = "" }' "$TOP/Kconfig"

# The generator finds the schema beside the specification, and the root of a tree by MAINTAINERS.
ynl=$BUILD/ynl
rm -rf "$ynl"
mkdir -p "$ynl/Documentation"
cp -r "$PRISTINE/Documentation/netlink" "$ynl/Documentation/"
touch "$ynl/MAINTAINERS"
cp "$stage"/Documentation/netlink/specs/* "$ynl/Documentation/netlink/specs/"

# ynl MODE PART PATH: makes PATH of the specification of the netlink family, with the base's generator.
ynl() {
	local generator
	for generator in "$PRISTINE"/tools/net/ynl/{pyynl/ynl_gen_c.py,ynl-gen-c.py}; do
		[ ! -e "$generator" ] || break
	done
	echo "$3" | new_paths >/dev/null
	mkdir -p "$stage/$(dirname "$3")"
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$generator" --mode "$1" "--$2" -o "$stage/$3" \
		--spec "$ynl/Documentation/netlink/specs/vtd-nested.yaml" || die "could not make $3"
}
ynl uapi header include/uapi/linux/vtd_nested.h
ynl kernel header drivers/iommu/intel/nested/netlink_gen.h
ynl kernel source drivers/iommu/intel/nested/netlink_gen.c

# Hooks are patches with exact context. Fuzz could put a line where it does not belong.
while read -r hook; do
	name=$(basename "$hook")
	[ "$name" != "$except" ] || continue
	while read -r path; do
		[ -e "$PRISTINE/$path" ] || die "hook $name changes $path, which the base does not have"
		if [ ! -e "$stage/$path" ]; then
			mkdir -p "$stage/$(dirname "$path")"
			cp "$PRISTINE/$path" "$stage/$path"
		fi
	done < <(sed -n 's#^--- a/\([^[:space:]]*\).*#\1#p' "$hook")
	out=$(patch -d "$stage" -p1 --fuzz=0 --forward --batch --no-backup-if-mismatch -r - <"$hook" 2>&1) || {
		echo "$out" >&2
		die "hook $name does not fit (file and hunk are named above)"
	}
done < <(hooks)
