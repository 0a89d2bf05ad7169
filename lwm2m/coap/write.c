// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/msg.h"

#include <string.h>

#include "lwm2m/bytes.h"

#define TOKEN_MAX      8u
#define OPTION_LEN_MAX (269u + 65535u) // RFC 7252 section 3.1, option length 14
#define PAYLOAD_MARKER 0xffu
#define EXTEND_8_FROM  13u
#define EXTEND_16_FROM 269u

// Room for len more bytes, or NULL; w->len has moved past them.
static uint8_t *reserve(struct coap_writer *w, size_t len)
{
	if (w->failed || w->cap - w->len < len) {
		w->failed = true;
		return NULL;
	}
	uint8_t *at = w->buf + w->len;
	w->len += len;
	return at;
}

static void append(struct coap_writer *w, const void *bytes, size_t len)
{
	uint8_t *at = reserve(w, len);

	if (at && len)
		memcpy(at, bytes, len);
}

static uint8_t nibble_of(uint32_t value)
{
	return value < EXTEND_8_FROM ? (uint8_t)value : value < EXTEND_16_FROM ? 13 : 14;
}

static uint8_t *put_extended(uint8_t *at, uint32_t value)
{
	if (value >= EXTEND_16_FROM) {
		*at++ = (uint8_t)((value - EXTEND_16_FROM) >> 8);
		*at++ = (uint8_t)(value - EXTEND_16_FROM);
	} else if (value >= EXTEND_8_FROM) {
		*at++ = (uint8_t)(value - EXTEND_8_FROM);
	}
	return at;
}

void coap_write_begin(struct coap_writer *w, void *buf, size_t cap, enum coap_type type,
		      uint8_t code, uint16_t mid, const void *token, size_t token_len)
{
	*w = (struct coap_writer){.buf = buf, .cap = cap, .failed = token_len > TOKEN_MAX};
	uint8_t *at = reserve(w, 4);
	if (!at)
		return;
	at[0] = (uint8_t)(1u << 6 | (unsigned)type << 4 | token_len);
	at[1] = code;
	at[2] = (uint8_t)(mid >> 8);
	at[3] = (uint8_t)mid;
	append(w, token, token_len);
}

void coap_write_opt(struct coap_writer *w, uint16_t number, const void *value, size_t len)
{
	uint8_t head[5];

	if (number < w->last_number || len > OPTION_LEN_MAX || w->has_payload) {
		w->failed = true;
		return;
	}
	uint32_t delta = number - w->last_number;
	head[0] = (uint8_t)(nibble_of(delta) << 4 | nibble_of((uint32_t)len));
	uint8_t *end = put_extended(put_extended(head + 1, delta), (uint32_t)len);
	append(w, head, (size_t)(end - head));
	append(w, value, len);
	w->last_number = number;
}

void coap_write_opt_str(struct coap_writer *w, uint16_t number, const char *value)
{
	coap_write_opt(w, number, value, strlen(value));
}

void coap_write_opt_uint(struct coap_writer *w, uint16_t number, uint32_t value)
{
	uint8_t be[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			 (uint8_t)value};
	size_t skip = 0;

	while (skip < sizeof(be) && be[skip] == 0)
		skip++;
	coap_write_opt(w, number, be + skip, sizeof(be) - skip);
}

void coap_write_opts_raw(struct coap_writer *w, const void *options, size_t len)
{
	struct bytes in = bytes_begin(options, len);
	struct coap_opt_iter it = {in.p, in.end, 0};
	struct coap_opt opt;

	// Walked, because what is written next is relative to the last number.
	while (coap_opts_next(&it, &opt))
		;
	if (w->last_number != 0 || w->has_payload || it.p != it.end) {
		w->failed = true;
		return;
	}
	append(w, options, len);
	w->last_number = it.number;
}

void coap_write_payload(struct coap_writer *w, const void *payload, size_t len)
{
	if (len == 0)
		return;
	if (w->has_payload) {
		w->failed = true;
		return;
	}
	uint8_t *at = reserve(w, 1);
	if (at)
		*at = PAYLOAD_MARKER;
	append(w, payload, len);
	w->has_payload = true;
}

size_t coap_write_finish(const struct coap_writer *w)
{
	return w->failed ? 0 : w->len;
}
