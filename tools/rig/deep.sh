# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The parts of make test-deep, for test.sh, which has host(), build() and vm() that they are made of.
# A part NAME is a function deep_NAME(). What has passed is not run again until something changes:
# build/deep has the results, by part.
# shellcheck disable=SC2034 # what is set here is for functions of test.sh

deep_parts=(strict fuzz lives-kunit lives iommufd fio rt kcsan shadow busy coverage mutants-nested
	mutants-vtdsim mutants-vunit)

# Those, and pieces of those, for which ten minutes are enough with the kernels that make test has: it
# runs one of them.
short_parts=(strict fuzz lives-kunit some-lives iommufd fio busy-kunit some-mutants-nested
	some-mutants-vtdsim mutants-vunit)

# All selftests where the DMA API flushes at once, as it does not unless the kernel is told so.
deep_strict() {
	vm strict tests lean "iommu.strict=1" tests
}

# Timers, work and memory from their beginning to their end: what is freed while it is in use, changes
# while it is free, or is never freed.
deep_lives_kunit() {
	build "debug kernel builds" "$RIG/kernel.sh" debug || return 0
	local vm_options=(-l)
	vm lives-kunit kunit debug "vtdsim=on,unit,gnr iommu.strict=1" boot
}

# Five programs, others for another commit
deep_some_lives() {
	build "debug kernel builds" "$RIG/kernel.sh" debug || return 0
	local names first some vm_options=(-l)
	mapfile -t names < <(sed -n 's|^file /tests/\(.*\) .* 0755 0 0$|\1|p' \
		"$BUILD/initramfs.cpio.gz.list")
	first=$(($(number) / ${#short_parts[@]} % ${#names[@]}))
	names+=("${names[@]}")
	some=("${names[@]:first:5}")
	vm some-lives tests debug "kunit.enable=0" tests "${some[@]}"
}

deep_lives() {
	build "debug kernel builds" "$RIG/kernel.sh" debug || return 0
	local vm_options=(-l)
	vm lives tests debug "kunit.enable=0" tests
}

# What the base tests iommufd with, on mock devices. Where there is any VT-d unit, its driver takes
# these for its own.
deep_iommufd() {
	build "debug kernel builds" "$RIG/kernel.sh" debug || return 0
	host "iommufd's selftests build" "$RIG/iommufd_selftests.sh" || return 0
	local vm_options=(-n -i "$BUILD/iommufd.cpio.gz")
	vm iommufd tests debug "kunit.enable=0 hugepages=128" tests iommufd iommufd_fail_nth
}

# Devices that never nest, their disks read and written by fio, which verifies all of it.
deep_fio() {
	local io_check=fio-check io_image=$BUILD/fio.cpio.gz
	host "fio" "$RIG/fio.sh" || return 0
	elsewhere_io
}

# Random programs that no other commit has run: on devices in groups of their own, and on two in one
# group, as functions of a device that can be pulled out and behind ports.
deep_fuzz() {
	vm fuzz program lean "vtdsim=on,endpoints=3" run /tests/vtd_fuzz --seed "$(number)" --seconds 300
	vm fuzz-functions program lean "vtdsim=on,functions=2,endpoints=3" \
		run /tests/vtd_fuzz --seed "$(number)" --seconds 150
	vm fuzz-ports program lean "vtdsim=on,ports,endpoints=2" \
		run /tests/vtd_fuzz --seed "$(number)" --seconds 100
}

# The kernel where spinlocks sleep and interrupts are threads.
deep_rt() {
	build "real-time kernel builds" "$RIG/kernel.sh" rt || return 0
	vm rt-kunit kunit rt "vtdsim=on,unit,gnr iommu.strict=1" boot
	vm rt-kunit-async kunit rt "kunit.filter=speed>slow iommu.strict=1 \
		vtdsim=on,async=1,unit,gnr,async=1" boot
	vm rt tests rt "kunit.enable=0" tests
}

# Data races, under everything that runs at the same time as something else.
deep_kcsan() {
	local log_filter=$RIG/races.py
	build "kernel that looks for data races builds" "$RIG/kernel.sh" kcsan || return 0
	vm kcsan-kunit kunit kcsan "vtdsim=on,unit,gnr iommu.strict=1" boot
	vm kcsan-kunit-async kunit kcsan "kunit.filter=speed>slow iommu.strict=1 \
		vtdsim=on,async=1,unit,gnr,async=1" boot
	vm kcsan tests kcsan "kunit.enable=0" tests
	vm kcsan-async tests kcsan "kunit.enable=0 vtdsim=on,async=1" tests
}

# busy COMMAND...: while two loops take of the machine what they can get
busy() {
	local loops=()
	for _ in 1 2; do
		# They must not outlive this script.
		(while kill -0 $$; do :; done 2>/dev/null) &
		loops+=($!)
	done
	"$@"
	kill "${loops[@]}"
	wait "${loops[@]}" || true
}

twenty_runs() {
	local i
	for ((i = 1; i <= 20; i++)); do
		vm "busy-kunit-$i" kunit debug "vtdsim=on,unit,gnr iommu.strict=1" boot &
		vm "busy-$i" tests lean "kunit.enable=0 vtdsim=on,async=1" tests
		wait $!
	done
}

# A busy machine makes tests slow, not red: everything runs again and again, two VMs at a time: KUnit in
# the debug kernel, the selftests in the fast one.
deep_busy() {
	build "debug kernel builds" "$RIG/kernel.sh" debug || return 0
	busy twenty_runs
}

# What is quick of KUnit, once.
deep_busy_kunit() {
	build "debug kernel builds" "$RIG/kernel.sh" debug || return 0
	busy vm busy-kunit kunit debug "kunit.filter=speed>slow iommu.strict=1 \
		vtdsim=on,async=1,unit,gnr,async=1" boot
}

# Every kind of guest without a first stage, and their guests.
deep_shadow() {
	DEEP=1 vmm_tests
}

deep_coverage() {
	host "coverage" "$RIG/coverage.sh" || true
}

deep_mutants_nested() {
	host "mutants of nested" "$RIG/mutants.sh" nested || true
}

deep_mutants_vtdsim() {
	host "mutants of vtdsim" "$RIG/mutants.sh" vtdsim || true
}

deep_mutants_vunit() {
	host "mutants of vunit" "$RIG/mutants.sh" vunit || true
}

# some_mutants LIST: ten of them, others for another commit
some_mutants() {
	local names first some
	mapfile -t names < <(sed -n 's/^\[\([a-z0-9-]*\)\].*/\1/p' "$RIG/mutants/$1")
	first=$(($(number) / ${#short_parts[@]} % ${#names[@]}))
	names+=("${names[@]}")
	some=("${names[@]:first:10}")
	host "ten mutants of $1" "$RIG/mutants.sh" "$1" "${some[@]}" || true
}

deep_some_mutants_nested() {
	some_mutants nested
}

deep_some_mutants_vtdsim() {
	some_mutants vtdsim
}

# Which commit this is; a tree without history counts as one.
commit() {
	git -C "$TOP" rev-parse HEAD 2>/dev/null || find "$BUILD/stage" -type f -exec cat {} + | sha256sum
}

number() {
	echo $((16#$(commit | head -c 7)))
}

# All that a result follows from.
deep_inputs() {
	cat "$BUILD/base.stamp"
	(cd "$BUILD/stage" && find . -type f | sort | xargs cat)
	(cd "$RIG" && find . -type f | sort | xargs cat)
}

# deep_part NAME: one part, in results that are kept if all of it has passed.
deep_part() {
	local name=$1 all=$results kept=$BUILD/deep/$1 key
	local results=$kept.new
	mkdir -p "$BUILD/deep"
	key=$(deep_inputs | sha256sum)
	if [ "$(cat "$kept.key" 2>/dev/null)" = "$key" ]; then
		say DEEP "$name: has passed before"
	else
		say DEEP "$name"
		rm -f "$kept.key"
		: >"$results"
		"deep_${name//-/_}"
		mv "$results" "$kept"
		# Nothing but skips is no result to keep.
		if grep -q '^pass' "$kept" && ! grep -q '^fail' "$kept"; then
			echo "$key" >"$kept.key"
		fi
	fi
	cat "$kept" >>"$all"
}

# deep_tests [NAME...]: all parts, or these.
deep_tests() {
	local name
	[ $# -gt 0 ] || set -- "${deep_parts[@]}"
	for name; do
		declare -F "deep_${name//-/_}" >/dev/null || die "there is no part $name: ${deep_parts[*]}"
	done
	for name; do
		deep_part "$name"
	done
}

# The short part whose turn it is, so that all of them are run again and again.
one_short_part() {
	deep_part "${short_parts[$(number) % ${#short_parts[@]}]}"
}
