// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A benchmark program with one of everything, for program_test.sh to run.
#include <string.h>

#include "bench/libbench/bench.h"

BENCH(copy, .arg_names = {"bytes"})
{
	size_t len = (size_t)bench_arg(state, 0);
	static char from[4096], to[4096];

	bench_loop (state) {
		memcpy(to, from, len);
		bench_clobber_memory();
	}
	bench_bytes(state, bench_iterations(state) * len);
	bench_items(state, bench_iterations(state));
	bench_counter(state, "weight", 2.5, 0);
	bench_label(state, "say \"hello\", world");
}
BENCH_ARG(copy, 16);
BENCH_RANGE(copy, 100, 4096);

BENCH(batches, .unit = BENCH_US, .real_time = true)
{
	uint64_t sum = 0;

	while (bench_next_batch(state, 64))
		for (uint64_t i = 0; i < 64; i++)
			bench_do_not_optimize(sum += i);
}

BENCH(by_hand, .manual_time = true, .iterations = 3)
{
	bench_loop (state)
		bench_set_iteration_time(state, 0.25);
}

BENCH(impossible)
{
	bench_skip(state, "no \"memory\"");
}

BENCH_MAIN()
