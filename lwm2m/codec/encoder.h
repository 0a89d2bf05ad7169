// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the encoders of the single formats share. Private to lwm2m/codec.
#pragma once

#include "lwm2m/codec/encode.h"
#include "lwm2m/codec/writer.h"

struct lwm2m_encoder {
	const struct lwm2m_model *model;
	struct writer w;
	struct lwm2m_encode_error *err;
};

// Records the error at that path. Always false.
static inline bool lwm2m_encoder_fail(const struct lwm2m_encoder *enc, const char *what,
				      const struct lwm2m_path *path)
{
	*enc->err = (struct lwm2m_encode_error){.what = what, .path = *path};
	return false;
}

static inline bool lwm2m_kind_has_value(uint8_t kind)
{
	return kind == LWM2M_KIND_SINGLE || kind == LWM2M_KIND_RESOURCE_INSTANCE;
}

// The path of a child, which must be of a kind that its parent has. False with the error recorded.
bool lwm2m_encoder_below(const struct lwm2m_encoder *enc, const struct lwm2m_node *parent,
			 const struct lwm2m_node *child, const struct lwm2m_path *path,
			 struct lwm2m_path *below);

// The value of node in the type that the model gives the resource at path. False with the error
// recorded when it cannot be had in that type.
bool lwm2m_encoder_value(const struct lwm2m_encoder *enc, const struct lwm2m_path *path,
			 const struct lwm2m_node *node, struct lwm2m_value *value);

// value in another type, when nothing is lost. NULL, or what is wrong.
const char *lwm2m_value_convert(const struct lwm2m_value *value, enum lwm2m_type type,
				struct lwm2m_value *out);

// Each writes node, which is what path names (an instance, where path is an object).
bool lwm2m_text_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
		       const struct lwm2m_node *node);
bool lwm2m_opaque_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
			 const struct lwm2m_node *node);
bool lwm2m_cbor_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
		       const struct lwm2m_node *node);
bool lwm2m_tlv_encode(struct lwm2m_encoder *enc, const struct lwm2m_path *path,
		      const struct lwm2m_node *node);
// SenML and LwM2M JSON.
bool lwm2m_records_encode(struct lwm2m_encoder *enc, uint16_t format, const struct lwm2m_path *path,
			  const struct lwm2m_node *node);
bool lwm2m_pack_encode(struct lwm2m_encoder *enc, uint16_t format, const struct lwm2m_pack *pack);
