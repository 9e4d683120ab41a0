#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: test.sh [check|watchful|vmm|differential|image|elsewhere|sequence|coverage|deep [PART...]]
# Runs all tests, with BASE=7 those for mainline, or one part alone: the static checks, the test that
# complaints of the kernel are noticed, the guest in the newest QEMU, the comparison with QEMU's own
# VT-d unit, vtd-vm, devices that never nest (or only what the unit sees of them: sequence), what
# coverage.sh counts, or what takes hours, see deep.sh. Each step goes on whatever became of the one
# before it; the last line is the sum, and the exit status says whether nothing failed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$RIG/elsewhere.sh"
. "$RIG/deep.sh"

# A part of the deep tests may be a run of this script.
results=$LOGS/results
[ "${1:-all}" != deep ] || results=$LOGS/results-deep
: >"$results"

# host NAME COMMAND...: a test on this machine, which passes if the command does. A command that ends
# with 77 could not test anything, and its last line says why.
host() {
	local name=$1 log status=0
	shift
	log=$LOGS/test-${name// /-}.log
	"$@" >"$log" 2>&1 || status=$?
	case $status in
	0)
		printf 'pass\t%s\n' "$name" >>"$results"
		say PASS "$name"
		;;
	77)
		printf 'skip\t%s\n' "$name" >>"$results"
		say SKIP "$name: $(tail -n 1 "$log")"
		;;
	*)
		printf 'fail\t%s\n' "$name" >>"$results"
		say FAIL "$name"
		tail -n 40 "$log" | sed 's/^/           | /'
		return 1
		;;
	esac
}

# build NAME COMMAND...: the same for a step that shows its own progress.
build() {
	local name=$1
	shift
	if "$@"; then
		printf 'pass\t%s\n' "$name" >>"$results"
	else
		printf 'fail\t%s\n' "$name" >>"$results"
		say FAIL "$name"
		return 1
	fi
}

# Options of vm.sh for the next VMs.
vm_options=()

# Where the names of VMs go that count what is reached, and so have the kernel for that.
counted=""

# A program that changes the kernel's log of a VM before it is judged.
log_filter=""

# vm NAME KIND VARIANT KERNEL-OPTIONS WHAT...: a test in a VM, judged by ktap.py.
vm() {
	local name=$1 kind=$2 variant=$3 options=$4 status=0
	shift 4
	if [ -n "$counted" ]; then
		variant=coverage
		[ "$kind" = kunit ] || options+=" kunit.enable=0"
		echo "$name" >>"$counted"
	fi
	say VM "$name ($variant kernel)"
	SECONDS=0
	"$RIG/vm.sh" -t 900 "${vm_options[@]}" -k "$options" "$name" "$variant" "$@" \
		>/dev/null 2>"$LOGS/$name.said" || status=$?
	grep '^  RETRY' "$LOGS/$name.said" || true
	[ -z "$log_filter" ] || "$log_filter" "$LOGS/$name.log" "$BUILD/obj-$variant"
	"$RIG/ktap.py" "$results" "$name" "$kind" "$status" "$LOGS/$name.out" "$LOGS/$name.log" || true
	say VM "$name took $SECONDS s"
}

# red NAME PROVOCATION...: is a run red in which these complaints are provoked?
red() {
	local name=$1 results=$LOGS/$1.results
	shift
	: >"$results"
	vm "$name" program debug "kunit.enable=0" run provoke "$@"
	! sum
}

# A test that cannot fail is none: the complaints of kernel and model that a program can provoke have
# to be noticed.
watchful_tests() {
	local reports=(warning ubsan hung-task violation lockdep refcount list kasan oops)
	host "a run with complaints is red" red complaints "${reports[@]}" || true
	"$RIG/watchful.py" "$results" "$LOGS/complaints.log" "${reports[@]}" || true
	host "a run with a panic is red" red panic panic || true
	"$RIG/watchful.py" "$results" "$LOGS/panic.log" panic || true
}

# A kernel that has the simulated unit, and is not asked for it, is like one that has not.
without_vtdsim() {
	"$RIG/vm.sh" -n -t 300 without-vtdsim lean boot && ! grep -iE 'vtdsim|DMAR' "$LOGS/without-vtdsim.log"
}

