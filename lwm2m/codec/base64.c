// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/base64.h"

static int sextet(enum base64_alphabet alphabet, uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (alphabet == BASE64_URL)
		return c == '-' ? 62 : c == '_' ? 63 : -1;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(enum base64_alphabet alphabet, const uint8_t *text, size_t len, uint8_t *out,
		   size_t *out_len)
{
	size_t n = 0;
	uint32_t bits = 0;
	unsigned held = 0;

	if (alphabet == BASE64_PLAIN) {
		if (len % 4)
			return false;
		for (int pad = 0; pad < 2 && len && text[len - 1] == '='; pad++)
			len--;
	}
	// One character alone is not a byte.
	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int six = sextet(alphabet, text[i]);
		if (six < 0)
			return false;
		bits = bits << 6 | (uint32_t)six;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (uint8_t)(bits >> held);
			bits &= (1u << held) - 1;
		}
	}
	*out_len = n;
	// Bits that are left over must be zero, or two texts would say the same bytes.
	return bits == 0;
}

size_t base64_encode3(enum base64_alphabet alphabet, const uint8_t *data, size_t len,
		      char text[static 4])
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char url[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *digits = alphabet == BASE64_URL ? url : plain;
	uint32_t bits = 0;

	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < len ? data[i] : 0u);
	for (size_t i = 0; i < 4; i++)
		text[i] = i <= len ? digits[bits >> (18 - 6 * i) & 63] : '=';
	return alphabet == BASE64_URL ? len + 1 : 4;
}
