#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: series.sh [verify|compile]
# Writes the patch series of tools/rig/series to build/series, for git am on any pristine tree of the
# base's version. With "verify", proves them on pristine files: each series applies without the
# other, and all of them give build/tree in either order. With "compile", proves them on a whole copy of
# the base: after each patch the files of the project that are there compile, and call nothing that
# is not.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

series=$BUILD/series
check=$BUILD/series-check
manifest=$BUILD/tree.manifest
copy=$check/tree
obj=$check/obj
commit_as_here

# repository WORK-TREE: its git, with the base's version of all files that the project changes.
repository() {
	local path
	git -C "$1" init -q -b base
	sed 's#^\./##' "$manifest" | while read -r path; do
		[ ! -e "$PRISTINE/$path" ] || echo "$path"
	done | git -C "$1" add -f --pathspec-from-file=-
	git -C "$1" commit -q -m base
	git -C "$1" checkout -q --detach
}

pristine_files() {
	rm -rf "$1"
	mkdir -p "$1"
	rsync -a --ignore-missing-args --files-from="$manifest" "$PRISTINE/" "$1/"
	repository "$1"
}

generate() {
	local scratch=$BUILD/series-scratch version name
	rm -rf "$series"
	mkdir -p "$series"
	pristine_files "$scratch"
	version=$(git -C "$TOP" describe --always --dirty 2>/dev/null || echo unknown)
	"$RIG/series.py" "$PRISTINE" "$TREE" "$manifest" "$RIG/hooks" "$BASE" "$RIG/series" "$scratch" \
		"$series" "vtd-nested $version"
	rm -rf "$scratch"
	has_nested || rm -r "$series"/{nested,together}
	for name in "$series"/*; do
		say SERIES "build/series/$(basename "$name"): $(find "$name" ! -name '0000-*' -type f | wc -l) patches"
	done
}

# apply REPOSITORY SERIES COMMAND...: the patches of a series one by one, and the command after each.
apply() {
	local repository=$1 name=$2 patch log=$LOGS/series-$2.log
	shift 2
	: >"$log"
	for patch in "$series/$name"/*.patch; do
		[[ $patch != */0000-* ]] || continue
		echo "== $patch" >>"$log"
		git -C "$repository" am -q --whitespace=error "$patch" >>"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			die "$name/$(basename "$patch") does not apply"
		}
		"$@" >>"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			die "$name/$(basename "$patch") does not compile (log: $log)"
		}
	done
}

same_tree() {
	local path
	while read -r path; do
		cmp "$1/$path" "$TREE/$path" || die "all series together do not give build/tree: $path"
	done <"$manifest"
	diff <(git -C "$1" ls-files | sort) <(sed 's#^\./##' "$manifest" | sort) ||
		die "all series together and build/tree do not have the same files"
}

# New files are checked as such by check.sh; here it is what changes files of the base.
checkpatch() {
	grep -L '^new file mode' "$series"/*/000[1-9]-* "$series"/*/00[1-9]?-* |
		xargs -r perl "$TREE/scripts/checkpatch.pl" --no-tree --strict --max-line-length=100 \
			--show-types --terse --no-summary -q
}

verify() {
	local scratch=$BUILD/series-scratch order name
	has_nested || die "BASE=$BASE has the series vtdsim alone, and no tree to compare it with"
	for order in "nested vtdsim together" "vtdsim nested together"; do
		pristine_files "$scratch"
		for name in $order; do
			apply "$scratch" "$name" true
		done
		same_tree "$scratch"
	done
	rm -rf "$scratch"
	checkpatch || die "checkpatch has something to say of the patches"
	say SERIES "each applies alone, and all of them give build/tree"
}

# The files of the base are linked, not copied: git and this script never write to one in place.
pristine_copy() {
	rm -rf "$copy"
	mkdir -p "$copy"
	rsync -a --exclude=.git --exclude='*.o' --exclude='*.cmd' --link-dest="$(realpath "$PRISTINE")/" \
		"$PRISTINE/" "$copy/"
	repository "$copy"
}

