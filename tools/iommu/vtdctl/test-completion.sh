#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Tests the completion of vtdctl's arguments: what is offered for the last of the words that bash has
# made of a command line.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/vtdctl.bash"

failed=0

# offers EXPECTED WORD...
offers() {
	local expected=$1
	shift
	COMP_WORDS=(vtdctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_vtdctl
	[ "${COMPREPLY[*]}" = "$expected" ] || {
		echo "not ok: vtdctl $*: offers '${COMPREPLY[*]}', not '$expected'"
		failed=1
	}
}

offers "decode unit parent domain stats monitor" ""
offers "decode domain" d
offers "--watch" --w
offers "monitor" --json mon
offers "stats" -w 1 st
offers "stats" --watch = 1 st
offers "monitor" --replaces --count = 5 m
offers "cap ecap pasid-entry context-entry descriptor fault-reason" decode ""
offers "pasid-entry" --json decode p
offers "" unit ""
offers "" decode cap ""
[ $failed = 1 ] || echo "ok: completion"
exit $failed
