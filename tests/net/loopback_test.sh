#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Independent clients talk to the gateway over kernel sockets.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"
# shellcheck source=tests/net/_clients.sh
source "$root/tests/net/_clients.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
- udp: "[::1]:5683"
END
start_gateway
clients_agree env 127.0.0.1
clients_agree env ::1
stop_gateway
