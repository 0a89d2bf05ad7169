// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/cbor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BREAK      0xffu
#define INDEFINITE 31u
#define NESTING    16u // of what cbor_skip skips

// RFC 8949 section 3.4
#define TAG_DATE     0u
#define TAG_BIGNUM   2u // and 3, the negative ones
#define TAG_DECIMAL  4u
#define TAG_BIGFLOAT 5u

#define EXPONENT_MAX 400u // of a decimal fraction; beyond it no double is left

enum major {
	MAJOR_UINT = 0,
	MAJOR_NEGATIVE = 1,
	MAJOR_BYTES = 2,
	MAJOR_TEXT = 3,
	MAJOR_ARRAY = 4,
	MAJOR_MAP = 5,
	MAJOR_TAG = 6,
	MAJOR_SIMPLE = 7,
};

struct head {
	uint64_t value;
	uint8_t major;
	uint8_t info; // the low five bits
};

struct cbor_reader cbor_begin(const void *buf, size_t len, struct lwm2m_arena *arena)
{
	struct bytes in = bytes_begin(buf, len);

	return (struct cbor_reader){.in = in, .start = in.p, .arena = arena};
}

static bool fail(struct cbor_reader *r, const char *error, size_t at)
{
	if (!r->error) {
		r->error = error;
		r->error_at = at;
	}
	return false;
}

static size_t position(const struct cbor_reader *r)
{
	return (size_t)(r->in.p - r->start);
}

// RFC 8949 section 3: the first byte and its argument.
static bool head_read(struct cbor_reader *r, struct head *head)
{
	size_t at = position(r);
	uint8_t first = bytes_u8(&r->in);

	head->major = first >> 5;
	head->info = first & 0x1f;
	head->value = head->info;
	if (head->info >= 24 && head->info <= 27)
		head->value = bytes_uint(&r->in, (size_t)1 << (head->info - 24));
	else if (head->info >= 28 && head->info <= 30)
		return fail(r, "CBOR item of a reserved form", at);
	if (r->in.bad)
		return fail(r, "CBOR item is cut short", at);
	return true;
}

// RFC 8949 appendix D, on the bits: a double has room for every half.
static double half_to_double(uint16_t half)
{
	uint64_t sign = (uint64_t)(half >> 15) << 63;
	uint64_t exponent = half >> 10 & 0x1f;
	uint64_t mantissa = half & 0x3ff;
	double number;

	if (exponent == 0) {
		number = (double)mantissa * 0x1p-24;
		return sign ? -number : number;
	}
	exponent = exponent == 31 ? 0x7ff : exponent - 15 + 1023;
	uint64_t bits = sign | exponent << 52 | mantissa << 42;
	memcpy(&number, &bits, sizeof(number));
	return number;
}

static bool simple_read(struct cbor_reader *r, const struct head *head, struct item *item)
{
	uint32_t narrow = (uint32_t)head->value;
	float single;

	switch (head->info) {
	case 20:
	case 21:
		item->kind = ITEM_BOOL;
		item->value = head->info == 21;
		return true;
	case 22:
	case 23:
		item->kind = ITEM_NULL;
		return true;
	case 25:
		item->kind = ITEM_FLOAT;
		item->number = half_to_double((uint16_t)head->value);
		return true;
	case 26:
		item->kind = ITEM_FLOAT;
		memcpy(&single, &narrow, sizeof(single));
		item->number = (double)single;
		return true;
	case 27:
		item->kind = ITEM_FLOAT;
		memcpy(&item->number, &head->value, sizeof(item->number));
		return true;
	case 24:
		// RFC 8949 section 3.3: below 32 the one-byte form is the only one.
		if (head->value < 32)
			return fail(r, "CBOR simple value of a reserved form", item->offset);
		break;
	case INDEFINITE:
		return fail(r, "CBOR break where an item is expected", item->offset);
	}
	item->kind = ITEM_SIMPLE;
	return true;
}

// Joins the chunks of an indefinite-length string (RFC 8949 section 3.2.3) in the arena. They are
// measured first, so that the arena is asked once.
static bool chunks_join(struct cbor_reader *r, uint8_t major, struct item *item)
{
	struct cbor_reader measure = *r;
	struct head head;
	size_t total = 0;

	for (;;) {
		size_t at = position(&measure);
		if (!head_read(&measure, &head))
			return fail(r, measure.error, measure.error_at);
		if (head.major == MAJOR_SIMPLE && head.info == INDEFINITE)
			break;
		if (head.major != major || head.info == INDEFINITE)
			return fail(r, "CBOR string with a chunk that is not one", at);
		if (head.value > bytes_left(&measure.in))
			return fail(r, "CBOR string is cut short", at);
		bytes_take(&measure.in, (size_t)head.value);
		total += (size_t)head.value;
	}
	uint8_t *out = lwm2m_arena_take(r->arena, total);
	if (!out)
		return fail(r, "string is larger than there is room for", item->offset);
	item->data = out;
	item->len = total;
	// Everything up to the break is known to be well formed now.
	while (head_read(r, &head) && head.major == major) {
		const uint8_t *chunk = bytes_take(&r->in, (size_t)head.value);
		memcpy(out, chunk, (size_t)head.value);
		out += head.value;
	}
	return !r->error;
}

