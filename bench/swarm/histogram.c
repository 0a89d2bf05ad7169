// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/histogram.h"

// Values below 16 have a bucket each; above, an octave has 16.
static uint32_t bucket_of(uint32_t value)
{
	if (value < 16)
		return value;
	uint32_t octave = 31u - (uint32_t)__builtin_clz(value);
	return (octave - 3) * 16 + ((value >> (octave - 4)) & 15);
}

static uint32_t bucket_end(uint32_t bucket)
{
	if (bucket < 16)
		return bucket;
	uint32_t octave = bucket / 16 + 3;
	uint64_t width = 1ull << (octave - 4);
	return (uint32_t)((16 + bucket % 16) * width + width - 1);
}

void histogram_add(struct histogram *h, uint64_t value)
{
	uint32_t v = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
	h->buckets[bucket_of(v)]++;
	h->count++;
	if (v > h->max)
		h->max = v;
}

uint32_t histogram_at(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)((double)h->count * share);
	uint64_t seen = 0;
	for (uint32_t b = 0; b < HISTOGRAM_BUCKETS; b++) {
		seen += h->buckets[b];
		if (seen > wanted || (seen == h->count && seen > 0)) {
			uint32_t end = bucket_end(b);
			return end < h->max ? end : h->max;
		}
	}
	return 0;
}
