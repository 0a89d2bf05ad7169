#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Either process is stopped or killed under devices that speak DTLS: they go on with the session that they
# have, on new addresses too, and nobody shakes hands again.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_dtls.sh
source "$root/tests/net/_dtls.sh"
server=127.0.0.1:5684

write_config 2 <<'END'
- udp: 127.0.0.1:5684
  dtls: true
END
start_receiver
start_gateway
for name in old new plain; do
	psk_credential "$name" || fail "control takes a credential"
done
start_device old -- --dtls 1.2 --identity old-id --key secret --cid
start_device new -- --dtls 1.3 --identity new-id --key secret --cid
start_device plain -- --dtls 1.2 --identity plain-id --key secret
devices="old new plain"
for name in $devices; do
	check "$name registers" wait_until 10 said "$name" '^registered'
	observes "$name" >"$work/null" || fail "$name is observed"
done
updates=0

# saved N: so many snapshots are on disk
saved()
{
	[ "$(metric sluice_dataplane_dtls_saved_total)" -ge "$1" ]
}
wait_until 5 saved 3 || fail "all three are on disk"

# go_on WHAT: every device is answered, by its old session
go_on()
{
	updates=$((updates + 1))
	for name in $devices; do
		tell "$name" update
	done
	for name in $devices; do
		check "$1: $name is answered by its old session" wait_until 10 said "$name" '^updated' "$updates"
		check "$1: and read" wait_until 5 is_read "$name"
	done
}

# again NAME...: stopped or dead, and started again
again()
{
	local name
	for name in "$@"; do
		start_daemon "$name"
	done
	wait_ready
}

stop_one()
{
	kill -TERM "${pids[$1]}"
	wait_until 10 gone "${pids[$1]}" || fail "$1 stops"
	wait "${pids[$1]}"
	unset "pids[$1]"
}

go_on "at first"
stop_one dataplane
again dataplane
go_on "the dataplane was stopped"
check "no device had to show itself" test "$(metric sluice_dataplane_dtls_proofs_wanted_total)" = 0
check "all three came back" wait_until 5 metric_is sluice_dataplane_dtls_restored_total = 3
kill_hard dataplane
again dataplane
for name in old new; do
	tell "$name" move
done
go_on "the dataplane was killed"
check "each had to show itself" wait_until 5 counted dtls_proofs 3
kill_hard control
again control
go_on "control was killed"
kill_hard control
kill_hard dataplane
again dataplane control
go_on "both were killed"
kill_hard dataplane
again dataplane
kill_hard dataplane # without a word of anybody
again dataplane
go_on "the dataplane was killed twice"
check "they are observed still" reports new 31.5
check "nobody shook hands again" test "$(metric sluice_dataplane_dtls_handshakes_psk_total)" = 0
for name in $devices; do
	check "$name was connected once" test "$(grep -c '^connected' "$work/$name.log")" = 1
	check "and registered once" test "$(grep -c '^registered' "$work/$name.log")" = 1
done
told_twice()
{
	recorded | jq -n '[inputs] | unique_by(.id) | length - (unique_by([.type, .subject, .data]) | length)'
}
check "nothing was told twice" test "$(told_twice)" = 0

# --- sessions that nobody kept
curl -s -X DELETE "http://$api_address/api/security/clients/plain"
check "a removed credential cuts its session" wait_until 5 counted dtls_revoked 1
check "and the device hears of it" wait_until 5 said plain '^over 49'
tell old close
check "a device that closes its session is heard" wait_until 5 counted dtls_close_notify 1
stop_one dataplane
again dataplane
check "both are over for good" wait_until 5 metric_is sluice_dataplane_dtls_restored_total = 1
stop_gateway
