# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034 # what this file sets is for those who source it
# Guests in QEMU, which have endpoints of vtdsim assigned and a VT-d unit of their own. QEMU hands
# first-stage tables of a guest's kernel to this kernel, and maps here what second-stage tables map;
# its trace says by which calls. Sourced by scripts in a VM whose initramfs has QEMU in /usr and the guest in /vmm
# (tools/rig/vmm.sh).
#
# What belongs to a guest is in /tmp/GUEST: its kernel's log (kernel), what its programs print
# (out), QEMU's trace and messages (trace, stderr), and where QEMU takes commands (monitor.in).

PATH=/bin:/usr/bin
unit=/sys/kernel/debug/vtdsim

# Binds all endpoints to vfio-pci and prints their addresses.
endpoints() {
	for dev in /sys/bus/pci/devices/*; do
		[ "$(cat "$dev/vendor" "$dev/device" | tr '\n' ' ')" = "0x1234 0x7d51 " ] || continue
		echo vfio-pci >"$dev/driver_override"
		[ -e "$dev/driver" ] || echo "${dev##*/}" >/sys/bus/pci/drivers_probe
		echo "${dev##*/}"
	done
}

# The unit that guests get, and how QEMU gets at endpoints: through iommufd, or VFIO's type 1
viommu=scalable-mode=on,fsts=on
through=iommufd

# start GUEST OPTIONS ENDPOINT...: a guest with kernel options and endpoints, which executes what
# say sends.
start() {
	dir=/tmp/$1 options=$2
	shift 2
	mkdir "$dir"
	mkfifo "$dir/in" "$dir/monitor.in" "$dir/monitor.out"
	: >"$dir/out"
	: >"$dir/trace"
	echo "$*" >"$dir/endpoints"
	[ $through = type1 ] && backend="" || backend=,iommufd=iommufd0
	for endpoint; do
		set -- "$@" -device "vfio-pci,host=$endpoint$backend"
		shift
	done
	qemu-system-x86_64 -accel kvm -accel tcg -machine q35,kernel-irqchip=split -cpu max,-la57 \
		-m 256M -nodefaults -no-user-config -display none \
		-device "intel-iommu,$viommu,caching-mode=on" \
		-object iommufd,id=iommufd0 "$@" \
		-trace 'iommufd_*' -trace vfio_iommu_map_notify \
		-trace vtd_inv_desc_pasid_cache_psi -D "$dir/trace" \
		-monitor "pipe:$dir/monitor" \
		-kernel /vmm/bzImage -initrd /vmm/initramfs.cpio.gz \
		-append "console=ttyS0 loglevel=5 panic=-1 no_timer_check intel_iommu=on,sm_on $options \
			vfio_iommu_type1.allow_unsafe_interrupts=1 \
			iommufd.allow_unsafe_interrupts=1 -- commands" \
		-serial "file:$dir/kernel" -serial stdio 0<>"$dir/in" >"$dir/out" 2>"$dir/stderr" &
	echo $! >"$dir/pid"
	mark "${dir##*/}"
}

# mark GUEST: what it said and which calls QEMU made until now does not count any more.
mark() {
	wc -l <"/tmp/$1/out" >"/tmp/$1/said"
	wc -l <"/tmp/$1/trace" >"/tmp/$1/traced"
}

# said GUEST: what its programs have printed since.
said() {
	tail -n "+$(($(cat "/tmp/$1/said") + 1))" "/tmp/$1/out"
}

# say GUEST COMMAND...
say() {
	guest=$1
	shift
	mark "$guest"
	echo "$*" 1<>"/tmp/$guest/in"
}

# ask GUEST PROGRAM...: as say, and print its exit code; outcome waits for that.
ask() {
	guest=$1
	shift
	say "$guest" "$*; echo @@ exit \$?"
}

# alive GUEST
alive() {
	case $(cat "/proc/$(cat "/tmp/$1/pid")/stat" 2>/dev/null) in
	"" | *") Z "*) return 1 ;;
	esac
}

# await GUEST REGEX: until the guest has said such a line, or nothing at all for 600 seconds.
await() {
	silent=0 before=""
	until said "$1" | grep -qE "$2"; do
		now=$(cat "/tmp/$1/kernel" "/tmp/$1/out" 2>/dev/null | wc -c)
		silent=$((silent + 1))
		[ "$now" = "$before" ] || silent=0
		before=$now
		if ! alive "$1"; then
			echo "# $1: QEMU has ended"
		elif [ $silent -ge 600 ]; then
			echo "# $1: no line $2 from the guest"
		else
			sleep 1
			continue
		fi
		for log in stderr kernel out; do
			grep -v 'PCI BAR' "/tmp/$1/$log" | tail -n 20 | sed "s/^/# $1: $log: /"
		done
		return 1
	done
}

# booted GUEST
booted() {
	await "$1" '^@@ start'
}

# outcome GUEST: waits for what was asked, prints what it printed, and succeeds if it did.
outcome() {
	await "$1" '^@@ exit' || return 1
	said "$1" | grep -v '^@@'
	return "$(said "$1" | sed -n 's/^@@ exit //p')"
}

# power_off GUEST
power_off() {
	say "$1" end
	await "$1" '^@@ end' && wait "$(cat "/tmp/$1/pid")"
}

# traced GUEST REGEX: how many such lines QEMU's trace has got since the mark.
traced() {
	tail -n "+$(($(cat "/tmp/$1/traced") + 1))" "/tmp/$1/trace" | grep -cE "^$2"
}

# calls GUEST REGEX: how many calls to /dev/iommu QEMU made since the mark.
calls() {
	traced "$1" "iommufd_backend_$2"
}

# translation ENDPOINT: what the unit's tables say of requests without PASID.
translation() {
	func=${1##*:}
	bus=${1%:*} bus=${bus##*:}
	awk -v "sid=$(printf '%02x%02x:' "0x$bus" $((0x${func%.*} << 3 | ${func#*.})))" \
		'/^[^ ]/ { of = $1 } of == sid && sub(/^ *PASID 0: /, "") { sub(/,.*/, ""); print }' \
		"$unit/tables"
}
