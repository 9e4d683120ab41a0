#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: hook.sh NN-NAME.patch 'WHAT IT DOES' PATH...
# Writes a hook from what has been edited in build/tree: for each PATH, the difference between
# the base with all other hooks and build/tree.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 3 ] || die "usage: hook.sh NN-NAME.patch 'WHAT IT DOES' PATH..."
name=$1 what=$2
shift 2
hook=$RIG/hooks/$name
scratch=$BUILD/hook
lock tree
"$RIG/stage.sh" "$scratch" "$name"
{
	printf 'SPDX-License-Identifier: GPL-2.0\n%s\n\n' "$what"
	for path in "$@"; do
		old=$scratch/$path
		[ -e "$old" ] || old=$BASE/$path
		diff -u --label "a/$path" --label "b/$path" "$old" "$TREE/$path" || [ $? = 1 ]
	done
} >"$hook.new"
rm -rf "$scratch"
mv "$hook.new" "$hook"
say HOOK "$hook"
