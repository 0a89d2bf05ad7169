#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Devices of two other makes come by DTLS, over kernel sockets.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_dtls.sh
source "$root/tests/net/_dtls.sh"
# shellcheck source=tests/net/_dtls_clients.sh
source "$root/tests/net/_dtls_clients.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
- udp: 127.0.0.1:5684
  dtls: true
END
with_certificates
start_receiver
start_gateway

try_clients 127.0.0.1:5684 127.0.0.1
check "nothing in the clear is answered on that port" test \
	-z "$(timeout 10 coap-client-notls -B 2 -m get coap://127.0.0.1:5684/.well-known/core 2>/dev/null)"
stop_gateway
