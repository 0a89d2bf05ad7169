# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Sourced after _init.sh, which sets root, build, config and api_address.
# shellcheck disable=SC2154
#
# The conformance cases against a gateway, whatever the port it listens on. Devices in queue mode are taken to be
# asleep after 2 s, so that the cases of queue mode do not wait for the 93 s of the specification.

add_awake_window()
{
	printf 'lwm2m:\n  awake_s: 2\n' >>"$config"
}

# oma_cases HOST:PORT [ARGUMENT...]
oma_cases()
{
	local server=$1
	shift
	"$root/tests/net/oma/run" --device "$build/tests/device/sluice-test-device" --server "$server" \
		--api "$api_address" "$@" || fail "the conformance cases pass"
}
