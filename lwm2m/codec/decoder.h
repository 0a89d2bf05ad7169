// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the decoders of the single formats share. Private to lwm2m/codec.
#pragma once

#include "lwm2m/codec/decode.h"

struct lwm2m_decoder {
	const struct lwm2m_model *model;
	const struct lwm2m_path *path; // what was asked
	const uint8_t *payload;
	size_t len;
	struct lwm2m_arena *arena;
	struct lwm2m_decode_error *err;
};

// Records the error at that byte of the payload. Always false.
static inline bool lwm2m_decoder_fail(const struct lwm2m_decoder *dec, const char *what,
				      size_t offset)
{
	*dec->err = (struct lwm2m_decode_error){.what = what, .offset = offset};
	return false;
}

// A new node below parent; parent NULL for the top of the tree. NULL, with the error recorded, when
// the arena is full.
struct lwm2m_node *lwm2m_decoder_node(const struct lwm2m_decoder *dec, struct lwm2m_node *parent,
				      enum lwm2m_kind kind, uint16_t id, size_t offset);

// The type the model gives a resource; LWM2M_NONE when it is unknown or has no values.
enum lwm2m_type lwm2m_decoder_type(const struct lwm2m_decoder *dec, uint16_t object,
				   uint16_t resource);

// True when the model says that the asked resource is a multiple one.
bool lwm2m_decoder_multiple(const struct lwm2m_decoder *dec, const struct lwm2m_path *path);

bool lwm2m_text_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node);
bool lwm2m_opaque_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node);
bool lwm2m_cbor_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node);
bool lwm2m_senml_decode(uint16_t format, const struct lwm2m_decoder *dec, struct lwm2m_node **node);
bool lwm2m_tlv_decode(const struct lwm2m_decoder *dec, struct lwm2m_node **node);
