// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// From what is registered to what can run: one instance for each benchmark and set of arguments.
#pragma once

#include <regex.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/libbench/bench.h"

#define BENCH_NAME_MAX 256u

struct bench_instance {
	const struct bench_family *family;
	int64_t args[BENCH_ARGS_MAX];
	unsigned args_count;
	unsigned family_index; // among those selected
	unsigned index_in_family;
	char name[BENCH_NAME_MAX]; // with arguments and options, as Google Benchmark writes it
};

struct bench_instances {
	struct bench_instance *at;
	size_t count;
	size_t room;
};

// The registered families, in the order of the source within each file.
const struct bench_family *bench_families(void);

// Adds those of families whose name the filter finds: a POSIX extended regular expression, not
// anchored; with '-' in front, those it does not find; "" and "all" take everything. 0, -ENOMEM, or
// -EINVAL with the reason on err.
int bench_instances_select(struct bench_instances *out, const struct bench_family *families,
			   const char *filter, FILE *err);
void bench_instances_free(struct bench_instances *instances);

// lo, the powers of multiplier (and their negatives, and 0) strictly between, hi. Returns how many
// there are; writes at most room of them.
size_t bench_range(int64_t *out, size_t room, int64_t lo, int64_t hi, int64_t multiplier);
