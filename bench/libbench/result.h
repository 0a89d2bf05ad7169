// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What one repetition of a benchmark gave, or what several gave together.
#pragma once

#include <stddef.h>

#include "bench/libbench/registry.h"
#include "bench/libbench/state.h"

struct bench_result {
	const struct bench_instance *instance;
	const char *aggregate; // "mean" ...; NULL: one repetition
	bool percentage;       // aggregate: a ratio, without unit
	enum bench_unit unit;
	unsigned repetitions;
	unsigned repetition_index;
	uint64_t iterations; // aggregate: the repetitions it is made of
	double real_s;       // per iteration
	double cpu_s;
	bool failed;
	char error[BENCH_TEXT_MAX];
	char label[BENCH_TEXT_MAX];
	struct bench_counters counters; // finished: rates are rates
};

const char *bench_unit_name(enum bench_unit unit);
double bench_unit_per_second(enum bench_unit unit);
// In the result's unit, or the bare ratio.
double bench_result_time(const struct bench_result *result, double seconds);
// The instance's name, with the aggregate's after an underscore. Returns buf.
const char *bench_result_name(const struct bench_result *result,
			      char buf[static BENCH_NAME_MAX + 16]);
