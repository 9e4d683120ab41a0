# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion for vtdctl; belongs into /usr/share/bash-completion/completions/vtdctl.

_vtdctl() {
	local word=${COMP_WORDS[COMP_CWORD]} command="" words="" i

	for ((i = 1; i < COMP_CWORD; i++)); do
		# The argument of an option is no command. For bash "=" is a word between the two.
		if [[ ${COMP_WORDS[i]} == -[wn] || ${COMP_WORDS[i]} == --watch || ${COMP_WORDS[i]} == --count ]]; then
			i=$((i + 1))
			[[ ${COMP_WORDS[i]} != = ]] || i=$((i + 1))
		elif [[ ${COMP_WORDS[i]} != -* ]]; then
			command=${COMP_WORDS[i]}
			break
		fi
	done
	if [[ $word == -* ]]; then
		words="--json --legacy --watch --count --replaces --help"
	elif [[ -z $command ]]; then
		words="decode unit parent domain stats monitor"
	elif [[ $command == decode && $((i + 1)) == "$COMP_CWORD" ]]; then
		words="cap ecap pasid-entry context-entry descriptor fault-reason"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _vtdctl vtdctl
