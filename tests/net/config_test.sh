#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A bad configuration: a message with file and line, exit status 2, nothing started.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

# refuses DAEMON LINE SENTENCE [HOW...]: the configuration comes from standard input; it is checked and
# started, unless HOW says only one of both.
refuses()
{
	local daemon=$1 line=$2 sentence=$3 ways=(check start) way status command
	[ $# -lt 4 ] || ways=("${@:4}")
	cat >"$config"
	for way in "${ways[@]}"; do
		command=("$build/$daemon/sluice-$daemon" --config "$config" --state "$state")
		[ "$way" = start ] || command+=(--check)
		timeout 60 "${command[@]}" >"$work/out.log" 2>&1
		status=$?
		[ $status = 2 ] || fail "$daemon, $sentence ($way): exit status 2, not $status"
		grep -q "sluice.yaml:$line:" "$work/out.log" || fail "$daemon, $sentence ($way): names line $line"
	done
	[ -z "$(ls "$state")" ] || fail "$daemon, $sentence: leaves nothing behind"
	echo "ok $daemon, $sentence"
}

for daemon in dataplane control; do
	refuses $daemon 2 "an unknown key" <<'END'
dataplane:
  wrokers: 1
END
	refuses $daemon 2 "a wrong type" <<'END'
dataplane:
  workers: many
  ports: [{udp: "127.0.0.1:5683"}]
END
	refuses $daemon 2 "a value out of range" <<'END'
dataplane:
  workers: 65
  ports: [{udp: "127.0.0.1:5683"}]
END
	refuses $daemon 3 "a bad address" <<'END'
dataplane:
  ports:
    - udp: 127.0.0.300:5683
END
	refuses $daemon 5 "a bad address to listen on" <<'END'
dataplane:
  ports:
    - udp: 127.0.0.1:5683
control:
  listen: localhost
END
done
refuses dataplane 3 "an unknown device" start <<'END'
dataplane:
  ports:
    - ethdev: net_nosuch0
      addresses: [198.18.0.1/24]
END
refuses dataplane 3 "an unknown device, only to be checked" check <<'END'
dataplane:
  ports:
    - ethdev: net_nosuch0
      addresses: [198.18.0.1/24]
END
refuses dataplane 3 "an interface that is not there" start <<'END'
dataplane:
  ports:
    - ethdev: net_af_xdp0,iface=nosuch0
      addresses: [198.18.0.1/24]
END
