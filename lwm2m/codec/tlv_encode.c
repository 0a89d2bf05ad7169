// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// OMA TLV, LwM2M core 1.1.1 section 7.4.4, in its shortest forms.
#include "lwm2m/codec/encoder.h"
#include "lwm2m/codec/float_bits.h"

#define TLV_LENGTH_MAX 0xffffffu // three bytes

// The bytes that integers and floats may take (appendix C).
static size_t integer_len(int64_t value)
{
	if (value >= INT8_MIN && value <= INT8_MAX)
		return 1;
	if (value >= INT16_MIN && value <= INT16_MAX)
		return 2;
	return value >= INT32_MIN && value <= INT32_MAX ? 4 : 8;
}

static size_t natural_len(uint64_t value)
{
	return value <= UINT8_MAX ? 1 : value <= UINT16_MAX ? 2 : value <= UINT32_MAX ? 4 : 8;
}

static size_t value_len(const struct lwm2m_value *v)
{
	uint32_t narrow;

	switch ((enum lwm2m_type)v->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		return integer_len(v->integer);
	case LWM2M_UNSIGNED_INTEGER:
		return natural_len(v->natural);
	case LWM2M_FLOAT:
		return float_narrow(v->number, &narrow) ? 4 : 8;
	case LWM2M_BOOLEAN:
		return 1;
	case LWM2M_OBJLNK:
		return 4;
	default:
		return v->bytes.len;
	}
}

static void value_write(struct writer *w, const struct lwm2m_value *v)
{
	uint32_t narrow;

	switch ((enum lwm2m_type)v->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		writer_uint(w, (uint64_t)v->integer, integer_len(v->integer));
		break;
	case LWM2M_UNSIGNED_INTEGER:
		writer_uint(w, v->natural, natural_len(v->natural));
		break;
	case LWM2M_FLOAT:
		if (float_narrow(v->number, &narrow))
			writer_uint(w, narrow, 4);
		else
			writer_uint(w, float_bits(v->number), 8);
		break;
	case LWM2M_BOOLEAN:
		writer_byte(w, v->boolean);
		break;
	case LWM2M_OBJLNK:
		writer_uint(w, v->objlnk.object, 2);
		writer_uint(w, v->objlnk.instance, 2);
		break;
	default:
		writer_bytes(w, v->bytes.data, v->bytes.len);
	}
}

static size_t head_len(uint16_t id, size_t len)
{
	size_t length = len < 8 ? 0 : len <= UINT8_MAX ? 1 : len <= UINT16_MAX ? 2 : 3;

	return 1 + (id > UINT8_MAX ? 2 : 1) + length;
}

static void head_write(struct writer *w, uint8_t kind, uint16_t id, size_t len)
{
	// Bits 7-6: what it is. Bit 5: the id has 16 bits. Bits 4-3: bytes of length.
	static const uint8_t types[] = {
		[LWM2M_KIND_INSTANCE] = 0x00,
		[LWM2M_KIND_RESOURCE_INSTANCE] = 0x40,
		[LWM2M_KIND_MULTI] = 0x80,
		[LWM2M_KIND_SINGLE] = 0xc0,
	};
	size_t id_len = id > UINT8_MAX ? 2 : 1;
	size_t length = head_len(id, len) - 1 - id_len;

	writer_byte(w,
		    (uint8_t)(types[kind] | (id_len - 1) << 5 | length << 3 | (length ? 0 : len)));
	writer_uint(w, id, id_len);
	writer_uint(w, len, length);
}

static bool node_len(const struct lwm2m_encoder *enc, const struct lwm2m_node *node,
		     const struct lwm2m_path *path, size_t *len);

// The length of all children with their heads.
static bool children_len(const struct lwm2m_encoder *enc, const struct lwm2m_node *node,
			 const struct lwm2m_path *path, size_t *len)
{
	*len = 0;
	for (const struct lwm2m_node *child = node->first; child; child = child->next) {
		struct lwm2m_path below;
		size_t own;
		if (!lwm2m_encoder_below(enc, node, child, path, &below) ||
		    !node_len(enc, child, &below, &own))
			return false;
		*len += head_len(child->id, own) + own;
	}
	return true;
}

// The length of what follows the head. Checks all there is to check.
static bool node_len(const struct lwm2m_encoder *enc, const struct lwm2m_node *node,
		     const struct lwm2m_path *path, size_t *len)
{
	struct lwm2m_value value;

	if (!lwm2m_kind_has_value(node->kind)) {
		if (!children_len(enc, node, path, len))
			return false;
	} else {
		if (!lwm2m_encoder_value(enc, path, node, &value))
			return false;
		*len = value_len(&value);
	}
	return *len <= TLV_LENGTH_MAX ? true
				      : lwm2m_encoder_fail(enc, "value is too long for TLV", path);
}

static bool children_write(struct lwm2m_encoder *enc, const struct lwm2m_node *node,
			   const struct lwm2m_path *path);

static bool node_write(struct lwm2m_encoder *enc, const struct lwm2m_node *node,
		       const struct lwm2m_path *path)
{
	struct lwm2m_value value;
	size_t len;

	if (!node_len(enc, node, path, &len))
		return false;
	head_write(&enc->w, node->kind, node->id, len);
	if (!lwm2m_kind_has_value(node->kind))
		return children_write(enc, node, path);
	if (!lwm2m_encoder_value(enc, path, node, &value))
		return false;
	value_write(&enc->w, &value);
	return true;
}

static bool children_write(struct lwm2m_encoder *enc, const struct lwm2m_node *node,
			   const struct lwm2m_path *path)
{
	for (const struct lwm2m_node *child = node->first; child; child = child->next) {
		struct lwm2m_path below;
		if (!lwm2m_encoder_below(enc, node, child, path, &below) ||
		    !node_write(enc, child, &below))
			return false;
	}
	return true;
}

bool lwm2m_tlv_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
		      const struct lwm2m_node *node)
{
	struct lwm2m_path own = *path;

	if (path->depth == 0)
		return lwm2m_encoder_fail(enc, "TLV cannot say which object it is of", path);
	if (path->depth == 1 && node->kind == LWM2M_KIND_INSTANCE) {
		own.ids[own.depth++] = node->id;
		// A Create that leaves the choice of the id to the device has only resources.
		return node->id == LWM2M_ID_RESERVED ? children_write(enc, node, &own)
						     : node_write(enc, node, &own);
	}
	// Objects and instances are not wrapped: the path says which they are.
	return path->depth < 3 ? children_write(enc, node, path) : node_write(enc, node, path);
}
