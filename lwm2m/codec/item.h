// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One item of CBOR or JSON, as their pull readers (cbor.h, json.h) give it. Private to lwm2m/codec.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum item_kind {
	ITEM_UINT,
	ITEM_NEGATIVE, // -1 - value
	ITEM_BYTES,
	ITEM_TEXT,
	ITEM_ARRAY, // its items follow
	ITEM_MAP,   // its keys and values follow
	ITEM_BOOL,
	ITEM_NULL, // null and undefined
	ITEM_FLOAT,
	ITEM_SIMPLE, // any other simple value of CBOR
};

struct item {
	const uint8_t *data; // of a string
	size_t len;
	uint64_t value; // of integers and booleans; of a container the items or pairs still to come
			// (CBOR) or given (JSON)
	double number;  // of ITEM_FLOAT
	size_t offset;  // where the item starts
	enum item_kind kind;
	bool indefinite; // a CBOR container that ends with a break instead of by count
	bool date;       // text that CBOR tags as a date (RFC 8949 section 3.4.1)
};

static inline bool item_is_number(const struct item *item)
{
	return item->kind == ITEM_UINT || item->kind == ITEM_NEGATIVE || item->kind == ITEM_FLOAT;
}

// The number nearest to it; of numbers only.
static inline double item_number(const struct item *item)
{
	if (item->kind == ITEM_FLOAT)
		return item->number;
	return item->kind == ITEM_UINT ? (double)item->value : -1.0 - (double)item->value;
}
