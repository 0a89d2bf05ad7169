// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The machine and the moment: the context block of a report.
#pragma once

#include "bench/libbench/flags.h"

#define BENCH_CACHES_MAX 8u

struct bench_cache {
	char type[16]; // Data, Instruction, Unified
	unsigned level;
	unsigned long size; // bytes
	unsigned sharing;   // processors
};

struct bench_context_line {
	const char *key;
	const char *value;
};

struct bench_context {
	char date[32]; // ISO 8601 with the zone's offset
	char host[256];
	const char *executable;
	unsigned cpus;
	unsigned mhz;
	bool scaling; // the frequency may change while we measure
	struct bench_cache caches[BENCH_CACHES_MAX];
	unsigned caches_count;
	double load[3];
	int loads; // valid ones
	struct bench_context_line lines[2 * BENCH_CONTEXT_MAX];
	unsigned lines_count;
};

// root: "" or where a test keeps its own /sys and /proc. What cannot be read is left 0.
void bench_context_read(struct bench_context *ctx, const char *root, const char *executable,
			const struct bench_flags *flags);
// As Google Benchmark prints it above a table.
void bench_context_print(const struct bench_context *ctx, FILE *out);

// "debug" for a build that nobody should measure with.
const char *bench_build_type(void);
