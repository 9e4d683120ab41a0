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
	find tools/build .ci Makefile .gitignore -type f ! -name '*~' ! -path '*/__pycache__/*'
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

check_checkpatch() {
	# Not for whole files of a project like this:
	#   SPLIT_STRING would have messages of the selftests' usage texts on one long line
	files | grep -E '^(drivers|include|tools)/.*\.[ch]$' | xargs -r perl "$TREE/scripts/checkpatch.pl" \
		--no-tree --strict --max-line-length=100 --show-types --terse -q -f
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

check_patch() {
	"$RIG/patch.sh" && "$RIG/patch.sh" verify
}

"check_$1"
