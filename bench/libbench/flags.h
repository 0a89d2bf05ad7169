// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The command line, with Google Benchmark's names and meanings.
#pragma once

#include <stdio.h>

#include "bench/libbench/bench.h"

#define BENCH_CONTEXT_MAX 16u // key=value pairs

enum bench_format { BENCH_CONSOLE, BENCH_JSON, BENCH_CSV };
enum bench_color { BENCH_COLOR_AUTO, BENCH_COLOR_ON, BENCH_COLOR_OFF };

struct bench_flags {
	bool help;
	bool list_tests;
	const char *filter;
	double min_time_s;   // --benchmark_min_time=0.5 or 0.5s
	uint64_t iterations; // --benchmark_min_time=100x; else 0
	double min_warmup_time_s;
	unsigned repetitions;
	bool random_interleaving;
	bool report_aggregates_only;  // everywhere
	bool display_aggregates_only; // not in the file
	enum bench_format format;
	const char *out; // NULL: no file
	enum bench_format out_format;
	enum bench_color color;
	bool counters_tabular;
	enum bench_unit unit;
	struct {
		char text[BENCH_TEXT_MAX]; // key, 0, value
		const char *value;
	} context[BENCH_CONTEXT_MAX];
	unsigned context_count;
};

// 0, or -EINVAL with the reason on err. argv must outlive flags.
int bench_flags_parse(struct bench_flags *flags, int argc, char *const *argv, FILE *err);
void bench_flags_help(FILE *out);
