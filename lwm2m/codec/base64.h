// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Base64, RFC 4648: as text and LwM2M JSON carry opaque values (section 4, padded), and as SenML
// JSON does (section 5, URL-safe, not padded: RFC 8428 section 5). Pure. Private to lwm2m/codec.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum base64_alphabet {
	BASE64_PLAIN, // section 4, with its padding
	BASE64_URL,   // section 5, without
};

// Room that is enough for what len characters decode to.
static inline size_t base64_decoded_max(size_t len)
{
	return len / 4 * 3 + 3;
}

// Any other character, wrong padding, and bits that are left over make it false.
bool base64_decode(enum base64_alphabet alphabet, const uint8_t *text, size_t len, uint8_t *out,
		   size_t *out_len);

// The characters for up to three bytes; their number.
size_t base64_encode3(enum base64_alphabet alphabet, const uint8_t *data, size_t len,
		      char text[static 4]);
