#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Devices and REST clients that mean harm: nothing crashes or hangs, everybody is told what is wrong, and
# those who mean well are served meanwhile.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config 2 <<'END'
- udp: 127.0.0.1:5683
END
printf 'lwm2m:\n  observe: [/3303]\n' >>"$config"
start_gateway

hostile()
{
	check "$1" timeout 200 "$root/tests/net/hostile" "$2"
}

hostile "absurd answers end in an error that says so" answers
hostile "made-up tokens get RST, a known one never does" notify
hostile "malformed values are refused, a flood of blocks stops no other device" send
hostile "malformed requests are refused with a reason" rest
hostile "devices that register again while they are asked harm nobody" again
check "the dataplane is the same process" kill -0 "${pids[dataplane]}"
check "control is the same process" kill -0 "${pids[control]}"
stop_gateway
