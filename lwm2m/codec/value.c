// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/value.h"

#include "lwm2m/bytes.h"
#include "lwm2m/core/utf8.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX      (INT64_MAX / 1000) // so that the time in milliseconds fits as well
#define FLOAT_DIGITS_MAX 63u                // characters; a double's shortest exact form has 24

static const char *set_string(struct lwm2m_value *value, const uint8_t *data, size_t len)
{
	if (!utf8_valid(data, len))
		return "string is not UTF-8";
	value->bytes.data = data;
	value->bytes.len = len;
	return NULL;
}

static const char *set_integer(struct lwm2m_value *value, enum lwm2m_type type, int64_t integer)
{
	if (type == LWM2M_TIME && (integer > SECONDS_MAX || integer < -SECONDS_MAX))
		return "time is out of range";
	value->integer = integer;
	return NULL;
}

// Decimal digits, all of them. False when there is none, another character, or an overflow.
static bool digits_parse(uint64_t *natural, const uint8_t *text, size_t len)
{
	*natural = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' ||
		    __builtin_mul_overflow(*natural, 10u, natural) ||
		    __builtin_add_overflow(*natural, (uint64_t)(text[i] - '0'), natural))
			return false;
	}
	return len != 0;
}

static const char *integer_from_text(struct lwm2m_value *value, enum lwm2m_type type,
				     const uint8_t *text, size_t len)
{
	bool negative = len && text[0] == '-';
	uint64_t size;

	if (!digits_parse(&size, text + negative, len - negative) ||
	    size > (uint64_t)INT64_MAX + negative)
		return "text is not an integer of 64 bits";
	// Unsigned arithmetic: the smallest integer has no positive counterpart.
	return set_integer(value, type, (int64_t)(negative ? 0 - size : size));
}

static const char *float_from_text(struct lwm2m_value *value, const uint8_t *text, size_t len)
{
	char copy[FLOAT_DIGITS_MAX + 1];
	char *end;

	// strtod also takes hexadecimal, "inf" and leading space, which are no LwM2M floats.
	if (len == 0 || len > FLOAT_DIGITS_MAX)
		return "text is not a decimal number";
	for (size_t i = 0; i < len; i++) {
		if (!memchr("0123456789+-.eE", text[i], 15))
			return "text is not a decimal number";
		copy[i] = (char)text[i];
	}
	copy[len] = '\0';
	value->number = strtod(copy, &end);
	if (end != copy + len)
		return "text is not a decimal number";
	return __builtin_isfinite(value->number) ? NULL : "number is out of range";
}

static const char *objlnk_from_text(struct lwm2m_value *value, const uint8_t *text, size_t len)
{
	static const char error[] = "text is not an object link like 3:0";
	const uint8_t *colon = len ? memchr(text, ':', len) : NULL;
	uint64_t object, instance;

	if (!colon || !digits_parse(&object, text, (size_t)(colon - text)) ||
	    !digits_parse(&instance, colon + 1, len - (size_t)(colon - text) - 1) ||
	    object > UINT16_MAX || instance > UINT16_MAX)
		return error;
	value->objlnk.object = (uint16_t)object;
	value->objlnk.instance = (uint16_t)instance;
	return NULL;
}

