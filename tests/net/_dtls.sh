# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Sourced after _init.sh, which sets root and more; server is the sourcing test's.
# shellcheck disable=SC2154
#
# Devices that speak DTLS by wolfSSL, and what they have to say about it.
vectors=$root/tests/vectors/dtls
declare -A inputs

with_certificates()
{
	cat >>"$config" <<-END
		security:
		  certificate: $vectors/gateway.pem
		  key: $vectors/gateway.key
		  ca: $vectors/ca.pem
		  by_name:
		    - name: north.example
		      certificate: $vectors/stranger.pem
		      key: $vectors/stranger.key
	END
}

# credential JSON
credential()
{
	[[ "$(curl -s -o "$work/answer" -w '%{http_code}' -X PUT -H 'Content-Type: application/json' -d "$1" \
		"http://$api_address/api/security/clients")" = 200 ]]
}

psk_credential()
{
	credential '{"endpoint":"'"$1"'","tls":{"mode":"psk","details":{"identity":"'"$1"'-id","key":"736563726574"}}}'
}

# start_device NAME COMMAND... -- OPTIONS...: told what to do through a pipe; COMMAND runs it somewhere else
start_device()
{
	local name=$1 pipe where=()
	shift
	while [ "$1" != -- ]; do
		where+=("$1")
		shift
	done
	shift
	mkfifo "$work/$name.in"
	${where[0]+"${where[@]}"} "$build/tests/device/sluice-test-device" --endpoint "$name" --lifetime 86400 \
		--server "$server" "$@" <"$work/$name.in" >"$work/$name.log" 2>&1 &
	pids["$name"]=$!
	exec {pipe}>"$work/$name.in"
	inputs["$name"]=$pipe
}

tell()
{
	echo "${@:2}" >&"${inputs[$1]}"
}

# said NAME REGEX [TIMES]: the device has printed such a line
said()
{
	[ "$(grep -cE -- "$2" "$work/$1.log")" -ge "${3:-1}" ]
}

# quit NAME
quit()
{
	tell "$1" quit
	wait "${pids[$1]}"
	unset "pids[$1]"
}

is_read()
{
	[ "$(api "/api/clients/$1/3/0/0?timeout=5" | jq -r .content.value)" = sluice ]
}

is_secure()
{
	api "/api/clients/$1" | jq -e '.secure == true'
}

counted()
{
	[ "$(metric "sluice_dataplane_$1_total")" -ge "$2" ]
}

observes()
{
	curl -s -m 10 -X POST "http://$api_address/api/clients/$1/3303/0/5700/observe" | jq -e '.success == true'
}

# delivered NAME VALUE: a notification of that temperature is at the back end
delivered()
{
	recorded | jq -e -n --arg subject "$1" --arg text "\"value\":\"$2\"" 'first(inputs | select(.type == "sluice.notification"
		and .subject == $subject and (.data | tostring | contains($text))))'
}

# reports NAME VALUE
reports()
{
	tell "$1" set /3303/0/5700 "$2"
	wait_until 20 delivered "$1" "$2"
}
