# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion for vtdctl; belongs into /usr/share/bash-completion/completions/vtdctl.

_vtdctl() {
	local word=${COMP_WORDS[COMP_CWORD]} command="" i words

	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} != -* ]]; then
			command=${COMP_WORDS[i]}
			break
		fi
	done
	if [[ $word == -* ]]; then
		words="--json --legacy --help"
	elif [[ -z $command ]]; then
		words="decode"
	elif [[ $command == decode && $((i + 1)) == "$COMP_CWORD" ]]; then
		words="cap ecap pasid-entry context-entry descriptor fault-reason"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _vtdctl vtdctl
