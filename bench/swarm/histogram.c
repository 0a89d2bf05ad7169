// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/histogram.h"

// Values below 64 have a bucket each; above, an octave has 64.
static uint32_t bucket_of(uint64_t value)
{
	if (value < HISTOGRAM_SHARE)
		return (uint32_t)value;
	uint32_t octave = 63u - (uint32_t)__builtin_clzll(value);
	return (octave - 5) * HISTOGRAM_SHARE +
	       (uint32_t)((value >> (octave - 6)) & (HISTOGRAM_SHARE - 1));
}

static uint64_t bucket_end(uint32_t bucket)
{
	if (bucket < HISTOGRAM_SHARE)
		return bucket;
	uint32_t octave = bucket / HISTOGRAM_SHARE + 5;
	uint64_t width = 1ull << (octave - 6);
	return (HISTOGRAM_SHARE + bucket % HISTOGRAM_SHARE) * width + width - 1;
}

void histogram_add(struct histogram *h, uint64_t value)
{
	if (value >= 1ull << 40)
		value = (1ull << 40) - 1;
	h->buckets[bucket_of(value)]++;
	h->count++;
	if (value > h->max)
		h->max = value;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)((double)h->count * share);
	uint64_t seen = 0;
	for (uint32_t b = 0; b < HISTOGRAM_BUCKETS; b++) {
		seen += h->buckets[b];
		if (seen > wanted || (seen == h->count && seen > 0)) {
			uint64_t end = bucket_end(b);
			return end < h->max ? end : h->max;
		}
	}
	return 0;
}
