// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/json.h"

#include "lwm2m/core/utf8.h"

#include <stdlib.h>
#include <string.h>

#define NESTING    16u  // of what json_skip skips
#define NUMBER_MAX 127u // characters of a number that is no integer; a double needs 24

struct json_reader json_begin(const void *buf, size_t len, struct lwm2m_arena *arena)
{
	struct bytes in = bytes_begin(buf, len);

	return (struct json_reader){.in = in, .start = in.p, .arena = arena};
}

static bool fail(struct json_reader *r, const char *error, const uint8_t *at)
{
	if (!r->error) {
		r->error = error;
		r->error_at = (size_t)(at - r->start);
	}
	return false;
}

// The next byte without taking it; 0, which no grammar here knows, at the end.
static uint8_t peek(const struct json_reader *r)
{
	return r->in.p < r->in.end ? *r->in.p : 0;
}

static void skip_space(struct json_reader *r)
{
	while (r->in.p < r->in.end &&
	       (*r->in.p == ' ' || *r->in.p == '\t' || *r->in.p == '\n' || *r->in.p == '\r'))
		r->in.p++;
}

static bool fail_here(struct json_reader *r, const char *error)
{
	return fail(r, r->in.p < r->in.end ? error : "JSON is cut short", r->in.p);
}

static bool literal(struct json_reader *r, const char *word, struct item *item, enum item_kind kind,
		    bool value)
{
	size_t len = strlen(word);

	if (bytes_left(&r->in) < len || memcmp(r->in.p, word, len) != 0)
		return fail_here(r, "JSON value expected");
	r->in.p += len;
	item->kind = kind;
	item->value = value;
	return true;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

// One digit or more.
static bool digits(struct json_reader *r)
{
	if (!is_digit(peek(r)))
		return fail_here(r, "JSON number is not one");
	while (is_digit(peek(r)))
		r->in.p++;
	return true;
}

// The text between start and the cursor is a number in JSON's grammar.
static bool number_value(struct json_reader *r, const uint8_t *start, struct item *item)
{
	char copy[NUMBER_MAX + 1];
	size_t len = (size_t)(r->in.p - start);

	if (len > NUMBER_MAX)
		return fail(r, "JSON number is too long", start);
	memcpy(copy, start, len);
	copy[len] = '\0';
	item->kind = ITEM_FLOAT;
	item->number = strtod(copy, NULL);
	return __builtin_isfinite(item->number) ? true : fail(r, "number is out of range", start);
}

// False when the digits do not fit.
static bool integer_value(const uint8_t *text, const uint8_t *end, struct item *item)
{
	bool negative = *text == '-';
	uint64_t size = 0;

	for (text += negative; text < end; text++) {
		if (__builtin_mul_overflow(size, 10u, &size) ||
		    __builtin_add_overflow(size, (uint64_t)(*text - '0'), &size))
			return false;
	}
	item->kind = negative && size ? ITEM_NEGATIVE : ITEM_UINT;
	item->value = item->kind == ITEM_NEGATIVE ? size - 1 : size;
	return true;
}

static bool number_read(struct json_reader *r, struct item *item)
{
	const uint8_t *start = r->in.p;
	bool integer = true;

	if (peek(r) == '-')
		r->in.p++;
	// RFC 8259 section 6: no leading zeros.
	if (peek(r) == '0')
		r->in.p++;
	else if (!digits(r))
		return false;
	if (peek(r) == '.') {
		integer = false;
		r->in.p++;
		if (!digits(r))
			return false;
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		integer = false;
		r->in.p++;
		if (peek(r) == '+' || peek(r) == '-')
			r->in.p++;
		if (!digits(r))
			return false;
	}
	return (integer && integer_value(start, r->in.p, item)) || number_value(r, start, item);
}

static bool hex4(const uint8_t *at, const uint8_t *end, uint32_t *unit)
{
	*unit = 0;
	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		uint8_t c = at[i], lower = c | 0x20;
		uint8_t digit;
		if (is_digit(c))
			digit = c - '0';
		else if (lower >= 'a' && lower <= 'f')
			digit = lower - 'a' + 10;
		else
			return false;
		*unit = *unit << 4 | digit;
	}
	return true;
}

static uint8_t *put_utf8(uint8_t *out, uint32_t point)
{
	if (point < 0x80) {
		*out++ = (uint8_t)point;
		return out;
	}
	if (point < 0x800) {
		*out++ = (uint8_t)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*out++ = (uint8_t)(0xe0 | point >> 12);
		} else {
			*out++ = (uint8_t)(0xf0 | point >> 18);
			*out++ = (uint8_t)(0x80 | (point >> 12 & 0x3f));
		}
		*out++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
	}
	*out++ = (uint8_t)(0x80 | (point & 0x3f));
	return out;
}