static_checks() {
	host "shellcheck" "$RIG/check.sh" shellcheck || true
	host "SPDX lines" "$RIG/check.sh" spdx || true
	host "checkpatch" "$RIG/check.sh" checkpatch || true
	host "compiler warnings" "$RIG/check.sh" warnings || true
	host "sparse" "$RIG/check.sh" sparse || true
	host "floors" "$RIG/check.sh" floors || true
	host "vtdctl decodes" "$RIG/check.sh" vtdctl || true
	host "guide quotes its example" "$RIG/check.sh" quotes || true
	host "mutants fit the sources" "$RIG/check.sh" mutants || true
	host "documentation builds" "$RIG/check.sh" htmldocs || true
	host "emulators that fail" "$RIG/vm_check.sh" || true
	host "patch applies and gives the tree" "$RIG/check.sh" patch || true
	host "patch series apply and give the tree" "$RIG/check.sh" series || true
}

# Guests inside the VM, whose VMM is the distribution's newest QEMU: this project's nesting, the
# base's to compare with, and shadowing; and guest programs on QEMU's unit. The outer QEMU is the same,
# and its CPU has no AMD-V: with KVM the guests are several times as fast, but now and then the
# emulated AMD-V loses the host's GS, or its timer. With DEEP=1 there are more guests that are shadowed,
# and guests of theirs. Those that attach PASIDs, which Linux 6.12 cannot for user space, are all there
# is with "pasids".
vmm_tests() {
	local status=0 options="oops=panic vtdsim=on,endpoints=3"
	local vm_options=(-m 3G -i "$BUILD/vmm.cpio" -e "$BUILD/vmm/qemu" -q "-cpu max,-la57,-svm")
	"$RIG/vmm.sh" lean || status=$?
	case $status in
	0)
		[ "$BASE" = 6.12 ] || vm vmm-pasids tests lean "$options" tests vtd_pasid_vmm
		[ "${1:-}" != pasids ] || return 0
		vm vmm tests lean "$options" tests vtd_nested_vmm
		vm vmm-gnr tests lean "$options,gnr" tests vtd_nested_vmm
		vm vmm-base tests lean "$options intel_iommu_nested=base" tests vtd_nested_vmm
		vm vmm-shadow tests lean "$options VTD_ALL=${DEEP:-0}" tests vtd_shadow_vmm
		vm vmm-programs tests lean "$options" tests vtd_vunit
		;;
	77)
		printf 'skip\tvmm\n' >>"$results"
		say SKIP "vmm: no QEMU from trixie-backports to be had (the message is above)"
		;;
	*)
		printf 'fail\tvmm: packing QEMU and its guest\n' >>"$results"
		say FAIL "vmm: packing QEMU and its guest"
		;;
	esac
}

# differential NAME MODEL EMULATOR UNIT DEVICE OPTION...: the same accesses (OPTIONs of
# dma-transcript), with vtdsim and with the unit and a device that an emulator has, both seen by the
# same kernel. The VMs' time is made by instructions, so that the rests that the driver's limit of
# messages asks for take none.
differential() {
	local name=$1 model=$2 emulator=$3 unit=$4 device=$5 other
	local boot="hugepagesz=1G hugepages=1 tsc=reliable tsc_early_khz=1000000"
	local vm_options=(-m 4G)
	shift 5
	# Each of them keeps one processor busy.
	ACCEL=icount vm "$name-vtdsim" program lean "vtdsim=$model pci=noats $boot" \
		run dma-transcript "$@" &
	other=$!
	vm_options+=(-n -e "$emulator" -q "-device $unit -device $device")
	ACCEL=icount vm "$name-qemu" program lean "intel_iommu=on,sm_on $boot" \
		run dma-transcript "$@"
	# What is compiled ahead may take longer.
	wait "$other"
	"$RIG/differential.py" "$results" "$name" "$LOGS/$name-vtdsim.out" "$LOGS/$name-qemu.out" || true
}

# property EMULATOR NAME...: which of these its VT-d unit has; the first that is there.
property() {
	local emulator=$1 name help
	shift
	help=$("$emulator" -device intel-iommu,help)
	for name; do
		if grep -q "^  $name=" <<<"$help"; then
			echo "$name"
			return
		fi
	done
	return 1
}

