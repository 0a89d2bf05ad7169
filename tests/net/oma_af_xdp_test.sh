#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# The OMA conformance cases over a DPDK port: AF_XDP on one end of a veth pair.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_oma.sh
source "$root/tests/net/_oma.sh"

make_veth
write_config <<'END'
- ethdev: net_af_xdp0,iface=gw0
  addresses: [198.18.0.1/24]
END
add_awake_window
start_gateway
oma_cases 198.18.0.1:5683 --netns peer
stop_gateway
