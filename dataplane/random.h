// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A worker's random numbers (xoroshiro128+, seeded from the kernel): tokens, generations, the
// spread of retransmissions. Not for keys.
#pragma once

#include "dataplane/worker.h"

static inline uint64_t dp_random(struct dp_worker *w)
{
	uint64_t a = w->rng[0], b = w->rng[1];
	uint64_t result = a + b;

	b ^= a;
	w->rng[0] = (a << 24 | a >> 40) ^ b ^ (b << 16);
	w->rng[1] = b << 37 | b >> 27;
	return result;
}
