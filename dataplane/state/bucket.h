// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Token buckets, kept as the time at which the bucket is full again: one word, no refilling, and
// what was not used for long needs no attention at all. Pure; time is the caller's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dp_rate {
	uint64_t cost_ns;  // of one; 0: no limit
	uint64_t burst_ns; // cost of as many as may come at once
};

static inline struct dp_rate dp_rate_of(uint32_t per_second, uint32_t burst)
{
	struct dp_rate rate = {0};

	if (per_second > 0) {
		rate.cost_ns = 1000000000u / per_second;
		rate.burst_ns = rate.cost_ns * (burst > 0 ? burst : 1);
	}
	return rate;
}

// Takes so many; false, and nothing taken, when there are not that many left. More than fit in the
// bucket can be taken from a full one: otherwise they never could.
static inline bool dp_bucket_take(uint64_t *full_ns, const struct dp_rate *rate, uint64_t now_ns,
				  uint32_t count)
{
	uint64_t from = *full_ns > now_ns ? *full_ns : now_ns;
	uint64_t to = from + rate->cost_ns * count;

	if (rate->cost_ns == 0)
		return true;
	if (from > now_ns && to - now_ns > rate->burst_ns)
		return false;
	*full_ns = to;
	return true;
}

// More than half of it is gone.
static inline bool dp_bucket_is_low(uint64_t full_ns, const struct dp_rate *rate, uint64_t now_ns)
{
	return full_ns > now_ns && full_ns - now_ns > rate->burst_ns / 2;
}
