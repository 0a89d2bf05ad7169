// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/value.h"

#include "lwm2m/bytes.h"
#include "lwm2m/codec/base64.h"
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

static const char *opaque_from_base64(struct lwm2m_value *value, const uint8_t *text, size_t len,
				      struct lwm2m_arena *arena)
{
	uint8_t *out = lwm2m_arena_take(arena, base64_decoded_max(len));

	if (!out)
		return "value is larger than there is room for";
	value->bytes.data = out;
	return base64_decode(BASE64_PLAIN, text, len, out, &value->bytes.len)
		       ? NULL
		       : "text is not base64";
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

static enum lwm2m_type type_of_item(const struct item *item)
{
	switch (item->kind) {
	case ITEM_UINT:
		return item->value > INT64_MAX ? LWM2M_UNSIGNED_INTEGER : LWM2M_INTEGER;
	case ITEM_NEGATIVE:
		return LWM2M_INTEGER;
	case ITEM_FLOAT:
		return LWM2M_FLOAT;
	case ITEM_BOOL:
		return LWM2M_BOOLEAN;
	case ITEM_BYTES:
		return LWM2M_OPAQUE;
	default:
		return LWM2M_STRING;
	}
}

// A float that is whole says the same number, up to where floats leave integers out.
static bool float_is_integer(double number)
{
	return number > -0x1p53 && number < 0x1p53 && (double)(int64_t)number == number;
}

// Days since 1970 of a date of the Gregorian calendar, by counting 400-year cycles from 1 March.
static int64_t days_of_date(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t cycle = (year >= 0 ? year : year - 399) / 400;
	int64_t in_cycle = year - cycle * 400;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return cycle * 146097 + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year - 719468;
}

// RFC 3339 in UTC and whole seconds, "2026-01-31T23:59:59Z": the form in which Zephyr's clients
// give times in CBOR.
static const char *date_from_text(struct lwm2m_value *value, const uint8_t *text, size_t len)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	static const uint8_t starts[] = {0, 5, 8, 11, 14, 17};
	static const char error[] = "text is not a date like 2026-01-31T23:59:59Z";
	uint64_t part[6];

	if (len != sizeof(form) - 1)
		return error;
	for (size_t i = 0; i < len; i++) {
		if (form[i] != '0' && text[i] != (uint8_t)form[i])
			return error;
	}
	for (size_t i = 0; i < 6; i++) {
		if (!digits_parse(&part[i], text + starts[i], i ? 2 : 4))
			return error;
	}
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 ||
	    part[4] > 59 || part[5] > 60)
		return error;
	int64_t days = days_of_date((int64_t)part[0], (unsigned)part[1], (unsigned)part[2]);
	return set_integer(value, LWM2M_TIME,
			   days * 86400 + (int64_t)(part[3] * 3600 + part[4] * 60 + part[5]));
}

static const char *integer_from_item(struct lwm2m_value *value, enum lwm2m_type type,
				     const struct item *item)
{
	if (item->kind == ITEM_UINT && item->value <= INT64_MAX)
		return set_integer(value, type, (int64_t)item->value);
	if (item->kind == ITEM_NEGATIVE && item->value <= INT64_MAX)
		return set_integer(value, type, -1 - (int64_t)item->value);
	if (item->kind == ITEM_TEXT && item->date && type == LWM2M_TIME)
		return date_from_text(value, item->data, item->len);
	if (item->kind == ITEM_FLOAT && float_is_integer(item->number))
		return set_integer(value, type, (int64_t)item->number);
	return "value is not an integer of 64 bits";
}

static const char *natural_from_item(struct lwm2m_value *value, const struct item *item)
{
	if (item->kind == ITEM_UINT)
		value->natural = item->value;
	else if (item->kind == ITEM_FLOAT && item->number >= 0 && float_is_integer(item->number))
		value->natural = (uint64_t)item->number;
	else
		return "value is not an unsigned integer of 64 bits";
	return NULL;
}

static const char *float_from_item(struct lwm2m_value *value, const struct item *item)
{
	if (!item_is_number(item))
		return "value is not a number";
	value->number = item_number(item);
	return NULL;
}

const char *lwm2m_value_from_item(struct lwm2m_value *value, enum lwm2m_type type,
				  const struct item *item)
{
	if (type == LWM2M_NONE)
		type = type_of_item(item);
	value->type = (uint8_t)type;
	switch (type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		return integer_from_item(value, type, item);
	case LWM2M_UNSIGNED_INTEGER:
		return natural_from_item(value, item);
	case LWM2M_FLOAT:
		return float_from_item(value, item);
	case LWM2M_BOOLEAN:
		value->boolean = item->value != 0;
		return item->kind == ITEM_BOOL ? NULL : "value is not a boolean";
	case LWM2M_OPAQUE:
		value->bytes.data = item->data;
		value->bytes.len = item->len;
		return item->kind == ITEM_BYTES ? NULL : "value is not a byte string";
	case LWM2M_OBJLNK:
		if (item->kind != ITEM_TEXT)
			return "value is not an object link";
		return objlnk_from_text(value, item->data, item->len);
	default:
		if (item->kind != ITEM_TEXT)
			return "value is not a text string";
		return set_string(value, item->data, item->len);
	}
}