# five_levels EMULATOR [PROPERTY...]: they cannot be compared with a unit that refuses to have them,
# and what it says is the reason for the skip.
five_levels() {
	local emulator=$1 scalable said
	scalable=$(property "$emulator" scalable-mode x-scalable-mode) || return 0
	shift
	said=$("$emulator" -machine q35 -nodefaults -display none -S -monitor stdio \
		-device "$(IFS=, && echo "intel-iommu,$scalable=on,aw-bits=57${*:+,$*}")" \
		<<<quit 2>&1 | grep -io 'supported value.*') || said="it has them, but no test yet"
	printf 'skip\tfive-levels\n' >>"$results"
	say SKIP "five-levels${*:+, $*}: ${emulator##*/}: $said"
}

# Both units have four levels of tables and addresses of 48 bits. A first stage is not in every QEMU,
# and this distribution's newest has it; that one has a second device that does DMA, too.
differential_tests() {
	local unit=aw-bits=48,intremap=off,snoop-control=on model=cap.mgaw=47,cap.sagaw=6
	local edu=edu,dma_mask=0xffffffffffffffff
	local emulator=qemu-system-x86_64 scalable stage
	five_levels "$emulator"
	if scalable=$(property "$emulator" scalable-mode x-scalable-mode); then
		differential second-stage "on,$model" "$emulator" "intel-iommu,$scalable=on,$unit" \
			"$edu" --chunks=24
	else
		printf 'skip\tsecond-stage\n' >>"$results"
		say SKIP "second-stage: $emulator has no VT-d unit with scalable mode"
	fi

	if ! stage=$(property "$emulator" fsts x-flts); then
		emulator=$BUILD/vmm/qemu
		"$RIG/newqemu.sh" && stage=$(property "$emulator" fsts x-flts) || stage=""
	fi
	if [ -z "$stage" ]; then
		printf 'skip\tfirst-stage\n' >>"$results"
		say SKIP "first-stage: no QEMU to be had whose VT-d unit has a first stage"
		return
	fi
	scalable=$(property "$emulator" scalable-mode x-scalable-mode)
	# That unit does not invalidate more than 1 GiB at once.
	differential first-stage "fsonly,cap.fs5lp=0,$model" "$emulator" \
		"intel-iommu,$scalable=on,$stage=on,$unit" "$edu" --chunks=24 --within=30
	five_levels "$emulator" "$stage=on"
	if "$emulator" -device iommu-testdev,help >/dev/null 2>&1; then
		differential second-device "on,$model" "$emulator" "intel-iommu,$scalable=on,$unit" \
			iommu-testdev --chunks=2 --writes
	else
		printf 'skip\tsecond-device\n' >>"$results"
		say SKIP "second-device: $emulator has no iommu-testdev"
	fi
}

# Interrupts that the simulated unit remaps. The kernel has no unit remap any unless all of them can
# and one has the I/O APIC, which is QEMU's.
remapping_tests() {
	local scalable vm_options=(-s)
	if scalable=$(property qemu-system-x86_64 scalable-mode x-scalable-mode); then
		vm_options+=(-q "-device intel-iommu,intremap=on,$scalable=on")
		vm remapping tests lean "iommu.strict=1 \
			vtdsim=on,ir,endpoints=2,endpoint=own-msix,endpoint=edu" \
			tests vtd_remap vtd_nested_msi vtd_kinds
	else
		printf 'skip\tremapping\n' >>"$results"
		say SKIP "remapping: this QEMU has no VT-d unit with scalable mode"
	fi
}

# Mainline on the simulated unit, with the extension and with the nesting that mainline has. One kernel
# is for all of it.
mainline_tests() {
	local pasids=(vtd_pasid vtd_nested_pasid vtd_nested_pasid_life vtd_nested_newer
		vtd_nested_isolation)
	build "user programs build" "$RIG/initramfs.sh" || return 0
	if build "lean kernel builds" "$RIG/kernel.sh" lean; then
		vm kunit kunit lean "kunit.enable=1 vtdsim=on,unit,gnr iommu.strict=1" boot
		vm demo program lean "" run nesting-demo
		vm demo-base program lean "intel_iommu_nested=base" run nesting-demo
		vm pasids tests lean "" tests "${pasids[@]}"
		vm pasids-base tests lean "intel_iommu_nested=base" tests "${pasids[@]}"
		vm fuzz program lean "vtdsim=on,endpoints=3" run /tests/vtd_fuzz --steps 6000
		vm fuzz-group program lean "vtdsim=on,functions=2,endpoints=3" \
			run /tests/vtd_fuzz --steps 2000
		! build "image builds" "$RIG/image.sh" ||
			host "VFIO selftests in vtd-vm" "$RIG/vfio_selftests.sh" || true
		vmm_tests pasids
	fi
}

