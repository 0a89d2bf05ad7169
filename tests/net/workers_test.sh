#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Four workers, ten thousand devices: each session lives on the worker its endpoint hashes to, whichever
# worker received the datagram, and none is lost or doubled.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

devices=10000
write_config 4 <<'END'
- udp: 127.0.0.1:5683
END
start_receiver
start_gateway

# The location carries the shard in its low 8 bits (base64url of 54 bits), so it tells the worker.
workers_of_list()
{
	python3 -c '
import sys
digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
for line in sys.stdin:
    endpoint, path = line.split()
    value = 0
    for c in path.rsplit("/", 1)[1]:
        value = value * 64 + digits.index(c)
    print(endpoint, value % 256, value % 256 % 4)'
}

sessions_by_worker()
{
	api /api/dataplane | jq -c '[.workers[].gauges.sessions]'
}

sessions_add_up()
{
	metric_is sluice_dataplane_sessions = "$1"
}

events_unique()
{
	[ "$(recorded | jq -r 'select(.type == "sluice.registration") | .subject' | sort -u | wc -l)" = $devices ]
}

check "10,000 devices register and keep alive without a wrong answer" swarm --count $devices --rate 2500 \
	--duration 4 --interval 4 --timeout 200 --strict --list "$work/list"
check "all are in the list" test "$(wc -l <"$work/list")" = $devices
workers_of_list <"$work/list" | sort >"$work/placed"
expected=$(awk '{ n[$3]++ } END { printf "[%d,%d,%d,%d]", n[0], n[1], n[2], n[3] }' "$work/placed")
check "sessions add up to the devices" wait_until 10 sessions_add_up $devices
check "every session is on the worker its location names" test "$(sessions_by_worker)" = "$expected"
check "datagrams changed hands on the way" wait_until 5 metric_is sluice_dataplane_handoffs_total -gt 1000
check "every worker has its share" awk '{ n[$3]++ } END { for (w = 0; w < 4; w++) if (n[w] < 2000) exit 1 }' \
	"$work/placed"
check "every device is in /api/clients once" test \
	"$(api /api/clients | jq '[.[].endpoint] | [length, (unique | length)] | @csv' -r)" = "$devices,$devices"
check "every registration reaches the back end" wait_until 20 events_unique

check "the same devices come again from other ports" swarm --count $devices --rate 2500 --duration 0 \
	--timeout 200 --list "$work/list2"
workers_of_list <"$work/list2" | sort >"$work/placed2"
check "an endpoint hashes to the same shard each time" test \
	"$(cut -d' ' -f1,2 "$work/placed")" = "$(cut -d' ' -f1,2 "$work/placed2")"
check "and replaces its old session" wait_until 10 sessions_add_up $devices
stop_gateway
