#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A hundred thousand random and mutated datagrams at the socket, and as many frames at the DPDK port: the
# process lives, does not grow, and still answers.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

make_veth
write_config <<'END'
- udp: 127.0.0.1:5683
- ethdev: net_af_xdp0,iface=gw0
  addresses: [198.18.0.1/24, "2001:db8::1/64"]
END
start_gateway

answers()
{
	coap ping 127.0.0.1 5683 && on_peer "$root/tests/net/coap" ping 198.18.0.1 5683 &&
		on_peer "$root/tests/net/coap" ping 2001:db8::1 5683 && [ "$(coap register 127.0.0.1 5683 good | cut -c1-4)" = 2.01 ]
}

datagrams_counted()
{
	metric_is sluice_dataplane_rx_datagrams_total -ge "$1"
}

check "valid traffic is answered before" answers
# Once the tables and pools have been touched, memory must stay where it is.
check "10,000 datagrams to warm up" "$root/tests/net/blast" udp 127.0.0.1 5683 10000 1
check "10,000 frames to warm up" on_peer "$root/tests/net/blast" frames peer0 10000 2
wait_until 10 answers || fail "valid traffic is answered after the warm-up"
before=$(resident_kb dataplane)
control_before=$(resident_kb control)

check "100,000 datagrams at the socket" "$root/tests/net/blast" udp 127.0.0.1 5683 100000 3
for seed in 5 6 7 8; do
	wait_until 1 datagrams_counted 50000 && break
	"$root/tests/net/blast" udp 127.0.0.1 5683 100000 $seed # the gateway had better things to do than to read
done
check "50,000 arrived" datagrams_counted 50000
check "valid traffic is answered after them" wait_until 20 answers
check "100,000 frames at the DPDK port" on_peer "$root/tests/net/blast" frames peer0 100000 4
check "valid traffic is answered after them too" wait_until 20 answers
check "the dataplane is the same process" kill -0 "${pids[dataplane]}"
check "control is the same process" kill -0 "${pids[control]}"
# Sessions and dedup entries live in tables whose pages appear as they are used; 8 MB covers those.
check "the dataplane has not grown" test $(($(resident_kb dataplane) - before)) -lt 8192
check "control has not grown" test $(($(resident_kb control) - control_before)) -lt 16384
stop_gateway
