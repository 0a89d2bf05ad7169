# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Sourced after _init.sh and _dtls.sh, which set root, vectors and more. Devices of two other makes (libcoap
# with OpenSSL and with GnuTLS): with a pre-shared key and with a certificate they register; with a wrong key, an
# unknown identity or another's name they do not.
# shellcheck disable=SC2154
for client in coap-client-openssl coap-client-gnutls; do
	command -v $client >/dev/null || {
		echo "skipped: no $client"
		exit 77
	}
done

# register CLIENT ENDPOINT ARGUMENT...: prints the code and the options of the answer, for which it waits so many
# seconds
register()
{
	local client=$1 endpoint=$2
	shift 2
	${where[0]+"${where[@]}"} timeout 60 "$client" -v 7 -B "$seconds" -m post -t 40 -e '</>;rt="oma.lwm2m",</3/0>' "$@" \
		"coaps://$server/rd?ep=$endpoint&lt=300&lwm2m=1.1&b=U" 2>&1
}

answered()
{
	local code=$1 seconds=40
	shift
	register "$@" | grep -E "c:$code"
}

not_answered()
{
	local seconds=5
	! register "$@" | grep -E 'c:[245]\.'
}

shown()
{
	api "/api/clients/$1" | jq -e '.secure == true and (.address | startswith("'"$from"':"))'
}

# try_clients SERVER FROM COMMAND...: that come from the address FROM, where COMMAND runs them
try_clients()
{
	local server=$1 from=$2 where=("${@:3}") make client
	for make in openssl gnutls; do
		client=coap-client-$make
		check "$make: control takes a pre-shared key" credential \
			'{"endpoint":"'$make'-psk","tls":{"mode":"psk","details":{"identity":"'$make'-id","key":"736563726574"}}}'
		check "$make: a device with it registers" answered 2.01 "$client" $make-psk -u $make-id -k secret
		check "$make: and is shown as secure" shown $make-psk
		check "$make: another's name is forbidden" answered 4.03 "$client" somebody-else -u $make-id -k secret
		check "$make: a wrong key gets nowhere" not_answered "$client" $make-psk -u $make-id -k wrong
		check "$make: nor does an unknown identity" not_answered "$client" $make-psk -u nobody -k secret
	done
	check "wrong keys were counted" wait_until 5 counted dtls_wrong_key 2
	check "unknown identities were counted" wait_until 5 counted dtls_unknown_identity 2

	check "control takes a device that will come with a certificate" credential \
		'{"endpoint":"dev-3","tls":{"mode":"x509"}}'
	for make in openssl gnutls; do
		client=coap-client-$make
		check "$make: a device with a certificate registers" answered 2.01 "$client" dev-3 \
			-c "$vectors/device.pem" -j "$vectors/device.key" -C "$vectors/ca.pem" -n
		check "$make: one whose certificate has expired does not" not_answered "$client" dev-3 \
			-c "$vectors/expired.pem" -j "$vectors/expired.key" -C "$vectors/ca.pem" -n
		check "$make: nor does one of another authority" not_answered "$client" dev-3 \
			-c "$vectors/stranger.pem" -j "$vectors/stranger.key" -C "$vectors/ca.pem" -n
	done
	check "bad certificates were counted" wait_until 5 counted dtls_bad_certificate 4
}
