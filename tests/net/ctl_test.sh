#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# sluicectl against the gateway and a device: what a person sees, what scripts get, what is queued for a
# device that sleeps.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END

ctl()
{
	"$build/control/cli/sluicectl" "$@"
}

# status N COMMAND...: true when it ends with that
status()
{
	local expected=$1
	shift
	"$@" >"$work/said" 2>&1
	[ $? = "$expected" ]
}

says()
{
	local text=$1
	shift
	"$@" 2>&1 | grep -F -- "$text"
}

# A device that is told what to do through a pipe. start_device NAME OPTIONS...
start_device()
{
	local name=$1
	shift
	mkfifo "$work/$name.in"
	"$build/tests/device/sluice-test-device" --endpoint "$name" "$@" <"$work/$name.in" >"$work/$name.log" 2>&1 &
	pids[$name]=$!
	exec {pipe}>"$work/$name.in"
}

check "without a gateway it ends with 3" status 3 ctl devices
check "and says where it looked" grep -q "http://127.0.0.1:8080" "$work/said"
start_gateway

check "an empty list is a heading" says "ENDPOINT" ctl devices
start_device meter-1
check "a device that registered is listed" wait_until 10 says meter-1 ctl devices --prefix meter-
check "but not under another prefix" test -z "$(ctl devices --names --prefix x)"
check "one device is shown" says "Reachable      always" ctl device meter-1
check "an unknown one ends with 1" status 1 ctl device nobody
check "in the gateway's words" grep -q "No registered client with id 'nobody'" "$work/said"
check "a value is read" test "$(ctl read meter-1 /3/0/0)" = sluice
check "an instance is a table" says "/3/0/0 " ctl read meter-1 /3/0
check "what it does not have ends with 1" status 1 ctl read meter-1 /3/0/99
check "a lifetime is written" status 0 ctl write meter-1 /1/0/1 400
check "and read back" test "$(ctl read meter-1 /1/0/1)" = 400
location_of()
{
	ctl device "$1" --json | jq -re .registrationId
}
registered_anew()
{
	local now
	now=$(location_of meter-1) && [ "$now" != "$before" ]
}
before=$(location_of meter-1)
check "a resource is executed" status 0 ctl exec meter-1 /3/0/4
# What is asked of it while it restarts would go to the registration that it is about to replace.
check "and the device restarts" wait_until 10 registered_anew
check "an instance is created" status 0 ctl create meter-1 /3442 '{"id":7,"resources":[]}'
check "and deleted" status 0 ctl delete meter-1 /3442/7
check "what it has is discovered" says "/3/0" ctl discover meter-1 /3/0
check "attributes are set" status 0 ctl attributes meter-1 /3303/0/5700 pmin=1 pmax=60
check "programs get JSON" jq -e '.content.value == "sluice"' <(ctl read meter-1 /3/0/0 --json)

start_device sleeper --queue --stop-updates
check "a device in queue mode is awake at first" wait_until 10 says "Reachable      awake" ctl device sleeper
kill -STOP "${pids[sleeper]}"
check "a request to a device that is gone quiet ends with 1" status 1 ctl read sleeper /3/0/0 --timeout 1
check "it counts as asleep" says "Reachable      asleep" ctl device sleeper
check "what is asked of it now waits" says "queued as request" ctl read sleeper /3/0/0
ctl write sleeper /1/0/1 500 --json >"$work/second.json"
check "what waits is listed in order" test "$(ctl queue sleeper --json | jq -c '[.[] | .operation]')" = \
	'["read","write"]'
second=$(jq .requestId "$work/second.json")
check "a request can be taken back" status 0 ctl queue sleeper --remove "$second"
check "once" status 1 ctl queue sleeper --remove "$second"
kill_hard control
start_daemon control
wait_ready
check "what waits outlives a crash of control" says " read " ctl queue sleeper
ctl events --json >"$work/events.log" 2>&1 &
pids[events]=$!
# The stream is there when it tells of the other device, which sends an Update when its lifetime changes.
follows()
{
	ctl write meter-1 /1/0/1 $((500 + RANDOM % 100))
	grep -q meter-1 "$work/events.log"
}
check "events are followed" wait_until 10 follows
kill -CONT "${pids[sleeper]}"
wait_until 10 grep -q '^registered' "$work/sleeper.log" || fail "the device goes on"
echo update >&"$pipe"
check "it is carried out when the device wakes" wait_until 20 grep -q REQUEST_RESPONSE "$work/events.log"
check "and its answer told" wait_until 5 jq -se 'map(select(.event == "REQUEST_RESPONSE"))[0].data
	| .delayed and .path == "/3/0/0" and .response.content.value == "sluice"' "$work/events.log"
check "nothing waits any more" says "nothing waits" ctl queue sleeper
kill_hard events

# shellcheck source=deploy/completion/sluicectl.bash
source "$root/deploy/completion/sluicectl.bash"
sluicectl()
{
	ctl "$@"
}
COMP_WORDS=(sluicectl read met) COMP_CWORD=2
_sluicectl
check "the shell completes names of devices" test "${COMPREPLY[*]}" = meter-1
COMP_WORDS=(sluicectl dev) COMP_CWORD=1
_sluicectl
check "and commands" test "${COMPREPLY[*]}" = "devices device"
stop_gateway
