#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Independent clients talk to a DPDK port: AF_XDP on one end of a veth pair, the kernel on the other.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_clients.sh
source "$root/tests/net/_clients.sh"

make_veth
write_config <<'END'
- ethdev: net_af_xdp0,iface=gw0
  addresses: [198.18.0.1/24, "2001:db8::1/64"]
END
start_gateway
check "ICMP echo is answered" wait_until 5 on_peer ping -c 1 -W 1 198.18.0.1
check "ICMPv6 echo is answered" wait_until 5 on_peer ping -c 1 -W 1 2001:db8::1
clients_agree on_peer 198.18.0.1
clients_agree on_peer 2001:db8::1
check "devices register and are read" on_peer "$build/bench/swarm/sluice-swarm" --quiet \
	--server 198.18.0.1:5683 --count 50 --duration 2 --interval 1 --timeout 200 --strict --deregister
stop_gateway
