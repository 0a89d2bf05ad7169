// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/histogram.h"

void ctl_histogram_add(struct ctl_histogram *histogram, uint64_t value, uint64_t times)
{
	unsigned i = 0;

	while (i < CTL_HISTOGRAM_BOUNDS_MAX && histogram->bounds[i] != 0 &&
	       value > histogram->bounds[i])
		i++;
	if (i < CTL_HISTOGRAM_BOUNDS_MAX && histogram->bounds[i] != 0)
		histogram->counts[i] += times;
	histogram->count += times;
	histogram->sum += value * times;
}
