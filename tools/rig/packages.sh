#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: packages.sh [PACKAGE...]
# Installs what the build needs from the distribution, and these, if anything is missing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A kernel build; the netlink family; the static programs of the initramfs; the VM.
needed=(
	make gcc libc6-dev flex bison bc libelf-dev libssl-dev perl rsync xz-utils lz4 patch git
	ccache python3 util-linux debian-archive-keyring
	busybox-static
	qemu-system-x86
	python3-yaml python3-jsonschema libnl-3-dev libnl-genl-3-dev
	"$@"
)

missing=()
command -v dpkg-query >/dev/null ||
	die "this is not a Debian-like system; install these yourself: ${needed[*]}"
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${needed[@]}" 2>/dev/null || true)
for package in "${needed[@]}"; do
	grep -qx "$package installed" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null ||
		die "these packages are missing, and neither root nor sudo is there to install them: ${missing[*]}"
	as_root=(sudo)
fi

say INSTALL "${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$LOGS/packages.log
{
	"${as_root[@]}" apt-get -q update &&
	"${as_root[@]}" apt-get -q install -y --no-install-recommends "${missing[@]}"
} >"$log" 2>&1 || {
	tail -n 20 "$log" >&2
	die "could not install: ${missing[*]} (log: $log)"
}
