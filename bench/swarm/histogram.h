// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Latencies, counted in buckets whose width is at most 1/16 of their value: constant space, no
// sorting.
#pragma once

#include <stdint.h>

#define HISTOGRAM_BUCKETS (29 * 16) // values from 0 to 2^32 - 1

struct histogram {
	uint64_t buckets[HISTOGRAM_BUCKETS];
	uint64_t count;
	uint32_t max;
};

void histogram_add(struct histogram *h, uint64_t value);
// The value below or at which that share of all values lies, rounded up to its bucket's end; 0 when
// empty.
uint32_t histogram_at(const struct histogram *h, double share);
