#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: initramfs.sh [run]
# Makes build/initramfs.cpio.gz: busybox, the init script, and the tree's own user programs,
# those of tools/iommu in /bin and the selftests of tools/testing/selftests/iommu/vtd in /tests.
# With "run" it makes build/initramfs-run.cpio.gz, without the selftests.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

kind=${1:-all}
lock user
user=$BUILD/user
mkdir -p "$user"

# programs OUT SOURCE DIR ARGUMENT...: builds with the makefile in DIR what has its source in SOURCE.
programs() {
	local out=$user/$1 log=$LOGS/user-$1.log list
	list=$(grep "^./$2/" "$BUILD/tree.manifest" || true; cat "$BUILD/headers.stamp")
	# A program whose source is gone, or that was built with other headers, must not live on.
	[ "$list" = "$(cat "$out.list" 2>/dev/null)" ] || rm -rf "$out"
	mkdir -p "$out"
	quietly "$log" make -C "$TREE/$3" -j"$J" "${@:4}" || {
		tail -n 30 "$log" >&2
		die "the programs of $2 did not build (log: $log)"
	}
	echo "$list" >"$out.list"
}

programs bin tools/iommu tools/iommu OUT="$user/bin" HDR="$HEADERS/include"
programs vtdctl tools/iommu/vtdctl tools/iommu/vtdctl OUT="$user/vtdctl" HDR="$HEADERS/include"
if [ "$kind" = all ]; then
	# As kselftest installs them, but static: the initramfs has no libraries.
	programs kselftest tools/testing/selftests/iommu/vtd tools/testing/selftests install \
		TARGETS=iommu/vtd FORCE_TARGETS=1 O="$user" \
		KSFT_INSTALL_PATH="$user/kselftest/install" \
		KHDR_INCLUDES="-isystem $HEADERS/include" USERCFLAGS=-Werror USERLDFLAGS=-static
fi

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
	for program in "$user"/bin/* "$user"/vtdctl/*; do
		if [ -x "$program" ] && [ -f "$program" ]; then
			echo "file /bin/${program##*/} $program 0755 0 0"
		fi
	done
	[ "$kind" = all ] || return 0
	echo "file /bin/provoke $RIG/provoke 0755 0 0"
	echo "file /bin/io-check $RIG/io-check 0755 0 0"
	echo "file /bin/io-mode $RIG/io-mode 0755 0 0"
	echo "file /bin/io-sequence $RIG/io-sequence 0755 0 0"
	for program in vtd_nested_stale vtd_race vtd_load; do
		echo "file /bin/$program $user/kselftest/install/iommu/vtd/$program 0755 0 0"
	done
	program=vtd_report.sh
	echo "file /tests/$program $user/kselftest/install/iommu/vtd/$program 0644 0 0"
	# In the order of their names, for a list that is the same whoever makes it.
	sed 's/.*://' "$user/kselftest/install/kselftest-list.txt" | sort | while read -r program; do
		echo "file /tests/$program $user/kselftest/install/iommu/vtd/$program 0755 0 0"
	done
}

image=$BUILD/initramfs.cpio.gz
[ "$kind" = all ] || image=$BUILD/initramfs-$kind.cpio.gz
entries >"$image.list"
[ -x "$user/gen_init_cpio" ] || gcc -O2 -o "$user/gen_init_cpio" "$TREE/usr/gen_init_cpio.c"
"$user/gen_init_cpio" -t 0 "$image.list" | gzip -n1 >"$image.new"
if cmp -s "$image.new" "$image"; then
	rm "$image.new"
else
	mv "$image.new" "$image"
	say INITRD "build/${image##*/}: $(grep -c '^file' "$image.list") files"
fi
