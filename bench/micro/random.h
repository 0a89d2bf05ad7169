// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Pseudo-random numbers that cost two multiplications, so that picking the next key does not drown
// what is measured. The same sequence in every run.
#pragma once

#include "dataplane/state/hash.h"

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	random->state += 0x9e3779b97f4a7c15ull;
	return dp_hash_mix(random->state, random->state ^ 0xe7037ed1a0b428dbull);
}

static inline uint64_t random_below(struct random *random, uint64_t n)
{
	return (uint64_t)((__uint128_t)random_next(random) * n >> 64);
}
