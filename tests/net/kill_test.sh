#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Either process is killed outright; what was acknowledged is still there, and no device has to register
# again.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config 2 <<'END'
- udp: 127.0.0.1:5683
END
start_receiver
start_gateway

# Every registration that a device was told of ("endpoint /rd/id") is one that control has.
all_known()
{
	local known
	known=$(api /api/clients | jq -r '.[] | "\(.endpoint) /rd/\(.registrationId)"' | sort)
	[ -z "$(comm -23 <(sort "$work/list") - <<<"$known")" ]
}

events_complete()
{
	[ -z "$(comm -23 <(cut -d' ' -f1 "$work/list" | sort) \
		<(recorded | jq -r 'select(.type == "sluice.registration") | .subject' | sort -u))" ]
}

swarm --count 3000 --rate 500 --duration 8 --interval 4 --timeout 200 --strict --list "$work/list" >"$work/swarm.log" 2>&1 &
pids[swarm]=$!
some_registered()
{
	metric_is sluice_dataplane_registers_total -gt "$1"
}
wait_until 10 some_registered 300 || fail "devices register"
kill_hard control
start_daemon control
wait_ready
echo "ok control was killed while devices registered, and came back"
wait_until 30 some_registered 1500 || fail "devices go on registering"
kill_hard control
start_daemon control
wait_ready
echo "ok and once more"
check "no device was lost, none had to register again" wait "${pids[swarm]}"
unset 'pids[swarm]'
check "all 3,000 devices got a location" test "$(wc -l <"$work/list")" = 3000
check "every one that got 2.01 is in /api/clients" all_known
check "every one reaches the back end" wait_until 20 events_complete

location=$(coap register 127.0.0.1 5683 survivor) || fail "a device registers"
kill_hard dataplane
start_daemon dataplane
wait_ready
check "after a crash of the dataplane an Update on the old location gets 2.04" test \
	"$(coap update 127.0.0.1 5683 "${location#2.01 }")" = "2.04 "
check "a location that never was gets 4.04" test "$(coap update 127.0.0.1 5683 /rd/AAAAAAAAA)" = "4.04 "
check "all are in /api/clients still" all_known
stop_gateway
