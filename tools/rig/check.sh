#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: check.sh NAME
# One static check of the project's files; silent unless it finds something.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$TOP"

# Everything that is the project's, committed or about to be.
files() {
	"$RIG/overlay.sh"
	find tools/rig .ci Makefile Kconfig .gitignore -type f ! -name '*~' ! -path '*/__pycache__/*'
}

shell_scripts() {
	files | while read -r file; do
		[[ $(head -n 1 "$file" | tr -d '\0') != '#!'*sh ]] || echo "$file"
	done
}

check_shellcheck() {
	shell_scripts | xargs -r shellcheck -x -P "$RIG"
}

# The first line, or the second after "#!", says the licence. Patches are text up to the first "---".
check_spdx() {
	local bad=0 file
	while read -r file; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: ' || { echo "$file: no SPDX line"; bad=1; }
	done < <(files)
	return "$bad"
}

# checkpatch DIR-REGEX TYPES-TO-IGNORE [FILES-TO-LEAVE-OUT]
checkpatch() {
	files | grep -E "^($1).*\.[ch]$" | grep -vE "${3:-^$}" | xargs -r perl "$TREE/scripts/checkpatch.pl" \
		--no-tree --strict --max-line-length=100 --ignore "$2" --show-types --terse -q -f
}

check_checkpatch() {
	local bad=0
	# Boot parameters are described in this project's own pages: kernel-parameters.txt, where
	# UNDOCUMENTED_SETUP looks, is the base's.
	checkpatch 'drivers|include' UNDOCUMENTED_SETUP '/(trace|compat)\.h$' || bad=1
	# What differs between kernels asks for the version.
	checkpatch 'drivers/.*/compat' LINUX_VERSION_CODE,CONSTANT_COMPARISON || bad=1
	# A header of tracepoints is a list of macro arguments, laid out in a way of its own.
	checkpatch 'drivers/.*/trace' OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,SPACING || bad=1
	# PREFER_DEFINED_ATTRIBUTE_MACRO is for __printf() and the like, which user space has not.
	checkpatch tools PREFER_DEFINED_ATTRIBUTE_MACRO || bad=1
	return "$bad"
}

# The directories of the project that the kernel build knows.
kernel_dirs() {
	"$RIG/overlay.sh" | sed -n 's#^\(drivers/.*/\)Makefile$#\1#p'
}

# -Werror because an object that has been made is not made, and warned of, again.
check_warnings() {
	local dirs
	mapfile -t dirs < <(kernel_dirs)
	[ ${#dirs[@]} -eq 0 ] || "$RIG/kernel.sh" check W=1 KCFLAGS=-Werror "${dirs[@]}"
}

check_sparse() {
	local dirs out
	mapfile -t dirs < <(kernel_dirs)
	[ ${#dirs[@]} -gt 0 ] || return 0
	# With the same flags as above, so that nothing but sparse runs.
	out=$("$RIG/kernel.sh" check W=1 KCFLAGS=-Werror C=2 "${dirs[@]}" 2>&1) || {
		echo "$out"
		return 1
	}
	# Complaints about the base's own headers are the base's.
	! grep -E "^([^ ]*/)?($(paste -sd'|' < <(printf '%s\n' "${dirs[@]}")))[^ ]*:[0-9]+:[0-9]+:" <<<"$out"
}

# A directory with floors names them in its README.rst. The objects are those of the checks above.
check_floors() {
	local dirs
	mapfile -t dirs < <("$RIG/overlay.sh" | sed -n 's#^\(drivers/.*/\)README\.rst$#\1#p')
	[ ${#dirs[@]} -gt 0 ] || { echo "no directory has floors"; return 1; }
	"$RIG/kernel.sh" check W=1 KCFLAGS=-Werror "${dirs[@]}" >/dev/null
	"$RIG/floors.py" "$BUILD/obj-check" "${dirs[@]}"
}

# What the guide for VMMs shows of its example is what the tests run.
check_quotes() {
	"$RIG/quotes.py" Documentation/userspace-api/iommufd-vtd-nesting.rst tools/iommu/nesting-example.c
}

# Every mutant has its place in the sources, once.
check_mutants() {
	local list
	for list in "$RIG"/mutants/*; do
		[ -x "$list" ] || "$RIG/mutants.py" check "$list" "$TOP" >/dev/null || return 1
	done
}

# kselftest's own runner finds and runs every program that it installed. Without a simulated unit
# they skip.
check_kselftest() {
	local installed=$BUILD/user/kselftest/install report
	report=$("$installed/run_kselftest.sh")
	diff <(sed -nE 's/^ok [0-9]+ selftests: ([^ ]+) ([^ ]+).*/\1\2/p' <<<"$report") \
		"$installed/kselftest-list.txt" || { echo "$report"; return 1; }
}

# What it decodes needs no VT-d unit.
check_vtdctl() {
	make -s -C tools/iommu/vtdctl OUT="$BUILD/user/vtdctl" HDR="$HEADERS/include" test
}

# The VT-d unit for guests, against a host that keeps accounts of what it is asked for.
check_vunit() {
	make -s -C "$TREE/tools/iommu/vunit" -j"$J" OUT="$BUILD/user/vunit" HDR="$HEADERS/include" all check
}

check_patch() {
	"$RIG/patch.sh" && "$RIG/patch.sh" verify
}

check_series() {
	"$RIG/series.sh" && "$RIG/series.sh" verify
}

check_htmldocs() {
	"$RIG/htmldocs.sh"
}

"check_$1"
