// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Random numbers that are the same in every run (splitmix64): a failure can be repeated.
#pragma once

#include <stdint.h>

struct prng {
	uint64_t state; // the seed
};

static inline uint64_t prng_next(struct prng *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

// 0 to n - 1.
static inline uint32_t prng_below(struct prng *random, uint32_t n)
{
	return (uint32_t)((prng_next(random) >> 32) * n >> 32);
}