static int sextet(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// RFC 4648 section 4, with its padding.
static const char *opaque_from_base64(struct lwm2m_value *value, const uint8_t *text, size_t len,
				      struct lwm2m_arena *arena)
{
	static const char error[] = "text is not base64";
	size_t pad = 0;

	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	if (len % 4)
		return error;
	uint8_t *out = lwm2m_arena_take(arena, len / 4 * 3);
	if (!out)
		return "value is larger than there is room for";
	size_t n = 0;
	uint32_t bits = 0;
	for (size_t i = 0; i < len; i++) {
		int six = i < len - pad ? sextet(text[i]) : 0;
		if (six < 0)
			return error;
		bits = bits << 6 | (uint32_t)six;
		if (i % 4 == 3) {
			out[n++] = (uint8_t)(bits >> 16);
			out[n++] = (uint8_t)(bits >> 8);
			out[n++] = (uint8_t)bits;
		}
	}
	// Bits that the padding leaves over must be zero, or two texts would say the same bytes.
	for (size_t i = n - pad; i < n; i++) {
		if (out[i])
			return error;
	}
	value->bytes.data = out;
	value->bytes.len = n - pad;
	return NULL;
}

const char *lwm2m_value_from_text(struct lwm2m_value *value, enum lwm2m_type type,
				  const uint8_t *text, size_t len, struct lwm2m_arena *arena)
{
	value->type = (uint8_t)type;
	switch (type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		return integer_from_text(value, type, text, len);
	case LWM2M_UNSIGNED_INTEGER:
		return digits_parse(&value->natural, text, len)
			       ? NULL
			       : "text is not an unsigned integer of 64 bits";
	case LWM2M_FLOAT:
		return float_from_text(value, text, len);
	case LWM2M_BOOLEAN:
		value->boolean = len == 1 && text[0] == '1';
		return len == 1 && (text[0] == '0' || text[0] == '1') ? NULL
								      : "boolean must be 0 or 1";
	case LWM2M_OBJLNK:
		return objlnk_from_text(value, text, len);
	case LWM2M_OPAQUE:
		return opaque_from_base64(value, text, len, arena);
	default:
		return set_string(value, text, len);
	}
}

static bool is_integer_len(size_t len)
{
	return len == 1 || len == 2 || len == 4 || len == 8;
}

static const char *float_from_binary(struct lwm2m_value *value, const uint8_t *data, size_t len)
{
	struct bytes in = bytes_begin(data, len);
	uint64_t bits = bytes_uint(&in, len <= 8 ? len : 0);

	if (len == 4) {
		uint32_t narrow = (uint32_t)bits;
		float number;
		memcpy(&number, &narrow, sizeof(number));
		value->number = (double)number;
		return NULL;
	}
	memcpy(&value->number, &bits, sizeof(bits));
	return len == 8 ? NULL : "float must have 4 or 8 bytes";
}

const char *lwm2m_value_from_binary(struct lwm2m_value *value, enum lwm2m_type type,
				    const uint8_t *data, size_t len)
{
	struct bytes in = bytes_begin(data, len);

	value->type = (uint8_t)type;
	switch (type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		if (!is_integer_len(len))
			return "integer must have 1, 2, 4 or 8 bytes";
		// Up to the top and back down, which copies the sign.
		return set_integer(value, type,
				   (int64_t)(bytes_uint(&in, len) << (64 - 8 * len)) >>
					   (64 - 8 * len));
	case LWM2M_UNSIGNED_INTEGER:
		if (!is_integer_len(len))
			return "integer must have 1, 2, 4 or 8 bytes";
		value->natural = bytes_uint(&in, len);
		return NULL;
	case LWM2M_FLOAT:
		return float_from_binary(value, data, len);
	case LWM2M_BOOLEAN:
		if (len != 1 || data[0] > 1)
			return "boolean must be one byte, 0 or 1";
		value->boolean = data[0] == 1;
		return NULL;
	case LWM2M_OBJLNK:
		if (len != 4)
			return "object link must have 4 bytes";
		value->objlnk.object = bytes_u16(&in);
		value->objlnk.instance = bytes_u16(&in);
		return NULL;
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		return set_string(value, data, len);
	default:
		value->bytes.data = data;
		value->bytes.len = len;
		return NULL;
	}
}

static enum lwm2m_type type_of_item(const struct cbor_item *item)
{
	switch (item->kind) {
	case CBOR_UINT:
		return item->value > INT64_MAX ? LWM2M_UNSIGNED_INTEGER : LWM2M_INTEGER;
	case CBOR_NEGATIVE:
		return LWM2M_INTEGER;
	case CBOR_FLOAT:
		return LWM2M_FLOAT;
	case CBOR_BOOL:
		return LWM2M_BOOLEAN;
	case CBOR_BYTES:
		return LWM2M_OPAQUE;
	default:
		return LWM2M_STRING;
	}
}

static const char *integer_from_cbor(struct lwm2m_value *value, enum lwm2m_type type,
				     const struct cbor_item *item)
{
	if (item->kind == CBOR_UINT && item->value <= INT64_MAX)
		return set_integer(value, type, (int64_t)item->value);
	if (item->kind == CBOR_NEGATIVE && item->value <= INT64_MAX)
		return set_integer(value, type, -1 - (int64_t)item->value);
	// A float that is whole says the same number; 2^63 and its like do not fit.
	if (item->kind == CBOR_FLOAT && item->number >= -0x1p63 && item->number < 0x1p63 &&
	    (double)(int64_t)item->number == item->number)
		return set_integer(value, type, (int64_t)item->number);
	return "value is not an integer of 64 bits";
}

static const char *float_from_cbor(struct lwm2m_value *value, const struct cbor_item *item)
{
	if (item->kind == CBOR_FLOAT)
		value->number = item->number;
	else if (item->kind == CBOR_UINT)
		value->number = (double)item->value;
	else if (item->kind == CBOR_NEGATIVE)
		value->number = -1.0 - (double)item->value;
	else
		return "value is not a number";
	return NULL;
}

const char *lwm2m_value_from_cbor(struct lwm2m_value *value, enum lwm2m_type type,
				  const struct cbor_item *item)
{
	if (type == LWM2M_NONE)
		type = type_of_item(item);
	value->type = (uint8_t)type;
	switch (type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		return integer_from_cbor(value, type, item);
	case LWM2M_UNSIGNED_INTEGER:
		value->natural = item->value;
		return item->kind == CBOR_UINT ? NULL : "value is not an unsigned integer";
	case LWM2M_FLOAT:
		return float_from_cbor(value, item);
	case LWM2M_BOOLEAN:
		value->boolean = item->value != 0;
		return item->kind == CBOR_BOOL ? NULL : "value is not a boolean";
	case LWM2M_OPAQUE:
		value->bytes.data = item->data;
		value->bytes.len = item->len;
		return item->kind == CBOR_BYTES ? NULL : "value is not a byte string";
	case LWM2M_OBJLNK:
		if (item->kind != CBOR_TEXT)
			return "value is not an object link";
		return objlnk_from_text(value, item->data, item->len);
	default:
		if (item->kind != CBOR_TEXT)
			return "value is not a text string";
		return set_string(value, item->data, item->len);
	}
}
