#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: hook.sh [-m TEXT] NN-NAME.patch PATH...
# Writes a hook from what has been edited in build/tree: for each PATH, the difference between
# the base with all other hooks and build/tree. TEXT is the commit message, a subject and a body; a hook
# that exists keeps its own, and its place; a new one is for this base alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

text=""
while getopts m: option; do
	case $option in
	m) text=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || die "usage: hook.sh [-m TEXT] NN-NAME.patch PATH..."
name=$1
shift
hook=$RIG/hooks/$BASE/$name
[ ! -e "$RIG/hooks/shared/$name" ] || hook=$RIG/hooks/shared/$name
scratch=$BUILD/hook
[ -n "$text" ] || text=$(hook_text "$hook")
lock tree
"$RIG/stage.sh" "$scratch" "$name"
{
	printf 'SPDX-License-Identifier: GPL-2.0\n%s\n\n' "$text"
	for path in "$@"; do
		old=$scratch/$path
		[ -e "$old" ] || old=$PRISTINE/$path
		diff -u --label "a/$path" --label "b/$path" "$old" "$TREE/$path" || [ $? = 1 ]
	done
} >"$hook.new"
rm -rf "$scratch"
mv "$hook.new" "$hook"
say HOOK "$hook"
