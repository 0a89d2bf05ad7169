#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A fleet behind a DPDK port in shared memory (memif), the way the packet path is measured: every answer to
# 2,000 devices is checked, repetitions must be answered with the same bytes, reports be acknowledged; another
# fleet comes by DTLS.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

fleet()
{
	local line lines=()
	for line in "devices 2000" "$@"; do
		lines+=(-e "$line")
	done
	timeout 120 "$build/bench/swarm/sluice-swarm" run --quiet \
		--port "net_memif0,role=client,socket=$work/memif.sock,socket-abstract=no" "${lines[@]}"
}

# known N: so many devices are registered
known()
{
	metric_is sluice_registrations = "$1"
}

write_config 2 <<END
- ethdev: net_memif0,role=server,socket=$work/memif.sock,socket-abstract=no
  addresses: [198.18.0.1/15]
  dtls: true
END
cat >>"$config" <<'END'
lwm2m:
  observe: [/3303]
END
start_gateway
check "a fleet registers, is kept alive and registers again" \
	fleet register "update rounds=3 duplicates=20%" reboot
check "each device is registered once" wait_until 10 known 2000
check "it registers, moves to other addresses and leaves" \
	fleet "seed 2" "addresses 198.19.128.0/17" register move "update rounds=2" deregister
check "nothing is left of it" wait_until 10 known 0
check "it registers, is observed and reports" fleet "seed 3" "addresses 198.18.128.0/17" register "observe seconds=60" \
	"notify rounds=2 con window=128" "notify rounds=2 non rate=5000" "send rounds=1 window=64"
check "credentials of another fleet are there" give_psk safe 500 736563726574
check "it comes by DTLS, moves, shakes hands again and leaves" fleet "seed 4" "addresses 198.19.0.0/18" "devices 500" \
	"endpoint safe" "dtls psk=736563726574" "register window=32" "update rounds=2 window=64 moved duplicates=20%" \
	"handshake rounds=1 window=32" "update rounds=1" deregister
check "and shook hands twice" wait_until 5 metric_is sluice_dataplane_dtls_handshakes_psk_total = 1000
stop_gateway
