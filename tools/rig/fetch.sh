#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: fetch.sh [-d] SUITE[,SUITE...] PACKAGE...
#        fetch.sh -n SUITE[,SUITE...] PACKAGE
# Downloads packages of other Debian suites and prints the path of each .deb, in order. With -d
# also all that they depend on, as if nothing were installed; what there is in the first suite is
# taken from there. With -n prints the names PACKAGE.N that there are, newest first, and downloads
# nothing.
#
# apt runs on a state of its own (sources, lists, cache, status), so the machine's sources and
# packages stay as they are; signatures are checked with the distribution's keyring. What is in
# the cache is not looked up again: remove it there to get a newer version.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

dependencies=no names=no
case $1 in
-d) dependencies=yes ;;
-n) names=yes ;;
*) set -- -- "$@" ;;
esac
shift
suites=$1
shift
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
state=$CACHE/apt/$suites
debs=$CACHE/debs
mkdir -p "$debs"

cached() {
	find "$debs" -maxdepth 1 -name "$1_*.deb" | sort -V | tail -n 1
}

# The mirror that this machine already uses for its own plain Debian suite.
mirror() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016 # the dollars are apt's
	apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 2>/dev/null |
		awk -F'|' -v release="$codename" \
			'($1 == "" || $1 == "Debian") && $2 == release && $3 == "main" { print $4; exit }'
}

private_apt() {
	# As root apt would hand downloads to a user who may not enter root's cache.
	"${apt:-apt-get}" -q -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
		-o Dir::State::status="$state/status" -o APT::Sandbox::User="$(id -un)" "$@"
}

update() {
	local suite
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	for suite in ${suites//,/ }; do
		echo "deb [signed-by=$keyring] $url $suite main"
	done >"$state/sources.list"
	private_apt update
}

# find_mirror PACKAGE...: these are wanted.
find_mirror() {
	url=$(mirror)
	[ -n "$url" ] ||
		die "cannot download $*: apt has no Debian suite configured here (Ubuntu has none)"
}

# Downloads with "private_apt $@" into the directory of the packages.
download() {
	find_mirror "${missing[@]}"
	say FETCH "${missing[*]} from ${suites//,/ or }" >&2
	log=$LOGS/fetch.log
	part=$debs/part.$$
	mkdir -p "$part/partial"
	trap 'rm -rf "$part"' EXIT
	{ update && cd "$part" && private_apt -o Dir::Cache::archives="$part" "$@"; } >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "could not download: ${missing[*]} (log: $log)"
	}
}

if [ "$names" = yes ]; then
	found=$(find "$debs" -maxdepth 1 -name "$1.*_*.deb" -printf '%f\n' | sed 's/_.*//')
	if [ -z "$found" ]; then
		find_mirror "$1.N"
		update >"$LOGS/fetch.log" 2>&1 || die "could not ask for $1.N (log: $LOGS/fetch.log)"
		found=$(apt=apt-cache private_apt pkgnames "$1.") || true
	fi
	grep -xE "$1\.[0-9]+" <<<"$found" | sort -uVr || die "there is no $1.N in $suites"
	exit
fi

if [ "$dependencies" = yes ]; then
	missing=("$@")
	list=$debs/${suites//,/-}.$*.list
	if ! xargs -rd '\n' -a "$list" ls >/dev/null 2>&1 || [ ! -s "$list" ]; then
		download install -y --download-only --no-install-recommends -t "${suites%%,*}" "$@"
		(cd "$part" && printf "$debs/%s\n" *.deb) >"$part/list"
		mv "$part"/*.deb "$debs/"
		mv "$part/list" "$list"
	fi
	cat "$list"
	exit
fi

missing=()
for package in "$@"; do
	[ -n "$(cached "$package")" ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
	download download "${missing[@]}"
	mv "$part"/*.deb "$debs/"
fi

for package in "$@"; do
	cached "$package"
done
