# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Sourced first by every test here. Runs the test in network, mount and process namespaces of its own, so
# that addresses never clash and nothing outlives it; starts and stops the gateway; waits for events, never
# for time. A test prints "ok SENTENCE" for everything it has checked. When something fails, logs and metrics
# are shown. Exit status 77 means that this machine cannot run the test.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${SLUICE_BUILD:-$root/build}
api_address=127.0.0.1:8080
patience=5

if [ -z "${SLUICE_IN_NAMESPACE:-}" ]; then
	kinds=(--mount --net --pid --fork --kill-child --mount-proc)
	[ "$(id -u)" = 0 ] || kinds+=(--map-root-user)
	if ! unshare "${kinds[@]}" true 2>/dev/null; then
		echo "skipped: no namespaces may be made here"
		exit 77
	fi
	SLUICE_IN_NAMESPACE=1 exec unshare "${kinds[@]}" "$0" "$@"
fi

work=$(mktemp -d)
state=$work/state
config=$work/sluice.yaml
events=$work/events.jsonl
declare -A pids
mkdir -p "$state"
trap cleanup EXIT
ip link set lo up
# Huge pages that several tests, and whoever else is here, would take from each other are none.
sed 's/^HugePages_Free:.*/HugePages_Free: 0/' /proc/meminfo >"$work/meminfo"
mount --bind "$work/meminfo" /proc/meminfo

cleanup()
{
	local name
	{
		for name in "${!pids[@]}"; do
			kill -KILL "${pids[$name]}"
		done
		wait
	} 2>/dev/null # bash would say that they were killed
	rm -rf "$work"
}

# Says what failed, shows what there is to see, and ends the test.
fail()
{
	local log
	echo "FAIL $*"
	for log in "$work"/*.log; do
		[ -s "$log" ] || continue
		echo "--- ${log##*/}"
		tail -n 30 "$log"
	done
	echo "--- metrics that are not 0"
	curl -s -m 2 "http://$api_address/metrics" | grep -v '^#' | grep -v ' 0$' | head -n 80
	exit 1
}

# check SENTENCE COMMAND...
check()
{
	local sentence=$1
	shift
	"$@" >"$work/check.log" 2>&1 || fail "$sentence"
	echo "ok $sentence"
}

