#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: deb_check.sh [ROOT]
# Installs the packages of build/deb with apt in a Debian that mmdebstrap makes (or in ROOT, which
# somebody has made), looks at what came of it, and purges them: nothing may be left. As root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || die "this needs root, for a root file system of its own"
root=${1:-$BUILD/deb/root}
log=$LOGS/deb-check.log
[ $# = 1 ] || trap 'rm -rf "$root"' EXIT
if [ ! -e "$root/etc/os-release" ]; then
	say DEBIAN "trixie, in $root"
	mmdebstrap --variant=apt trixie "$root" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "mmdebstrap could not make a Debian"
	}
fi

inside() {
	chroot "$root" env DEBIAN_FRONTEND=noninteractive "$@"
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

names=(vtd-nested-tools)
while read -r name; do
	names+=("$name")
done < <(for deb in "$BUILD"/deb/linux-*.deb; do dpkg-deb -f "$deb" Package; done)

# What the packages depend on stays, so it is there before.
inside apt-get -q -y install --no-install-recommends passwd udev kmod linux-base initramfs-tools \
	>>"$log" 2>&1 || die "apt cannot install in $root (log: $log)"
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
check "the kernel is in /boot" sh -c "ls '$root'/boot/vmlinuz-*"
check "apt purges them" inside apt-get -q -y purge "${names[@]}"
files >"$LOGS/deb-after"
check "nothing is left" diff "$LOGS/deb-before" "$LOGS/deb-after"
exit $failed
