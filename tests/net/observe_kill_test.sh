#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Either process is killed while devices are being observed, while they report, in the middle of a body in
# blocks, and while operations wait: what was agreed still holds, and nobody has to start over.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config 2 <<'END1'
- udp: 127.0.0.1:5683
END1
printf 'lwm2m:\n  observe: [/3303]\n' >>"$config"

declare -A inputs

# call METHOD PATH [BODY]
call()
{
	curl -s -m 120 -X "$1" "http://$api_address/api/clients/$2" ${3:+--data "$3"}
}

# value ID TYPE VALUE: of a resource, as JSON
value()
{
	printf '{"id":%s,"kind":"singleResource","type":"%s","value":"%s"}' "$@"
}

# A device that is told what to do through a pipe. start_device NAME OPTIONS...
start_device()
{
	local name=$1 pipe
	shift
	mkfifo "$work/$name.in"
	"$build/tests/device/sluice-test-device" --endpoint "$name" "$@" <"$work/$name.in" >"$work/$name.log" 2>&1 &
	pids[$name]=$!
	exec {pipe}>"$work/$name.in"
	inputs[$name]=$pipe
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

# restart NAME...: killed, and started again
restart()
{
	local name
	for name in "$@"; do
		kill_hard "$name"
	done
	for name in "$@"; do
		start_daemon "$name"
	done
	wait_ready
}

# observed NAME PATHS: exactly these are, and all are active
observed()
{
	[ "$(api "/api/clients/$1/observations" | jq -r '[.[] | select(.state == "active") | .paths[]] | sort | join(" ")')" = "$2" ]
}

# delivered TYPE SUBJECT TEXT: the back end has such an event
delivered()
{
	recorded | jq -e -n --arg type "$1" --arg subject "$2" --arg text "$3" 'first(inputs
		| select(.type == $type and .subject == $subject and (.data | tostring | contains($text))))'
}

# reports NAME VALUE: a change of the temperature reaches the back end
reports()
{
	tell "$1" set /3303/0/5700 "$2"
	wait_until 20 delivered sluice.notification "$1" "\"value\":\"$2\""
}

start_receiver
start_gateway
start_device meter --lifetime 86400
start_device blocky --block 16 --lifetime 86400 --stop-updates
start_device sleeper --queue --stop-updates --lifetime 86400
check "both devices are observed" wait_until 10 observed meter /3303
wait_until 10 observed sleeper /3303 || fail "the one in queue mode too"
check "a change reaches the back end" reports meter 11.5

# --- while a device agrees to be observed
# What the device agreed to and control forgot must end with the next notification; what control was told
# of must go on. Never may a device report what nobody takes, or be cut off from what is listed.
said_of_observe()
{
	said meter "observe /3/0/13 " "$1"
}
for try in 1 2 3; do
	call POST meter/3/0/13/observe >"$work/null" &
	asked=$!
	wait_until 5 said_of_observe $try || fail "the device is asked to report"
	restart control
	wait $asked
done
check "what is listed after a crash is observed, and what was before still" wait_until 10 reports meter 12.5
tell meter set /3/0/13 1700000000
if api /api/clients/meter/observations | grep '"/3/0/13"' >"$work/null"; then
	check "a notification of what is listed is taken" wait_until 20 delivered sluice.notification meter /3/0/13
else
	check "what was forgotten ends with its notification" wait_until 20 said meter "cancelled /3/0/13|reset"
fi
call DELETE meter/3/0/13/observe >"$work/null"
check "and what ended is not listed" wait_until 5 observed meter /3303

# --- a body in blocks of 16 bytes, half way
large=$(printf 'sluice%.0s' {1..2000})
answers()
{
	[ "$(api "/api/clients/$1/3/0/0?timeout=2" | jq -r .content.value)" = sluice ]
}

write_large()
{
	call PUT "blocky/3442/0/110?timeout=100" "$(value 110 STRING "$large")" >"$work/written"
}
blocks_sent()
{
	metric_is sluice_control_requests_total -gt "$1"
}
for name in control dataplane; do
	before=$(metric sluice_control_requests_total)
	write_large &
	asked=$!
	wait_until 10 blocks_sent $((before + 100)) ||
		fail "a body goes to the device in blocks"
	restart $name
	wait $asked
	check "$name died in the middle of a body, and the device still answers" wait_until 20 answers blocky
done
check "a body is written afterwards" write_large
check "as one" test "$(jq -r .status "$work/written")" = "CHANGED(204)"
check "and read back" test "$(api /api/clients/blocky/3442/0/110 | jq -r .content.value)" = "$large"

# --- while notifications flow and operations wait for a device that sleeps
kill -STOP "${pids[sleeper]}"
api "/api/clients/sleeper/3/0/0?timeout=1" >"$work/null"
for lifetime in 400 500 600; do
	call PUT sleeper/1/0/1 "$(value 1 INTEGER $lifetime)" >>"$work/queued"
done
check "operations wait for a device that sleeps" test "$(jq -s 'map(.delayed) | tostring' "$work/queued")" = '"[true,true,true]"'

"$build/bench/swarm/sluice-swarm" run --quiet --json "$work/result.json" -e 'devices 300' -e register \
	-e 'observe seconds=120' -e 'notify rate=2500 seconds=600 con' >"$work/swarm.log" 2>&1 &
pids[swarm]=$!
flowing()
{
	metric_is sluice_control_notifications_total -gt "$1"
}
wait_until 30 flowing 1500 || fail "notifications flow"
restart control
wait_until 20 flowing 1500 || fail "notifications flow after control was killed"
restart dataplane
flown=$(metric sluice_control_notifications_total)
wait_until 20 flowing $((flown + 1500)) || fail "notifications flow after the dataplane was killed"
restart control dataplane
wait_until 20 flowing 100 || fail "notifications flow after both were killed"
kill -TERM "${pids[swarm]}" # what is under way comes to its end
check "no notification was refused or lost while both died" wait "${pids[swarm]}"
unset 'pids[swarm]'
reported()
{
	recorded | jq -n '[inputs | select(.type == "sluice.notification" and (.subject | startswith("swarm-"))) | .id] | unique | length'
}
all_reported()
{
	[ "$(reported)" -ge "$(jq '.phases[2].exchanges' "$work/result.json")" ]
}
check "every one that was acknowledged reaches the back end" wait_until 20 all_reported

kill -CONT "${pids[sleeper]}"
tell sleeper update
carried_out()
{
	[ "$(recorded | jq -n -c '[inputs | select(.type == "sluice.response" and .subject == "sleeper") | .data.requestId] | unique | length')" = 3 ]
}
check "what waited is carried out when the device wakes" wait_until 20 carried_out
check "in order" test "$(api /api/clients/sleeper/1/0/1 | jq -r .content.value)" = 600
check "and it is observed still" wait_until 5 observed sleeper /3303
check "its notifications are taken" reports sleeper 14.5
check "no device had to register again" test "$(registered_anew)" = 0
check "and none was told that it is not observed" test "$(metric sluice_dataplane_unknown_resets_total)" = 0
stop_gateway
