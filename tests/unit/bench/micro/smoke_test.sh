#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Every micro benchmark once, but for those with a million entries and more, or with 100,000 of wolfSSL's objects:
# none may report an error.
# $1 = sluice-bench-micro.
set -uo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$1" --benchmark_min_time=1x "--benchmark_filter=-000000|objects:100000" --benchmark_format=json >"$dir/out" 2>"$dir/err" || {
	cat "$dir/err"
	echo "FAIL every micro benchmark runs"
	exit 1
}
/usr/bin/python3 - "$dir/out" <<'END'
import json, sys
runs = json.load(open(sys.argv[1]))["benchmarks"]
# Not an error of ours: a machine that lacks what it takes.
bad = [run for run in runs if "needs " not in run.get("error_message", "needs ")]
for run in bad:
    print(run["name"], run["error_message"])
assert len(runs) > 30, len(runs)
sys.exit(1 if bad else 0)
END
status=$?
if [ $status -eq 0 ]; then echo "ok every micro benchmark runs"; else echo "FAIL every micro benchmark runs"; fi
exit $status
