#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Several back ends at once: one that stalls beside one that does not, one that hears of some events only,
# one that refuses an event for good, one behind mutual TLS with gzip and a signature, one over HTTP/2; made by
# REST, and there again after a crash.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

cli=$build/control/cli/sluicectl

write_config <<'END'
- udp: 127.0.0.1:5683
END
start_gateway
start_receiver

# receiver_at NAME PORT OPTION...
receiver_at()
{
	local name=$1 port=$2
	shift 2
	"$root/deploy/demo/receiver" --quiet --port "$port" --record "$work/$name.jsonl" "$@" >>"$work/$name.log" 2>&1 &
	pids[$name]=$!
	wait_until 10 listens "$port" || fail "$name listens"
}

listens()
{
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

# put NAME JSON: the status
put()
{
	curl -s -m 10 -o "$work/put.out" -w '%{http_code}' -X PUT --data "$2" "http://$api_address/api/backends/$1"
}

is()
{
	[ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }
}

backend()
{
	api "/api/backends/$1" | jq -r "$2"
}

is_state()
{
	[ "$(backend "$1" .state)" = "$2" ]
}

caught_up()
{
	[ "$(backend "$1" .lagEvents)" = 0 ]
}

receiver_at stalled 9001 --hold
check "a back end is made by REST" is "$(put stalled '{"url":"http://127.0.0.1:9001/","timeout_s":300}')" 201
check "a fleet comes and goes" swarm --count 1500 --rate 1500 --duration 0 --timeout 200 --deregister \
	--endpoint-prefix beside
check "one that does not stall hears of all" wait_until 30 caught_up events
# One after the other, or in turn, and it would have had to wait for this:
check "while the first request to the stalled one has not ended" is \
	"$(backend stalled '[.state, .lagEvents >= 3000, .lastError] | tostring')" '["ok",true,null]'
check "it may be given less time" is \
	"$(put stalled '{"url":"http://127.0.0.1:9001/","timeout_s":2,"retry":{"pause_after":2}}')" 200
check "the stalled one is paused" wait_until 30 is_state stalled paused
check "and says why" is "$(backend stalled '.lastError.text | test("timed out"; "i")')" true
check "a back end that is removed is forgotten" \
	is "$(curl -s -o "$work/null" -w '%{http_code}' -X DELETE "http://$api_address/api/backends/stalled")" 204
check "one of the file cannot be" \
	is "$(curl -s -o "$work/null" -w '%{http_code}' -X DELETE "http://$api_address/api/backends/events")" 403

receiver_at choosy 9002
receiver_at picky 9003 --refuse picky-0007
check "a filter is taken" is \
	"$(put choosy '{"url":"http://127.0.0.1:9002/","types":["deregistration"],"endpoints":["*-000?"]}')" 201
check "so are parallel connections" is \
	"$(put picky '{"url":"http://127.0.0.1:9003/","connections":3,"retry":{"refuse_after":1}}')" 201

# Certificates of an authority of our own.
tls=$work/tls
mkdir "$tls"
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca \
		-keyout "$tls/ca.key" -out "$tls/ca.pem"
	for who in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$who" \
			-keyout "$tls/$who.key" -out "$tls/$who.csr"
		openssl x509 -req -in "$tls/$who.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 2 \
			-extfile <(echo subjectAltName=IP:127.0.0.1) -out "$tls/$who.pem"
	done
} >"$work/openssl.log" 2>&1 || fail "certificates are made"
receiver_at locked 9004 --tls "$tls/server.pem" "$tls/server.key" --client-ca "$tls/ca.pem" --hmac-key s3cret
locked="\"url\":\"https://127.0.0.1:9004/\",\"gzip\":true,\"auth\":{\"hmac_key\":\"s3cret\"}"
check "a certificate is asked for" is "$(put locked "{$locked,\"tls\":{\"ca\":\"$tls/ca.pem\"}}")" 201
"$cli" --url "http://$api_address" backends test locked >"$work/check.log" 2>&1 &&
	fail "without one nobody is let in"
echo "ok without one nobody is let in"
check "it can be changed" is "$(put locked "{$locked,\"tls\":{\"ca\":\"$tls/ca.pem\",
	\"certificate\":\"$tls/client.pem\",\"key\":\"$tls/client.key\"}}")" 200
check "mutual TLS, gzip and a signature are accepted" "$cli" --url "http://$api_address" backends test locked

check "a third fleet comes and goes" swarm --count 200 --rate 400 --duration 0 --timeout 200 --deregister \
	--endpoint-prefix picky
for name in choosy picky locked; do
	check "$name has heard of all it asked for" wait_until 30 caught_up $name
done
check "the filter leaves out the rest" is "$(jq -r '[.type, .subject] | @tsv' "$work/choosy.jsonl" | sort -u | wc -l)" 10
check "the locked one got every event" is \
	"$(jq -r 'select(.type != "sluice.test") | [.type, .subject] | @tsv' "$work/locked.jsonl" | sort -u | wc -l)" 400
check "one device's events are dead letters" is \
	"$(jq -r '[.type, .subject] | @tsv' "$state/dead-letter/picky.jsonl" | sort | tr '\n' ' ')" \
	"$(printf 'sluice.deregistration\tpicky-0007 sluice.registration\tpicky-0007 ')"
check "nobody else's are" is "$(jq -r '[.type, .subject] | @tsv' "$work/picky.jsonl" | sort -u | wc -l)" 398
check "devices kept their order" is "$(jq -r '[.subject, .type] | @tsv' "$work/picky.jsonl" |
	awk '$2 == "sluice.deregistration" { gone[$1] = 1 } $2 == "sluice.registration" && gone[$1] { n++ }
		END { print n + 0 }')" 0
check "both are counted" is "$(backend picky .counters.refused)" 2

if command -v nghttpd >/dev/null; then
	mkdir "$work/h2" && touch "$work/h2/events"
	nghttpd -d "$work/h2" 9005 "$tls/server.key" "$tls/server.pem" >"$work/nghttpd.log" 2>&1 &
	pids[nghttpd]=$!
	wait_until 10 listens 9005 || fail "nghttpd listens"
	check "a server of HTTP/2 is taken" is \
		"$(put h2 "{\"url\":\"https://127.0.0.1:9005/events\",\"tls\":{\"ca\":\"$tls/ca.pem\"}}")" 201
	check "it is spoken to over HTTP/2" is \
		"$(curl -s -X POST "http://$api_address/api/backends/h2/test" | jq -c '[.accepted, .http]')" '[true,"2"]'
fi

kill_hard control
start_daemon control
wait_ready
check "what was made by REST is there after a crash" is \
	"$(api /api/backends | jq -c '[.backends[].name] | index("choosy", "picky", "locked") != null' | sort -u)" true
check "and goes on where it was" wait_until 30 caught_up picky
check "sluicectl lists them" "$cli" --url "http://$api_address" backends
stop_gateway