static bool string_read(struct cbor_reader *r, const struct head *head, struct item *item)
{
	item->kind = head->major == MAJOR_TEXT ? ITEM_TEXT : ITEM_BYTES;
	if (head->info == INDEFINITE)
		return chunks_join(r, head->major, item);
	if (head->value > bytes_left(&r->in))
		return fail(r, "CBOR string is cut short", item->offset);
	item->len = (size_t)head->value;
	item->data = bytes_take(&r->in, item->len);
	return true;
}

static bool integer_head(struct cbor_reader *r, struct head *head)
{
	size_t at = position(r);

	if (!head_read(r, head))
		return false;
	if (head->major > MAJOR_NEGATIVE || head->info == INDEFINITE)
		return fail(r, "CBOR decimal fraction that is not one", at);
	return true;
}

// RFC 8949 section 3.4.4, which SenML numbers may use (RFC 8428 section 6): [exponent, mantissa].
static bool decimal_read(struct cbor_reader *r, struct item *item)
{
	struct head pair, exponent, mantissa;
	char text[48];

	if (!head_read(r, &pair))
		return false;
	if (pair.major != MAJOR_ARRAY || pair.info == INDEFINITE || pair.value != 2)
		return fail(r, "CBOR decimal fraction that is not one", item->offset);
	if (!integer_head(r, &exponent) || !integer_head(r, &mantissa))
		return false;
	if (exponent.value > EXPONENT_MAX || mantissa.value == UINT64_MAX)
		return fail(r, "number is out of range", item->offset);
	snprintf(text, sizeof(text), "%s%" PRIu64 "e%s%" PRIu64,
		 mantissa.major == MAJOR_NEGATIVE ? "-" : "",
		 mantissa.value + (mantissa.major == MAJOR_NEGATIVE),
		 exponent.major == MAJOR_NEGATIVE ? "-" : "",
		 exponent.value + (exponent.major == MAJOR_NEGATIVE));
	item->kind = ITEM_FLOAT;
	item->number = strtod(text, NULL);
	if (!__builtin_isfinite(item->number))
		return fail(r, "number is out of range", item->offset);
	return true;
}

// The item behind its tags. Most tags only comment on it; those that make another value of it are
// understood or refused.
static bool tags_read(struct cbor_reader *r, struct head *head, struct item *item, bool *decimal)
{
	for (;;) {
		item->offset = position(r);
		if (!head_read(r, head))
			return false;
		if (head->info == INDEFINITE &&
		    (head->major <= MAJOR_NEGATIVE || head->major == MAJOR_TAG))
			return fail(r, "CBOR item of a reserved form", item->offset);
		if (head->major != MAJOR_TAG)
			return true;
		if (head->value >= TAG_BIGNUM && head->value <= TAG_BIGFLOAT &&
		    head->value != TAG_DECIMAL)
			return fail(r, "CBOR number of an unknown form", item->offset);
		*decimal = head->value == TAG_DECIMAL;
		if (*decimal)
			return true;
		item->date = head->value == TAG_DATE;
	}
}

bool cbor_next(struct cbor_reader *r, struct item *item)
{
	struct head head;
	bool decimal = false;

	if (r->error)
		return false;
	*item = (struct item){0};
	if (!tags_read(r, &head, item, &decimal))
		return false;
	if (decimal)
		return decimal_read(r, item);

	item->value = head.value;
	item->indefinite = head.info == INDEFINITE;
	switch (head.major) {
	case MAJOR_UINT:
		item->kind = ITEM_UINT;
		return true;
	case MAJOR_NEGATIVE:
		item->kind = ITEM_NEGATIVE;
		return true;
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		return string_read(r, &head, item);
	case MAJOR_ARRAY:
	case MAJOR_MAP:
		item->kind = head.major == MAJOR_ARRAY ? ITEM_ARRAY : ITEM_MAP;
		return true;
	default:
		return simple_read(r, &head, item);
	}
}

bool cbor_more(struct cbor_reader *r, struct item *container)
{
	if (r->error)
		return false;
	if (container->indefinite) {
		if (bytes_left(&r->in) && *r->in.p == BREAK) {
			bytes_u8(&r->in);
			return false;
		}
		return true;
	}
	if (container->value == 0)
		return false;
	container->value--;
	return true;
}

bool cbor_skip(struct cbor_reader *r)
{
	struct item open[NESTING];
	bool value_due[NESTING]; // a key was read whose value comes next
	size_t depth = 0;

	do {
		struct item item;
		if (!cbor_next(r, &item))
			return false;
		if (item.kind == ITEM_ARRAY || item.kind == ITEM_MAP) {
			if (depth == NESTING)
				return fail(r, "CBOR is nested too deeply", item.offset);
			value_due[depth] = false;
			open[depth++] = item;
		}
		while (depth) {
			if (value_due[depth - 1]) {
				value_due[depth - 1] = false;
				break;
			}
			if (cbor_more(r, &open[depth - 1])) {
				value_due[depth - 1] = open[depth - 1].kind == ITEM_MAP;
				break;
			}
			depth--;
		}
	} while (depth);
	return !r->error;
}
