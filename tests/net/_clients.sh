# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Sourced after _init.sh, which sets root.
# shellcheck disable=SC2154
#
# What independent clients must see of a gateway, whatever the port it listens on.

libcoap=$(command -v coap-client-notls coap-client | head -n 1)
node_modules=$("$root/tests/net/prepare")/node_modules

libcoap_lists_core()
{
	$1 "$libcoap" -m get -B 10 "coap://$2/.well-known/core" | grep 'rt="oma.lwm2m"'
}

libcoap_gets_404()
{
	$1 "$libcoap" -m get -B 10 "coap://$2/no/such/path" 2>&1 | grep '4\.04'
}

# clients_agree WRAPPER HOST: WRAPPER runs a command where the devices are ("on_peer" or "env")
clients_agree()
{
	local where=$1 host=$2 url=$2
	[[ $host == *:* ]] && url="[$host]"
	check "$host: coap-client reads /.well-known/core" libcoap_lists_core "$where" "$url"
	check "$host: coap-client gets 4.04 for an unknown path" libcoap_gets_404 "$where" "$url"
	check "$host: a ping is answered with RST" "$where" "$root/tests/net/coap" ping "$host" 5683
	check "$host: the npm client agrees" "$where" env NODE_PATH="$node_modules" \
		node "$root/tests/net/npm_client.js" "$host"
}
