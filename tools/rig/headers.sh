#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Exports the tree's user API headers to build/headers/include, when they have changed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stamp=$BUILD/headers.stamp
lock headers
inputs() {
	cat "$BUILD/base.stamp"
	grep '/uapi/' "$BUILD/tree.manifest" | (cd "$TREE" && xargs -r sha256sum)
}
[ "$(inputs | sha256sum)" != "$(cat "$stamp" 2>/dev/null)" ] || exit 0

say HEADERS "build/headers"
log=$LOGS/headers.log
rm -rf "$HEADERS.new"
# An object tree of its own: another one may be busy with its kernel.
quietly "$log" make -C "$TREE" O="$BUILD/obj-headers" ARCH=x86 headers_install \
	INSTALL_HDR_PATH="$HEADERS.new" || {
	tail -n 20 "$log" >&2
	die "could not export the headers (log: $log)"
}
# By content, so that programs are built anew only if a header differs.
rsync -rc --delete "$HEADERS.new/" "$HEADERS/"
rm -rf "$HEADERS.new"
inputs | sha256sum >"$stamp"
