#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A thousand devices with DTLS and Connection IDs change their addresses in the middle of being observed: every
# notification is acknowledged and arrives at the back end, one is read as well, and nobody shakes hands again.
# Without Connection IDs the same devices are told that their sessions are gone, and shake hands.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

devices=1000

write_config 2 <<'END'
- udp: 127.0.0.1:5684
  dtls: true
END
cat >>"$config" <<'END'
lwm2m:
  observe: [/3303]
END
start_receiver
start_gateway

fleet()
{
	local line lines=()
	for line in "devices $devices" "endpoint moving" "$@"; do
		lines+=(-e "$line")
	done
	"$build/bench/swarm/sluice-swarm" run --quiet --gateway 127.0.0.1:5684 \
		--json "$work/fleet.json" "${lines[@]}"
}

# in_fleet EXPRESSION: of jq, about what became of the phases
in_fleet()
{
	jq -e "$1" "$work/fleet.json"
}

# arrived NUMBER: so many notifications are at the back end, each once
arrived()
{
	recorded | jq -s -e "[.[] | select(.type == \"sluice.notification\") | .id] | length == $1 and (unique | length) == $1"
}

at_its_new_address()
{
	[ "$(api /api/clients/moving-0007 | jq -r .address)" = 127.16.0.7:20002 ]
}

one_is_read()
{
	api /api/clients/moving-0007/3303/0/5700 | jq -e '.status == "CONTENT(205)"'
}

check "credentials of all devices are there" give_psk moving $devices 736563726574
fleet "dtls psk=736563726574" "register window=64" "observe seconds=120" "notify rounds=2 window=64" \
	"notify rounds=2 window=64 moved" "update rounds=1 window=64 moved" "notify rounds=1 window=64" \
	"pause seconds=300" >"$work/fleet.log" 2>&1 &
pids[fleet]=$!
check "one of them is read" wait_until 20 one_is_read
check "every notification is at the back end" wait_until 20 arrived $((5 * devices))
kill -TERM "$(pgrep -P "${pids[fleet]}")" # it need not stay for more
check "devices were observed, changed their addresses, and went on reporting" wait "${pids[fleet]}"
unset 'pids[fleet]'
check "one of them has answered a read" in_fleet '[.phases[].read] | add >= 1'
check "they shook hands once, at the beginning" in_fleet \
	"[.phases[].handshakes] | .[0] == $devices and (.[1:] | add == 0 and length >= 5)"
check "and the gateway has counted as many" wait_until 5 metric_is sluice_dataplane_dtls_handshakes_psk_total = $devices
check "nothing had to be sent again, nothing was refused" in_fleet \
	'[.phases[] | .alerts + .records_dropped + .unavailable + .missing + .wrong] | add == 0'
check "the gateway has seen each of them move, twice" wait_until 5 metric_is sluice_dataplane_dtls_moves_total \
	-ge $((2 * devices))
check "REST shows where a device is now" wait_until 10 at_its_new_address
check "devices without Connection IDs shake hands after they have moved" fleet "seed 2" "port 30000" \
	"dtls psk=736563726574 cid=no" "timeout 0.3" "register window=64" "update rounds=1 window=64 moved"
check "because they were told to" in_fleet ".phases[1].handshakes == $devices and .phases[1].alerts > 0"
stop_gateway
