#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A device registers: operators see it, the back end hears of it, a read reaches it, and saying the same
# twice changes nothing.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
start_receiver
start_gateway

registered()
{
	api /api/clients | jq -e --arg ep "$1" 'map(select(.endpoint == $ep)) | length == 1'
}

event()
{
	recorded | jq -se --arg type "$1" --arg ep "$2" 'any(.[]; .type == $type and .subject == $ep)'
}

content()
{
	api "/api/clients/$1" | jq -e "$2"
}

"$build/bench/swarm/sluice-swarm" --quiet --count 1 --endpoint-prefix dev --interval 1 --deregister \
	>"$work/swarm.log" 2>&1 &
pids[swarm]=$!
check "a device that registered is in /api/clients" wait_until 10 registered dev-0000
check "as Leshan shows it" content dev-0000 '
	.lifetime == 300 and .lwM2mVersion == "1.1" and .bindingMode == "U" and .rootPath == "/"
	and (.registrationId | length > 0) and (.address | startswith("127.0.0.1:")) and .secure == false
	and (.availableInstances == {"1": [0], "3": [0], "4": [0], "5": [0], "6": [0], "3303": [0]})'
check "its registration reaches the back end" wait_until 10 event sluice.registration dev-0000
check "reading /3/0/0 returns what it answered" content dev-0000/3/0/0 '
	.status == "CONTENT(205)" and .success and .content.kind == "singleResource"
	and .content.id == 0 and .content.value == "sluice"'
check "reading an instance returns its resources" content dev-0000/3/0 '
	.content.kind == "instance" and (.content.resources | map(.id)
	== [0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21])'
check "SenML CBOR says the same as TLV" test \
	"$(api '/api/clients/dev-0000/6/0?format=SENML_CBOR' | jq -c .content)" = \
	"$(api '/api/clients/dev-0000/6/0?format=TLV' | jq -c .content)"
check "what it does not have is 4.04" content dev-0000/3/0/99 '.status == "NOT_FOUND(404)"'
check "an unknown endpoint is refused" test \
	"$(curl -s -o /dev/null -w '%{http_code}' "http://$api_address/api/clients/nobody/3/0/0")" = 400
kill -TERM "${pids[swarm]}"
check "every answer the device got was right" wait "${pids[swarm]}"
unset 'pids[swarm]'
check "its de-registration reaches the back end" wait_until 10 event sluice.deregistration dev-0000

check "the same bytes twice are answered with the same bytes" coap register 127.0.0.1 5683 twice --twice
check "and are one registration" registered twice
wait_until 10 event sluice.registration twice || fail "it reaches the back end"
check "and one event" test "$(recorded | jq -s '[.[] | select(.subject == "twice") | .id] | unique | length')" = 1
stop_gateway
