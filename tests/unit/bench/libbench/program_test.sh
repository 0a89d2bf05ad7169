#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# A benchmark program as a whole: its exit status, its lists, its files, and whether Google Benchmark's own
# compare.py (Debian: libbenchmark-tools, python3-scipy) takes two of them. $1 = bench_sample.
set -uo pipefail

sample=$1
compare=/usr/share/benchmark/compare.py
# Debian's Python: that is the one Debian's scipy belongs to.
python=/usr/bin/python3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

ok()
{
	echo "ok $1"
}

fail()
{
	echo "FAIL $1"
	cat "$dir/out" "$dir/err" 2>/dev/null
	failed=1
}

# check NAME STATUS ARGUMENT...: runs the sample; what it wrote is in $dir/out and $dir/err
check()
{
	local name=$1 want=$2 status
	shift 2
	"$sample" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status -eq "$want" ] || {
		echo "exit status $status, not $want"
		fail "$name"
		return 1
	}
}

# has NAME FILE TEXT
has()
{
	if grep -qF -- "$3" "$dir/$2"; then ok "$1"; else fail "$1"; fi
}

check "an unknown flag ends it with status 1" 1 --foo &&
	has "an unknown flag is named" err "unrecognized command-line flag: --foo"
check "a bad value ends it with status 1" 1 --benchmark_min_time=soon &&
	has "a bad value is named" err '"soon"'
check "a bad expression ends it with status 1" 1 '--benchmark_filter=(' &&
	has "a bad expression is named" err "Could not compile benchmark re"
check "help is no error" 0 --help && has "help lists the flags" out "--benchmark_out_format="
check "a file that cannot be written ends it with status 1" 1 --benchmark_out="$dir/no/file" &&
	has "the file is named" err "$dir/no/file"
check "no match is no error" 0 --benchmark_filter=nothing &&
	has "no match is said" err "Failed to match any benchmarks against regex: nothing"

check "the list" 0 --benchmark_list_tests --benchmark_filter=copy &&
	if [ "$(cat "$dir/out")" = $'copy/bytes:16\ncopy/bytes:100\ncopy/bytes:512\ncopy/bytes:4096' ]; then
		ok "the list has the selected benchmarks in the order of the source"
	else
		fail "the list has the selected benchmarks in the order of the source"
	fi

check "json on standard output" 0 --benchmark_format=json --benchmark_min_time=10x \
	--benchmark_context=site=lab &&
	if "$python" -c '
import json, sys
report = json.load(open(sys.argv[1]))
assert report["context"]["site"] == "lab", report["context"]
assert report["context"]["num_cpus"] >= 1
runs = {run["name"]: run for run in report["benchmarks"]}
assert runs["copy/bytes:16"]["iterations"] == 10
assert runs["impossible"]["error_message"] == "no \"memory\""
assert abs(runs["by_hand/iterations:3/manual_time"]["real_time"] - 2.5e8) < 1
' "$dir/out" 2>>"$dir/err"; then
		ok "json is read back by Python"
	else
		fail "json is read back by Python"
	fi

for n in 1 2; do
	check "a file" 0 --benchmark_out="$dir/$n.json" --benchmark_min_time=100x \
		--benchmark_repetitions=3 --benchmark_filter=copy &&
		has "the console shows what the file gets ($n)" out "copy/bytes:16_stddev"
done

if [ ! -e "$compare" ] || ! "$python" -c 'import scipy.stats' 2>/dev/null; then
	echo "compare.py: not installed (Debian: libbenchmark-tools, python3-scipy)"
	exit $((failed ? 1 : 77))
fi
if "$python" "$compare" --no-color benchmarks "$dir/1.json" "$dir/2.json" >"$dir/out" 2>"$dir/err"; then
	has "compare.py compares two files" out "copy/bytes:4096_median"
	has "compare.py runs its U test on the repetitions" out "U Test, Repetitions: 3 vs 3"
	has "compare.py sums up" out "OVERALL_GEOMEAN"
else
	fail "compare.py compares two files"
fi
if "$python" "$compare" --no-color filters "$dir/1.json" bytes:16 bytes:512 >"$dir/out" 2>"$dir/err"; then
	has "compare.py compares two benchmarks of one file" out "[bytes:16 vs. bytes:512]"
else
	fail "compare.py compares two benchmarks of one file"
fi
exit $failed
