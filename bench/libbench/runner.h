// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// How often and how long a benchmark runs.
#pragma once

#include "bench/libbench/report.h"

#define BENCH_ITERATIONS_MAX 1000000000u

// What to try next when that many iterations took that long: 1.4 times as many as would do, but at
// most ten times as many when the run was too short to tell.
uint64_t bench_predict(uint64_t iterations, double seconds, double min_time_s);

// Runs all instances, every repetition, and reports each benchmark once its last repetition is
// done: to display, and to file unless that is NULL. 0 or -ENOMEM. A benchmark that fails is a
// result.
int bench_run(const struct bench_instances *instances, const struct bench_flags *flags,
	      const struct bench_clock *clock, struct bench_report *display,
	      struct bench_report *file);
