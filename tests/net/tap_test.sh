#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Independent clients talk to a DPDK port: a TAP device, the kernel behind it.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_clients.sh
source "$root/tests/net/_clients.sh"

[ -e /dev/net/tun ] || {
	echo "skipped: no /dev/net/tun"
	exit 77
}
write_config <<'END'
- ethdev: net_tap0,iface=tap0
  addresses: [198.18.0.1/24, "2001:db8::1/64"]
END
start_gateway
ip addr add 198.18.0.2/24 dev tap0
ip addr add 2001:db8::2/64 dev tap0 nodad
ip link set tap0 up
check "ICMP echo is answered" wait_until 5 ping -c 1 -W 1 198.18.0.1
check "ICMPv6 echo is answered" wait_until 5 ping -c 1 -W 1 2001:db8::1
clients_agree env 198.18.0.1
clients_agree env 2001:db8::1
stop_gateway
