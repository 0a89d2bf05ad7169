// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Decodes what a device answers to a Read or an Observe and what it notifies or sends: from content
// format and payload to a tree of nodes. Pure; bounded by the arena; malformed input gives an error
// that says what and where, never a guessed value.
#pragma once

#include "lwm2m/codec/node.h"
#include "lwm2m/core/model.h"

// Content formats, LwM2M transport 1.1.1 and the CoAP registry.
enum lwm2m_format {
	LWM2M_FORMAT_TEXT = 0,
	LWM2M_FORMAT_LINK = 40,
	LWM2M_FORMAT_OPAQUE = 42,
	LWM2M_FORMAT_CBOR = 60,
	LWM2M_FORMAT_SENML_JSON = 110,
	LWM2M_FORMAT_SENML_CBOR = 112,
	LWM2M_FORMAT_TLV_OLD = 1542,
	LWM2M_FORMAT_JSON_OLD = 1543,
	LWM2M_FORMAT_TLV = 11542,
	LWM2M_FORMAT_JSON = 11543,
};

struct lwm2m_decode_error {
	const char *what; // static text
	size_t offset;    // byte of the payload
};

// path is what was asked; the node that comes back is what it names: root, object, instance, single
// or multi resource, or resource instance. Values are typed by the model; what it does not know, by
// what the format says itself, and as OPAQUE (TLV, opaque) or STRING (text) where it says nothing.
// Formats here: text, opaque, CBOR, SenML JSON and CBOR, both numbers of TLV and of LwM2M JSON.
// Times (bt, t) are checked and not kept: what has several values of a resource, each with its
// time, is for lwm2m_decode_pack and an error here.
bool lwm2m_decode(const struct lwm2m_model *model, uint16_t format, const struct lwm2m_path *path,
		  const void *payload, size_t len, struct lwm2m_arena *arena,
		  struct lwm2m_node **node, struct lwm2m_decode_error *err)
	__attribute__((warn_unused_result));
