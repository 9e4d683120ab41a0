#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Prints the overlay's files: the paths that are the same here and in the kernel tree.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$TOP"
for dir in drivers include tools Documentation; do
	[ ! -d "$dir" ] || find "$dir" -path tools/rig -prune -o \
		-type f \( ! -name '.*' -o -name .gitignore \) ! -name '*~' ! -name '*.o' \
		! -name '*.orig' ! -name '*.rej' -print
done | sort
