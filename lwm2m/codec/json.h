// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A pull reader for JSON, RFC 8259, as strict as its grammar: one item at a time, nothing copied
// unless a string has escapes, no recursion on the input's nesting. Strings must be UTF-8. Integers
// that 64 bits hold stay integers, other numbers are doubles. Every loop consumes input. The first
// error sticks.
//
// Private to lwm2m/codec.
#pragma once

#include "lwm2m/bytes.h"
#include "lwm2m/codec/item.h"
#include "lwm2m/codec/node.h"

struct json_reader {
	struct bytes in;
	const uint8_t *start;
	struct lwm2m_arena *arena; // where strings with escapes go
	const char *error;
	size_t error_at;
};

struct json_reader json_begin(const void *buf, size_t len, struct lwm2m_arena *arena);

// The next value; false at any error, including the end of the input. Of an array or object only
// the opening: json_more and, in an object, json_key come next.
bool json_next(struct json_reader *r, struct item *item);

// Steps through a container that json_next gave: true when another value (or key) follows. Call it
// once before each, on the same item. Also false after an error.
bool json_more(struct json_reader *r, struct item *container);

// The key of the next member, and the colon after it.
bool json_key(struct json_reader *r, struct item *key);

// Skips one value with all that is in it.
bool json_skip(struct json_reader *r);

// True when nothing but white space is left. Otherwise an error is set.
bool json_end(struct json_reader *r);
