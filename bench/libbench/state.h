// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One run of a benchmark's body: what bench.h's functions write and the runner reads.
#pragma once

#include "bench/libbench/bench.h"

// Where time comes from; a test brings its own.
struct bench_clock {
	uint64_t (*real_ns)(void *arg);
	uint64_t (*cpu_ns)(void *arg); // of the calling thread
	void *arg;
};
extern const struct bench_clock bench_clock_system;

struct bench_counter {
	char name[BENCH_TEXT_MAX];
	double value;
	unsigned flags; // BENCH_IS_RATE ...
};

struct bench_counters { // in alphabetical order
	struct bench_counter at[BENCH_COUNTERS_MAX];
	unsigned count;
};

enum bench_phase { BENCH_BEFORE, BENCH_RUNNING, BENCH_PAUSED, BENCH_AFTER };

struct bench_state {
	const struct bench_clock *clock;
	const int64_t *args;
	unsigned args_count;
	enum bench_phase phase;
	uint64_t iterations; // asked for; after the loop: done
	uint64_t left;       // bench_next_batch
	uint64_t real_since_ns, cpu_since_ns;
	uint64_t real_ns, cpu_ns; // summed up
	double manual_s;
	bool failed;
	char error[BENCH_TEXT_MAX];
	char label[BENCH_TEXT_MAX];
	struct bench_counters counters;
};

struct bench_counter *bench_counters_find(const struct bench_counters *counters, const char *name);
// Keeps the order. False when there is no room.
bool bench_counters_set(struct bench_counters *counters, const char *name, double value,
			unsigned flags);
// What a counter's flags make of it once the run is over.
double bench_counter_finish(const struct bench_counter *counter, uint64_t iterations,
			    double seconds);

// Runs the body with setup and teardown. A loop left early without bench_skip, or never entered, is
// an error of the benchmark.
void bench_state_run(struct bench_state *state, const struct bench_family *family);
