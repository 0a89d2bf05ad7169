// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Single values from the forms that text, TLV, CBOR and JSON give them (LwM2M core 1.1.1 appendix
// C). Each function fills *value and returns NULL, or returns what is wrong. Private to
// lwm2m/codec.
#pragma once

#include "lwm2m/codec/item.h"
#include "lwm2m/codec/node.h"

// type is not LWM2M_NONE. Opaque values come as base64 and are decoded into the arena.
const char *lwm2m_value_from_text(struct lwm2m_value *value, enum lwm2m_type type,
				  const uint8_t *text, size_t len, struct lwm2m_arena *arena);

// type is not LWM2M_NONE.
const char *lwm2m_value_from_binary(struct lwm2m_value *value, enum lwm2m_type type,
				    const uint8_t *data, size_t len);

// With LWM2M_NONE the item says the type. Strings must be joined.
const char *lwm2m_value_from_item(struct lwm2m_value *value, enum lwm2m_type type,
				  const struct item *item);
