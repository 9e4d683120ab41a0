# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by test.sh, whose functions this uses: devices that never nest, behind QEMU's own VT-d
# unit, are with the extension as they are with the base's nesting.

# What moves data there, and the initramfs that has it.
io_check=io-check
io_image=$BUILD/initramfs.cpio.gz

# elsewhere NAME UNIT TYPE CHIP KERNEL-OPTIONS: devices that never nest, behind QEMU's own VT-d unit
# (its QEMU options, or none), move data, with the extension and with the base's nesting. Both must
# have the type of domains and of interrupts that io-mode is told, and end with the same bytes and
# groups.
elsewhere() {
	local name=elsewhere-$1 unit=$2 expected=("$3" "$4") options=$5 disks=$BUILD/elsewhere
	local pci=disable-legacy=on,iommu_platform=on
	[ "$io_check" = io-check ] || name+=-$io_check
	mkdir -p "$disks"
	truncate -s 16M "$disks/nvme" "$disks/virtio"
	local vm_options=(-n -i "$io_image" -q "$unit
		-drive file=$disks/nvme,format=raw,if=none,id=nvme -device nvme,serial=1,drive=nvme
		-drive file=$disks/virtio,format=raw,if=none,id=virtio -device virtio-blk-pci,drive=virtio,$pci
		-netdev user,id=net,restrict=on,guestfwd=tcp:10.0.2.100:7-cmd:cat
		-device virtio-net-pci,netdev=net,$pci")
	vm "$name" program lean "$options" run "$io_check" "${expected[@]}"
	vm "$name-base" program lean "intel_iommu_nested=base $options" run "$io_check" "${expected[@]}"
	host "$name is as with the base's nesting" diff "$LOGS/$name.out" "$LOGS/$name-base.out" || true
}

# With the types of domains that Documentation/admin-guide/kernel-parameters.txt promises for each;
# a unit in caching mode has its domains flushed at once by default, so that is for those with =1.
elsewhere_io() {
	local scalable remapped=IR-PCI-MSIX unit="-device intel-iommu,intremap=on"
	elsewhere none "" none PCI-MSIX ""
	elsewhere legacy "$unit" DMA-FQ $remapped "iommu.strict=0"
	elsewhere legacy-strict "-device intel-iommu,intremap=off" DMA PCI-MSIX "iommu.strict=1"
	elsewhere legacy-off "$unit" none $remapped "intel_iommu=off"
	elsewhere legacy-pt "$unit" identity $remapped "iommu=pt"
	if scalable=$(property qemu-system-x86_64 scalable-mode x-scalable-mode); then
		unit+=,$scalable=on
		elsewhere scalable "$unit" DMA-FQ $remapped "iommu.strict=0"
		elsewhere scalable-strict "$unit,caching-mode=on" DMA $remapped "iommu.strict=1"
		elsewhere scalable-pt "$unit" identity $remapped "iommu=pt"
	else
		printf 'skip\telsewhere-scalable\n' >>"$results"
		say SKIP "elsewhere-scalable: this QEMU has no VT-d unit with scalable mode"
	fi
}

elsewhere_tests() {
	elsewhere_io
}
