// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A reading cursor over bytes from the wire. The first read that would run past the end sets `bad`
// and moves the cursor to the end; from then on every read gives 0 or NULL, so that a parser checks
// once per step instead of once per byte. The cursor borrows the bytes; integers are big-endian.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

// buf may be NULL when len is 0.
static inline struct bytes bytes_begin(const void *buf, size_t len)
{
	const uint8_t *p = buf ? buf : (const void *)"";

	return (struct bytes){.p = p, .end = p + len};
}

static inline size_t bytes_left(const struct bytes *b)
{
	return (size_t)(b->end - b->p);
}

// The next len bytes in place, or NULL.
static inline const uint8_t *bytes_take(struct bytes *b, size_t len)
{
	if (__builtin_expect(bytes_left(b) < len, 0)) {
		b->bad = true;
		b->p = b->end;
	}
	if (b->bad)
		return NULL;
	const uint8_t *at = b->p;
	b->p += len;
	return at;
}

static inline uint8_t bytes_u8(struct bytes *b)
{
	const uint8_t *at = bytes_take(b, 1);
	return at ? at[0] : 0;
}

static inline uint16_t bytes_u16(struct bytes *b)
{
	const uint8_t *at = bytes_take(b, 2);
	return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

static inline uint32_t bytes_u32(struct bytes *b)
{
	const uint8_t *at = bytes_take(b, 4);
	return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
		  : 0;
}

// An unsigned integer of len bytes, 0 to 8.
static inline uint64_t bytes_uint(struct bytes *b, size_t len)
{
	const uint8_t *at = bytes_take(b, len);
	uint64_t value = 0;

	for (size_t i = 0; at && i < len; i++)
		value = value << 8 | at[i];
	return value;
}
