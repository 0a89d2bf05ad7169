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

// What each byte is worth as the first, second and third of three digits, plus BRIDGE_DIGIT; 0 when
// it is none. The sum of three has both bits from BRIDGE_DIGIT up set when all are digits.
#define BRIDGE_DIGIT      (1u << 20)
#define BRIDGE_ALL_DIGITS (3u << 20)
#define BRIDGE_THREE_BITS 0x3ffffu
extern const uint32_t bridge_location_digits[3][256];

static inline uint32_t bridge_location_three(const uint8_t *p)
{
	return bridge_location_digits[0][p[0]] + bridge_location_digits[1][p[1]] +
	       bridge_location_digits[2][p[2]];
}

// 0 when the text is not a location we could have handed out.
static inline uint64_t bridge_location_decode(const void *text, size_t len)
{
	const uint8_t *p = text;
	uint32_t high, middle, low;

	static_assert(BRIDGE_LOCATION_CHARS == 9, "three by three");
	if (len != BRIDGE_LOCATION_CHARS)
		return 0;
	high = bridge_location_three(p);
	middle = bridge_location_three(p + 3);
	low = bridge_location_three(p + 6);
	if ((high & middle & low & BRIDGE_ALL_DIGITS) != BRIDGE_ALL_DIGITS)
		return 0;
	return (uint64_t)(high & BRIDGE_THREE_BITS) << 36 |
	       (uint64_t)(middle & BRIDGE_THREE_BITS) << 18 | (low & BRIDGE_THREE_BITS);
}
