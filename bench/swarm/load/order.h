// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every device once per pass, in an order that no cache or prefetcher can guess, without a table: a
// permutation of the next power of two, of which numbers beyond the last device are skipped.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct order {
	uint32_t count;
	uint32_t mask;
	uint32_t shift;
	uint32_t next; // 0 to mask
	uint32_t key;
	bool sequential;
};

static inline void order_init(struct order *o, uint32_t count, uint32_t seed, bool sequential)
{
	uint32_t bits = count > 1 ? 32 - (uint32_t)__builtin_clz(count - 1) : 1;

	*o = (struct order){
		.count = count,
		.mask = (uint32_t)((1ull << bits) - 1),
		.shift = (bits + 1) / 2,
		.key = seed * 0x9e3779b9u,
		.sequential = sequential,
	};
}

// Each step can be undone within mask: xor, multiplication by an odd number, xor with high bits.
static inline uint32_t order_mix(const struct order *o, uint32_t x)
{
	x = (x ^ o->key) & o->mask;
	x = (x * 0x85ebca6bu) & o->mask;
	x ^= x >> o->shift;
	x = (x * 0xc2b2ae35u) & o->mask;
	x ^= x >> o->shift;
	return x;
}

static inline uint32_t order_next(struct order *o)
{
	uint32_t device;

	do {
		uint32_t n = o->next;
		o->next = (n + 1) & o->mask;
		device = o->sequential ? n : order_mix(o, n);
	} while (device >= o->count);
	return device;
}

static inline void order_restart(struct order *o)
{
	o->next = 0;
}
