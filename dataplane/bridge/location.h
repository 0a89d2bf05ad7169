// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A location as it stands in /rd/{id}: 54 bits as nine characters of base64url (RFC 4648 section
// 5), most significant first. Pure.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"

#define BRIDGE_LOCATION_CHARS (BRIDGE_LOCATION_BITS / 6)

static inline void bridge_location_encode(uint64_t location,
					  char text[static BRIDGE_LOCATION_CHARS])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (int i = BRIDGE_LOCATION_CHARS - 1; i >= 0; i--, location >>= 6)
		text[i] = alphabet[location & 63];
}

// What each byte is worth as a digit; -1: none.
extern const int8_t bridge_location_digits[256];

// 0 when the text is not a location we could have handed out.
static inline uint64_t bridge_location_decode(const void *text, size_t len)
{
	const uint8_t *p = text;
	uint64_t location = 0;
	int digits = 0;

	if (len != BRIDGE_LOCATION_CHARS)
		return 0;
	for (unsigned i = 0; i < BRIDGE_LOCATION_CHARS; i++) {
		int digit = bridge_location_digits[p[i]];

		digits |= digit; // negative from the first wrong one on
		location = location << 6 | (uint64_t)(digit & 63);
	}
	return digits < 0 ? 0 : location;
}
