#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# What a device notifies in more than one block reaches the back end as one event with the whole value, also
# when control is killed between the first block's acknowledgement and the rest.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
start_receiver
start_gateway

mkfifo "$work/big.in"
# Late answers leave time for the kill.
"$build/tests/device/sluice-test-device" --endpoint big --block 64 --separate-ms 100 <"$work/big.in" >"$work/big.log" 2>&1 &
pids[big]=$!
exec {big}>"$work/big.in"

tell()
{
	echo "$@" >&"$big"
}

# said REGEX [TIMES]: the device has printed such a line
said()
{
	[ "$(grep -cE -- "$1" "$work/big.log")" -ge "${2:-1}" ]
}

post()
{
	curl -s -m 20 -X POST "http://$api_address/api/clients/big/$1" | jq -e .success
}

# told KIND FILTER: how many such events the back end has
told()
{
	recorded | jq -n --arg kind "$1" "[inputs | select(.type == \"sluice.notification\" and .data.kind == \$kind) | .data.val | select($2) | 1] | length"
}

is_told()
{
	[ "$(told "$@")" -ge 1 ]
}

check "a device with small blocks registers" wait_until 10 said '^registered '
check "an object of several blocks is observed" post 3/observe

tell set /3/0/15 Europe/Reykjavik
check "its first block is acknowledged" wait_until 10 said '^acked'
whole='.kind == "obj" and ([.instances[0].resources[].id] | contains([0, 9, 15]))'
check "the whole object reaches the back end" wait_until 20 is_told single "$whole and (tostring | contains(\"Reykjavik\"))"
check "once" test "$(told single true)" = 1

tell set /3/0/15 Europe/Bratislava
check "the next first block is acknowledged" wait_until 10 said '^acked' 2
kill_hard control
start_daemon control
wait_ready
check "killed meanwhile, control fetches the value again" wait_until 20 is_told single \
	"$whole and (tostring | contains(\"Bratislava\"))"
check "nothing but whole values was told" test "$(told single '. == null')" = 0

check "paths of several blocks are observed together" post 'composite/observe?paths=/3,/1'
tell set /3/0/15 Europe/Ljubljana
check "what they have reaches the back end" wait_until 20 is_told composite \
	'."/3" != null and ."/1" != null and (tostring | contains("Ljubljana"))'
check "and what is observed alone, too" wait_until 20 is_told single "$whole and (tostring | contains(\"Ljubljana\"))"
check "no fetch came to nothing" test "$(metric sluice_control_notifications_undecodable_total)" = 0
stop_gateway
