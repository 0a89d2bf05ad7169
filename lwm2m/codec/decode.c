// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/decoder.h"

struct lwm2m_node *lwm2m_decoder_node(const struct lwm2m_decoder *dec, struct lwm2m_node *parent,
				      enum lwm2m_kind kind, uint16_t id, size_t offset)
{
	struct lwm2m_node *node = lwm2m_node_new(dec->arena, kind, id);

	if (!node)
		lwm2m_decoder_fail(dec, "more values than there is room for", offset);
	else if (parent)
		lwm2m_node_append(parent, node);
	return node;
}

enum lwm2m_type lwm2m_decoder_type(const struct lwm2m_decoder *dec, uint16_t object,
				   uint16_t resource)
{
	const struct lwm2m_resource_info *info = lwm2m_model_resource(dec->model, object, resource);

	return info ? (enum lwm2m_type)info->type : LWM2M_NONE;
}

bool lwm2m_decoder_multiple(const struct lwm2m_decoder *dec, const struct lwm2m_path *path)
{
	const struct lwm2m_resource_info *info;

	if (path->depth != 3)
		return false;
	info = lwm2m_model_resource(dec->model, path->ids[0], path->ids[2]);
	return info && info->multiple;
}

bool lwm2m_decode(const struct lwm2m_model *model, uint16_t format, const struct lwm2m_path *path,
		  const void *payload, size_t len, struct lwm2m_arena *arena,
		  struct lwm2m_node **node, struct lwm2m_decode_error *err)
{
	const struct lwm2m_decoder dec = {
		.model = model,
		.path = path,
		.payload = payload ? payload : (const void *)"",
		.len = len,
		.arena = arena,
		.err = err,
	};

	*node = NULL;
	*err = (struct lwm2m_decode_error){0};
	switch (format) {
	case LWM2M_FORMAT_TEXT:
		return lwm2m_text_decode(&dec, node);
	case LWM2M_FORMAT_OPAQUE:
		return lwm2m_opaque_decode(&dec, node);
	case LWM2M_FORMAT_CBOR:
		return lwm2m_cbor_decode(&dec, node);
	case LWM2M_FORMAT_SENML_CBOR:
	case LWM2M_FORMAT_SENML_JSON:
	case LWM2M_FORMAT_JSON:
	case LWM2M_FORMAT_JSON_OLD:
		return lwm2m_senml_decode(format, &dec, node);
	case LWM2M_FORMAT_TLV:
	case LWM2M_FORMAT_TLV_OLD:
		return lwm2m_tlv_decode(&dec, node);
	default:
		return lwm2m_decoder_fail(&dec, "content format cannot be decoded", 0);
	}
}
