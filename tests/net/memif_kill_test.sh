#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# The peer of a memif port dies twice, each time while the gateway stands still and has not read what it
# sent: the same process serves whoever connects next. That the driver's unmapping waits for the workers
# (dataplane/quiesce.h) is for its unit test to tell: here they are rarely in the middle of a burst.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

devices=2000 # more than the ring has room for messages

# start_fleet SEED LINE...: the scenario of a fleet that says no message id of another's
start_fleet()
{
	local line lines=() seed=$1
	shift
	for line in "devices $devices" "seed $seed" "$@"; do
		lines+=(-e "$line")
	done
	"$build/bench/swarm/sluice-swarm" run --port "net_memif0,role=client,socket=$work/memif.sock,socket-abstract=no" \
		"${lines[@]}" >>"$work/fleet.log" 2>&1 &
	pids[fleet]=$!
}

# Devices of the fleet are registered and have been answered since.
is_served()
{
	grep -q 'update  *[1-9][0-9]* done' "$work/fleet.log"
}

# Each device waits for an answer.
is_stuck()
{
	grep -q "under way $devices " "$work/fleet.log"
}

write_config 2 <<END
- ethdev: net_memif0,role=server,socket=$work/memif.sock,socket-abstract=no
  addresses: [198.18.0.1/15]
END
start_gateway
for seed in 1 2; do
	: >"$work/fleet.log"
	start_fleet $seed register "update window=$devices seconds=300"
	check "fleet $seed is served" wait_until 20 is_served
	kill -STOP "${pids[dataplane]}"
	: >"$work/fleet.log"
	check "until the gateway stands still" wait_until 20 is_stuck
	kill_hard fleet
	kill -CONT "${pids[dataplane]}"
done
start_fleet 3 register "update rounds=2 duplicates=20%"
check "after these have died, another registers at their addresses and is answered" wait "${pids[fleet]}"
check "by the same process" kill -0 "${pids[dataplane]}"
check "each device is registered once" wait_until 10 metric_is sluice_registrations = $devices
stop_gateway