# wait_until SECONDS COMMAND...: true as soon as the command is, false when time is up. Time is for a machine that
# has nothing else to do; one that has gets more of it, which costs nothing where all is well.
wait_until()
{
	local end=$((SECONDS + patience * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# Configuration: the ports (a YAML list) come from standard input.
write_config()
{
	local workers=${1:-1}
	{
		printf 'state: %s\ndataplane:\n  workers: %s\n  max_devices: 65536\n  ports:\n' "$state" "$workers"
		sed 's/^/    /'
		printf 'control:\n  listen: %s\n' "$api_address"
		printf 'backends:\n  - name: events\n    url: http://127.0.0.1:9000/events\n'
	} >"$config"
}

# make_certificate NAME: signed by itself, in NAME.pem and NAME.key
make_certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
		-keyout "$work/$1.key" -out "$work/$1.pem" 2>"$work/openssl.log" || fail "a certificate is made"
}

start_daemon()
{
	"$build/$1/sluice-$1" --config "$config" --state "$state" >>"$work/$1.log" 2>&1 &
	pids[$1]=$!
}

# Of the process that answers devices, as control names it.
dataplane_pid()
{
	echo "${pids[dataplane]:-}"
}

# A dataplane that was started again: control may not have noticed yet that the one before has gone.
is_attached()
{
	local pid
	pid=$(dataplane_pid)
	[ -z "$pid" ] || [ "$(api /api/dataplane | jq .pid)" = "$pid" ]
}

says_ready()
{
	[ "$(curl -s -m 2 "http://$api_address/readyz")" = ready ]
}

is_ready()
{
	says_ready && is_attached && says_ready
}

wait_ready()
{
	wait_until 20 is_ready || fail "the gateway is ready"
}

start_gateway()
{
	start_daemon dataplane
	start_daemon control
	wait_ready
}

# kill_hard NAME: as a crash would
kill_hard()
{
	{
		kill -KILL "${pids[$1]}"
		wait "${pids[$1]}"
	} 2>/dev/null
	unset "pids[$1]"
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

# A clean stop ends with status 0, and soon.
stop_gateway()
{
	local name status
	for name in control dataplane; do
		kill -TERM "${pids[$name]}"
	done
	for name in control dataplane; do
		wait_until 5 gone "${pids[$name]}" || fail "$name stops"
		wait "${pids[$name]}"
		status=$?
		unset "pids[$name]"
		[ $status = 0 ] || fail "$name stops with status 0, not $status"
	done
	echo "ok both processes stop cleanly"
}

start_receiver()
{
	"$root/deploy/demo/receiver" --quiet --record "$events" "$@" >>"$work/receiver.log" 2>&1 &
	pids[receiver]=$!
	wait_until 30 curl -s -m 1 -o "$work/null" http://127.0.0.1:9000/ || fail "the receiver is there"
}

swarm()
{
	"$build/bench/swarm/sluice-swarm" --quiet "$@"
}

api()
{
	curl -s -m 10 "http://$api_address$1"
}

# give_psk NAME COUNT KEY: devices NAME-0000 and on have that key, and their names as identities
give_psk()
{
	awk -v name="$1" -v count="$2" -v key="$3" 'BEGIN {
		for (; i < count; i++)
			printf "%s-%04d,psk,%s-%04d,%s\n", name, i, name, i, key
	}' | curl -s --data-binary @- "http://$api_address/api/security/clients/import" | jq -e ".added == $2"
}

# A counter or gauge, summed over the workers, which tell of it now and then only.
metric()
{
	api /metrics | awk -v name="$1" '{ split($1, key, "{") } key[1] == name { sum += $2 } END { print sum + 0 }'
}

# metric_is NAME OPERATOR NUMBER: as of test, as in "metric_is sluice_registrations -ge 100"
metric_is()
{
	test "$(metric "$1")" "$2" "$3"
}

# The events that the receiver has written down. The end of the last line may not be there yet; whoever reads them may
# have seen enough.
recorded()
{
	[ -e "$events" ] || return 1
	head -n "$(wc -l <"$events")" "$events"
	return 0
}

coap()
{
	"$root/tests/net/coap" "$@"
}

resident_kb()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/${pids[$1]}/status"
}

# How many registrations, as the back end has them, were not the first of their device. An event may come twice.
registered_anew()
{
	recorded | jq -n '[inputs | select(.type == "sluice.registration") | {id, subject}] | unique_by(.id)
		| length - (unique_by(.subject) | length)'
}

# A veth pair: gw0 here, peer0 with addresses in the namespace "peer"; on_peer runs something there.
make_veth()
{
	# Mapped to root in a user namespace is not enough for AF_XDP.
	if ! grep -q '0 *0 *4294967295' /proc/self/uid_map; then
		echo "skipped: AF_XDP needs root"
		exit 77
	fi
	mount -t tmpfs none /run && mkdir -p /run/netns
	ip netns add peer
	ip link add gw0 type veth peer name peer0 netns peer
	ip link set gw0 up
	ip netns exec peer ip link set lo up
	# AF_XDP sees the frame before anybody fills in a checksum left to hardware.
	ip netns exec peer ethtool -K peer0 tx off >/dev/null
	ip netns exec peer ip addr add 198.18.0.2/24 dev peer0
	ip netns exec peer ip addr add 2001:db8::2/64 dev peer0 nodad
	ip netns exec peer ip link set peer0 up
}

on_peer()
{
	ip netns exec peer "$@"
}
