// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_BASE 0x10000u // of the Observe option, so that it always takes three bytes

// Each up to the value, which is the last eight bytes.
struct body {
	uint8_t format[3]; // Content-Format, encoded after Observe or (see watch_send) Uri-Path
	uint8_t format_len;
	uint8_t bytes[20]; // payload marker and payload
	uint8_t len;
};

static const struct body bodies[] = {
	// [{0: "/3303/0/5700", 2: 64-bit float}]
	[WATCH_SENML] = {{0x61, 112},
			 2,
			 {0xff, 0x81, 0xa2, 0x00, 0x6c, '/', '3', '3', '0', '3', '/', '0', '/', '5',
			  '7', '0', '0', 0x02, 0xfb},
			 19},
	// Resource 5700, 8 bytes
	[WATCH_TLV] = {{0x62, 0x2d, 0x16}, 3, {0xff, 0xe8, 0x16, 0x44, 8}, 5},
	// Instance 0, 12 bytes, of which
	[WATCH_TLV_INSTANCE] = {{0x62, 0x2d, 0x16}, 3, {0xff, 0x08, 0, 12, 0xe8, 0x16, 0x44, 8}, 8},
};

double watch_value(uint32_t index, uint16_t number)
{
	return 20 + (index + number) % 100 / 8.0; // exact in binary, short in text
}

static size_t put_value(uint8_t *out, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	bits = __builtin_bswap64(bits);
	memcpy(out, &bits, sizeof(bits));
	return sizeof(bits);
}

// "27.625": digits enough for what watch_value gives.
static size_t put_text(uint8_t *out, double value)
{
	static const uint8_t head[] = {0x60, 0xff}; // Content-Format 0
	uint64_t thousandths = (uint64_t)(value * 1000);

	memcpy(out, head, sizeof(head));
	return sizeof(head) + (size_t)sprintf((char *)out + sizeof(head), "%" PRIu64 ".%03u",
					      thousandths / 1000, (unsigned)(thousandths % 1000));
}

static size_t put_body(uint8_t *out, enum watch_form form, double value)
{
	if (form == WATCH_TEXT)
		return put_text(out, value);
	const struct body *body = &bodies[form];
	size_t len = body->format_len;

	memcpy(out, body->format, sizeof(body->format));
	memcpy(out + len, body->bytes, sizeof(body->bytes));
	len += body->len;
	return len + put_value(out + len, value);
}

static size_t put_head(uint8_t *out, enum coap_type type, uint8_t code, uint16_t mid,
		       const uint8_t *token, uint8_t token_len)
{
	out[0] = (uint8_t)(0x40 | type << 4 | token_len);
	out[1] = code;
	out[2] = (uint8_t)(mid >> 8);
	out[3] = (uint8_t)mid;
	memcpy(out + 4, token, token_len);
	return 4u + token_len;
}

static size_t put_observe(uint8_t *out, uint16_t number)
{
	uint32_t n = NUMBER_BASE + number;

	out[0] = 0x63;
	out[1] = (uint8_t)(n >> 16);
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
	return 4;
}

size_t watch_notification(const struct watch *watch, double value, enum coap_type type,
			  uint16_t mid, uint8_t *out)
{
	size_t len = put_head(out, type, COAP_CONTENT, mid, watch->token, watch->token_len);

	len += put_observe(out + len, watch->number);
	// Observe is option 6 and Content-Format 12: the same distance as from no option to 6.
	return len + put_body(out + len, watch->form, value);
}

size_t watch_answer(const struct watch *watch, double value, const struct coap_msg *msg,
		    uint8_t *out)
{
	enum coap_type type = msg->type == COAP_CON ? COAP_ACK : COAP_NON;
	size_t len = put_head(out, type, COAP_CONTENT, msg->mid, msg->token, msg->token_len);

	if (watch->token_len > 0)
		len += put_observe(out + len, watch->number);
	size_t body = len;
	len += put_body(out + len, watch->form, value);
	if (watch->token_len == 0)
		out[body] = (uint8_t)(0xc0 | (out[body] & 0x0f)); // the first option: delta 12
	return len;
}

size_t watch_send(double value, uint16_t mid, uint64_t token, uint8_t *out)
{
	static const uint8_t path[] = {0xb2, 'd', 'p'};
	uint8_t bytes[REQUEST_TOKEN_LEN];

	memcpy(bytes, &token, sizeof(bytes));
	size_t len = put_head(out, COAP_CON, COAP_POST, mid, bytes, sizeof(bytes));
	memcpy(out + len, path, sizeof(path));
	len += sizeof(path);
	size_t body = len;
	len += put_body(out + len, WATCH_SENML, value);
	out[body] = 0x11; // Uri-Path is option 11
	return len;
}

// How many segments of /3303/0/5700 the path has; -1 for any other path.
static int depth_of(const struct coap_msg *msg)
{
	static const char *const segments[] = {"3303", "0", "5700"};
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	int depth = 0;

	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_URI_PATH)
			continue;
		if (depth == 3 || opt.len != strlen(segments[depth]) ||
		    memcmp(opt.value, segments[depth], opt.len) != 0)
			return -1;
		depth++;
	}
	return depth > 0 ? depth : -1;
}

uint8_t watch_asked(struct watch *watch, const struct coap_msg *msg)
{
	struct coap_opt opt;
	uint32_t observe = 0, accept = 112;
	int depth = depth_of(msg);

	if (msg->code != COAP_GET)
		return COAP_METHOD_NOT_ALLOWED;
	if (depth < 0)
		return COAP_NOT_FOUND;
	if (coap_msg_find_opt(msg, COAP_OPT_ACCEPT, &opt) && !coap_opt_uint(&opt, &accept))
		return COAP_BAD_OPTION;
	if (accept != 112 && accept != 11542 && (accept != 0 || depth < 3))
		return COAP_NOT_ACCEPTABLE;
	if (coap_msg_find_opt(msg, COAP_OPT_OBSERVE, &opt) && coap_opt_uint(&opt, &observe) &&
	    observe == 1) {
		watch->token_len = 0;
		return COAP_CONTENT;
	}
	watch->form = accept == 112 ? WATCH_SENML
		      : accept == 0 ? WATCH_TEXT
		      : depth == 1  ? WATCH_TLV_INSTANCE
				    : WATCH_TLV;
	memcpy(watch->token, msg->token, msg->token_len);
	watch->token_len = msg->token_len;
	return COAP_CONTENT;
}

uint8_t watch_read(const struct watch *watch, const struct coap_msg *msg, struct watch *once)
{
	*once = (struct watch){.number = watch->number};
	uint8_t code = watch_asked(once, msg);

	once->token_len = 0; // not observed for that
	return code;
}
