#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A thousand registered devices beside 100,000 datagrams a second of garbage and Updates of nobody: each of
# their exchanges succeeds, and the median takes at most twice as long as without. The generators and the
# gateway share this machine with whoever else is on it: latencies are measured up to six times, and the
# flood is as fast as the machine lets it be, which is said.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
start_gateway

updates()
{
	[ "$(metric sluice_dataplane_updates_total)" -ge "$1" ]
}

# One fleet, quiet and beside the flood. The message ids of another one, from the same ports, would be taken
# for repetitions.
attempt()
{
	local before
	before=$(metric sluice_dataplane_updates_total)
	"$build/bench/swarm/sluice-swarm" run --quiet --gateway 127.0.0.1:5683 --json "$work/fleet.json" -e 'devices 1000' \
		-e "endpoint fleet$1" -e "port $((20000 + $1))" -e register -e 'update rate=2000 seconds=3' \
		-e 'pause seconds=2' -e 'update rate=2000 seconds=4' >"$work/fleet.log" 2>&1 &
	pids[fleet]=$!
	wait_until 30 updates $((before + 5900)) || fail "the fleet is served while it is quiet"
	"$build/tests/flood/sluice-flood" 127.0.0.1 5683 100000 8 >"$work/flood.log" 2>&1 &
	pids[flood]=$!
	wait "${pids[fleet]}" || fail "every exchange of a registered device succeeds"
	wait "${pids[flood]}" || fail "the flood was sent"
	unset "pids[fleet]" "pids[flood]"
	python3 - "$work/fleet.json" "$(cat "$work/flood.log")" <<'END'
import json, sys
quiet, beside = (phase for phase in json.load(open(sys.argv[1]))["phases"] if phase["phase"] == "update")
for name, phase in ("quiet", quiet), (f"beside {sys.argv[2]}", beside):
    latency = phase["latency_ns"]
    print(f"   {name}: {phase['exchanges']} exchanges, {phase['missing']} missing, {phase['wrong']} wrong, "
          f"{phase['retransmissions']} repeated; median {latency['p50'] / 1e3:.0f} us, p99 {latency['p99'] / 1e3:.0f} us")
sys.exit(beside["latency_ns"]["p50"] > 2 * quiet["latency_ns"]["p50"])
END
}

for number in 1 2 3 4 5 6; do
	attempt $number && break
	[ $number -lt 6 ] || fail "the median stays within twice the quiet one"
done
echo "ok every exchange of a registered device succeeds, and the median stays within twice the quiet one"
refused=$(($(metric sluice_dataplane_too_many_total) + $(api /metrics |
	awk '/reason="(unknown_rate|peer_rate)"/ { sum += $2 } END { print sum + 0 }')))
check "what the flood asked for beyond the limits was refused under a name" test "$refused" -gt 10000
stop_gateway
