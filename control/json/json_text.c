// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/json_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char replacement[3] = {'\xef', '\xbf', '\xbd'}; // U+FFFD

// Unicode table 3-7.
size_t json_utf8_sequence(const uint8_t *p, size_t left)
{
	uint8_t first = p[0], low = 0x80, high = 0xbf;
	size_t len;

	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		len = 2;
	else if (first >= 0xe0 && first <= 0xef)
		len = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		len = 4;
	else
		return 0;
	if (first == 0xe0)
		low = 0xa0; // over-long
	else if (first == 0xed)
		high = 0x9f; // surrogates
	else if (first == 0xf0)
		low = 0x90; // over-long
	else if (first == 0xf4)
		high = 0x8f; // above U+10FFFF
	if (left < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

// Returns malloc'ed text with each byte that is not part of UTF-8 replaced.
static char *repaired(const char *text, size_t len, size_t *out_len)
{
	char *out = malloc(len * sizeof(replacement) + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t seq = json_utf8_sequence((const uint8_t *)text + i, len - i);
		const char *from = seq > 0 ? text + i : replacement;
		size_t bytes = seq > 0 ? seq : sizeof(replacement);

		memcpy(out + n, from, bytes);
		n += bytes;
		i += seq > 0 ? seq : 1;
	}
	*out_len = n;
	return out;
}

json_t *json_text(const char *text, size_t len)
{
	json_t *json = json_stringn(text, len);
	size_t fixed_len;
	char *fixed;

	if (json)
		return json;
	fixed = repaired(text, len, &fixed_len);
	if (!fixed)
		return NULL;
	json = json_stringn(fixed, fixed_len);
	free(fixed);
	return json;
}

int json_text_set(json_t *object, const char *key, size_t key_len, json_t *value)
{
	size_t fixed_len;
	char *fixed = repaired(key, key_len, &fixed_len);
	int err;

	if (!fixed) {
		json_decref(value);
		return -1;
	}
	err = json_object_setn_new(object, fixed, fixed_len, value);
	free(fixed);
	return err;
}
