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

static inline bool is_reserved(uint32_t code)
{
	return RESERVED_CLASSES >> COAP_CODE_CLASS(code) & 1;
}

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

// Leaves of a message that is refused what its first four bytes say.
static __attribute__((noinline, cold)) enum coap_err refuse(struct coap_msg *msg, enum coap_err err)
{
	*msg = (struct coap_msg){.type = msg->type, .code = msg->code, .mid = msg->mid};
	return err;
}

static inline bool header_is_valid(uint64_t first, uint32_t code, size_t len)
{
	// Version 1 and a token of at most TOKEN_MAX, in one comparison.
	if ((first & 0xcf) - 0x40 > TOKEN_MAX)
		return false;
	// RFC 7252 section 4.1: an Empty message is the header and nothing else.
	if (__builtin_expect(code == COAP_EMPTY || is_reserved(code), 0))
		return code == COAP_EMPTY && len == HEADER_LEN;
	return true;
}

// What is wrong with a header and token, which coap_msg_parse has seen to be wrong.
static __attribute__((noinline, cold)) enum coap_err header_refuse(struct coap_msg *msg,
								   const uint8_t *buf, size_t len)
{
	*msg = (struct coap_msg){0};
	if (len < HEADER_LEN)
		return COAP_ERR_SHORT;
	msg->type = buf[0] >> 4 & 3;
	msg->code = buf[1];
	msg->mid = (uint16_t)(buf[2] << 8 | buf[3]);
	if (buf[0] >> 6 != 1)
		return COAP_ERR_VERSION;
	if ((buf[0] & 0x0f) > TOKEN_MAX)
		return COAP_ERR_TOKEN_LENGTH;
	if ((buf[0] & 0x0fu) > len - HEADER_LEN)
		return COAP_ERR_TOKEN_TRUNCATED;
	if (is_reserved(msg->code))
		return COAP_ERR_CODE_CLASS;
	return COAP_ERR_EMPTY_NOT_EMPTY;
}

// The options from the first on that has more than one byte in front of its value, and the payload.
// number is the sum of the deltas before. Only the end checks it: it only grows, and 64 bits cannot
// wrap within any buffer.
static __attribute__((noinline)) enum coap_err
options_parse(struct coap_msg *msg, const uint8_t *buf, size_t len, size_t at, uint64_t number)
{
	struct bytes in = {.p = buf + at, .end = buf + len};

	while (in.p < in.end) {
		uint8_t head = *in.p++;
		if (head == PAYLOAD_MARKER) {
			if (number > NUMBER_MAX)
				break;
			if (in.p == in.end)
				return refuse(msg, COAP_ERR_PAYLOAD_EMPTY);
			msg->options_len = (uint32_t)(in.p - 1 - msg->options);
			msg->payload = in.p;
			msg->payload_len = (uint32_t)(in.end - in.p);
			return COAP_OK;
		}
		uint32_t delta, value_len;
		enum coap_err err = option_header_read(&in, head, &delta, &value_len);
		if (__builtin_expect(err != COAP_OK, 0))
			return refuse(msg, err);
		number += delta;
		bytes_take(&in, value_len);
		if (__builtin_expect(in.bad, 0))
			return refuse(msg, COAP_ERR_OPTION_TRUNCATED);
	}
	return number <= NUMBER_MAX ? COAP_OK : refuse(msg, COAP_ERR_OPTION_NUMBER);
}

// Most of what is received has no payload and short options only: for that, no instruction more
// than needed. An offset past the end ends the loop like one at the end, and is told from it after.
enum coap_err coap_msg_parse(struct coap_msg *msg, const uint8_t *buf, size_t len)
{
	if (__builtin_expect(len < HEADER_LEN, 0))
		return header_refuse(msg, buf, len);
	uint64_t first = buf[0];
	uint32_t code = buf[1];
	uint64_t token_len = first & 0x0f;
	uint64_t at = HEADER_LEN + token_len;
	msg->mid = (uint16_t)(buf[2] << 8 | buf[3]);
	msg->type = first >> 4 & 3;
	msg->token_len = (uint8_t)token_len;
	msg->code = (uint8_t)code;
	if (__builtin_expect(at > len || !header_is_valid(first, code, len), 0))
		return header_refuse(msg, buf, len);

	msg->token = buf + HEADER_LEN;
	msg->payload = NULL;
	msg->options = buf + at;
	size_t left = len - at;
	msg->options_len = (uint32_t)left;
	msg->payload_len = 0;
	uint64_t number = 0;
	while (at < len) {
		uint64_t head = buf[at];
		uint64_t value_len = head & 0x0f;
		if (head >= 0xd0 || value_len >= 13)
			return options_parse(msg, buf, len, at, number);
		number += head >> 4;
		at += value_len + 1;
	}
	if (__builtin_expect(at != len, 0))
		return refuse(msg, COAP_ERR_OPTION_TRUNCATED);
	if (__builtin_expect(number > NUMBER_MAX, 0))
		return refuse(msg, COAP_ERR_OPTION_NUMBER);
	return COAP_OK;
}
