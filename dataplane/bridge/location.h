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

static inline int bridge_location_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

// 0 when the text is not a location we could have handed out.
static inline uint64_t bridge_location_decode(const void *text, size_t len)
{
	const uint8_t *p = text;
	uint64_t location = 0;

	if (len != BRIDGE_LOCATION_CHARS)
		return 0;
	for (size_t i = 0; i < len; i++) {
		int digit = bridge_location_digit(p[i]);

		if (digit < 0)
			return 0;
		location = location << 6 | (uint64_t)digit;
	}
	return location;
}
