#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes the project's pages in build/htmldocs with the base's own Sphinx set-up. Any warning, of
# Sphinx about a page or of kernel-doc about a comment of the drivers, is an error, and so is a page that
# no index has.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$BUILD/htmldocs-source
out=$BUILD/htmldocs
# Not a virtual environment's: the distribution's Python has the distribution's Sphinx.
python=/usr/bin/python3

pages() {
	sed -n 's#^\./Documentation/\(.*\.rst\)$#\1#p' "$BUILD/tree.manifest" | while read -r page; do
		[ -e "$PRISTINE/Documentation/$page" ] || echo "$page"
	done
}

# Files that a page includes or shows have to be where the page says: relative to it, or absolute.
make_source() {
	local page
	rm -rf "$source"
	mkdir -p "$source"
	ln -s "$TREE/Documentation"/{conf.py,sphinx,sphinx-static,images} "$source/"
	grep '^\./Documentation/' "$BUILD/tree.manifest" | sed 's#^\./Documentation/##' | while read -r page; do
		[ ! -e "$PRISTINE/Documentation/$page" ] || continue
		mkdir -p "$source/$(dirname "$page")"
		ln -s "$TREE/Documentation/$page" "$source/$page"
	done
	{
		printf '%s\n\n' '.. SPDX-License-Identifier: GPL-2.0' 'vtd-nested' '=========='
		printf '.. toctree::\n\n'
		# Pages of a folder with an index are in that.
		pages | while read -r page; do
			[[ $page == */index.rst ]] || [ ! -e "$source/$(dirname "$page")/index.rst" ] || continue
			echo "   ${page%.rst}"
		done
	} >"$source/index.rst"
}

in_an_index() {
	local page entry bad=0
	while read -r page; do
		entry=$(basename "$page" .rst)
		[ "$entry" != index ] || {
			page=$(dirname "$page")
			entry=$(basename "$page")/index
		}
		grep -qE "^\s+$entry(\.rst)?$" "$TREE/Documentation/$(dirname "$page")/index.rst" || {
			echo "Documentation/$(dirname "$page")/index.rst does not have $entry"
			bad=1
		}
	done < <(pages)
	return "$bad"
}

sphinx() {
	# Automatic links of the base's set-up name what it is run from.
	(cd "$source" && BUILDDIR=$out srctree=$TREE PYTHONDONTWRITEBYTECODE=1 SPHINX_CONF=$source/conf.py \
		"$python" -m sphinx -q -E -W --keep-going -j "$J" -b html -c "$source" -d "$out/.doctrees" \
		-D kerneldoc_srctree="$TREE" -D kerneldoc_bin="$TREE/scripts/kernel-doc" \
		-D version="$(make -s -C "$TREE" kernelversion)" -D release= "$source" "$out")
}

# The files of the drivers whose comments are kernel-doc.
kernel_doc() {
	local warnings
	warnings=$(cd "$TREE" && sed -nE 's#^\./((drivers|include)/.*\.[ch])$#\1#p' "$BUILD/tree.manifest" |
		while read -r file; do [ -e "$PRISTINE/$file" ] || echo "$file"; done |
		xargs -r scripts/kernel-doc -none -Wall 2>&1) || true
	[ -z "$warnings" ] || { echo "$warnings"; return 1; }
}

lock htmldocs
make_source
bad=0
sphinx || bad=1
in_an_index || bad=1
kernel_doc || bad=1
[ "$bad" = 0 ] || exit 1
say DOCS "build/htmldocs: $(pages | wc -l) pages"
