// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/bytes.h"
#include "lwm2m/codec/decoder.h"
#include "lwm2m/codec/value.h"

// OMA TLV, LwM2M core 1.1.1 section 7.4.4: bits 7-6 of the type byte.
enum tlv_type {
	TLV_OBJECT_INSTANCE = 0,
	TLV_RESOURCE_INSTANCE = 1,
	TLV_MULTIPLE_RESOURCE = 2,
	TLV_RESOURCE = 3,
};

struct tlv {
	struct bytes body;
	size_t offset; // of the type byte in the payload
	uint16_t id;
	uint8_t type;
};

static bool tlv_read(const struct lwm2m_decoder *dec, struct bytes *in, struct tlv *tlv)
{
	tlv->offset = (size_t)(in->p - dec->payload);
	uint8_t head = bytes_u8(in);
	unsigned len_bytes = head >> 3 & 3;

	tlv->type = head >> 6;
	tlv->id = head & 0x20 ? bytes_u16(in) : bytes_u8(in);
	size_t len = len_bytes ? (size_t)bytes_uint(in, len_bytes) : head & 7u;
	const uint8_t *body = bytes_take(in, len);
	if (in->bad)
		return lwm2m_decoder_fail(dec, "TLV is cut short", tlv->offset);
	if (tlv->id == LWM2M_ID_RESERVED)
		return lwm2m_decoder_fail(dec, "TLV with the reserved id 65535", tlv->offset);
	tlv->body = bytes_begin(body, len);
	return true;
}

// A node for tlv below parent; an id comes once.
static struct lwm2m_node *tlv_node(const struct lwm2m_decoder *dec, struct lwm2m_node *parent,
				   enum lwm2m_kind kind, const struct tlv *tlv)
{
	if (parent && lwm2m_node_child(parent, tlv->id)) {
		lwm2m_decoder_fail(dec, "TLV with an id that came before", tlv->offset);
		return NULL;
	}
	return lwm2m_decoder_node(dec, parent, kind, tlv->id, tlv->offset);
}

static struct lwm2m_node *value_node(const struct lwm2m_decoder *dec, struct lwm2m_node *parent,
				     enum lwm2m_kind kind, enum lwm2m_type type,
				     const struct tlv *tlv)
{
	struct lwm2m_node *node = tlv_node(dec, parent, kind, tlv);

	if (!node)
		return NULL;
	const char *error =
		lwm2m_value_from_binary(&node->value, type, tlv->body.p, bytes_left(&tlv->body));
	if (error) {
		lwm2m_decoder_fail(dec, error, tlv->offset);
		return NULL;
	}
	return node;
}

// TLV does not name types: what the model does not know is opaque.
static enum lwm2m_type value_type(const struct lwm2m_decoder *dec, uint16_t object,
				  uint16_t resource)
{
	enum lwm2m_type type = lwm2m_decoder_type(dec, object, resource);

	return type == LWM2M_NONE ? LWM2M_OPAQUE : type;
}

static bool resource_instances(const struct lwm2m_decoder *dec, struct bytes in,
			       struct lwm2m_node *multi)
{
	struct tlv tlv;

	while (bytes_left(&in)) {
		if (!tlv_read(dec, &in, &tlv))
			return false;
		if (tlv.type != TLV_RESOURCE_INSTANCE)
			return lwm2m_decoder_fail(dec, "resource instance expected", tlv.offset);
		if (!value_node(dec, multi, LWM2M_KIND_RESOURCE_INSTANCE,
				(enum lwm2m_type)multi->value.type, &tlv))
			return false;
	}
	return true;
}

static struct lwm2m_node *resource(const struct lwm2m_decoder *dec, struct lwm2m_node *parent,
				   uint16_t object, const struct tlv *tlv)
{
	enum lwm2m_type type = value_type(dec, object, tlv->id);

	if (tlv->type == TLV_RESOURCE)
		return value_node(dec, parent, LWM2M_KIND_SINGLE, type, tlv);
	if (tlv->type != TLV_MULTIPLE_RESOURCE) {
		lwm2m_decoder_fail(dec, "resource expected", tlv->offset);
		return NULL;
	}
	struct lwm2m_node *multi = tlv_node(dec, parent, LWM2M_KIND_MULTI, tlv);
	if (!multi)
		return NULL;
	multi->value.type = (uint8_t)type;
	return resource_instances(dec, tlv->body, multi) ? multi : NULL;
}

static bool resources(const struct lwm2m_decoder *dec, struct bytes in, uint16_t object,
		      struct lwm2m_node *instance)
{
	struct tlv tlv;

	while (bytes_left(&in)) {
		if (!tlv_read(dec, &in, &tlv) || !resource(dec, instance, object, &tlv))
			return false;
	}
	return true;
}

