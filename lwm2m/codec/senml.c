// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/senml.h"

#include "lwm2m/codec/value.h"

#include <string.h>

#define SENML_VERSION 10u // RFC 8428 section 4.4

static bool kind_fits(enum senml_label label, const struct item *item)
{
	switch (label) {
	case SENML_BN:
	case SENML_N:
	case SENML_BU:
	case SENML_U:
	case SENML_VS:
	case SENML_VLO:
		return item->kind == ITEM_TEXT;
	case SENML_VB:
		return item->kind == ITEM_BOOL;
	case SENML_VD:
		return item->kind == ITEM_BYTES;
	default:
		return item_is_number(item);
	}
}

bool senml_base_name(struct senml *s, const uint8_t *name, size_t len, size_t offset)
{
	if (len > sizeof(s->base_name))
		return lwm2m_decoder_fail(s->dec, "SenML name is not a path", offset);
	if (len)
		memcpy(s->base_name, name, len);
	s->base_name_len = len;
	return true;
}

static bool field_base(struct senml *s, enum senml_label label, const struct item *item)
{
	switch (label) {
	case SENML_BVER:
		if (item->kind != ITEM_UINT || item->value > SENML_VERSION)
			return lwm2m_decoder_fail(s->dec, "SenML of a newer version", item->offset);
		return true;
	case SENML_BN:
		return senml_base_name(s, item->data, item->len, item->offset);
	case SENML_BT:
		s->base_time = item_number(item);
		s->has_base_time = true;
		return true;
	case SENML_BV:
		s->base_value = *item;
		s->has_base_value = true;
		return true;
	default:
		return true; // units and sums are no part of an LwM2M value
	}
}

bool senml_field(struct senml *s, struct senml_record *rec, enum senml_label label,
		 const struct item *item)
{
	if (!kind_fits(label, item))
		return lwm2m_decoder_fail(s->dec, "SenML field of a wrong type", item->offset);
	if (item->kind == ITEM_FLOAT && !__builtin_isfinite(item->number))
		return lwm2m_decoder_fail(s->dec, "SenML number that is not finite", item->offset);
	if (senml_has(rec, label))
		return lwm2m_decoder_fail(s->dec, "SenML field given twice", item->offset);
	rec->seen |= 1u << (label - SENML_BS);
	switch (label) {
	case SENML_N:
		rec->name = *item;
		return true;
	case SENML_T:
		rec->time = item_number(item);
		return true;
	case SENML_V:
	case SENML_VS:
	case SENML_VB:
	case SENML_VD:
	case SENML_VLO:
		if (senml_has_value(rec))
			return lwm2m_decoder_fail(s->dec, "SenML record with two values",
						  item->offset);
		rec->label = label;
		rec->value = *item;
		return true;
	default:
		return field_base(s, label, item);
	}
}

// bn and n together are the path (RFC 8428 section 4.5.1).
static bool record_path(const struct senml *s, const struct senml_record *rec,
			struct lwm2m_path *path)
{
	char name[LWM2M_PATH_TEXT_MAX];
	size_t base = s->base_name_len, own = rec->name.len;

	if (own > sizeof(name) - base)
		return lwm2m_decoder_fail(s->dec, "SenML name is not a path", rec->offset);
	memcpy(name, s->base_name, base);
	if (own)
		memcpy(name + base, rec->name.data, own);
	if (!lwm2m_path_parse(path, name, base + own)) {
		// A base alone may keep the slash that its names would follow.
		bool slash = own == 0 && base > 1 && name[base - 1] == '/';
		if (!slash || !lwm2m_path_parse(path, name, base - 1))
			return lwm2m_decoder_fail(s->dec, "SenML name is not a path", rec->offset);
	}
	if (!lwm2m_path_within(path, s->dec->path))
		return lwm2m_decoder_fail(s->dec, "SenML name outside of what was asked",
					  rec->offset);
	return true;
}

static bool item_int64(const struct item *item, int64_t *integer)
{
	if (item->kind == ITEM_FLOAT || item->value > INT64_MAX)
		return false;
	*integer = item->kind == ITEM_UINT ? (int64_t)item->value : -1 - (int64_t)item->value;
	return true;
}

// RFC 8428 section 4.1: the base value is added to the value. Integers stay exact.
static bool add_base_value(const struct senml *s, struct senml_record *rec)
{
	const struct item *base = &s->base_value;
	struct item *value = &rec->value;
	int64_t a, b, sum;

	if (base->kind == ITEM_FLOAT || value->kind == ITEM_FLOAT) {
		value->number = item_number(base) + item_number(value);
		value->kind = ITEM_FLOAT;
		return __builtin_isfinite(value->number)
			       ? true
			       : lwm2m_decoder_fail(s->dec, "number is out of range",
						    value->offset);
	}
	if (!item_int64(base, &a) || !item_int64(value, &b) || __builtin_add_overflow(a, b, &sum))
		return lwm2m_decoder_fail(s->dec, "number is out of range", value->offset);
	value->kind = sum < 0 ? ITEM_NEGATIVE : ITEM_UINT;
	value->value = sum < 0 ? (uint64_t)(-1 - sum) : (uint64_t)sum;
	return true;
}

// A record that only sets bases, of a name that could have no meaning of its own.
static bool is_base_only(const struct senml *s, const struct senml_record *rec,
			 const struct lwm2m_path *path)
{
	const uint32_t own = 1u << (SENML_N - SENML_BS) | 1u << (SENML_T - SENML_BS) |
			     1u << (SENML_S - SENML_BS);

	return !senml_has_value(rec) && rec->seen && !(rec->seen & own) && path->depth >= 3 &&
	       !lwm2m_decoder_multiple(s->dec, path) && s->take != senml_take_path;
}

bool senml_record(struct senml *s, struct senml_record *rec)
{
	struct lwm2m_path path;

	if (!record_path(s, rec, &path))
		return false;
	if (is_base_only(s, rec, &path))
		return true;
	if (rec->label == SENML_V && s->has_base_value && !add_base_value(s, rec))
		return false;
	// RFC 8428 section 4.5.3: the sum of both, of which either may be missing.
	rec->timed = s->has_base_time || senml_has(rec, SENML_T);
	if (s->has_base_time)
		rec->time += s->base_time;
	if (!__builtin_isfinite(rec->time))
		return lwm2m_decoder_fail(s->dec, "SenML time is out of range", rec->offset);
	return s->take(s, rec, &path);
}

bool senml_value(const struct senml *s, const struct senml_record *rec, enum lwm2m_type type,
		 struct lwm2m_node *node)
{
	// Only vlo says object links, and it says nothing else.
	if (type == LWM2M_NONE && rec->label == SENML_VLO)
		type = LWM2M_OBJLNK;
	if ((rec->label == SENML_VLO) != (type == LWM2M_OBJLNK))
		return lwm2m_decoder_fail(s->dec, "object link and vlo do not go together",
					  rec->value.offset);
	const char *error = lwm2m_value_from_item(&node->value, type, &rec->value);
	if (error)
		return lwm2m_decoder_fail(s->dec, error, rec->value.offset);
	return true;
}

bool senml_read(uint16_t format, struct senml *s)
{
	switch (format) {
	case LWM2M_FORMAT_SENML_JSON:
		return senml_json_read(s);
	case LWM2M_FORMAT_SENML_CBOR:
		return senml_cbor_read(s);
	case LWM2M_FORMAT_JSON:
	case LWM2M_FORMAT_JSON_OLD:
		return senml_lwm2m_json_read(s);
	default:
		return lwm2m_decoder_fail(s->dec, "content format has no records", 0);
	}
}
