#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes build/fio.cpio.gz: the initramfs, this machine's fio with the libraries it needs, and fio-check.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

"$RIG/packages.sh" fio
lock fio
mkdir -p "$BUILD/user"

entries() {
	local fio dir path
	fio=$(command -v fio)
	ldd "$fio" | grep -oE '/[^ ]+' >"$BUILD/fio.libraries"
	while read -r path; do
		dir=${path%/*}
		while [ -n "$dir" ]; do
			echo "$dir"
			dir=${dir%/*}
		done
	done <"$BUILD/fio.libraries" | sort -u | sed -E 's/(.*)/dir \1 0755 0 0/'
	while read -r path; do
		echo "file $path $(realpath "$path") 0755 0 0"
	done <"$BUILD/fio.libraries"
	echo "file /bin/fio $fio 0755 0 0"
	echo "file /bin/fio-check $RIG/fio-check 0755 0 0"
}

entries >"$BUILD/fio.list"
"$BUILD/user/gen_init_cpio" -t 0 "$BUILD/fio.list" | gzip -n1 |
	cat "$BUILD/initramfs.cpio.gz" - >"$BUILD/fio.cpio.gz"
say INITRD "build/fio.cpio.gz: $(fio --version)"
