#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: newqemu.sh
# Unpacks the distribution's newest QEMU and all that it needs in build/vmm/root, and makes
# build/vmm/qemu, which runs it: with its own loader, libraries and firmware, whatever this machine
# has. The exit status is 77 if there is no such QEMU to be had.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock vmm
vmm=$BUILD/vmm
root=$vmm/root
mkdir -p "$vmm"

debs=$("$RIG/fetch.sh" -d trixie-backports,trixie qemu-system-x86) || exit 77

if [ "$debs" != "$(cat "$vmm/debs" 2>/dev/null)" ]; then
	say UNPACK "$(wc -l <<<"$debs") packages: QEMU and what it depends on"
	rm -rf "$root" "$vmm/debs"
	while read -r deb; do
		dpkg-deb -x "$deb" "$root"
	done <<<"$debs"
	echo "$debs" >"$vmm/debs"
fi

cat >"$vmm/qemu" <<EOF
#!/bin/sh
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \\
	"$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "\$@"
EOF
chmod +x "$vmm/qemu"
