// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/utf8.h"

#include "lwm2m/bytes.h"

#define BAD UINT32_MAX

// The next code point, or BAD.
static uint32_t next(struct bytes *in)
{
	// The smallest value that may take that many bytes after the first.
	static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
	uint8_t lead = bytes_u8(in);

	if (lead < 0x80)
		return lead;
	unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	if (lead < 0xc2 || lead > 0xf4)
		return BAD;
	uint32_t point = lead & (0x3fu >> more);
	for (unsigned i = 0; i < more; i++) {
		uint8_t byte = bytes_u8(in);
		if ((byte & 0xc0) != 0x80)
			return BAD;
		point = point << 6 | (byte & 0x3f);
	}
	if (point < smallest[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return BAD;
	return point;
}

bool utf8_valid(const void *text, size_t len)
{
	struct bytes in = bytes_begin(text, len);

	while (bytes_left(&in)) {
		if (next(&in) == BAD)
			return false;
	}
	return true;
}

bool utf8_printable(const void *text, size_t len)
{
	struct bytes in = bytes_begin(text, len);

	while (bytes_left(&in)) {
		uint32_t point = next(&in);
		if (point == BAD || point < 0x20 || (point >= 0x7f && point <= 0x9f))
			return false;
	}
	return true;
}
