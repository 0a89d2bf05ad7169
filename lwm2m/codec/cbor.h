// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A pull reader for CBOR, RFC 8949: one item at a time, nothing copied unless a string comes in
// chunks, no recursion on the input's nesting. Tags are skipped, but for those of numbers and
// dates. Every loop consumes input, so counts that lie cost nothing. The first error sticks.
#pragma once

#include "lwm2m/bytes.h"
#include "lwm2m/codec/item.h"
#include "lwm2m/codec/node.h"

struct cbor_reader {
	struct bytes in;
	const uint8_t *start;
	struct lwm2m_arena *arena; // where chunked strings are joined
	const char *error;
	size_t error_at;
};

struct cbor_reader cbor_begin(const void *buf, size_t len, struct lwm2m_arena *arena);

// The next item; false at any error, including the end of the input.
bool cbor_next(struct cbor_reader *r, struct item *item);

// Steps through a container that cbor_next gave: true when another item (or pair, in a map)
// follows. Call it once before each, on the same item. Also false after an error.
bool cbor_more(struct cbor_reader *r, struct item *container);

// Skips one item with all that is in it.
bool cbor_skip(struct cbor_reader *r);

static inline bool cbor_at_end(const struct cbor_reader *r)
{
	return !r->error && bytes_left(&r->in) == 0;
}
