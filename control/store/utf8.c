// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/utf8.h"

#include <stdint.h>

// Bytes that follow a lead byte, 0 for ASCII; -1: no lead byte. low and high bound the first of
// them (RFC 3629 section 4).
static int follow(uint8_t lead, uint8_t *low, uint8_t *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (lead != 0 && lead < 0x80)
		return 0;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef) {
		if (lead == 0xe0)
			*low = 0xa0;
		if (lead == 0xed)
			*high = 0x9f;
		return 2;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		if (lead == 0xf0)
			*low = 0x90;
		if (lead == 0xf4)
			*high = 0x8f;
		return 3;
	}
	return -1;
}

bool utf8_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint8_t low, high;
		int n = follow((uint8_t)text[i++], &low, &high);

		if (n < 0 || (size_t)n > len - i)
			return false;
		for (; n > 0; n--, i++) {
			if ((uint8_t)text[i] < low || (uint8_t)text[i] > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}
