#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Checks that virtme-ng runs a command on the kernel of build/image: what it is given and gives back,
# and that the simulated unit is there. The exit status is 77 if there is no virtme-ng to be had.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Its init wants the names that udev gives to the ports for a command's input and output.
"$RIG/packages.sh" udev python3-requests python3-argcomplete
if ! command -v vng >/dev/null; then
	deb=$("$RIG/fetch.sh" trixie virtme-ng) || exit 77
	root=$BUILD/virtme
	[ -x "$root/usr/bin/vng" ] || dpkg-deb -x "$deb" "$root"
	export PATH=$root/usr/bin:$PATH
	export PYTHONPATH=$root/usr/lib/python3/dist-packages
fi

# What QEMU emulates does not notice when virtiofsd writes to memory that had code, hence 9p.
status=0
out=$(echo input | vng --run "$BUILD/image/bzImage" --force-9p --disable-kvm \
	--append vtdsim=on --append iommufd.allow_unsafe_interrupts=1 -- \
	'cat; ls /dev/iommu; cat /sys/bus/pci/devices/1000:00:01.0/vendor; exit 9') || status=$?
echo "$out"
[ "$status" = 9 ] || die "vng ended with $status instead of 9"
for line in input /dev/iommu 0x; do
	grep -q "^$line" <<<"$out" || die "the command's output has no $line"
done