// The code point of \uXXXX, or of the two that make a surrogate pair; *at is behind the u and moves
// past what was used. UINT32_MAX when it is none.
static uint32_t escaped_point(const uint8_t **at, const uint8_t *end)
{
	uint32_t high, low;

	if (!hex4(*at, end, &high))
		return UINT32_MAX;
	*at += 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	// RFC 8259 section 8.2: half of a pair says nothing.
	if (high > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' ||
	    !hex4(*at + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
		return UINT32_MAX;
	*at += 6;
	return 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
}

// Replaces the escapes of the string between at and end. The result is never longer: six bytes of
// escape become at most three, twelve become four.
static bool unescape(struct json_reader *r, const uint8_t *at, const uint8_t *end,
		     struct item *item)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	uint8_t *out = lwm2m_arena_take(r->arena, (size_t)(end - at));

	if (!out)
		return fail(r, "string is larger than there is room for", at);
	item->data = out;
	while (at < end) {
		const uint8_t *escape = at;
		if (*at != '\\') {
			*out++ = *at++;
			continue;
		}
		at++; // the end of the string is not behind a backslash, so there is one more
		const char *simple = *at ? strchr(escapes, *at) : NULL;
		at++;
		if (simple) {
			*out++ = (uint8_t)meanings[simple - escapes];
			continue;
		}
		uint32_t point = at[-1] == 'u' ? escaped_point(&at, end) : UINT32_MAX;
		if (point == UINT32_MAX)
			return fail(r, "JSON escape is not one", escape);
		out = put_utf8(out, point);
	}
	item->len = (size_t)(out - item->data);
	return true;
}

static bool string_read(struct json_reader *r, struct item *item)
{
	const uint8_t *start = ++r->in.p;
	bool escaped = false;

	while (peek(r) != '"') {
		if (peek(r) < 0x20)
			return fail_here(r, "JSON string with a control character");
		if (*r->in.p++ != '\\')
			continue;
		escaped = true;
		if (peek(r) < 0x20)
			return fail_here(r, "JSON escape is not one");
		r->in.p++;
	}
	item->kind = ITEM_TEXT;
	item->data = start;
	item->len = (size_t)(r->in.p - start);
	if (!utf8_valid(start, item->len))
		return fail(r, "string is not UTF-8", start);
	r->in.p++;
	return !escaped || unescape(r, start, start + item->len, item);
}

bool json_next(struct json_reader *r, struct item *item)
{
	if (r->error)
		return false;
	skip_space(r);
	*item = (struct item){.offset = (size_t)(r->in.p - r->start)};
	switch (peek(r)) {
	case '{':
	case '[':
		item->kind = *r->in.p++ == '{' ? ITEM_MAP : ITEM_ARRAY;
		return true;
	case '"':
		return string_read(r, item);
	case 't':
		return literal(r, "true", item, ITEM_BOOL, true);
	case 'f':
		return literal(r, "false", item, ITEM_BOOL, false);
	case 'n':
		return literal(r, "null", item, ITEM_NULL, false);
	case '-':
		return number_read(r, item);
	default:
		return is_digit(peek(r)) ? number_read(r, item)
					 : fail_here(r, "JSON value expected");
	}
}

bool json_more(struct json_reader *r, struct item *container)
{
	if (r->error)
		return false;
	skip_space(r);
	if (peek(r) == (container->kind == ITEM_MAP ? '}' : ']')) {
		r->in.p++;
		return false;
	}
	if (container->value++ == 0)
		return r->in.p < r->in.end || fail_here(r, "");
	if (peek(r) != ',')
		return fail_here(r, "JSON comma or closing bracket expected");
	r->in.p++;
	return true;
}

bool json_key(struct json_reader *r, struct item *key)
{
	if (!json_next(r, key))
		return false;
	if (key->kind != ITEM_TEXT)
		return fail(r, "JSON key expected", r->start + key->offset);
	skip_space(r);
	if (peek(r) != ':')
		return fail_here(r, "JSON colon expected");
	r->in.p++;
	return true;
}

bool json_skip(struct json_reader *r)
{
	struct item open[NESTING], key;
	size_t depth = 0;

	do {
		struct item item;
		if (!json_next(r, &item))
			return false;
		if (item.kind == ITEM_ARRAY || item.kind == ITEM_MAP) {
			if (depth == NESTING)
				return fail(r, "JSON is nested too deeply", r->start + item.offset);
			open[depth++] = item;
		}
		while (depth && !json_more(r, &open[depth - 1])) {
			if (r->error)
				return false;
			depth--;
		}
		if (depth && open[depth - 1].kind == ITEM_MAP && !json_key(r, &key))
			return false;
	} while (depth);
	return true;
}

bool json_end(struct json_reader *r)
{
	if (r->error)
		return false;
	skip_space(r);
	return r->in.p == r->in.end || fail(r, "bytes after the JSON value", r->in.p);
}
