#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Clients of two makes, recorded against the reference server, are played to the gateway: for every REST call of the
# recordings it must give the recorded status and JSON, and the recorded events (replay/replay lists what is left
# out, and why).
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
make_certificate gateway
printf 'security:\n  certificate: %s\n  key: %s\n' "$work/gateway.pem" "$work/gateway.key" >>"$config"
start_gateway
"$root/tests/net/replay/replay" --server 127.0.0.1:5683 --api "$api_address" "$root/tests/vectors/captures" \
	leshan leshan-queue wakaama wakaama-cbor || fail "the recordings are played as they were"
stop_gateway
