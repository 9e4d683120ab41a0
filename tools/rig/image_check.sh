#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Checks vtd-vm: what a command in its VM gets and gives back, and that its exit status tells of
# complaints of the kernel and of the model, and of everything that can go wrong.
# shellcheck disable=SC2016 # the dollars are the emulators'
set -euo pipefail
. "$(dirname "$0")/lib.sh"

vtd_vm=$BUILD/image/vtd-vm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

wrong() {
	printf '%s: %s\n' "$name" "$*"
	failed=1
}

# run NAME STATUS [OPTION...] -- COMMAND...: vtd-vm must end with STATUS. Its output is in $out and
# $err; its working directory is the scratch directory, and its input the file "input" there.
run() {
	local want=$2 status=0
	name=$1
	shift 2
	out=$scratch/$name.out err=$scratch/$name.err
	(cd "$scratch" && "$vtd_vm" --accel "$ACCEL" --log "$LOGS/vtd-vm-$name.log" "$@") \
		<"$scratch/input" >"$out" 2>"$err" || status=$?
	[ "$status" = "$want" ] || {
		wrong "ended with $status instead of $want"
		cat "$err"
	}
}

# says TEXT: the standard error of the last run must have this.
says() {
	grep -qF -- "$1" "$err" || {
		wrong "does not say \"$1\" but:"
		cat "$err"
	}
}

# An emulator that runs SCRIPT instead of a VM. The file of the report is $report, the log $log.
emulator() {
	cat >"$scratch/emulator" <<-EOF
		#!/usr/bin/env bash
		for word; do
			case \$word in
			local,id=vm,*) report=\${word#*path=} report=\${report%%,*}/report ;;
			file,id=log,*) log=\${word#*path=} ;;
			esac
		done
		$1
	EOF
	chmod +x "$scratch/emulator"
}

head -c 300000 /dev/urandom >"$scratch/input"
mkdir "$scratch/kept"

# The command looks at all that it was given. It leaves a process behind that holds its output.
cat >"$scratch/inside" <<'EOF'
#!/usr/bin/env bash
set -eu
[ "$#,$1,$2,$3" = $'3,two words,,a\nnewline' ]
[ "$VTD_TEXT" = $'of two\nlines' ]
[ "$PWD" = "$(dirname "$0")" ]
[ -c /dev/iommu ]
set -- /dev/vfio/devices/vfio*
[ $# = 3 ]
[ "$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)" = 32 ]
echo gone >elsewhere
echo stays >kept/file
cat
head -c 1000 kept/../input >&2
sleep 1000 &
exit 7
EOF
chmod +x "$scratch/inside"
VTD_TEXT=$'of two\nlines' run everything 7 --endpoints 3 --hugepages 32 --share "$scratch/kept" \
	-- "$scratch/inside" "two words" "" $'a\nnewline'
cmp "$scratch/input" "$out" || wrong "the output is not the input"
head -c 1000 "$scratch/input" | cmp - "$err" || wrong "the errors are not what was written there"
[ ! -e "$scratch/elsewhere" ] || wrong "a file was written to the host"
[ "$(cat "$scratch/kept/file")" = stays ] || wrong "a file in the shared directory did not stay"

run kinds 0 --endpoints own,edu,ioat -- sh -c 'cat /sys/class/vfio-dev/vfio*/device/device'
[ "$(xargs <"$out")" = "0x7d51 0x11e8 0x2021" ] || wrong "has other endpoints: $(cat "$out")"

run signal 139 -- bash -c 'kill -SEGV $$'
run not-found 127 -- vtd-no-such-command
says "command not found: vtd-no-such-command"
run denied 126 -- ./input
says "cannot run ./input: Permission denied"

# A stale translation is a violation, found by the audit or before.
run violation 123 -- "$BUILD/user/kselftest/install/iommu/vtd/vtd_nested_stale"
says "vtdsim0: violation: stale: "
# A warning, and the status of a command that failed itself.
run warning 123 -- bash -c 'echo "WARNING: CPU: 0 PID: 1 at a/place.c" >/dev/kmsg'
says "WARNING: CPU: 0 PID: 1 at a/place.c"

run no-qemu 125 --qemu "$scratch/none" -- true
says "there is no $scratch/none: install QEMU"
run no-command 125
says "what command?"
run no-option 125 --colour -- true
says "no such option: --colour"
run no-kind 125 --endpoints own,gpu -- true
says "--endpoints is a number, or a list of own, own-msix, edu and ioat, not own,gpu"
emulator 'echo "cannot do that" >&2; exit 1'
run no-vm 125 --qemu "$scratch/emulator" -- true
says "cannot do that"
emulator 'echo "Kernel panic - not syncing" >$log; echo ready >$report'
run dead 125 --qemu "$scratch/emulator" -- true
says "the VM ended before the command did"
says "Kernel panic - not syncing"
emulator 'printf "ready\nexit 3\nviolations 1\nend\n" >$report'
run both 3 --qemu "$scratch/emulator" -- false
says "violations of the unit's rules: 1"
emulator '[ -s "$0.once" ] && printf "ready\nexit 0\nviolations 0\nend\n" >$report; echo >"$0.once"'
run once-more 0 --qemu "$scratch/emulator" -- true

# Ended from outside: QEMU goes, too.
emulator 'echo $$ >"${0%/*}/pid"; echo ready >$report; exec sleep 1000'
name=terminated
"$vtd_vm" --accel tcg --qemu "$scratch/emulator" -- true &
until [ -s "$scratch/pid" ]; do sleep 0.1; done
kill -TERM $!
status=0
wait $! || status=$?
[ $status = 143 ] || wrong "ended with $status instead of 143"
! kill -0 "$(cat "$scratch/pid")" 2>/dev/null || wrong "left the emulator behind"

[ $failed = 1 ] || rm -f "$LOGS"/vtd-vm-*.log
exit $failed
