#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Turns a long log on its input into a sign of life: on a terminal one line that changes,
# elsewhere one line every 10 seconds. Says nothing about a step that ends sooner.
set -euo pipefail

interval=10
[ ! -t 1 ] || interval=1
lines=0 shown=0 last=""
SECONDS=0
while IFS= read -r last; do
	lines=$((lines + 1))
	[ $((SECONDS - shown)) -ge "$interval" ] || continue
	shown=$SECONDS
	if [ -t 1 ]; then
		printf '\r\033[K  %4ds %6d lines  %.50s' "$SECONDS" "$lines" "$last"
	else
		printf '  %4ds %6d lines  %.60s\n' "$SECONDS" "$lines" "$last"
	fi
done
[ ! -t 1 ] || printf '\r\033[K'
