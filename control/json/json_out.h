// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// JSON written straight into a buffer, for what is made fifty thousand times a second: no tree, no
// allocation per value. The caller writes the punctuation, this the values. Text looks as jansson
// writes it (compact), so that a client cannot tell which of the two it was. Any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out {
	char *text; // malloc'ed, not zero-terminated; grows, and may be used again (len = 0)
	size_t len, cap;
	bool failed; // memory was out: what follows writes nothing. Reset by the caller
};

void json_out_free(struct json_out *out);

// As it is.
void json_out_bytes(struct json_out *out, const void *bytes, size_t len);
#define json_out_literal(out, literal) json_out_bytes(out, literal, sizeof(literal) - 1)

// In quotes, escaped; bytes that are not UTF-8 become U+FFFD.
void json_out_text(struct json_out *out, const char *text, size_t len);
void json_out_hex(struct json_out *out, const uint8_t *data, size_t len);
void json_out_base64(struct json_out *out, const uint8_t *data, size_t len); // RFC 4648 section 4

// Digits, without quotes.
void json_out_unsigned(struct json_out *out, uint64_t value);
void json_out_signed(struct json_out *out, int64_t value);

// RFC 3339, UTC, milliseconds, in quotes; null beyond the year 9999.
void json_out_time(struct json_out *out, uint64_t wall_ms);
