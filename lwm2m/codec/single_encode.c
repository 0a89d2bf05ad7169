// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encoder.h"

#define CBOR_TAG_EPOCH 1u // RFC 8949 section 3.4.2

// The formats that carry one value have no place for more.
static bool single_value(const struct lwm2m_encoder *enc, const struct lwm2m_path *path,
			 const struct lwm2m_node *node, struct lwm2m_value *value)
{
	if (!lwm2m_kind_has_value(node->kind))
		return lwm2m_encoder_fail(enc, "the format carries one value, the node has more",
					  path);
	return lwm2m_encoder_value(enc, path, node, value);
}

bool lwm2m_text_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
		       const struct lwm2m_node *node)
{
	struct writer *w = &enc->w;
	struct lwm2m_value v;

	if (!single_value(enc, path, node, &v))
		return false;
	switch ((enum lwm2m_type)v.type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		writer_decimal_signed(w, v.integer);
		return true;
	case LWM2M_UNSIGNED_INTEGER:
		writer_decimal(w, v.natural);
		return true;
	case LWM2M_FLOAT:
		if (!__builtin_isfinite(v.number))
			return lwm2m_encoder_fail(enc, "number that is not finite", path);
		writer_decimal_float(w, v.number);
		return true;
	case LWM2M_BOOLEAN:
		writer_byte(w, v.boolean ? '1' : '0');
		return true;
	case LWM2M_OBJLNK:
		writer_objlnk(w, v.objlnk.object, v.objlnk.instance);
		return true;
	case LWM2M_OPAQUE:
		writer_base64(w, false, v.bytes.data, v.bytes.len);
		return true;
	default:
		writer_bytes(w, v.bytes.data, v.bytes.len);
		return true;
	}
}

bool lwm2m_opaque_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
			 const struct lwm2m_node *node)
{
	struct lwm2m_value v;

	if (!single_value(enc, path, node, &v))
		return false;
	if (v.type != LWM2M_OPAQUE)
		return lwm2m_encoder_fail(enc, "opaque format for a value that is not opaque",
					  path);
	writer_bytes(&enc->w, v.bytes.data, v.bytes.len);
	return true;
}

bool lwm2m_cbor_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
		       const struct lwm2m_node *node)
{
	struct writer *w = &enc->w;
	struct lwm2m_value v;

	if (!single_value(enc, path, node, &v))
		return false;
	switch ((enum lwm2m_type)v.type) {
	case LWM2M_TIME:
		writer_cbor_head(w, CBOR_MAJOR_TAG, CBOR_TAG_EPOCH);
		writer_cbor_integer(w, v.integer);
		return true;
	case LWM2M_INTEGER:
		writer_cbor_integer(w, v.integer);
		return true;
	case LWM2M_UNSIGNED_INTEGER:
		writer_cbor_head(w, CBOR_MAJOR_UINT, v.natural);
		return true;
	case LWM2M_FLOAT:
		writer_cbor_float(w, v.number);
		return true;
	case LWM2M_BOOLEAN:
		writer_cbor_bool(w, v.boolean);
		return true;
	case LWM2M_OBJLNK:
		writer_cbor_objlnk(w, v.objlnk.object, v.objlnk.instance);
		return true;
	case LWM2M_OPAQUE:
		writer_cbor_string(w, CBOR_MAJOR_BYTES, v.bytes.data, v.bytes.len);
		return true;
	default:
		writer_cbor_string(w, CBOR_MAJOR_TEXT, v.bytes.data, v.bytes.len);
		return true;
	}
}
