#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes build/image: the kernel for guests with its configuration, an initramfs, and vtd-vm, which
# runs a command of this machine in a VM with them. The directory works wherever it is copied to.
# KCONFIG names a file of kernel options to add.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock image
image=$BUILD/image
scratch=$BUILD/user/image
variant=lean
if [ -n "$KCONFIG" ]; then
	[ -r "$KCONFIG" ] || die "KCONFIG=$KCONFIG cannot be read"
	variant=image
fi
"$RIG/kernel.sh" "$variant"

mkdir -p "$image" "$scratch"
source=$RIG/image/vm-exec.c
gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -pthread -o "$scratch/vm-exec" "$source"
[ -x "$BUILD/user/gen_init_cpio" ] ||
	gcc -O2 -o "$BUILD/user/gen_init_cpio" "$TREE/usr/gen_init_cpio.c"
cat >"$scratch/list" <<-EOF
	dir /dev 0755 0 0
	nod /dev/console 0600 0 0 c 5 1
	dir /bin 0755 0 0
	file /bin/busybox $(command -v busybox) 0755 0 0
	slink /bin/sh busybox 0777 0 0
	file /bin/vm-exec $scratch/vm-exec 0755 0 0
	file /init $RIG/image/init 0755 0 0
EOF
"$BUILD/user/gen_init_cpio" -t 0 "$scratch/list" | gzip -n9 >"$image/initramfs.cpio.gz"
cp "$BUILD/obj-$variant/arch/x86/boot/bzImage" "$BUILD/obj-$variant/.config" "$image/"
mv "$image/.config" "$image/config"
cp "$RIG/image/vtd-vm" "$image/"
"$RIG/ktap.py" complaints >"$image/complaints"
say IMAGE "${image#"$TOP/"}: $(du -sh "$image" | cut -f1); try ${image#"$TOP/"}/vtd-vm --help"
