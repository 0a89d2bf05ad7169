#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A device that changes its address is still known; one that nobody knows is told so.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config 2 <<'END'
- udp: 127.0.0.1:5683
END
start_gateway
"$root/tests/net/moved" 127.0.0.1:5683 "$api_address" || fail "a device that moves is still known"
stop_gateway
