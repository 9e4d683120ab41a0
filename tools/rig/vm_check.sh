#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Checks what vm.sh makes of emulators that fail, with programs that stand for them: an emulator's
# own failure is tried once more and no oftener, a kernel's is not, silence ends and slowness does not.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
limit=10 failed=0

# run NAME STATUS BOOTS SCRIPT: an emulator that does SCRIPT must make vm.sh end with STATUS after
# so many boots. SCRIPT has the kernel's log in $log and the number of the boot in $boot.
run() {
	local name=vm-check-$1 want="$2, $3 boots" status=0
	cat >"$scratch/emulator" <<-EOF
		#!/usr/bin/env bash
		while [ \$# -gt 0 ]; do
			case \$1,\${2:-} in
			-serial,file:*) log=\${2#file:} ;;
			-pidfile,*) echo \$\$ >"\$2" ;;
			esac
			shift
		done
		echo >>"$scratch/boots"
		boot=\$(wc -l <"$scratch/boots")
		$4
	EOF
	chmod +x "$scratch/emulator"
	: >"$scratch/boots"
	"$RIG/vm.sh" -t "$limit" -e "$scratch/emulator" "$name" debug boot >"$scratch/out" 2>&1 || status=$?
	[ "$status, $(wc -l <"$scratch/boots") boots" = "$want" ] && return
	echo "$1: ended with $status after $(wc -l <"$scratch/boots") boots, instead of $want:"
	cat "$scratch/out"
	failed=1
}

# shellcheck disable=SC2016 # the scripts' variables are theirs
{
	run good 0 1 'echo Linux >$log; echo @@ start; echo @@ end 0'
	run bad 3 1 'echo Linux >$log; echo @@ start; echo @@ end 3'
	run died-once 0 2 'echo Linux >$log; [ $boot = 1 ] || { echo @@ start; echo @@ end 0; }'
	run died-twice 125 2 'echo Linux >$log'
	run never-began 125 2 'exit 1'
	run oops 125 1 'echo "BUG: kernel NULL pointer dereference" >$log'
	run died-in-kunit 125 1 'echo "KTAP version 1" >$log'
	run died-in-test 125 1 'echo Linux >$log; echo @@ start'
	run slow 0 1 'for i in {1..12}; do echo $i >>$log; sleep 1; done; echo @@ start; echo @@ end 0'
	limit=3
	run silent 124 1 'echo Linux >$log; exec sleep 1000'
	run deaf 124 1 'echo Linux >$log; trap "" TERM; exec sleep 1000'
}
[ $failed = 1 ] || rm -f "$LOGS"/vm-check-*
exit $failed
