// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encoder.h"
#include "lwm2m/codec/value.h"
#include "lwm2m/core/utf8.h"

static bool is_text(enum lwm2m_type type)
{
	return type == LWM2M_STRING || type == LWM2M_CORELINK;
}

// Numbers go the way of the decoders' items, which knows what fits.
static bool to_item(const struct lwm2m_value *value, struct item *item)
{
	*item = (struct item){0};
	switch (value->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		item->kind = value->integer < 0 ? ITEM_NEGATIVE : ITEM_UINT;
		item->value = value->integer < 0 ? (uint64_t)(-1 - value->integer)
						 : (uint64_t)value->integer;
		return true;
	case LWM2M_UNSIGNED_INTEGER:
		item->kind = ITEM_UINT;
		item->value = value->natural;
		return true;
	case LWM2M_FLOAT:
		item->kind = ITEM_FLOAT;
		item->number = value->number;
		return true;
	default:
		return false;
	}
}

// Doubles hold every integer up to 2^53 and some above.
static bool is_exact(const struct item *item, double number)
{
	if (item->kind == ITEM_FLOAT)
		return true;
	// 2^64 and its like come from rounding up; they are out of range of the cast.
	if (item->kind == ITEM_UINT)
		return number < 0x1p64 && (uint64_t)number == item->value;
	return number >= -0x1p63 && (int64_t)number == -1 - (int64_t)item->value;
}

const char *lwm2m_value_convert(const struct lwm2m_value *value, enum lwm2m_type type,
				struct lwm2m_value *out)
{
	static const char error[] = "value is not of the resource's type";
	struct item item;

	*out = *value;
	if (type == LWM2M_NONE)
		type = (enum lwm2m_type)value->type;
	if (is_text(type)) {
		out->type = (uint8_t)type;
		if (!is_text((enum lwm2m_type)value->type))
			return error;
		return utf8_valid(value->bytes.data, value->bytes.len) ? NULL
								       : "string is not UTF-8";
	}
	if (type == value->type)
		return NULL;
	if (type == LWM2M_BOOLEAN || type == LWM2M_OPAQUE || type == LWM2M_OBJLNK ||
	    !to_item(value, &item))
		return error;
	const char *why = lwm2m_value_from_item(out, type, &item);
	if (!why && type == LWM2M_FLOAT && !is_exact(&item, out->number))
		return "integer is too large for a float";
	return why;
}
