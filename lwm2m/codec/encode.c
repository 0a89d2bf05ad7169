// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encode.h"

#include "lwm2m/codec/encoder.h"

static const struct lwm2m_path everything = {0};

static bool child_fits(uint8_t parent, uint8_t child)
{
	switch ((enum lwm2m_kind)parent) {
	case LWM2M_KIND_ROOT:
		return child == LWM2M_KIND_OBJECT;
	case LWM2M_KIND_OBJECT:
		return child == LWM2M_KIND_INSTANCE;
	case LWM2M_KIND_INSTANCE:
		return child == LWM2M_KIND_SINGLE || child == LWM2M_KIND_MULTI;
	case LWM2M_KIND_MULTI:
		return child == LWM2M_KIND_RESOURCE_INSTANCE;
	default:
		return false;
	}
}

bool lwm2m_encoder_below(const struct lwm2m_encoder *enc, const struct lwm2m_node *parent,
			 const struct lwm2m_node *child, const struct lwm2m_path *path,
			 struct lwm2m_path *below)
{
	*below = *path;
	if (!child_fits(parent->kind, child->kind) || path->depth >= 4)
		return lwm2m_encoder_fail(enc, "node below one that cannot have it", path);
	below->ids[below->depth++] = child->id;
	if (child->id == LWM2M_ID_RESERVED)
		return lwm2m_encoder_fail(enc, "node with the reserved id 65535", path);
	return true;
}

bool lwm2m_encoder_value(const struct lwm2m_encoder *enc, const struct lwm2m_path *path,
			 const struct lwm2m_node *node, struct lwm2m_value *value)
{
	const struct lwm2m_resource_info *info =
		lwm2m_model_resource(enc->model, path->ids[0], path->ids[2]);

	if (node->value.type == LWM2M_NONE || node->value.type >= LWM2M_TYPE_COUNT)
		return lwm2m_encoder_fail(enc, "node without a value", path);
	const char *error = lwm2m_value_convert(
		&node->value, info ? (enum lwm2m_type)info->type : LWM2M_NONE, value);
	return error ? lwm2m_encoder_fail(enc, error, path) : true;
}

// True when node is what the path names. For a Create the path is an object, and the node an
// instance of it.
static bool is_named(const struct lwm2m_path *path, const struct lwm2m_node *node)
{
	switch (path->depth) {
	case 0:
		return node->kind == LWM2M_KIND_ROOT;
	case 1:
		return node->kind == LWM2M_KIND_INSTANCE ||
		       (node->kind == LWM2M_KIND_OBJECT && node->id == path->ids[0]);
	case 2:
		return node->kind == LWM2M_KIND_INSTANCE && node->id == path->ids[1];
	case 3:
		return (node->kind == LWM2M_KIND_SINGLE || node->kind == LWM2M_KIND_MULTI) &&
		       node->id == path->ids[2];
	default:
		return node->kind == LWM2M_KIND_RESOURCE_INSTANCE && node->id == path->ids[3];
	}
}

static bool encode(struct lwm2m_encoder *enc, uint16_t format, const struct lwm2m_path *path,
		   const struct lwm2m_node *node)
{
	switch (format) {
	case LWM2M_FORMAT_TEXT:
		return lwm2m_text_encode(enc, path, node);
	case LWM2M_FORMAT_OPAQUE:
		return lwm2m_opaque_encode(enc, path, node);
	case LWM2M_FORMAT_CBOR:
		return lwm2m_cbor_encode(enc, path, node);
	case LWM2M_FORMAT_TLV:
	case LWM2M_FORMAT_TLV_OLD:
		return lwm2m_tlv_encode(enc, path, node);
	case LWM2M_FORMAT_SENML_JSON:
	case LWM2M_FORMAT_SENML_CBOR:
	case LWM2M_FORMAT_JSON:
	case LWM2M_FORMAT_JSON_OLD:
		return lwm2m_records_encode(enc, format, path, node);
	default:
		return lwm2m_encoder_fail(enc, "content format cannot be encoded", &everything);
	}
}

static bool finish(struct lwm2m_encoder *enc, size_t *len)
{
	if (enc->w.full)
		return lwm2m_encoder_fail(enc, "payload is larger than there is room for",
					  &everything);
	*len = enc->w.len;
	return true;
}

bool lwm2m_encode(const struct lwm2m_model *model, uint16_t format, const struct lwm2m_path *path,
		  const struct lwm2m_node *node, void *buf, size_t cap, size_t *len,
		  struct lwm2m_encode_error *err)
{
	struct lwm2m_encoder enc = {.model = model, .w = writer_begin(buf, cap), .err = err};

	*len = 0;
	*err = (struct lwm2m_encode_error){0};
	if (!is_named(path, node))
		return lwm2m_encoder_fail(&enc, "node is not what the path names", path);
	return encode(&enc, format, path, node) && finish(&enc, len);
}

bool lwm2m_encode_pack(const struct lwm2m_model *model, uint16_t format,
		       const struct lwm2m_pack *pack, void *buf, size_t cap, size_t *len,
		       struct lwm2m_encode_error *err)
{
	struct lwm2m_encoder enc = {.model = model, .w = writer_begin(buf, cap), .err = err};

	*len = 0;
	*err = (struct lwm2m_encode_error){0};
	if (format != LWM2M_FORMAT_SENML_JSON && format != LWM2M_FORMAT_SENML_CBOR)
		return lwm2m_encoder_fail(&enc, "content format has no packs", &everything);
	for (const struct lwm2m_entry *entry = pack->first; entry; entry = entry->next) {
		if (!is_named(&entry->path, entry->node))
			return lwm2m_encoder_fail(&enc, "node is not what the path names",
						  &entry->path);
	}
	return lwm2m_pack_encode(&enc, format, pack) && finish(&enc, len);
}
