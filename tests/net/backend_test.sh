#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# The back end is away for a while, then answers 503, then is slow; nothing acknowledged is missing from it
# afterwards.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
echo '    retry: {max_ms: 1000, pause_s: 1}' >>"$config" # the test waits for each try
start_gateway

complete()
{
	local type=$1 count=$2
	[ "$(recorded | jq -r --arg type "$type" 'select(.type == $type) | .subject' | sort -u | wc -l)" = "$count" ]
}

one_id_per_event()
{
	recorded | jq -r '[.type, .subject, .id] | @tsv' | sort -u |
		awk '{ n[$1 " " $2]++ } END { for (k in n) if (n[k] != 1) exit 1 }'
}

check "devices register while nobody listens" swarm --count 500 --rate 500 --duration 0 --timeout 200 \
	--endpoint-prefix away
start_receiver --fail 3
check "devices come and go while the back end fails" swarm --count 500 --rate 500 --duration 0 --timeout 200 \
	--endpoint-prefix failing --deregister
check "every registration reaches it" wait_until 60 complete sluice.registration 1000
check "every de-registration reaches it" wait_until 60 complete sluice.deregistration 500
check "the same event has the same id each time" one_id_per_event

kill_hard receiver
check "devices leave while it is down again" swarm --count 500 --rate 500 --duration 0 --timeout 200 \
	--endpoint-prefix away --deregister
kill_hard control
start_daemon control
wait_ready
start_receiver --delay 0.2
check "even control's crash meanwhile loses none" wait_until 60 complete sluice.deregistration 1000
stop_gateway
