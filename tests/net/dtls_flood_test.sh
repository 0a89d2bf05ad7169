#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Registered devices beside 200,000 ClientHellos a second from forged addresses all over the Internet, whose
# cookies never come back: every exchange succeeds, devices that have no session get one, and the gateway keeps
# nothing of the forgers. Over memif, where devices and forgers share no socket's buffer. The generators share
# this machine with whoever else is on it: how fast the flood was is said.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

devices=500

write_config <<END
- ethdev: net_memif0,role=server,socket=$work/devices.sock,socket-abstract=no
  addresses: [198.18.0.1/15]
  dtls: true
- ethdev: net_memif1,role=server,socket=$work/forgers.sock,socket-abstract=no
  addresses: [203.0.113.1/24]
  dtls: true
END
start_gateway

# run NAME SOCKET ARGUMENT...
run()
{
	local name=$1 socket=$2
	shift 2
	"$build/bench/swarm/sluice-swarm" run --quiet --json "$work/$name.json" \
		--port "net_memif0,role=client,socket=$work/$socket.sock,socket-abstract=no" "$@"
}

registered()
{
	[ "$(metric sluice_registrations)" = $devices ]
}

cookies()
{
	metric_is sluice_dataplane_dtls_cookies_total -ge "$1"
}

check "credentials of all devices are there" give_psk swarm $devices 736563726574
run devices devices -e "devices $devices" -e 'dtls psk=736563726574' -e 'register window=32' \
	-e 'update rate=2000 seconds=6' -e 'handshake window=8 rounds=2' >"$work/devices.log" 2>&1 &
pids[devices]=$!
wait_until 20 registered || fail "devices register"
before=$(resident_kb dataplane)
run forgers forgers --gateway 203.0.113.1:5684 -e 'addresses 64.0.0.0/2' -e 'hello rate=200000 seconds=300' \
	>"$work/forgers.log" 2>&1 &
pids[forgers]=$!
wait_until 20 cookies 100000 || fail "demands for cookies go out"
wait "${pids[devices]}" || fail "every exchange and every handshake of a device succeeds"
unset "pids[devices]"
after=$(resident_kb dataplane)
check "the flood was there until the end" kill -0 "${pids[forgers]}"
kill -TERM "$(pgrep -P "${pids[forgers]}")"
wait "${pids[forgers]}" || fail "the flood was sent"
unset "pids[forgers]"
jq -r '.phases[] | "   \(.requests) ClientHellos, \(.requests / .sending_seconds | floor) a second"' "$work/forgers.json"
jq -r '.phases[] | "   \(.phase): \(.exchanges) exchanges, \(.retransmissions) repeated, \(.handshakes) handshakes"' \
	"$work/devices.json"
echo "ok every exchange and every handshake of a device succeeds"
check "it was one" jq -e '.phases[0].requests > 100000' "$work/forgers.json"
check "no handshake was kept of it" test "$(metric sluice_dataplane_dtls_handshakes)" -le 8
check "nor any memory ($before KB, $after KB)" test $((after - before)) -lt 8192
check "answered or refused, each was counted" test $(($(metric sluice_dataplane_dtls_cookies_total) + $(api /metrics |
	awk '/reason="dtls_hello_rate"/ { sum += $2 } END { print sum + 0 }'))) -ge 100000
stop_gateway
