#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Whole devices by wolfSSL, DTLS 1.2 and 1.3, with pre-shared keys, raw public keys and certificates, over
# kernel sockets and over a DPDK port: they register, are read and observed, and with Connection IDs go on
# from another port.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_dtls.sh
source "$root/tests/net/_dtls.sh"

make_veth
keylog=$work/keys.txt
write_config 1 <<'END'
- udp: 127.0.0.1:5684
  dtls: true
- ethdev: net_af_xdp0,iface=gw0
  addresses: [198.18.0.1/24, "2001:db8::1/64"]
  dtls: true
END
sed -i "s|^  workers:|  keylog: $keylog\n  workers:|" "$config"
with_certificates
start_receiver
start_gateway

rpk=$(od -An -v -tx1 "$vectors/device.pub.der" | tr -d ' \n')

# is_whole NAME: it is what a device should be
is_whole()
{
	check "$1 registers" wait_until 10 said "$1" '^registered'
	check "$1 is shown as secure" is_secure "$1"
	check "$1 is read" wait_until 5 is_read "$1"
	check "$1 is observed and reports" observes "$1"
	check "$1: its report arrives" reports "$1" "$2"
}

# moves NAME: to another port, and is there
moves()
{
	local before
	before=$(metric sluice_dataplane_dtls_moves_total)
	tell "$1" move
	check "$1 reports from another port" reports "$1" "$2"
	check "$1 is read there" wait_until 5 is_read "$1"
	check "$1 was seen to move" wait_until 5 counted dtls_moves $((before + 1))
}

temperature=20
# try_device NAME COMMAND... -- OPTIONS...
try_device()
{
	local name=$1
	temperature=$((temperature + 1))
	start_device "$@"
	is_whole "$name" $temperature.25
	[[ " $* " != *" --cid "* ]] || moves "$name" $temperature.75
	quit "$name"
}

for where in kernel xdp; do
	on=()
	server=127.0.0.1:5684
	if [ $where = xdp ]; then
		on=(ip netns exec peer)
		server=198.18.0.1:5684
	fi
	for version in 1.2 1.3; do
		name=$where-psk-$version
		psk_credential $name || fail "control takes a credential"
		try_device $name ${on[0]+"${on[@]}"} -- --dtls $version --identity $name-id --key secret --cid
		[ $where$version = xdp1.2 ] && server='[2001:db8::1]:5684'
		credential '{"endpoint":"'"$where"'-rpk","tls":{"mode":"rpk","details":{"key":"'"$rpk"'"}}}' ||
			fail "control takes a public key"
		try_device $where-rpk ${on[0]+"${on[@]}"} -- --dtls $version --rpk --cid \
			--certificate "$vectors/device.pub.der" --private-key "$vectors/device.key"
		[ $where$version = xdp1.2 ] && server=198.18.0.1:5684
		rm -f "$work/$where-rpk.in" "$work/$where-rpk.log"
		curl -s -X DELETE "http://$api_address/api/security/clients/$where-rpk"
	done
done
server=127.0.0.1:5684
credential '{"endpoint":"dev-3","tls":{"mode":"x509"}}' || fail "control takes a certificate's name"
for version in 1.2 1.3; do
	rm -f "$work/dev-3.in" "$work/dev-3.log"
	try_device dev-3 -- --dtls $version --certificate "$vectors/device.pem" --private-key "$vectors/device.key" \
		--ca "$vectors/ca.pem"
done
rm -f "$work/dev-3.in" "$work/dev-3.log"
start_device dev-3 -- --dtls 1.3 --certificate "$vectors/device.pem" --private-key "$vectors/device.key" \
	--name north.example --ca "$vectors/other.pem"
check "a device is shown the certificate of the name that it asks for" wait_until 10 said dev-3 '^registered'
quit dev-3
check "nothing of it was in the clear" test "$(metric sluice_dataplane_forbidden_total)" = 0
check "raw public keys were counted" wait_until 5 counted dtls_handshakes_rpk 4
check "so were certificates" wait_until 5 counted dtls_handshakes_x509 2

check "the key log has the secrets of DTLS 1.2" grep -qE '^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$' "$keylog"
check "and those of DTLS 1.3" grep -qE '^SERVER_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]{64}$' "$keylog"
check "for nobody else to read" test "$(stat -c %a "$keylog")" = 600
stop_gateway