kbuild() {
	make -C "$copy" O="$obj" -j"$J" CC='ccache gcc' HOSTCC='ccache gcc' "$@"
}

# Every file of the project, without the checkers of the kernel for tests: that compiles fast.
configure() {
	mkdir -p "$obj"
	kbuild tinyconfig &&
		(cd "$copy" && scripts/kconfig/merge_config.sh -m -O "$obj" "$obj/.config" \
			"$RIG/config/base.config" "$RIG/config/series.config") &&
		mv "$obj/.config" "$check/config" &&
		rm -f "$check/kconfig"
}

# What a link of the kernel would say: a function of the project is called that is not there yet.
linked() {
	local missing
	missing=$(find "$obj/drivers/iommu" -name '*.o' -print0 | xargs -0r nm -A | awk '
		$NF !~ /^vtd_|^vtdsim_/ { next }
		$(NF - 1) == "U" { wanted[$NF] = $1; next }
		{ there[$NF] = 1 }
		END { for (name in wanted) if (!there[name]) print wanted[name], name }')
	[ -z "$missing" ] || { echo "called, but not there:"; echo "$missing"; return 1; }
}

# changed FILTER PATTERN...: what the newest patch has changed.
changed() {
	git -C "$copy" diff --name-only --diff-filter="$1" HEAD~ -- "${@:2}"
}

# The caller asks for the status, so nothing in here stops on its own.
compile_step() {
	local kconfig file defines
	kconfig=$(cd "$copy" && git ls-files -z '*Kconfig*' | xargs -0r cat | sha256sum)
	if [ "$kconfig" != "$(cat "$check/kconfig" 2>/dev/null)" ]; then
		cp "$check/config" "$obj/.config"
		kbuild olddefconfig || return
		echo "$kconfig" >"$check/kconfig"
	fi
	if [ -n "$(changed ACDMRT drivers include)" ]; then
		kbuild KCFLAGS=-Werror drivers/iommu/ || return
		linked || return
	fi
	while read -r file; do
		# What lib.mk gives all selftests
		defines=()
		[[ "$file" != tools/testing/selftests/* ]] || defines=(-D_GNU_SOURCE=)
		gcc -std=gnu11 -Wall -Wextra -Werror -fsyntax-only "${defines[@]}" \
			-isystem "$HEADERS/include" \
			-isystem /usr/include/libnl3 -isystem "$copy/tools/testing/selftests" \
			-I "$copy/tools/iommu" "$copy/$file" || return
	done < <(changed A 'tools/*.c')
}

# options SYMBOL...: nothing has kept a series from being compiled.
options() {
	local symbol
	for symbol; do
		grep -qx "CONFIG_$symbol=y" "$obj/.config" || die "CONFIG_$symbol was not set"
	done
}

compile() {
	local log=$LOGS/series-config.log
	"$RIG/headers.sh"
	pristine_copy
	rm -rf "$obj/drivers/iommu"
	configure >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "could not configure (log: $log)"; }
	apply "$copy" nested compile_step
	options INTEL_IOMMU_NESTED INTEL_IOMMU_NESTED_KUNIT_TEST
	git -C "$copy" checkout -q -f --detach base
	rm -rf "$obj/drivers/iommu"
	apply "$copy" vtdsim compile_step
	options VTDSIM VTDSIM_KUNIT_TEST
	apply "$copy" nested true
	apply "$copy" together compile_step
	options INTEL_IOMMU_NESTED_KUNIT_TEST VTDSIM_KUNIT_TEST
	say SERIES "each patch compiles"
}

lock series
case ${1:-write} in
write) generate ;;
verify | compile) "$1" ;;
*) die "usage: series.sh [verify|compile]" ;;
esac
