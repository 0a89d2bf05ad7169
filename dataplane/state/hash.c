// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/hash.h"

#include <string.h>

static inline uint64_t rotl(uint64_t x, unsigned b)
{
	return x << b | x >> (64 - b);
}

static inline void sip_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, the variant of their reference
// code).
struct dp_endpoint_hash dp_hash_endpoint(const void *name, size_t len,
					 const uint64_t seed[static 4])
{
	const uint8_t *p = name;
	uint64_t v[4] = {0x736f6d6570736575ull ^ seed[0], 0x646f72616e646f6dull ^ seed[1] ^ 0xee,
			 0x6c7967656e657261ull ^ seed[0], 0x7465646279746573ull ^ seed[1]};
	uint64_t last = (uint64_t)len << 56;
	struct dp_endpoint_hash out;

	for (size_t n = len / 8; n > 0; n--, p += 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t i = 0; i < len % 8; i++)
		last |= (uint64_t)p[i] << (8 * i);
	v[3] ^= last;
	sip_round(v);
	sip_round(v);
	v[0] ^= last;

	v[2] ^= 0xee;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	out.lo = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	out.hi = v[0] ^ v[1] ^ v[2] ^ v[3];
	return out;
}

uint8_t dp_vshard_of_endpoint(const void *name, size_t len)
{
	const uint8_t *p = name;
	uint64_t h =
		0xcbf29ce484222325ull; // FNV-1a, then folded: its low byte alone is too regular

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	return (uint8_t)(h >> 56);
}
