// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/decoder.h"
#include "lwm2m/codec/value.h"

#include <string.h>

// Labels of RFC 8428 table 4; the object link has a text label of its own, "vlo" (LwM2M
// core 1.1.1).
enum label {
	LABEL_BVER = -1,
	LABEL_BN = -2,
	LABEL_BT = -3,
	LABEL_BV = -5,
	LABEL_N = 0,
	LABEL_V = 2,
	LABEL_VS = 3,
	LABEL_VB = 4,
	LABEL_T = 6,
	LABEL_VD = 8,
	LABEL_VLO = 100,   // not on the wire
	LABEL_OTHER = 101, // nor this: skipped
};

#define SENML_VERSION 10u // RFC 8428 section 4.4

struct record {
	struct cbor_item name; // n; data NULL when there is none
	struct cbor_item value;
	enum label label; // of the value; LABEL_OTHER when there is none
	size_t offset;
	uint32_t seen; // labels, as bits
};

struct senml {
	const struct lwm2m_decoder *dec;
	struct cbor_reader r;
	struct cbor_item base_name; // bn, in force until another one
	struct lwm2m_node *top;
};

static bool reader_fail(const struct senml *s)
{
	return lwm2m_decoder_fail(s->dec, s->r.error, s->r.error_at);
}

static bool label_read(struct senml *s, enum label *label)
{
	struct cbor_item key;

	if (!cbor_next(&s->r, &key))
		return reader_fail(s);
	*label = LABEL_OTHER;
	if (key.kind == CBOR_UINT) {
		if (key.value <= LABEL_VD)
			*label = (enum label)key.value;
	} else if (key.kind == CBOR_NEGATIVE) {
		if (key.value < 6)
			*label = (enum label)(-1 - (int)key.value);
	} else if (key.kind == CBOR_TEXT) {
		if (key.len == 3 && memcmp(key.data, "vlo", 3) == 0)
			*label = LABEL_VLO;
		// RFC 8428 section 4.4: such a field must be understood.
		else if (key.len && key.data[key.len - 1] == '_')
			return lwm2m_decoder_fail(s->dec, "SenML field that must be understood",
						  key.offset);
	} else {
		return lwm2m_decoder_fail(s->dec, "SenML label that is no integer or text",
					  key.offset);
	}
	return true;
}

static bool kind_fits(enum label label, enum cbor_kind kind)
{
	switch (label) {
	case LABEL_BN:
	case LABEL_N:
	case LABEL_VS:
	case LABEL_VLO:
		return kind == CBOR_TEXT;
	case LABEL_VB:
		return kind == CBOR_BOOL;
	case LABEL_VD:
		return kind == CBOR_BYTES;
	default:
		return kind == CBOR_UINT || kind == CBOR_NEGATIVE || kind == CBOR_FLOAT;
	}
}

// Takes one field that has a meaning here.
static bool field_take(struct senml *s, struct record *rec, enum label label,
		       const struct cbor_item *item)
{
	uint32_t bit = label == LABEL_VLO ? 1u << 31 : 1u << (label - LABEL_BV);

	if (!kind_fits(label, item->kind))
		return lwm2m_decoder_fail(s->dec, "SenML field of a wrong type", item->offset);
	if (rec->seen & bit)
		return lwm2m_decoder_fail(s->dec, "SenML field given twice", item->offset);
	rec->seen |= bit;
	switch (label) {
	case LABEL_BVER:
		if (item->kind != CBOR_UINT || item->value > SENML_VERSION)
			return lwm2m_decoder_fail(s->dec, "SenML of a newer version", item->offset);
		return true;
	case LABEL_BN:
		s->base_name = *item;
		return true;
	case LABEL_N:
		rec->name = *item;
		return true;
	case LABEL_BV:
		// It would have to be added to every value; LwM2M does not use it.
		return lwm2m_decoder_fail(s->dec, "SenML base value", item->offset);
	case LABEL_BT:
	case LABEL_T:
		return true;
	default:
		if (rec->label != LABEL_OTHER)
			return lwm2m_decoder_fail(s->dec, "SenML record with two values",
						  item->offset);
		rec->label = label;
		rec->value = *item;
		return true;
	}
}

static bool record_read(struct senml *s, struct record *rec)
{
	struct cbor_item map, item;

	if (!cbor_next(&s->r, &map))
		return reader_fail(s);
	if (map.kind != CBOR_MAP)
		return lwm2m_decoder_fail(s->dec, "SenML record is not a map", map.offset);
	*rec = (struct record){.label = LABEL_OTHER, .offset = map.offset};
	while (cbor_more(&s->r, &map)) {
		enum label label;
		if (!label_read(s, &label))
			return false;
		switch (label) {
		case LABEL_BVER:
		case LABEL_BN:
		case LABEL_BT:
		case LABEL_BV:
		case LABEL_N:
		case LABEL_V:
		case LABEL_VS:
		case LABEL_VB:
		case LABEL_T:
		case LABEL_VD:
		case LABEL_VLO:
			if (!cbor_next(&s->r, &item))
				return reader_fail(s);
			if (!field_take(s, rec, label, &item))
				return false;
			break;
		default:
			if (!cbor_skip(&s->r))
				return reader_fail(s);
		}
	}
	return s->r.error ? reader_fail(s) : true;
}

