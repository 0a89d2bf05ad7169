#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Operations over a lossy link end rightly or with a timeout, and are done once. As a test of every run, a few of them;
# "lossy_test.sh long" makes a thousand, "lossy_test.sh DEVICES OPERATIONS SEED" as many as wanted.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

amount=("$@")
[ "${1:-}" != long ] || amount=(50 20 1)
[ $# -gt 0 ] || amount=(40 5 1)
write_config 2 <<'END'
- udp: 127.0.0.1:5683
END
start_gateway
"$root/tests/net/lossy" 127.0.0.1:5683 "$api_address" "${amount[@]}" || fail "operations over a lossy link end well"
stop_gateway
