#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# The OMA conformance cases over kernel sockets.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_oma.sh
source "$root/tests/net/_oma.sh"

write_config 2 <<'END'
- udp: 127.0.0.1:5683
END
add_awake_window
start_gateway
oma_cases 127.0.0.1:5683
stop_gateway
