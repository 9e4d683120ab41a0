#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: kernel.sh VARIANT [MAKE-ARGUMENT...]
# Builds one of the kernels from build/tree in build/obj-VARIANT:
#   demo, lean      fast code: what the demonstration needs, and all that guests and vtd-vm need
#   lean-base       lean with the base's own nesting
#   image           lean with the options in the file KCONFIG
#   deb             lean with what Debian's systemd needs, or the configuration in the file CONFIG
#   trace           for make bench: with lock statistics
#   coverage        debug, and counts which lines of the drivers are reached
#   fixes           the same kind of kernel from build/fixes/tree, see fixes.sh
#   kcsan           looks for data races
#   rt              the real-time kernel
#   debug, check    with every checker; check is for builds with other compiler flags
# With arguments, runs make with these in that object tree instead of building the kernel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

variant=$1
shift
last=""
case $variant in
demo) fragments=(base lean demo) ;;
lean) fragments=(base lean vmm) ;;
lean-base) fragments=(base lean vmm) last=nested-off ;;
trace) fragments=(base trace) ;;
fixes) fragments=(base trace) TREE=$BUILD/fixes/tree last=nested-off ;;
image) fragments=(base lean vmm) ;;
deb) fragments=(base lean vmm deb) ;;
debug | check) fragments=(base debug) ;;
coverage) fragments=(base debug coverage) ;;
kcsan) fragments=(base lean kunit kcsan) ;;
rt) fragments=(base lean kunit rt) ;;
*) die "no such kernel: $variant" ;;
esac
[ "$variant" != deb ] || [ -z "$CONFIG" ] || fragments=(distribution)
for fragment in "${fragments[@]/#/$BASE-}" "$BASE"; do
	[ ! -e "$RIG/config/$fragment.config" ] || fragments+=("$fragment")
done
[ -z "$last" ] || fragments+=("$last")
fragments=("${fragments[@]/#/$RIG/config/}")
fragments=("${fragments[@]/%/.config}")
[ "$variant" != image ] || fragments+=("$KCONFIG")
obj=$BUILD/obj-$variant
stamp=$obj/.config.stamp
mkdir -p "$obj"
lock "obj-$variant"

# Where the compiler is there to warn, it sees what was written.
case $variant in
demo | lean | lean-base | image | deb | rt) cc=$RIG/cc.sh ;;
*) cc='ccache gcc' ;;
esac

# Whose accesses are watched for data races: those of DMA remapping and of its users. That of all of
# the kernel would make it several times slower.
watched=()
# shellcheck disable=SC2016 # it is for make
[ "$variant" != kcsan ] ||
	watched=('KCSAN_SANITIZE=$(if $(filter drivers/iommu% drivers/vfio%,$(obj)),y,n)')

kbuild() {
	make -C "$TREE" O="$obj" -j"$J" CC="$cc" HOSTCC='ccache gcc' "${watched[@]}" "$@"
}

# Every symbol of the fragments, the last word on it first; "is not set" and "n" are the same.
requested() {
	cat "${fragments[@]}" | sed -nE 's/^# (CONFIG_\w+) is not set$/\1=n/p; /^CONFIG_\w+=/p' |
		tac | awk -F= '!seen[$1]++'
}

verify_config() {
	local line symbol refused=()
	while read -r line; do
		symbol=${line%%=*}
		case $line in
		*=n) ! grep -q "^$symbol=" "$obj/.config" || refused+=("$line") ;;
		*) grep -qxF "$line" "$obj/.config" || refused+=("$line") ;;
		esac
	done < <(requested)
	[ ${#refused[@]} -eq 0 ] ||
		die "Kconfig did not accept (is a dependency missing?): ${refused[*]}"
}

# Where there is nothing to start from, as little as there can be.
start() {
	if [ "$variant" = deb ] && [ -n "$CONFIG" ]; then
		cp "$CONFIG" "$obj/.config"
	else
		kbuild tinyconfig
	fi
}

configure() {
	start &&
		(cd "$TREE" && scripts/kconfig/merge_config.sh -m -O "$obj" "$obj/.config" "${fragments[@]}") &&
		kbuild olddefconfig
}

# The configuration follows from the fragments and from the Kconfig files of this project.
inputs() {
	local path
	cat "${fragments[@]}" "$BUILD/base.stamp" "$RIG/kernel.sh"
	[ "$variant" != deb ] || cat "${CONFIG:-/dev/null}"
	grep 'Kconfig' "$BUILD/tree.manifest" | while read -r path; do
		[ ! -e "$TREE/$path" ] || cat "$TREE/$path"
	done
}

if [ "$(inputs | sha256sum)" != "$(cat "$stamp" 2>/dev/null)" ]; then
	say CONFIG "$variant"
	rm -f "$stamp"
	quietly "$LOGS/config-$variant.log" configure || {
		tail -n 20 "$LOGS/config-$variant.log" >&2
		die "could not configure the $variant kernel"
	}
	verify_config
	inputs | sha256sum >"$stamp"
fi

if [ $# -gt 0 ]; then
	kbuild "$@"
	exit
fi

say KERNEL "$variant, $J jobs"
log=$LOGS/kernel-$variant.log
SECONDS=0
quietly "$log" kbuild bzImage || {
	grep -nE 'error:|Error |undefined reference|\*\*\*' "$log" | head -n 30 >&2
	die "the $variant kernel did not build (log: $log)"
}
say KERNEL "$variant: ready after $SECONDS s"
