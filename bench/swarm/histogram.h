// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Latencies, counted in buckets whose width is at most 1/64 of their value, as HdrHistogram does:
// constant space, no sorting.
#pragma once

#include <stdint.h>

#define HISTOGRAM_SHARE   64                               // buckets per octave
#define HISTOGRAM_BUCKETS ((40 - 6 + 1) * HISTOGRAM_SHARE) // values below 2^40

struct histogram {
	uint64_t buckets[HISTOGRAM_BUCKETS];
	uint64_t count;
	uint64_t max;
};

// Values of 2^40 and more count as the largest below.
void histogram_add(struct histogram *h, uint64_t value);
// The value below or at which that share of all values lies, rounded up to its bucket's end; 0 when
// empty.
uint64_t histogram_at(const struct histogram *h, double share);
