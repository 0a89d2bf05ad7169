#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Devices of two other makes come by DTLS, over a DPDK port on AF_XDP.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_dtls.sh
source "$root/tests/net/_dtls.sh"
# shellcheck source=tests/net/_dtls_clients.sh
source "$root/tests/net/_dtls_clients.sh"

make_veth
write_config <<'END'
- ethdev: net_af_xdp0,iface=gw0
  addresses: [198.18.0.1/24, "2001:db8::1/64"]
  dtls: true
END
with_certificates
start_receiver
start_gateway

try_clients 198.18.0.1:5684 198.18.0.2 ip netns exec peer
stop_gateway
