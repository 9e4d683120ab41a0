#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: deb_check.sh [ROOT]
# Installs the packages of build/deb with apt in a Debian that mmdebstrap makes (or in ROOT, which
# somebody has made), looks at what came of it, boots it, and purges them: nothing may be left. As root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || die "this needs root, for a root file system of its own"
root=${1:-$BUILD/deb/root}
log=$LOGS/deb-check.log
[ $# = 1 ] || trap 'rm -rf "$root"' EXIT
# What the packages depend on stays, so it is there before; and what boots.
needed=(passwd udev kmod linux-base initramfs-tools zstd bash systemd-sysv)
if [ ! -e "$root/etc/os-release" ]; then
	say DEBIAN "trixie, in $root"
	mmdebstrap --variant=apt --include="${needed[*]}" trixie "$root" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "mmdebstrap could not make a Debian"
	}
fi

# inside COMMAND...: runs it in the root file system, with a /proc that nobody else sees.
inside() {
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' \
		"$root" env DEBIAN_FRONTEND=noninteractive "$@"
}

# Everything that there is, but for what apt and dpkg keep for themselves, and caches of any package.
files() {
	(cd "$root" && find . -path ./proc -prune -o -path ./sys -prune -o -path ./dev -prune -o \
		-path ./var/cache -prune -o -path ./var/log -prune -o -path ./var/lib/dpkg -prune -o \
		-path ./var/lib/apt -prune -o -path ./packages -prune -o -print | sort)
	# The shadow files' backups come with any change of a group.
	grep -H . "$root/etc/group" "$root/etc/passwd"
}

failed=0
check() {
	local what=$1
	shift
	if "$@" >>"$log" 2>&1; then
		say PASS "$what"
	else
		say FAIL "$what (log: $log)"
		failed=1
	fi
}

# Boots what is in the root file system with systemd, on the kernel that the package put there, and
# leaves in a file what the service inside says.
# shellcheck disable=SC2317 # check calls it
boot() {
	local disk=$BUILD/deb/disk unit=$root/etc/systemd/system/inside.service
	local wants=$root/etc/systemd/system/multi-user.target.wants/inside.service
	inside useradd --system --groups vfio tester
	cp "$RIG/deb/inside" "$root/inside"
	cp "$RIG/deb/inside.service" "$unit"
	ln -s ../inside.service "$wants"
	rm -f "$disk"
	mke2fs -q -t ext4 -d "$root" "$disk" 4G
	rm "$root/inside" "$unit" "$wants"
	inside userdel tester
	timeout 1800 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max,-la57 -smp 2 -m 2G \
		-nodefaults -no-reboot -display none -kernel "$root"/boot/vmlinuz-* \
		-initrd "$root"/boot/initrd.img-* \
		-append "root=/dev/vda rw console=ttyS0 panic=-1 no_timer_check vtdsim=on \
			iommufd.allow_unsafe_interrupts=1" \
		-drive "file=$disk,if=virtio,format=raw" \
		-serial "file:$LOGS/deb-boot.log" -serial "file:$LOGS/deb-boot.out"
	rm -f "$disk"
	cat "$LOGS/deb-boot.out"
}

# shellcheck disable=SC2317 # check calls it
no_complaint() {
	! grep -aP -f "$BUILD/image/complaints" "$LOGS/deb-boot.log"
}

# said TEXT: the service inside has said this.
# shellcheck disable=SC2317 # check calls it
said() {
	grep -q "^$1" "$LOGS/deb-boot.out"
}

names=(vtd-nested-tools)
while read -r name; do
	names+=("$name")
done < <(for deb in "$BUILD"/deb/linux-*.deb; do dpkg-deb -f "$deb" Package; done)

inside apt-get -q -y install --no-install-recommends "${needed[@]}" >>"$log" 2>&1 ||
	die "apt cannot install in $root (log: $log)"
mkdir -p "$root/packages"
cp "$BUILD"/deb/*.deb "$root/packages/"
files >"$LOGS/deb-before"

check "apt installs ${names[*]}" inside sh -c \
	'apt-get -q -y install --no-install-recommends /packages/*.deb'
check "the group vfio is there" inside getent group vfio
check "the udev rule is valid" inside udevadm verify /usr/lib/udev/rules.d/60-vtd-nested.rules
# shellcheck disable=SC2016 # for the shell inside
check "vtd-vm finds its image" inside sh -c \
	'out=$(vtd-vm --qemu /none -- true 2>&1); echo "$out"; [ "${out#*there is no /none}" != "$out" ]'
check "vtdctl decodes, and says that there is no family" inside sh -c \
	'vtdctl decode fault-reason 0x71 && { vtdctl unit; [ $? = 3 ]; }'
check "vtdctl has a man page and completion" inside sh -c \
	'ls /usr/share/man/man8/vtdctl.8.gz /usr/share/bash-completion/completions/vtdctl'
check "the kernel is in /boot" sh -c "ls '$root'/boot/vmlinuz-*"
check "systemd boots on it" boot
check "group vfio has /dev/iommu" said "/dev/iommu vfio 660"
check "group vfio has the endpoint" said "/dev/vfio/devices/vfio0 vfio 660"
check "the demonstration runs as a member of it" said "demonstration ended with 0"
check "vtdctl shows the unit" said "vtdctl unit ended with 0"
check "and shows it to a member of group vfio" said "vtdctl unit of a member ended with 0"
check "but no guest's addresses" said "vtdctl domain of a member ended with 4"
check "neither the kernel nor the unit complains" no_complaint
check "apt purges them" inside apt-get -q -y purge "${names[@]}"
files >"$LOGS/deb-after"
check "nothing is left" diff "$LOGS/deb-before" "$LOGS/deb-after"
exit $failed
