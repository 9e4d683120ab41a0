# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The report of a test that is a script. Sourced, and nothing to run.

n=0 failed=0 why=

# result CODE NAME: one line of the report; code 4 is a test that could not run, because of $why.
result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
	elif [ "$1" = 4 ]; then
		echo "ok $n $2 # SKIP $why"
	else
		failed=1
		echo "not ok $n $2"
	fi
}

# skip WHY: nothing of the whole script can be tested here.
skip() {
	echo "1..0 # SKIP $1"
	exit 4
}
