#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Devices by wolfSSL come back with a session ticket, DTLS 1.2 and 1.3, with pre-shared keys, raw public keys
# and certificates, after a restart of either process, too; not when their credential is gone. And OpenSSL's
# client does.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_dtls.sh
source "$root/tests/net/_dtls.sh"
server=127.0.0.1:5684

write_config 2 <<'END'
- udp: 127.0.0.1:5684
  dtls: true
END
with_certificates
start_receiver
start_gateway

rpk=$(od -An -v -tx1 "$vectors/device.pub.der" | tr -d ' \n')
for version in 1.2 1.3; do
	psk_credential psk-$version || fail "control takes pre-shared keys"
done
credential '{"endpoint":"rpk","tls":{"mode":"rpk","details":{"key":"'"$rpk"'"}}}' || fail "control takes a public key"
credential '{"endpoint":"dev-3","tls":{"mode":"x509"}}' || fail "control takes a certificate's name"

for version in 1.2 1.3; do
	start_device psk-$version -- --dtls $version --tickets --identity psk-$version-id --key secret --cid
done
start_device rpk -- --dtls 1.2 --tickets --rpk --cid --certificate "$vectors/device.pub.der" \
	--private-key "$vectors/device.key"
start_device dev-3 -- --dtls 1.3 --tickets --certificate "$vectors/device.pem" --private-key "$vectors/device.key" \
	--ca "$vectors/ca.pem"
devices="psk-1.2 psk-1.3 rpk dev-3"
for name in $devices; do
	check "$name registers" wait_until 10 said "$name" '^registered'
done
check "each has been given a ticket" wait_until 5 counted dtls_tickets 4

rounds=0
# come_back WHEN: every device resumes its session, and is at home with it
come_back()
{
	rounds=$((rounds + 1))
	for name in $devices; do
		tell "$name" handshake
	done
	for name in $devices; do
		check "$1: $name resumes its session" wait_until 10 said "$name" '^connected resumed' $rounds
		tell "$name" update
	done
	for name in $devices; do
		check "$1: $name is answered" wait_until 10 said "$name" '^updated' $rounds
		check "$1: and read" wait_until 5 is_read "$name"
	done
}

come_back "at once"
check "the gateway says so, too" wait_until 5 metric_is sluice_dataplane_dtls_handshakes_ticket_total = 4
kill_hard dataplane
start_daemon dataplane
wait_ready
come_back "after the dataplane was killed"
kill_hard control
start_daemon control
wait_ready
come_back "after control was killed"
check "nothing was made of a ticket that should not be" test "$(metric sluice_dataplane_dtls_tickets_unknown_total)" = 0

curl -s -X DELETE "http://$api_address/api/security/clients/rpk" >"$work/null"
wait_until 5 said rpk '^over' || fail "the session of a removed credential ends"
tell rpk handshake
check "a removed credential is not resurrected by a ticket" wait_until 10 said rpk '^not-connected 49'
check "which is counted" wait_until 5 counted dtls_tickets_revoked 1

# client ARGUMENT...: a session of OpenSSL's client
client()
{
	timeout 30 openssl s_client -dtls1_2 -connect "$server" -psk_identity psk-1.2-id -psk 736563726574 \
		-cipher PSK-AES128-CCM8 "$@" </dev/null >"$work/openssl.log" 2>&1
}
client -sess_out "$work/session.pem"
check "OpenSSL's client is given a ticket" grep '^New, ' "$work/openssl.log"
client -sess_in "$work/session.pem"
check "and resumes with it" grep '^Reused, ' "$work/openssl.log"
stop_gateway
