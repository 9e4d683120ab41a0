#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: vmm.sh GUEST-VARIANT
# Makes build/vmm.cpio: the initramfs, and for the VM inside the VM a QEMU that knows nested
# translation, the distribution's own, with the libraries it needs; the kernel GUEST-VARIANT; and
# the initramfs once more, for the guest. The exit status is 77 if there is no such QEMU to be had.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

variant=$1
"$RIG/newqemu.sh"
lock vmm
vmm=$BUILD/vmm
root=$vmm/root
tests=$TREE/tools/testing/selftests/iommu/vtd

qemu=usr/bin/qemu-system-x86_64
lib=usr/lib/x86_64-linux-gnu
ld=$root/usr/lib64/ld-linux-x86-64.so.2

entries() {
	local dir name path
	for dir in vmm lib64 usr usr/bin usr/lib "$lib" "$lib/qemu" usr/share usr/share/qemu; do
		echo "dir /$dir 0755 0 0"
	done
	echo "file /$qemu $root/$qemu 0755 0 0"
	# The loader of the packages says what the program needs, and finds only what they have.
	echo "file /lib64/ld-linux-x86-64.so.2 $(realpath "$ld") 0755 0 0"
	"$ld" --library-path "$root/$lib" --list "$root/$qemu" | while read -r name _ path _; do
		[[ $path != "$root"/* ]] || echo "file /$lib/$name $(realpath "$path") 0755 0 0"
	done
	name=$lib/qemu/accel-qtest.so
	echo "file /$name $root/$name 0644 0 0"
	for name in seabios/bios-256k.bin qemu/kvmvapic.bin qemu/linuxboot_dma.bin; do
		echo "file /usr/share/qemu/${name#*/} $root/usr/share/$name 0644 0 0"
	done
	echo "file /vmm/bzImage $BUILD/obj-$variant/arch/x86/boot/bzImage 0644 0 0"
	echo "file /vmm/initramfs.cpio.gz $BUILD/initramfs.cpio.gz 0644 0 0"
	for name in nested shadow pasid; do
		echo "file /tests/vtd_${name}_vmm $tests/vtd_${name}_vmm.sh 0755 0 0"
	done
	echo "file /vmm/vmm.sh $tests/vtd_vmm.sh 0644 0 0"
	echo "file /vmm/rows.sh $tests/vtd_vmm_rows.sh 0644 0 0"
	for name in bench load; do
		echo "file /bin/vtd_vmm_$name $tests/vtd_vmm_$name.sh 0755 0 0"
	done
}

# Two archives in one file; what comes first is unpacked first.
entries >"$vmm/list"
{
	cat "$BUILD/initramfs.cpio.gz"
	# An archive that is not compressed begins at a multiple of four.
	head -c $((-$(stat -c %s "$BUILD/initramfs.cpio.gz") & 3)) /dev/zero
	"$BUILD/user/gen_init_cpio" -t 0 "$vmm/list"
} >"$BUILD/vmm.cpio"
say INITRD "build/vmm.cpio: QEMU $(sed -nE 's/.*qemu-system-x86_(1%3a)?([^+]*)\+.*/\2/p' "$vmm/debs"), a guest"
