#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A fleet that is observed reports: every notification and every Send reaches the back end, decoded.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
cat >>"$config" <<'END'
lwm2m:
  observe: [/3303]
END
start_receiver
start_gateway

count()
{
	recorded | jq -s --arg type "$1" '[.[] | select(.type == $type and (.data.val | tostring | test("5700"))) | .id]
		| unique | length'
}

# phase NUMBER FIELD: of the result
phase()
{
	jq ".phases[$1].$2" "$work/result.json"
}

reached()
{
	[ "$(count "$1")" -ge "$2" ]
}

check "every report is acknowledged" timeout 60 "$build/bench/swarm/sluice-swarm" run --quiet \
	--json "$work/result.json" -e 'devices 200' -e register -e 'observe seconds=120' \
	-e 'notify rounds=5 con window=64' -e 'notify rounds=2 non rate=500' -e 'send rounds=2 window=64'
check "every device is observed" test "$(phase 1 exchanges)" = 200
check "every notification reaches the back end" wait_until 20 reached sluice.notification 1400
check "every Send does" wait_until 20 reached sluice.send 400
check "no Send twice" test "$(count sluice.send)" = 400
stop_gateway
