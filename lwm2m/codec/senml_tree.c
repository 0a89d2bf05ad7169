// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/senml.h"

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

bool senml_take_tree(struct senml *s, const struct senml_record *rec, const struct lwm2m_path *path)
{
	enum lwm2m_type type = lwm2m_decoder_type(s->dec, path->ids[0], path->ids[2]);
	bool has_value = senml_has_value(rec);
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
	// Only what several paths were asked of may say a thing twice, where they overlap; the
	// later record is the newer.
	if (s->dec->arena->nodes == nodes && asked > 0)
		return lwm2m_decoder_fail(s->dec, "SenML value given twice", rec->offset);
	if (!senml_value(s, rec, type, node))
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

bool lwm2m_senml_decode(uint16_t format, const struct lwm2m_decoder *dec, struct lwm2m_node **node)
{
	struct senml s = {.dec = dec, .take = senml_take_tree};

	if (!senml_read(format, &s) || (!s.top && !empty_top(&s)))
		return false;
	*node = s.top;
	return true;
}
