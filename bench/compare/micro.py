# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows out of sluice-bench-micro: repetitions in one process, interleaved at random by the harness."""

import json
import subprocess

from children import Failure
from table import Row

SECONDS = 300


def micro(bench, pattern, min_time, repetitions=None):
    """Benchmark's name -> its repetitions."""
    command = [str(bench.build / "bench/micro/sluice-bench-micro"), f"--benchmark_filter={pattern}",
               f"--benchmark_min_time={min_time}",
               f"--benchmark_repetitions={repetitions or bench.rounds}",
               "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"]
    command = ["taskset", "-c", str(bench.processors.worker), *command]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
        results = json.loads(run.stdout)["benchmarks"]
    except (subprocess.SubprocessError, ValueError, KeyError) as error:
        raise Failure(f"sluice-bench-micro: {error}") from error
    found = {}
    for result in results:
        if "error_message" in result:
            raise Failure(f"{result['name']}: {result['error_message']}")
        if result["run_type"] == "iteration":
            found.setdefault(result["run_name"], []).append(result)
    return found


def times(found, name):
    """Processor time of each repetition, in nanoseconds."""
    unit = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    if name not in found:
        raise Failure(f"sluice-bench-micro has no {name}")
    return [run["cpu_time"] * unit[run["time_unit"]] for run in found[name]]


def parse_row(bench):
    bench.say("CoAP parse, sluice and libcoap")
    found = micro(bench, "^coap_parse(_options)?/update/", 0.1)
    sluice, peer = times(found, "coap_parse/update/sluice"), times(found, "coap_parse/update/libcoap")
    # Times, so the factor is the peer's over ours: rates make it sluice / peer as in every row.
    row = Row("parse", "CoAP parse of an Update, against libcoap's", "memory",
              [1e9 / time for time in sluice], [1e9 / time for time in peer], "/s", at_least=5)
    row.details = {name: times(found, name) for name in found}
    return row


def dedup_rows(bench):
    millions = 10 if bench.options.quick else 50 # the larger table takes ten seconds to fill
    bench.say(f"dedup, 1 M and {millions} M live entries")
    full = "" if bench.options.quick else "|dedup_filling/live:(1|50)000000"
    found = micro(bench, f"^(dedup_claim/live:(1|{millions})000000{full})$", 0.2)
    large, small = f"dedup_claim/live:{millions}000000", "dedup_claim/live:1000000"
    cost = Row(f"dedup-{millions}m", f"dedup of a new exchange, {millions} M live entries, against 1 M",
               "memory", times(found, large), times(found, small), "ns",
               at_most=None if bench.options.quick else 1.5)
    rows = [cost]
    if full:
        rows += [Row("dedup-50m-filling", "the same, 50 M and 1 M in a table made for 50 M", "memory",
                     times(found, "dedup_filling/live:50000000"),
                     times(found, "dedup_filling/live:1000000"), "ns")]
    size = Row("dedup-entry", f"dedup bytes per live entry, {millions} M", "memory",
               [run["bytes_per_entry"] for run in found[large]], [], "B", at_most=32)
    size.details = {"load": found[large][0].get("load"), "evictions": found[large][0].get("evictions")}
    return [*rows, size]
