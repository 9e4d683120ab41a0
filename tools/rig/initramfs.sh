#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes build/initramfs.cpio.gz: busybox, the init script, and the tree's own user programs,
# those of tools/iommu in /bin and those of tools/testing/selftests/iommu in /tests.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock user
user=$BUILD/user
mkdir -p "$user"

# programs OUT DIR MAKEFILE: builds what the makefile builds, into OUT.
programs() {
	local out=$user/$1 dir=$TREE/$2 makefile=$3 log=$LOGS/user-$1.log list
	list=$(grep "^./$2/" "$BUILD/tree.manifest" || true; cat "$BUILD/headers.stamp")
	# A program whose source is gone, or that was built with other headers, must not live on.
	[ "$list" = "$(cat "$out.list" 2>/dev/null)" ] || rm -rf "$out"
	mkdir -p "$out"
	[ -e "$dir/$makefile" ] || return 0
	quietly "$log" make -C "$dir" -f "$makefile" -j"$J" OUT="$out" HDR="$HEADERS/include" \
		KSFT="$TREE/tools/testing/selftests" || {
		tail -n 30 "$log" >&2
		die "the programs of $2 did not build (log: $log)"
	}
	echo "$list" >"$out.list"
}

programs bin tools/iommu Makefile
programs tests tools/testing/selftests/iommu Makefile.vtd

entries() {
	local program
	cat <<-EOF
		dir /dev 0755 0 0
		nod /dev/console 0600 0 0 c 5 1
		dir /bin 0755 0 0
		dir /tests 0755 0 0
		file /bin/busybox $(command -v busybox) 0755 0 0
		slink /bin/sh busybox 0777 0 0
		file /init $RIG/init 0755 0 0
	EOF
	for program in "$user"/bin/* "$user"/tests/*; do
		if [ -x "$program" ] && [ -f "$program" ]; then
			echo "file ${program#"$user"} $program 0755 0 0"
		fi
	done
}

image=$BUILD/initramfs.cpio.gz
entries >"$image.list"
[ -x "$user/gen_init_cpio" ] || gcc -O2 -o "$user/gen_init_cpio" "$TREE/usr/gen_init_cpio.c"
"$user/gen_init_cpio" -t 0 "$image.list" | gzip -n1 >"$image.new"
if cmp -s "$image.new" "$image"; then
	rm "$image.new"
else
	mv "$image.new" "$image"
	say INITRD "build/initramfs.cpio.gz: $(grep -c '^file' "$image.list") files"
fi