// True when the first TLV, if there is one, is of that type.
static bool starts_with(const struct bytes *in, enum tlv_type type)
{
	return bytes_left(in) && *in->p >> 6 == (int)type;
}

static bool decode_object(const struct lwm2m_decoder *dec, struct bytes in,
			  struct lwm2m_node *object)
{
	const struct lwm2m_object_info *info = lwm2m_object_info(object->id);
	struct tlv tlv;

	if (bytes_left(&in) && !starts_with(&in, TLV_OBJECT_INSTANCE)) {
		// An object that has only one instance may leave its wrapping out.
		if (info && info->multiple)
			return lwm2m_decoder_fail(dec, "object instance expected", 0);
		struct lwm2m_node *only =
			lwm2m_decoder_node(dec, object, LWM2M_KIND_INSTANCE, 0, 0);
		return only && resources(dec, in, object->id, only);
	}
	while (bytes_left(&in)) {
		if (!tlv_read(dec, &in, &tlv))
			return false;
		if (tlv.type != TLV_OBJECT_INSTANCE)
			return lwm2m_decoder_fail(dec, "object instance expected", tlv.offset);
		struct lwm2m_node *instance = tlv_node(dec, object, LWM2M_KIND_INSTANCE, &tlv);
		if (!instance || !resources(dec, tlv.body, object->id, instance))
			return false;
	}
	return true;
}

// The only TLV there is, of the id that was asked.
static bool read_only_one(const struct lwm2m_decoder *dec, struct bytes *in, uint16_t id,
			  struct tlv *tlv)
{
	if (!tlv_read(dec, in, tlv))
		return false;
	if (tlv->id != id)
		return lwm2m_decoder_fail(dec, "TLV with another id than was asked", tlv->offset);
	if (bytes_left(in))
		return lwm2m_decoder_fail(dec, "more TLVs than were asked",
					  (size_t)(in->p - dec->payload));
	return true;
}

static bool decode_instance(const struct lwm2m_decoder *dec, struct bytes in,
			    struct lwm2m_node *instance)
{
	struct tlv tlv;

	if (starts_with(&in, TLV_OBJECT_INSTANCE)) {
		if (!read_only_one(dec, &in, instance->id, &tlv))
			return false;
		in = tlv.body;
	}
	return resources(dec, in, dec->path->ids[0], instance);
}

static struct lwm2m_node *decode_resource(const struct lwm2m_decoder *dec, struct bytes in)
{
	const uint16_t *ids = dec->path->ids;
	struct tlv tlv;

	// The instances of a multiple resource may come without its own TLV, or not at all.
	if (starts_with(&in, TLV_RESOURCE_INSTANCE) ||
	    (!bytes_left(&in) && lwm2m_decoder_multiple(dec, dec->path))) {
		struct lwm2m_node *multi =
			lwm2m_decoder_node(dec, NULL, LWM2M_KIND_MULTI, ids[2], 0);
		if (!multi)
			return NULL;
		multi->value.type = (uint8_t)value_type(dec, ids[0], ids[2]);
		return resource_instances(dec, in, multi) ? multi : NULL;
	}
	return read_only_one(dec, &in, ids[2], &tlv) ? resource(dec, NULL, ids[0], &tlv) : NULL;
}

static struct lwm2m_node *decode_resource_instance(const struct lwm2m_decoder *dec, struct bytes in)
{
	const uint16_t *ids = dec->path->ids;
	struct tlv tlv;

	if (starts_with(&in, TLV_MULTIPLE_RESOURCE)) {
		if (!read_only_one(dec, &in, ids[2], &tlv))
			return NULL;
		in = tlv.body;
	}
	if (!read_only_one(dec, &in, ids[3], &tlv))
		return NULL;
	if (tlv.type != TLV_RESOURCE_INSTANCE) {
		lwm2m_decoder_fail(dec, "resource instance expected", tlv.offset);
		return NULL;
	}
	return value_node(dec, NULL, LWM2M_KIND_RESOURCE_INSTANCE, value_type(dec, ids[0], ids[2]),
			  &tlv);
}

bool lwm2m_tlv_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node)
{
	struct bytes in = bytes_begin(dec->payload, dec->len);
	uint8_t depth = dec->path->depth;
	struct lwm2m_node *top;

	if (depth == 0)
		return lwm2m_decoder_fail(dec, "TLV cannot say which object it is of", 0);
	if (depth == 3) {
		*node = decode_resource(dec, in);
		return *node != NULL;
	}
	if (depth == 4) {
		*node = decode_resource_instance(dec, in);
		return *node != NULL;
	}
	top = lwm2m_decoder_node(dec, NULL, lwm2m_kind_of_depth(depth), dec->path->ids[depth - 1],
				 0);
	if (!top || !(depth == 1 ? decode_object(dec, in, top) : decode_instance(dec, in, top)))
		return false;
	*node = top;
	return true;
}
