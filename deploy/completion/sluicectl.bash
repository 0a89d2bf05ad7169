# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# bash completion of sluicectl: commands, options, and endpoint names as the gateway knows them.

_sluicectl_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_sluicectl_endpoints()
{
	mapfile -t COMPREPLY < <(sluicectl "${_sluicectl_url[@]}" devices --names --prefix "$1" --limit 100 2>/dev/null)
}

# Endpoints that have a credential; the gateway cannot search them.
_sluicectl_credentials()
{
	_sluicectl_words "$(sluicectl "${_sluicectl_url[@]}" security list --names --limit 1000 2>/dev/null)" "$1"
}

_sluicectl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local common="--url --json --timeout --help" formats="TLV JSON TEXT OPAQUE CBOR SENML_JSON SENML_CBOR"
	local command="" action="" word i position=0
	local -A options=(
		[devices]="--prefix --limit --names" [read]="--format" [write]="--type --partial --format"
		[create]="--format" [observe]="--cancel --active --format" [events]="--ep --count" [queue]="--remove"
		[security]="--limit --names"
	)
	local -a _sluicectl_url=()
	COMPREPLY=()

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--url)
			_sluicectl_url=(--url "${COMP_WORDS[i + 1]}")
			((i++))
			;;
		--timeout | --prefix | --limit | --type | --format | --ep | --count | --remove) ((i++)) ;;
		-*) ;;
		*)
			if [ -z "$command" ]; then command=$word; else ((position++)); fi
			[ "$position" != 1 ] || action=${action:-$word}
			;;
		esac
	done

	case $prev in
	--ep) _sluicectl_endpoints "$cur" && return ;;
	--format) _sluicectl_words "$formats" "$cur" && return ;;
	--type)
		_sluicectl_words "STRING INTEGER UNSIGNED_INTEGER FLOAT BOOLEAN OPAQUE TIME OBJLNK" "$cur" && return
		;;
	--url | --timeout | --prefix | --limit | --count | --remove) return ;;
	esac
	if [ -z "$command" ]; then
		_sluicectl_words "devices device read write exec create delete discover attributes observe events queue
			backends security
			$common --version" "$cur"
	elif [[ $cur == -* ]]; then
		_sluicectl_words "${options[$command]:-} $common" "$cur"
	elif [ "$command" = backends ]; then
		[ "$position" != 0 ] || _sluicectl_words "list show test add remove" "$cur"
	elif [ "$command" = security ] && [ "$position" = 0 ]; then
		_sluicectl_words "list show set-psk set-rpk set-x509 remove import" "$cur"
	elif [ "$command" = security ] && [ "$position" = 1 ] && [ "$action" = import ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [ "$command" = security ] && [ "$position" -ge 2 ] && [[ $cur == @* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -P @ -- "${cur#@}")
	elif [ "$command" = security ] && [ "$position" = 1 ] && [[ $action == set-* ]]; then
		_sluicectl_endpoints "$cur"
	elif [ "$command" = security ] && [ "$position" = 1 ] && [ "$action" != list ]; then
		_sluicectl_credentials "$cur"
	elif [ "$position" = 0 ] && [ "$command" != devices ] && [ "$command" != events ]; then
		_sluicectl_endpoints "$cur"
	elif [ "$command" = write ] && [[ $cur == @* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -P @ -- "${cur#@}")
	elif [ "$command" = attributes ] && [ "$position" -ge 2 ]; then
		_sluicectl_words "pmin= pmax= gt= lt= st= epmin= epmax=" "$cur"
		compopt -o nospace
	fi
}

complete -F _sluicectl sluicectl
