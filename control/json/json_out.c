// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/json_out.h"

#include <stdlib.h>
#include <string.h>

#include "control/json/json_text.h"

#define CAP_MIN     4096u
#define LEN_MAX     ((size_t)1 << 30) // no text of ours comes near
#define TIME_MAX_MS 253402300800000u  // the year 10000

void json_out_free(struct json_out *out)
{
	free(out->text);
	*out = (struct json_out){0};
}

// Room for that many bytes more, or NULL.
static char *room(struct json_out *out, size_t len)
{
	if (out->failed)
		return NULL;
	if (out->len + len > out->cap) {
		size_t cap = out->cap < CAP_MIN ? CAP_MIN : out->cap;
		char *text = NULL;

		while (len <= LEN_MAX && cap < out->len + len)
			cap *= 2;
		if (cap >= out->len + len && cap <= 2 * LEN_MAX)
			text = realloc(out->text, cap);
		if (text == NULL) {
			out->failed = true;
			return NULL;
		}
		out->text = text;
		out->cap = cap;
	}
	return out->text + out->len;
}

void json_out_bytes(struct json_out *out, const void *bytes, size_t len)
{
	char *to = room(out, len);

	if (to == NULL || len == 0)
		return;
	memcpy(to, bytes, len);
	out->len += len;
}

// A byte that cannot stand in a string as it is, RFC 8259 section 7. Returns the bytes written, at
// most six.
static size_t escape(char *to, uint8_t byte)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt"; // pairs
	const char *pair = shorts;

	while (*pair != '\0' && (uint8_t)*pair != byte)
		pair += 2;
	*to++ = '\\';
	if (*pair != '\0') {
		*to = pair[1];
		return 2;
	}
	memcpy(to, "u00", 3);
	to[3] = digits[byte >> 4];
	to[4] = digits[byte & 15];
	return 6;
}

void json_out_text(struct json_out *out, const char *text, size_t len)
{
	char *start = room(out, 6 * len + 2), *to = start;

	if (start == NULL)
		return;
	*to++ = '"';
	for (size_t i = 0; i < len;) {
		uint8_t byte = (uint8_t)text[i];
		size_t sequence;

		if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
			*to++ = text[i++];
		} else if (byte < 0x80) {
			to += escape(to, byte);
			i++;
		} else if ((sequence = json_utf8_sequence((const uint8_t *)text + i, len - i)) >
			   0) {
			memcpy(to, text + i, sequence);
			to += sequence;
			i += sequence;
		} else {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
			i++;
		}
	}
	*to++ = '"';
	out->len += (size_t)(to - start);
}

void json_out_hex(struct json_out *out, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *to = room(out, 2 * len + 2);

	if (to == NULL)
		return;
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		*to++ = digits[data[i] >> 4];
		*to++ = digits[data[i] & 15];
	}
	*to = '"';
	out->len += 2 * len + 2;
}

void json_out_base64(struct json_out *out, const uint8_t *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t chars = (len + 2) / 3 * 4;
	char *to = room(out, chars + 2);

	if (to == NULL)
		return;
	*to++ = '"';
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)data[i] << 16;

		bits |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
		bits |= left > 2 ? data[i + 2] : 0;
		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[bits & 63] : '=';
	}
	*to = '"';
	out->len += chars + 2;
}

void json_out_unsigned(struct json_out *out, uint64_t value)
{
	char digits[20], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	json_out_bytes(out, p, (size_t)(digits + sizeof(digits) - p));
}

void json_out_signed(struct json_out *out, int64_t value)
{
	if (value < 0)
		json_out_literal(out, "-");
	json_out_unsigned(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

// The civil date of a day since 1970-01-01: years of the proleptic Gregorian calendar begun in
// March, so that the leap day is the last of its year, in eras of 400 years.
static void date_of(uint32_t day, unsigned *year, unsigned *month, unsigned *mday)
{
	uint32_t days = day + 719468; // from 0000-03-01
	uint32_t era = days / 146097, of_era = days % 146097;
	uint32_t of = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint32_t yday = of_era - (365 * of + of / 4 - of / 100);
	uint32_t march = (5 * yday + 2) / 153;

	*mday = yday - (153 * march + 2) / 5 + 1;
	*month = march < 10 ? march + 3 : march - 9;
	*year = era * 400 + of + (*month <= 2);
}

static void digits_put(char *to, unsigned count, unsigned value)
{
	while (count-- > 0) {
		to[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

void json_out_time(struct json_out *out, uint64_t wall_ms)
{
	char text[] = "\"0000-00-00T00:00:00.000Z\"";
	uint32_t second = (uint32_t)(wall_ms / 1000 % 86400);
	unsigned year, month, mday;

	if (wall_ms >= TIME_MAX_MS) {
		json_out_literal(out, "null");
		return;
	}
	date_of((uint32_t)(wall_ms / 86400000), &year, &month, &mday);
	digits_put(text + 1, 4, year);
	digits_put(text + 6, 2, month);
	digits_put(text + 9, 2, mday);
	digits_put(text + 12, 2, second / 3600);
	digits_put(text + 15, 2, second / 60 % 60);
	digits_put(text + 18, 2, second % 60);
	digits_put(text + 21, 3, (unsigned)(wall_ms % 1000));
	json_out_bytes(out, text, sizeof(text) - 1);
}
