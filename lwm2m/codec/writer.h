// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Writes into a buffer of the caller's: what does not fit sets `full`, which sticks, so that an
// encoder checks once at its end. With it, the heads of CBOR and the texts of numbers and JSON
// strings. Private to lwm2m/codec.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
	uint8_t *buf;
	size_t cap;
	size_t len;
	bool full;
};

static inline struct writer writer_begin(void *buf, size_t cap)
{
	return (struct writer){.buf = (uint8_t *)buf, .cap = cap};
}

void writer_bytes(struct writer *w, const void *bytes, size_t len);
void writer_text(struct writer *w, const char *text);
void writer_byte(struct writer *w, uint8_t byte);
// Big-endian, the low len bytes.
void writer_uint(struct writer *w, uint64_t value, size_t len);

// Decimal digits.
void writer_decimal(struct writer *w, uint64_t value);
void writer_decimal_signed(struct writer *w, int64_t value);
// The shortest text that reads back as the same double, with a point or an exponent, so that it is
// not taken for an integer. The number is finite.
void writer_decimal_float(struct writer *w, double number);
void writer_base64(struct writer *w, bool url, const uint8_t *data, size_t len);
// "3:0"
void writer_objlnk(struct writer *w, uint16_t object, uint16_t instance);
// In quotes, with the escapes that RFC 8259 section 7 demands. The text is UTF-8.
void writer_json_string(struct writer *w, const uint8_t *text, size_t len);

enum cbor_major {
	CBOR_MAJOR_UINT = 0,
	CBOR_MAJOR_NEGATIVE = 1,
	CBOR_MAJOR_BYTES = 2,
	CBOR_MAJOR_TEXT = 3,
	CBOR_MAJOR_ARRAY = 4,
	CBOR_MAJOR_MAP = 5,
	CBOR_MAJOR_TAG = 6,
};

// In the shortest form (RFC 8949 section 4.2.1).
void writer_cbor_head(struct writer *w, enum cbor_major major, uint64_t value);
// major is BYTES or TEXT.
void writer_cbor_string(struct writer *w, enum cbor_major major, const void *data, size_t len);
void writer_cbor_integer(struct writer *w, int64_t value);
// In 32 bits when they lose nothing, otherwise in 64. Half floats are left out: small clients do
// not all know them.
void writer_cbor_float(struct writer *w, double number);
void writer_cbor_objlnk(struct writer *w, uint16_t object, uint16_t instance);
void writer_cbor_bool(struct writer *w, bool value);
