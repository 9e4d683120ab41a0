#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes the pristine Linux that everything else starts from, build/base or, with BASE=7,
# build/7/base: unpacked from Debian's package or from the archive KSRC, or a link to the directory
# KSRC. Another one starts the tree and the objects anew: its files may well be older than objects
# made from the one before.
#
# For 7 it is the newest 7.N that the hooks fit, of those in the archive. The exit status is 77 if
# there is none.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stamp=$BUILD/base.stamp

# unpack ARCHIVE: a package with the kernel's sources, or the sources themselves.
unpack() {
	local archive=$1 tar=(tar -x -C "$PRISTINE.new" --strip-components=1)
	say UNPACK "$(basename "$archive")"
	rm -rf "$PRISTINE.new"
	mkdir -p "$PRISTINE.new"
	case $archive in
	*.deb)
		dpkg-deb --fsys-tarfile "$archive" |
			tar -xO --wildcards './usr/src/linux-source-*.tar.xz' | "${tar[@]}" -J
		;;
	*) "${tar[@]}" -f "$archive" ;;
	esac
}

# Nothing is thrown away for a source that has no hooks here.
check_version() {
	local version
	version=$(awk '/^(VERSION|PATCHLEVEL) =/ { printf "%s%s", dot, $3; dot = "." }' "$1/Makefile")
	case $version in
	"$BASE" | "$BASE".*) ;;
	*) die "this is Linux $version, and BASE=$BASE has the hooks for $BASE; there are hooks for BASE= $(
		find "$RIG/hooks" -mindepth 1 -maxdepth 1 ! -name shared -printf '%f ')" ;;
	esac
}

start_anew() {
	rm -rf "$stamp" "$PRISTINE" "$TREE" "$BUILD/tree.manifest" "$BUILD"/obj-*
}

# install ARCHIVE: makes it the base, unless it is already.
install() {
	local want=$1
	[[ $want != *.deb ]] || want=$(basename "$want")
	if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || [ ! -e "$PRISTINE/Makefile" ]; then
		unpack "$1"
		check_version "$PRISTINE.new"
		start_anew
		mv "$PRISTINE.new" "$PRISTINE"
		echo "$want" >"$stamp"
	fi
}

newest_that_fits() {
	local names name deb
	# One that has been found to fit stays: a hook that is being edited is no reason for another base.
	deb=$CACHE/debs/$(cat "$stamp" 2>/dev/null || echo none)
	if [ -f "$deb" ]; then
		install "$deb"
		return
	fi
	names=$("$RIG/fetch.sh" -n trixie-backports linux-source-7) || exit 77
	for name in $names; do
		deb=$("$RIG/fetch.sh" trixie-backports "$name") || exit 77
		install "$deb"
		! "$RIG/stage.sh" "$BUILD/fits" || return 0
		say UNFIT "$name: it is no base for the hooks in tools/rig/hooks/7 (the reason is above)"
		start_anew
	done
	exit 77
}

if [ -f "$KSRC" ]; then
	install "$(realpath "$KSRC")"
elif [ -n "$KSRC" ]; then
	[ -f "$KSRC/drivers/iommu/intel/iommu.c" ] ||
		die "KSRC=$KSRC is neither a kernel source tree nor an archive (.tar, .tar.xz, ...) of one"
	want=$(realpath "$KSRC")
	if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || [ ! -e "$PRISTINE/Makefile" ]; then
		check_version "$want"
		start_anew
		ln -s "$want" "$PRISTINE"
		echo "$want" >"$stamp"
	fi
elif [ "$BASE" = 7 ]; then
	newest_that_fits
	rm -rf "$BUILD/fits"
else
	deb=$("$RIG/fetch.sh" trixie,bookworm-backports "linux-source-$BASE") ||
		die "without Debian's package, say where the source of Linux $BASE is, with every make:" \
			"KSRC=DIRECTORY, or KSRC=ARCHIVE (linux-$BASE.N.tar.xz)"
	install "$deb"
fi