# The same on the newest 7.N, in a directory of its own.
newest_tests() {
	local status=0 newest=$BUILD/7/log/results
	rm -f "$newest"
	BASE=7 KSRC='' "$0" || status=$?
	if [ -s "$newest" ]; then
		cat "$newest" >>"$results"
	elif [ "$status" = 77 ]; then
		printf 'skip\tLinux 7\n' >>"$results"
		say SKIP "Linux 7: there is none that the hooks fit (the reason is above)"
	else
		printf 'fail\tLinux 7\n' >>"$results"
		say FAIL "Linux 7: no tests were run"
	fi
}

# A VM for programs of this machine, and what it makes of them.
image_tests() {
	build "image builds" "$RIG/image.sh" || return 0
	host "vtd-vm" "$RIG/image_check.sh" || true
	host "virtme-ng" "$RIG/virtme.sh" || true
}

# Compiles the kernels that come later, beside VMs that leave a processor idle. The steps that build
# them wait until they are there, and are the ones that judge.
compile_ahead() {
	nice "$RIG/kernel.sh" lean || true
	nice "$RIG/kernel.sh" lean-base || true
	export BASE=7 KSRC=''
	"$RIG/base.sh" && "$RIG/tree.sh" && nice "$RIG/kernel.sh" lean
}

# In a process group of its own, so that all of it ends with this script.
start_compiling_ahead() {
	set -m
	compile_ahead >"$LOGS/ahead.log" 2>&1 </dev/null &
	trap 'kill -- -'"$!"' 2>/dev/null || true' EXIT
	set +m
}

# What has to be checked all the time.
checked_vms() {
	vm kunit kunit debug "vtdsim=on,unit,gnr iommu.strict=1" boot
	# Once more with units that work beside the CPUs
	vm kunit-async kunit debug "kunit.filter=speed>slow iommu.strict=1 \
		vtdsim=on,async=1,unit,gnr,async=1" boot
	# What does not nest is the same with the base's nesting as with the extension, but for
	# the order of two locks, see the hook nested-lock-order.
	vm kunit-base kunit debug "kunit.filter_glob=*-client iommu.strict=1 \
		intel_iommu_nested=base lockdep.prove_locking=0" boot
	vm kunit-base-unmap kunit debug "kunit.filter_glob=intel-nested-*client iommu.strict=1 \
		intel_iommu_nested=base-unmap" boot
	# vtdctl shows what this suite makes go wrong.
	vm selftests tests debug "kunit.filter_glob=intel-nested-events" tests
}

# What fast code is enough for: other units, and programs that say themselves whether all is well.
# Most units work beside the CPUs, in any order; those of the debug kernel work in step with them.
fast_vms() {
	vm demo program lean "" run nesting-demo
	vm example program lean "" run nesting-example
	vm selftests-async tests lean "vtdsim=on,async=5" tests
	vm load tests lean "vtdsim=gnr,endpoints=8" tests vtd_nested_stage2 vtd_nested_random
	# A unit for functions of one device, for root ports, a switch, and a bridge to PCI
	local units=on,async=3,functions=2,endpoint=own-msix,endpoint=own,endpoint=ioat
	units+=,unit,async=4,ports,endpoint=own,endpoint=own,endpoint=edu
	units+=,unit,async=5,switch,acs,unit,async=6,bridge
	vm endpoints tests lean "iommu.strict=1 vtdsim=$units" \
		tests vtd_ioat.sh vtd_kinds vtd_group
	# A third endpoint does DMA all the time.
	vm fuzz program lean "vtdsim=on,async=18,endpoints=3" run /tests/vtd_fuzz --steps 2000
	vm fuzz-group program lean "vtdsim=on,functions=2,endpoints=3" run /tests/vtd_fuzz --steps 2000
	remapping_tests
	vm vtdctl-base tests lean "intel_iommu_nested=base" tests vtd_nested_vtdctl.sh
	# The lean kernel has network namespaces.
	vm no-erratum tests lean "vtdsim=gnr,async=7" tests vtd_nested_erratum vtd_nested_vtdctl.sh
	vm erratum tests lean "vtdsim=gnr,async=8 intel_iommu_nested=erratum" tests vtd_nested_erratum
	vm two-units tests lean "vtdsim=gnr,endpoints=1,async=9,unit,spr,endpoints=1,async=10" \
		tests vtd_nested_erratum
	units=gnr,endpoints=1,async=15,unit,gnr,endpoints=1,async=16,unit,gnr,endpoints=1,async=17
	vm three-units tests lean "vtdsim=$units" tests vtd_nested_units
	vm no-nesting tests lean "vtdsim=icx,async=11" tests vtd_nested_profiles
	vm noncoherent tests lean "vtdsim=noncoherent,async=12" tests vtd_nested_dma vtd_nested_attach
	vm untrusted tests lean "pci=noats vtdsim=gnr,async=14" tests vtd_nested_untrusted
	vm first-stage-only tests lean "vtdsim=fsonly,async=13" \
		tests vtd_nested_profiles vtd_nested_fsonly vtd_type1
}

