// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/msg.h"

#include "lwm2m/coap/option_header.h"

#define HEADER_LEN     4u
#define TOKEN_MAX      8u
#define PAYLOAD_MARKER 0xffu
#define NUMBER_MAX     65535u

// Bit n is set when class n is reserved, RFC 7252 section 12.1.
#define RESERVED_CLASSES ((1u << 1) | (1u << 6) | (1u << 7))

const char *coap_err_text(enum coap_err err)
{
	static const char *const texts[] = {
#define X(name, text) [name] = (text),
		COAP_ERRORS(X)
#undef X
	};
	return (unsigned)err < COAP_ERR_COUNT ? texts[err] : "unknown error";
}

const char *coap_code_text(uint8_t code, char buf[static 5])
{
	buf[0] = (char)('0' + COAP_CODE_CLASS(code));
	buf[1] = '.';
	buf[2] = (char)('0' + COAP_CODE_DETAIL(code) / 10);
	buf[3] = (char)('0' + COAP_CODE_DETAIL(code) % 10);
	buf[4] = '\0';
	return buf;
}

// Everything after the token. The sum of the deltas is checked once at the end: it only grows, and
// 64 bits cannot wrap within any buffer.
static inline enum coap_err options_parse(struct coap_msg *msg, struct bytes in)
{
	const uint8_t *options = in.p;
	const uint8_t *options_end = in.end;
	const uint8_t *payload = NULL;
	uint64_t number = 0;

	while (in.p < in.end) {
		uint8_t head = *in.p++;
		if (head == PAYLOAD_MARKER) {
			options_end = in.p - 1;
			payload = in.p;
			break;
		}
		uint32_t delta, len;
		enum coap_err err = option_header_read(&in, head, &delta, &len);
		if (__builtin_expect(err != COAP_OK, 0))
			return err;
		number += delta;
		bytes_take(&in, len);
		if (__builtin_expect(in.bad, 0))
			return COAP_ERR_OPTION_TRUNCATED;
	}
	if (number > NUMBER_MAX)
		return COAP_ERR_OPTION_NUMBER;
	if (payload == in.end)
		return COAP_ERR_PAYLOAD_EMPTY;

	msg->options = options;
	msg->options_len = (uint32_t)(options_end - options);
	msg->payload = payload;
	msg->payload_len = payload ? (uint32_t)(in.end - payload) : 0;
	return COAP_OK;
}

enum coap_err coap_msg_parse(struct coap_msg *msg, const uint8_t *buf, size_t len)
{
	*msg = (struct coap_msg){0};
	if (len < HEADER_LEN)
		return COAP_ERR_SHORT;

	uint8_t token_len = buf[0] & 0x0f;
	msg->type = buf[0] >> 4 & 3;
	msg->code = buf[1];
	msg->mid = (uint16_t)(buf[2] << 8 | buf[3]);

	if (buf[0] >> 6 != 1)
		return COAP_ERR_VERSION;
	if (token_len > TOKEN_MAX)
		return COAP_ERR_TOKEN_LENGTH;
	if (token_len > len - HEADER_LEN)
		return COAP_ERR_TOKEN_TRUNCATED;
	if (RESERVED_CLASSES >> COAP_CODE_CLASS(msg->code) & 1)
		return COAP_ERR_CODE_CLASS;
	// RFC 7252 section 4.1: an Empty message is the header and nothing else.
	if (msg->code == COAP_EMPTY && len != HEADER_LEN)
		return COAP_ERR_EMPTY_NOT_EMPTY;

	struct bytes in = bytes_begin(buf + HEADER_LEN, len - HEADER_LEN);
	const uint8_t *token = bytes_take(&in, token_len);
	enum coap_err err = options_parse(msg, in);
	if (err == COAP_OK) {
		msg->token = token;
		msg->token_len = token_len;
	}
	return err;
}
