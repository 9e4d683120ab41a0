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

# same_sequence NAME EMULATOR UNIT KIND=MINIMUM...: devices that never nest do the same, one thing
# after the other, with the base's nesting, with the extension, and with the extension but for what
# base-unmap turns off. The unit of EMULATOR must see the same accesses of registers and the same
# descriptors from boot on, and so many of each kind (see sequence.py). The VMs' time is made by
# instructions, no timer decides when to flush, and large pages are there from boot on: which of
# them are neighbours must not differ.
same_sequence() {
	local name=sequence-$1 emulator=$2 unit=$3 disks=$BUILD/elsewhere word other
	local minima=(vtd_reg_read=100 vtd_reg_write=1000 wait=1000 iotlb=1000 iec=10 "${@:4}")
	local boot="intel_iommu=on,sm_on iommu.strict=1 hugepages=4"
	boot+=" tsc=reliable tsc_early_khz=1000000"
	mkdir -p "$disks"
	for word in base base-unmap on; do
		rm -f "$disks/$word."* "$LOGS/$name-$word.unit"
		truncate -s 16M "$disks/$word.nvme" "$disks/$word.virtio"
		local options="$boot" vm_options=(-n -e "$emulator" -q "$unit
			-drive file=$disks/$word.nvme,format=raw,if=none,id=nvme
			-device nvme,serial=1,drive=nvme
			-drive file=$disks/$word.virtio,format=raw,if=none,id=virtio
			-device virtio-blk-pci,drive=virtio,disable-legacy=on,iommu_platform=on
			-device edu,dma_mask=0xffffffffffffffff
			-trace vtd_reg_* -trace vtd_inv_desc* -D $LOGS/$name-$word.unit")
		[ "$word" = on ] || options+=" intel_iommu_nested=$word"
		if [ "$word" = base ]; then
			# Each of them keeps one processor busy.
			ACCEL=icount vm "$name-$word" program lean "$options" run io-sequence 2 &
			other=$!
		else
			ACCEL=icount vm "$name-$word" program lean "$options" run io-sequence 2
		fi
	done
	wait "$other"
	host "$name is the base's with base-unmap" "$RIG/sequence.py" \
		"$LOGS/$name-base.unit" "$LOGS/$name-base-unmap.unit" "${minima[@]}" || true
	host "$name is the base's" "$RIG/sequence.py" --unmap \
		"$LOGS/$name-base.unit" "$LOGS/$name-on.unit" "${minima[@]}" || true
}

# Older QEMUs do not trace what they invalidate in the PASID cache.
sequence_tests() {
	local emulator=qemu-system-x86_64 scalable unit="-device intel-iommu,intremap=on"
	same_sequence legacy "$emulator" "$unit" context-cache=5
	if ! "$emulator" -trace help | grep -q vtd_inv_desc_pasid_cache; then
		emulator=$BUILD/vmm/qemu
		"$RIG/newqemu.sh" || emulator=""
	fi
	if [ -n "$emulator" ] && scalable=$(property "$emulator" scalable-mode x-scalable-mode); then
		same_sequence scalable "$emulator" "$unit,$scalable=on,aw-bits=48" pasid-cache=5
	else
		printf 'skip\tsequence-scalable\n' >>"$results"
		say SKIP "sequence-scalable: no QEMU to be had that traces the PASID cache"
	fi
}

elsewhere_tests() {
	elsewhere_io
	sequence_tests
}