# The test programs are the same for all kernels; what a kernel cannot do they skip.
guest_tests() {
	build "user programs build" "$RIG/initramfs.sh" || return 0
	host "kselftest runs what it installs" "$RIG/check.sh" kselftest || true
	if build "debug kernel builds" "$RIG/kernel.sh" debug; then
		start_compiling_ahead
		checked_vms
		watchful_tests
	fi
	if build "lean kernel builds" "$RIG/kernel.sh" lean; then
		fast_vms
		host "nothing of vtdsim unless asked for" without_vtdsim || true
		image_tests
		elsewhere_tests
		vmm_tests
		differential_tests
		one_short_part
	fi
	if build "lean kernel with the base's nesting builds" "$RIG/kernel.sh" lean-base; then
		vm demo-base program lean-base "" run nesting-demo
	fi
	newest_tests
	# It is the lean kernel without what guests need, and takes minutes to compile.
	host "demonstration's kernel can be configured" "$RIG/kernel.sh" demo kernelversion || true
	"$RIG/skips.py" "$results" "$RIG/run-nowhere"
}

sum() {
	awk -F'\t' '{ n[$1]++ } END {
		printf "%d passed, %d failed", n["pass"], n["fail"]
		if (n["skip"]) printf ", %d skipped", n["skip"]
		print ""
		exit n["fail"] > 0 || n["pass"] == 0
	}' "$results"
}

# There may be no base to test, which is said by now.
"$RIG/base.sh" || [ $? != 77 ] || exit 77
if build "tree and hooks fit the base" "$RIG/tree.sh" && build "user API headers export" "$RIG/headers.sh"; then
	case ${1:-all} in
	all)
		if [ "$BASE" = 6.12 ]; then
			static_checks
			host "patch series compile one by one" "$RIG/series.sh" compile || true
			host "vunit" "$RIG/check.sh" vunit || true
			guest_tests
		else
			host "patch applies and gives the tree" "$RIG/check.sh" patch || true
			host "patch series apply and give the tree" "$RIG/check.sh" series || true
			mainline_tests
		fi
		;;
	check) static_checks ;;
	coverage)
		counted=$LOGS/coverage.vms
		: >"$counted"
		if build "user programs build" "$RIG/initramfs.sh"; then
			checked_vms
			fast_vms
		fi
		;;
	watchful)
		if build "user programs build" "$RIG/initramfs.sh" &&
			build "debug kernel builds" "$RIG/kernel.sh" debug; then
			watchful_tests
		fi
		;;
	vmm | differential | image | elsewhere | sequence)
		if build "user programs build" "$RIG/initramfs.sh" &&
			build "lean kernel builds" "$RIG/kernel.sh" lean; then
			"$1_tests"
		fi
		;;
	deep)
		if build "user programs build" "$RIG/initramfs.sh" &&
			build "lean kernel builds" "$RIG/kernel.sh" lean; then
			deep_tests "${@:2}"
		fi
		;;
	esac
fi
echo "Logs are in ${LOGS#"$TOP/"}."
sum
