// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every device once, in an order that no cache or prefetcher can guess, without a table: a
// permutation of 0 to count - 1, in both directions. It is one of the next power of two, done again
// while the result is beyond the last device.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct order {
	uint32_t count;
	uint32_t mask;
	uint32_t shift;
	uint32_t key;
	bool sequential; // leaves everything as it is
};

static inline void order_init(struct order *o, uint32_t count, uint32_t seed, bool sequential)
{
	uint32_t bits = count > 1 ? 32 - (uint32_t)__builtin_clz(count - 1) : 1;

	*o = (struct order){
		.count = count,
		.mask = (uint32_t)((1ull << bits) - 1),
		.shift = (bits + 1) / 2, // so that to xor with the high bits undoes itself
		.key = seed * 0x9e3779b9u,
		.sequential = sequential,
	};
}

static inline uint32_t order_mix(const struct order *o, uint32_t x)
{
	x = (x ^ o->key) & o->mask;
	x = (x * 0x85ebca6bu) & o->mask;
	x ^= x >> o->shift;
	x = (x * 0xc2b2ae35u) & o->mask;
	x ^= x >> o->shift;
	return x;
}

static inline uint32_t order_unmix(const struct order *o, uint32_t x)
{
	x ^= x >> o->shift;
	x = (x * 0x7ed1b41du) & o->mask; // the inverse of 0xc2b2ae35 modulo 2^32
	x ^= x >> o->shift;
	x = (x * 0xa5cb9243u) & o->mask; // ... and of 0x85ebca6b
	return (x ^ o->key) & o->mask;
}

// The device at a place, both below count.
static inline uint32_t order_device(const struct order *o, uint32_t place)
{
	uint32_t device = place;

	if (o->sequential)
		return place;
	do {
		device = order_mix(o, device);
	} while (device >= o->count);
	return device;
}

// The place of a device.
static inline uint32_t order_place(const struct order *o, uint32_t device)
{
	uint32_t place = device;

	if (o->sequential)
		return device;
	do {
		place = order_unmix(o, place);
	} while (place >= o->count);
	return place;
}
