// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/writer.h"

#include "lwm2m/codec/base64.h"
#include "lwm2m/codec/float_bits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (w->full || w->cap - w->len < len) {
		w->full = true;
		return;
	}
	if (len)
		memcpy(w->buf + w->len, bytes, len);
	w->len += len;
}

void writer_text(struct writer *w, const char *text)
{
	writer_bytes(w, text, strlen(text));
}

void writer_byte(struct writer *w, uint8_t byte)
{
	writer_bytes(w, &byte, 1);
}

void writer_uint(struct writer *w, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	writer_bytes(w, bytes, len);
}

void writer_decimal(struct writer *w, uint64_t value)
{
	char text[24];

	writer_bytes(w, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, value));
}

void writer_decimal_signed(struct writer *w, int64_t value)
{
	char text[24];

	writer_bytes(w, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, value));
}

void writer_decimal_float(struct writer *w, double number)
{
	char text[32];

	// 17 digits are always enough; most numbers that people write need 15 at most.
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	writer_text(w, text);
	if (!strpbrk(text, ".e"))
		writer_text(w, ".0");
}

void writer_base64(struct writer *w, bool url, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		char text[4];
		size_t n = base64_encode3(url ? BASE64_URL : BASE64_PLAIN, data + i,
					  len - i < 3 ? len - i : 3, text);
		writer_bytes(w, text, n);
	}
}

void writer_objlnk(struct writer *w, uint16_t object, uint16_t instance)
{
	writer_decimal(w, object);
	writer_byte(w, ':');
	writer_decimal(w, instance);
}

void writer_json_string(struct writer *w, const uint8_t *text, size_t len)
{
	size_t plain = 0;

	writer_byte(w, '"');
	for (size_t i = 0; i < len; i++) {
		char escape[8];
		if (text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
			continue;
		writer_bytes(w, text + plain, i - plain);
		plain = i + 1;
		snprintf(escape, sizeof(escape), text[i] < 0x20 ? "\\u%04x" : "\\%c", text[i]);
		writer_text(w, escape);
	}
	if (len > plain)
		writer_bytes(w, text + plain, len - plain);
	writer_byte(w, '"');
}

void writer_cbor_head(struct writer *w, enum cbor_major major, uint64_t value)
{
	uint8_t first = (uint8_t)(major << 5);

	if (value < 24) {
		writer_byte(w, (uint8_t)(first | value));
		return;
	}
	unsigned log = value <= UINT8_MAX    ? 0
		       : value <= UINT16_MAX ? 1
		       : value <= UINT32_MAX ? 2
					     : 3;
	writer_byte(w, (uint8_t)(first | (24 + log)));
	writer_uint(w, value, (size_t)1 << log);
}

void writer_cbor_string(struct writer *w, enum cbor_major major, const void *data, size_t len)
{
	writer_cbor_head(w, major, len);
	writer_bytes(w, data, len);
}

void writer_cbor_integer(struct writer *w, int64_t value)
{
	if (value < 0)
		writer_cbor_head(w, CBOR_MAJOR_NEGATIVE, (uint64_t)(-1 - value));
	else
		writer_cbor_head(w, CBOR_MAJOR_UINT, (uint64_t)value);
}

void writer_cbor_float(struct writer *w, double number)
{
	uint32_t narrow;

	if (float_narrow(number, &narrow)) {
		writer_byte(w, 0xfa);
		writer_uint(w, narrow, 4);
	} else {
		writer_byte(w, 0xfb);
		writer_uint(w, float_bits(number), 8);
	}
}

void writer_cbor_objlnk(struct writer *w, uint16_t object, uint16_t instance)
{
	char text[12];
	struct writer link = writer_begin(text, sizeof(text));

	writer_objlnk(&link, object, instance);
	writer_cbor_head(w, CBOR_MAJOR_TEXT, link.len);
	writer_bytes(w, text, link.len);
}

void writer_cbor_bool(struct writer *w, bool value)
{
	writer_byte(w, value ? 0xf5 : 0xf4);
}
