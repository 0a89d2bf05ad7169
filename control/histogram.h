// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A histogram as Prometheus has them: how many values were at most each bound, and their sum. The
// bounds are those of its kind, fixed when it is declared. Loop thread only.
#pragma once

#include <stdint.h>

#define CTL_HISTOGRAM_BOUNDS_MAX 16u

struct ctl_histogram {
	uint64_t bounds[CTL_HISTOGRAM_BOUNDS_MAX]; // growing; what follows is 0
	uint64_t counts[CTL_HISTOGRAM_BOUNDS_MAX]; // not above that bound, above the one before
	uint64_t count, sum;
};

// The same value that many times.
void ctl_histogram_add(struct ctl_histogram *histogram, uint64_t value, uint64_t times);
