#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes build/base, the pristine Linux 6.12 that everything else starts from: unpacked from
# Debian's package, or a link to KSRC. Another base starts build/tree and the objects anew: its
# files may well be older than objects made from the one before.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stamp=$BUILD/base.stamp

unpack() {
	local deb=$1
	say UNPACK "$(basename "$deb")"
	rm -rf "$BASE.new"
	mkdir -p "$BASE.new"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$BASE.new" --strip-components=1
	mv "$BASE.new" "$BASE"
}

if [ -n "$KSRC" ]; then
	[ -f "$KSRC/drivers/iommu/intel/iommu.c" ] || die "KSRC=$KSRC is not a kernel source tree"
	want=$(realpath "$KSRC")
else
	deb=$("$RIG/fetch.sh" trixie,bookworm-backports linux-source-6.12)
	want=$(basename "$deb")
fi

if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || [ ! -e "$BASE/Makefile" ]; then
	rm -rf "$stamp" "$BASE" "$TREE" "$BUILD/tree.manifest" "$BUILD"/obj-*
	if [ -n "$KSRC" ]; then
		ln -s "$want" "$BASE"
	else
		unpack "$deb"
	fi
	echo "$want" >"$stamp"
fi

version=$(awk '/^(VERSION|PATCHLEVEL) =/ { printf "%s%s", dot, $3; dot = "." }' "$BASE/Makefile")
[ "$version" = 6.12 ] || die "the base is Linux $version, and this project is for 6.12"
