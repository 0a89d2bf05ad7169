#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Restarts that devices do not notice: the kernel sockets outlive the dataplane, so that no device gets an ICMP
# error (which makes some of them bootstrap), and none has to register again.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config 2 <<'END1'
- udp: 127.0.0.1:5683
END1

# What the kernel answered for us: "port unreachable", where nobody listens.
unreachables()
{
	awk '/^Icmp:/ { if (!n++) { split($0, names) } else { split($0, values) } }
	END { for (i in names) if (names[i] == "OutDestUnreachs") print values[i] }' /proc/net/snmp
}

# The dataplane with a supervisor that keeps its sockets: pids[dataplane] is the supervisor.
start_supervised()
{
	"$build/dataplane/sluice-dataplane" --config "$config" --state "$state" --supervise >>"$work/dataplane.log" 2>&1 &
	pids[dataplane]=$!
}

# A supervisor's child, or what the test has started itself.
dataplane_pid()
{
	local pid=${pids[dataplane]:-}
	if [ -n "$pid" ] && grep -qz -- --supervise "/proc/$pid/cmdline"; then
		pgrep -P "$pid" || echo none
	else
		echo "$pid"
	fi
}

another_worker_than()
{
	local pid
	pid=$(dataplane_pid)
	[ "$pid" != none ] && [ "$pid" != "$1" ]
}

kill_worker()
{
	local pid
	pid=$(dataplane_pid)
	kill -KILL "$pid"
	wait_until 10 another_worker_than "$pid" || fail "the dataplane is started again"
	wait_ready
}

registered()
{
	metric_is sluice_registrations = "$1"
}

start_receiver --port 9000
start_supervised
start_daemon control
wait_ready

swarm --count 2000 --rate 2000 --duration 12 --interval 2 --timeout 200 --strict --list "$work/list" \
	>"$work/swarm.log" 2>&1 &
pids[swarm]=$!
wait_until 20 registered 2000 || fail "devices register"
for _ in 1 2 3; do
	kill_worker
done
# Before the fleet ends: what is answered once more after that, because it was sent again, finds nobody there.
errors=$(unreachables)
check "the dataplane was killed three times under a fleet: no device had to register again" wait "${pids[swarm]}"
unset 'pids[swarm]'
check "and none got an ICMP error" test "$errors" = 0
check "one registration each" test "$(registered_anew)" = 0

kill -TERM "$(dataplane_pid)" # as somebody may who does not know better
ended()
{
	gone "${pids[dataplane]}"
}
check "a dataplane that is told to stop ends its supervisor" wait_until 5 ended
unset 'pids[dataplane]'
# Shows that the counter above counts.
echo >/dev/udp/127.0.0.1/5683
answered_by_the_kernel()
{
	[ "$(unreachables)" != 0 ]
}
check "without it there are ICMP errors" wait_until 2 answered_by_the_kernel

start_supervised
wait_ready
stop_gateway

# --- what a device repeats because the answer to it was lost with both processes
start_gateway
restart_both()
{
	local name
	for name in control dataplane; do
		kill_hard $name
	done
	start_gateway
}

# once KIND ARGUMENT ANSWER: each of three copies of a request gets that answer, two of them after restarts
once()
{
	local copy
	for copy in 1 2 3; do
		[ "$("$root/tests/net/repeat" "$1" "$2")" = "$3" ] || fail "$1, copy $copy: answered $3"
		[ $copy = 3 ] || restart_both
	done
	echo "ok a $1 that is repeated after restarts of both gets the first answer"
}

number_of()
{
	recorded | jq -n --arg type "$1" '[inputs | select(.type == $type and .subject == "faithful") | .id] | unique | length'
}

told()
{
	[ "$(number_of "$1")" -ge 1 ]
}

location=$("$root/tests/net/repeat" register faithful)
once register faithful "$location"
location=${location#2.01 }
once update "$location" "2.04 /"
once send "" "2.04 /"
once deregister "$location" "2.02 /"
wait_until 10 told sluice.deregistration || fail "the back end hears of all"
for type in registration update send deregistration; do
	check "one sluice.$type of it" test "$(number_of sluice.$type)" = 1
done
stop_gateway

# --- the store is gone, and the dataplane is not
start_gateway
location=$(coap register 127.0.0.1 5683 orphan) || fail "a device registers"
location=${location#2.01 }
kill_hard control
rm -rf "$state/store"
start_daemon control
wait_ready
forgotten()
{
	[ "$(coap update 127.0.0.1 5683 "$location")" = "4.04 " ]
}
check "a device that control has lost is told to register again" wait_until 5 forgotten
stop_gateway

# --- started by systemd, of which this is the contract
dataplane=("$build/dataplane/sluice-dataplane" --config "$config" --state "$state")

says()
{
	grep -q -- "$1" "$work/activated.log"
}

"$root/tests/net/activate" 127.0.0.1 5683 1 "${dataplane[@]}" >"$work/activated.log" 2>&1
check "fewer sockets than workers are refused" says \
	'sluice.yaml:6: dataplane.ports\[0\].udp: LISTEN_FDS: 1 socket was passed for it, but 2 workers need one each'
"$root/tests/net/activate" 127.0.0.1 5999 2 "${dataplane[@]}" >"$work/activated.log" 2>&1
check "a socket for no port is refused" says \
	'descriptor 3 (coap: udp 127.0.0.1:5999) is none of dataplane.ports\[\].udp'
"$root/tests/net/activate" 127.0.0.1 5683 2 "${dataplane[@]}" >>"$work/dataplane.log" 2>&1 &
pids[dataplane]=$!
start_daemon control
wait_ready
check "sockets passed on are used" test "$(coap register 127.0.0.1 5683 activated | cut -c 1-4)" = 2.01
check "the sample unit is what socket-unit makes of the sample configuration" \
	diff "$root/deploy/systemd/sluice-dataplane.socket" <("$root/deploy/systemd/socket-unit" "$root/deploy/sluice.yaml")
stop_gateway
