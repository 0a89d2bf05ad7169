// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/cbor.h"
#include "lwm2m/codec/decoder.h"
#include "lwm2m/codec/value.h"

// The formats that carry one value have no place for more than a resource.
static struct lwm2m_node *value_node(const struct lwm2m_decoder *dec)
{
	if (dec->path->depth < 3) {
		lwm2m_decoder_fail(dec, "the format carries one value, the path names more", 0);
		return NULL;
	}
	return lwm2m_decoder_node(dec, NULL, lwm2m_kind_of_depth(dec->path->depth),
				  dec->path->ids[dec->path->depth - 1], 0);
}

// offset is where the value began.
static bool finish(const struct lwm2m_decoder *dec, struct lwm2m_node *top, const char *error,
		   size_t offset, struct lwm2m_node **node)
{
	if (error)
		return lwm2m_decoder_fail(dec, error, offset);
	*node = top;
	return true;
}

bool lwm2m_text_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node)
{
	struct lwm2m_node *top = value_node(dec);

	if (!top)
		return false;
	enum lwm2m_type type = lwm2m_decoder_type(dec, dec->path->ids[0], dec->path->ids[2]);
	return finish(dec, top,
		      lwm2m_value_from_text(&top->value, type == LWM2M_NONE ? LWM2M_STRING : type,
					    dec->payload, dec->len, dec->arena),
		      0, node);
}

bool lwm2m_opaque_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node)
{
	struct lwm2m_node *top = value_node(dec);

	if (!top)
		return false;
	enum lwm2m_type type = lwm2m_decoder_type(dec, dec->path->ids[0], dec->path->ids[2]);
	if (type != LWM2M_NONE && type != LWM2M_OPAQUE)
		return lwm2m_decoder_fail(dec, "opaque bytes for a resource that is not opaque", 0);
	return finish(dec, top,
		      lwm2m_value_from_binary(&top->value, LWM2M_OPAQUE, dec->payload, dec->len), 0,
		      node);
}

bool lwm2m_cbor_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node)
{
	struct cbor_reader r = cbor_begin(dec->payload, dec->len, dec->arena);
	struct lwm2m_node *top = value_node(dec);
	struct item item;

	if (!top)
		return false;
	if (!cbor_next(&r, &item))
		return lwm2m_decoder_fail(dec, r.error, r.error_at);
	if (item.kind == ITEM_ARRAY || item.kind == ITEM_MAP || item.kind == ITEM_NULL ||
	    item.kind == ITEM_SIMPLE)
		return lwm2m_decoder_fail(dec, "CBOR item that is not a value", item.offset);
	if (!cbor_at_end(&r))
		return lwm2m_decoder_fail(dec, "bytes after the CBOR item",
					  (size_t)(r.in.p - r.start));
	enum lwm2m_type type = lwm2m_decoder_type(dec, dec->path->ids[0], dec->path->ids[2]);
	return finish(dec, top, lwm2m_value_from_item(&top->value, type, &item), item.offset, node);
}