// bn and n together are the path (RFC 8428 section 4.5.1).
static bool record_path(const struct senml *s, const struct record *rec, struct lwm2m_path *path)
{
	char name[LWM2M_PATH_TEXT_MAX];
	size_t base = s->base_name.len, own = rec->name.len;

	if (base > sizeof(name) || own > sizeof(name) - base)
		return lwm2m_decoder_fail(s->dec, "SenML name is not a path", rec->offset);
	if (base)
		memcpy(name, s->base_name.data, base);
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

// The child of that id, or the top when there is no parent; made if it is new.
static struct lwm2m_node *node_at(struct senml *s, struct lwm2m_node *parent, enum lwm2m_kind kind,
				  uint16_t id, size_t offset)
{
	struct lwm2m_node *node = parent ? lwm2m_node_child(parent, id) : s->top;

	if (!node) {
		node = lwm2m_decoder_node(s->dec, parent, kind, id, offset);
		if (!parent)
			s->top = node;
	} else if (node->kind != kind) {
		lwm2m_decoder_fail(s->dec, "SenML resource with and without instances", offset);
		return NULL;
	}
	return node;
}

static bool value_set(const struct senml *s, struct lwm2m_node *node, const struct record *rec,
		      enum lwm2m_type type)
{
	// Only vlo says object links, and it says nothing else.
	if (type == LWM2M_NONE && rec->label == LABEL_VLO)
		type = LWM2M_OBJLNK;
	if ((rec->label == LABEL_VLO) != (type == LWM2M_OBJLNK))
		return lwm2m_decoder_fail(s->dec, "object link and vlo do not go together",
					  rec->value.offset);
	const char *error = lwm2m_value_from_cbor(&node->value, type, &rec->value);
	if (error)
		return lwm2m_decoder_fail(s->dec, error, rec->value.offset);
	return true;
}

static bool record_add(struct senml *s, const struct record *rec, const struct lwm2m_path *path)
{
	enum lwm2m_type type = lwm2m_decoder_type(s->dec, path->ids[0], path->ids[2]);
	bool has_value = rec->label != LABEL_OTHER;
	bool multi = path->depth == 4 || (!has_value && lwm2m_decoder_multiple(s->dec, path));
	uint8_t asked = s->dec->path->depth;
	uint32_t nodes = s->dec->arena->nodes;
	struct lwm2m_node *parent = NULL, *node = NULL;

	if (has_value && path->depth < 3)
		return lwm2m_decoder_fail(s->dec, "SenML value for more than a resource",
					  rec->offset);
	if (!has_value && path->depth > (multi ? 3 : 2))
		return lwm2m_decoder_fail(s->dec, "SenML record without a value", rec->offset);
	for (uint8_t depth = asked; depth <= path->depth; depth++) {
		bool is_multi = depth == 3 && multi;
		parent = node;
		node = node_at(s, parent, is_multi ? LWM2M_KIND_MULTI : lwm2m_kind_of_depth(depth),
			       depth ? path->ids[depth - 1] : 0, rec->offset);
		if (!node)
			return false;
		if (is_multi && type != LWM2M_NONE)
			node->value.type = (uint8_t)type;
	}
	if (!has_value)
		return true;
	if (s->dec->arena->nodes == nodes)
		return lwm2m_decoder_fail(s->dec, "SenML value given twice", rec->offset);
	if (!value_set(s, node, rec, type))
		return false;
	// An unknown resource has the type of its first instance.
	if (parent && parent->kind == LWM2M_KIND_MULTI && parent->value.type == LWM2M_NONE)
		parent->value.type = node->value.type;
	return true;
}

// Nothing was said: fine for what may be empty.
static bool empty_top(struct senml *s)
{
	const struct lwm2m_path *asked = s->dec->path;
	bool multi = lwm2m_decoder_multiple(s->dec, asked);

	if (asked->depth > 2 && !multi)
		return lwm2m_decoder_fail(s->dec, "SenML without a record", 0);
	s->top = lwm2m_decoder_node(s->dec, NULL,
				    multi ? LWM2M_KIND_MULTI : lwm2m_kind_of_depth(asked->depth),
				    asked->depth ? asked->ids[asked->depth - 1] : 0, 0);
	if (s->top && multi)
		s->top->value.type =
			(uint8_t)lwm2m_decoder_type(s->dec, asked->ids[0], asked->ids[2]);
	return s->top != NULL;
}

bool lwm2m_senml_cbor_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node)
{
	struct senml s = {.dec = dec, .r = cbor_begin(dec->payload, dec->len, dec->arena)};
	struct lwm2m_path path;
	struct cbor_item pack;
	struct record rec;

	if (!cbor_next(&s.r, &pack))
		return reader_fail(&s);
	if (pack.kind != CBOR_ARRAY)
		return lwm2m_decoder_fail(dec, "SenML pack is not an array", pack.offset);
	while (cbor_more(&s.r, &pack)) {
		if (!record_read(&s, &rec) || !record_path(&s, &rec, &path) ||
		    !record_add(&s, &rec, &path))
			return false;
	}
	if (s.r.error)
		return reader_fail(&s);
	if (!cbor_at_end(&s.r))
		return lwm2m_decoder_fail(dec, "bytes after the SenML pack",
					  (size_t)(s.r.in.p - s.r.start));
	if (!s.top && !empty_top(&s))
		return false;
	*node = s.top;
	return true;
}
