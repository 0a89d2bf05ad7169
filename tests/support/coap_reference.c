// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/support/coap_reference.h"

#include <string.h>

// A delta or length: the nibble, or one or two bytes more. False when they are cut off.
static bool extended(const uint8_t *buf, size_t len, size_t *at, uint32_t *value)
{
	uint32_t bytes = *value == 13 ? 1 : *value == 14 ? 2 : 0;

	if (len - *at < bytes)
		return false;
	if (bytes == 1)
		*value = 13u + buf[*at];
	if (bytes == 2)
		*value = 269u + 256u * buf[*at] + buf[*at + 1];
	*at += bytes;
	return true;
}

static enum coap_err options(struct coap_msg *msg, const uint8_t *buf, size_t len, size_t at)
{
	uint64_t number = 0;

	msg->options = buf + at;
	while (at < len && buf[at] != 0xff) {
		uint32_t delta = buf[at] / 16, value_len = buf[at] % 16;

		at++;
		if (delta == 15)
			return COAP_ERR_OPTION_DELTA;
		if (value_len == 15)
			return COAP_ERR_OPTION_LENGTH;
		if (!extended(buf, len, &at, &delta) || !extended(buf, len, &at, &value_len))
			return COAP_ERR_OPTION_TRUNCATED;
		if (len - at < value_len)
			return COAP_ERR_OPTION_TRUNCATED;
		at += value_len;
		number += delta;
	}
	msg->options_len = (uint32_t)(buf + at - msg->options);
	if (number > 65535)
		return COAP_ERR_OPTION_NUMBER;
	if (at == len)
		return COAP_OK;
	if (at + 1 == len)
		return COAP_ERR_PAYLOAD_EMPTY;
	msg->payload = buf + at + 1;
	msg->payload_len = (uint32_t)(len - at - 1);
	return COAP_OK;
}

static enum coap_err whole(struct coap_msg *msg, const uint8_t *buf, size_t len)
{
	unsigned token_len, class_;

	if (len < 4)
		return COAP_ERR_SHORT;
	msg->type = buf[0] / 16 % 4;
	msg->code = buf[1];
	msg->mid = (uint16_t)(256 * buf[2] + buf[3]);
	token_len = buf[0] % 16;
	class_ = msg->code / 32;
	if (buf[0] / 64 != 1)
		return COAP_ERR_VERSION;
	if (token_len > 8)
		return COAP_ERR_TOKEN_LENGTH;
	if (4 + token_len > len)
		return COAP_ERR_TOKEN_TRUNCATED;
	if (class_ == 1 || class_ == 6 || class_ == 7)
		return COAP_ERR_CODE_CLASS;
	if (msg->code == 0 && len > 4)
		return COAP_ERR_EMPTY_NOT_EMPTY;
	msg->token = buf + 4;
	msg->token_len = (uint8_t)token_len;
	return options(msg, buf, len, 4 + token_len);
}

enum coap_err coap_reference_parse(struct coap_msg *msg, const uint8_t *buf, size_t len)
{
	enum coap_err err;

	*msg = (struct coap_msg){0};
	err = whole(msg, buf, len);
	if (err != COAP_OK)
		*msg = (struct coap_msg){.type = msg->type, .code = msg->code, .mid = msg->mid};
	return err;
}

const char *coap_reference_differs(const uint8_t *buf, size_t len)
{
	struct coap_msg expected, msg;

	memset(&msg, 0xee, sizeof(msg)); // whatever it was before
	if (coap_msg_parse(&msg, buf, len) != coap_reference_parse(&expected, buf, len))
		return "verdict";
	if (msg.type != expected.type || msg.code != expected.code || msg.mid != expected.mid)
		return "header";
	if (msg.token != expected.token || msg.token_len != expected.token_len)
		return "token";
	if (msg.options != expected.options || msg.options_len != expected.options_len)
		return "options";
	if (msg.payload != expected.payload || msg.payload_len != expected.payload_len)
		return "payload";
	return NULL;
}
