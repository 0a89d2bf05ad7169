#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# The command a newcomer types: ready, shows the main job, starts again what dies, leaves nothing behind.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

"$root/deploy/up" --no-deps --build-dir "$build" --state "$state" --demo 3 >"$work/up.log" 2>&1 &
pids[up]=$!

says()
{
	grep -q -- "$1" "$work/up.log"
}


check "it says when it is ready" wait_until 60 says 'deploy/up: ready'
check "it says what to try" wait_until 5 says 'curl http://127.0.0.1:8080/api/clients'
check "the back end prints the devices' registrations" wait_until 20 says 'sluice.registration demo-0002'
can_be_read()
{
	[ "$(api /api/clients/demo-0000/3/0/0 | jq -r .content.value)" = sluice ]
}
check "a device can be read" wait_until 10 can_be_read
check "a second one says that the address is taken" eval \
	'! "$root/deploy/up" --no-deps --build-dir "$build" --state "$work/other" >"$work/second.log" 2>&1 &&
	grep -q "in use" "$work/second.log"'
kill -KILL "$(pgrep -o sluice-control)"
check "it notices that control died" wait_until 10 says 'control ended'
check "and has it back" wait_until 10 is_ready
kill -TERM "${pids[up]}"
check "it stops" wait_until 6 gone "${pids[up]}"
check "cleanly" wait "${pids[up]}"
unset 'pids[up]'
nothing_is_left()
{
	! pgrep 'sluice|receiver'
}
check "nothing is left behind" wait_until 1 nothing_is_left
