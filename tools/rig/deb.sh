#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes Debian packages in build/deb: the kernel and its headers, by the kernel's own bindeb-pkg, and
# vtd-nested-tools: the tools, vtd-vm with its image, and a udev rule that gives /dev/iommu and the
# devices of vfio-pci to group vfio.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock deb
[ -z "$CONFIG" ] || [ -r "$CONFIG" ] || die "CONFIG=$CONFIG cannot be read"
out=$BUILD/deb
root=$out/tools
rm -rf "$out"
mkdir -p "$out"
log=$LOGS/deb.log

# In days, as nothing here is released.
version=0.$(git -C "$TOP" log -1 --format=%cd --date=format:%Y%m%d 2>/dev/null || date +%Y%m%d)

install_files() {
	local page
	install -D -t "$root/usr/bin" "$BUILD/user/bin/nesting-demo" "$BUILD/user/vtdctl/vtdctl"
	mkdir -p "$root/usr/lib/vtd-nested" "$root/usr/bin"
	cp "$BUILD"/image/* "$root/usr/lib/vtd-nested/"
	ln -s ../lib/vtd-nested/vtd-vm "$root/usr/bin/vtd-vm"
	install -Dm 644 "$RIG/deb/vtd-nested.rules" "$root/usr/lib/udev/rules.d/60-vtd-nested.rules"
	for page in "$RIG/image/vtd-vm.1" "$TOP/tools/iommu/vtdctl/vtdctl.8"; do
		install -Dm 644 -t "$root/usr/share/man/man${page##*.}" "$page"
	done
	install -Dm 644 "$TOP/tools/iommu/vtdctl/vtdctl.bash" \
		"$root/usr/share/bash-completion/completions/vtdctl"
	gzip -n9 "$root"/usr/share/man/man*/*
	install -Dm 644 "$RIG/deb/copyright" "$root/usr/share/doc/vtd-nested-tools/copyright"
}

control() {
	cat <<-EOF
		Package: vtd-nested-tools
		Version: $version
		Architecture: amd64
		Maintainer: vtd-nested <vtd-nested@localhost>
		Installed-Size: $(du -sk "$root" | cut -f1)
		Depends: bash, passwd
		Recommends: qemu-system-x86
		Section: kernel
		Priority: optional
		Description: tools for two-stage DMA translation on Intel VT-d
		 A VM with a simulated VT-d unit to run one's own programs in, a demonstration
		 of nested translation through /dev/iommu, and a udev rule that gives group vfio
		 the devices that this needs.
	EOF
}

install_files
mkdir "$root/DEBIAN"
control >"$root/DEBIAN/control"
install "$RIG/deb/postinst" "$RIG/deb/postrm" "$root/DEBIAN/"
dpkg-deb --root-owner-group --build "$root" "$out" >"$log"
rm -rf "$root"

# bindeb-pkg leaves the packages beside its object tree.
rm -f "$BUILD"/*.deb "$BUILD"/linux-upstream_*
say DEB "the kernel's package"
DPKG_FLAGS=-d quietly "$log" "$RIG/kernel.sh" deb bindeb-pkg || {
	tail -n 30 "$log" >&2
	die "the kernel's package was not built (log: $log)"
}
mv "$BUILD"/linux-image-*.deb "$BUILD"/linux-headers-*.deb "$out/"
rm -f "$BUILD"/*.deb "$BUILD"/linux-upstream_*
say DEB "$(cd "$out" && echo ./*.deb)"
