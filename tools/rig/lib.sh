#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What every script of the build rig shares: the places, the messages, the lock. Sourced, not run.
# shellcheck disable=SC2034 # the variables are for the scripts that source this file

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RIG=$TOP/tools/rig
# Which Linux is the base, and with it which hooks there are: 6.12, or 7 for the newest 7.N.
BASE=${BASE:-6.12}
BUILD=$TOP/build
[ "$BASE" = 6.12 ] || BUILD=$BUILD/$BASE
PRISTINE=$BUILD/base
TREE=$BUILD/tree
LOGS=$BUILD/log
HEADERS=$BUILD/headers
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/vtd-nested

KSRC=${KSRC:-}
KCONFIG=${KCONFIG:+$(realpath -m "$KCONFIG")}
CONFIG=${CONFIG:+$(realpath -m "$CONFIG")}
J=${J:-$(nproc)}
V=${V:-0}
ACCEL=${ACCEL:-tcg}

# The rig's own make must not lend its flags to the kernel's.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# The same inputs give the same bytes, and so a hit in ccache, in any clone on any day.
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970'
export KBUILD_BUILD_USER=vtd-nested KBUILD_BUILD_HOST=vtd-nested KBUILD_BUILD_VERSION=1
export CCACHE_DIR=$CACHE/ccache CCACHE_BASEDIR=$TOP CCACHE_NOHASHDIR=1
export LC_ALL=C


say() {
	printf '  %-8s %s\n' "$1" "$2"
}

die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

[ -d "$RIG/hooks/$BASE" ] || die "BASE=$BASE: there are hooks for these: $(
	find "$RIG/hooks" -mindepth 1 -maxdepth 1 ! -name shared -printf '%f ')"
export BASE
mkdir -p "$BUILD" "$LOGS" "$CACHE"

# One writer per thing at a time, so that two makes in one clone do not tread on each other.
lock() {
	exec {lock_fd}>"$BUILD/.lock-$1"
	flock -n "$lock_fd" || { say WAIT "another make holds $1"; flock "$lock_fd"; }
}

# Runs a long command with its output in log file $1, showing a sign of life: the number of
# lines so far and the newest. With V=1 all of it is shown. Returns the command's status.
quietly() {
	local log=$1 status=0
	shift
	if [ "$V" != 0 ]; then
		"$@" 2>&1 | tee "$log" || status=$?
		return "$status"
	fi
	"$@" 2>&1 | tee "$log" | "$RIG/progress.sh" || status=$?
	return "$status"
}

# Does this base have the extension? Some have the simulated unit alone.
has_nested() {
	[ -e "$RIG/hooks/$BASE/10-nested-kbuild.patch" ]
}

# The hooks for this base, in the order of their names, which are unique.
hooks() {
	local name='*.patch'
	has_nested || name='*-vtdsim-*.patch'
	find "$RIG/hooks/shared" "$RIG/hooks/$BASE" -name "$name" -printf '%f %p\n' | sort | cut -d' ' -f2-
}

# The commit message of a hook: what is between its licence and its first file.
hook_text() {
	sed -n '1d; /^--- a\//q; p' "$1"
}

# For commits in scratch repositories: who wrote them is who writes this repository's commits, and when
# is when its last one was. No repository that surrounds build/, and nobody's settings.
commit_as_here() {
	local date name email
	date=$(git -C "$TOP" log -1 --format=%cI 2>/dev/null) || date=@0
	name=$(git -C "$TOP" config user.name) || name=vtd-nested
	email=$(git -C "$TOP" config user.email) || email=vtd-nested@localhost
	export GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date
	export GIT_AUTHOR_NAME=$name GIT_COMMITTER_NAME=$name
	export GIT_AUTHOR_EMAIL=$email GIT_COMMITTER_EMAIL=$email
	export GIT_CEILING_DIRECTORIES=$BUILD GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
}
