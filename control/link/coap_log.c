// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/link/coap_log.h"

#include <string.h>

enum option_kind { OPAQUE, TEXT, NUMBER, BLOCK };

struct option_name {
	uint16_t number;
	uint8_t kind;
	const char *name;
};

static const struct option_name option_names[] = {
	{COAP_OPT_IF_MATCH, OPAQUE, "If-Match"},
	{COAP_OPT_URI_HOST, TEXT, "Uri-Host"},
	{COAP_OPT_ETAG, OPAQUE, "ETag"},
	{COAP_OPT_IF_NONE_MATCH, OPAQUE, "If-None-Match"},
	{COAP_OPT_OBSERVE, NUMBER, "Observe"},
	{COAP_OPT_URI_PORT, NUMBER, "Uri-Port"},
	{COAP_OPT_LOCATION_PATH, TEXT, "Location-Path"},
	{COAP_OPT_OSCORE, OPAQUE, "OSCORE"},
	{COAP_OPT_URI_PATH, TEXT, "Uri-Path"},
	{COAP_OPT_CONTENT_FORMAT, NUMBER, "Content-Format"},
	{COAP_OPT_MAX_AGE, NUMBER, "Max-Age"},
	{COAP_OPT_URI_QUERY, TEXT, "Uri-Query"},
	{COAP_OPT_HOP_LIMIT, NUMBER, "Hop-Limit"},
	{COAP_OPT_ACCEPT, NUMBER, "Accept"},
	{COAP_OPT_Q_BLOCK1, BLOCK, "Q-Block1"},
	{COAP_OPT_LOCATION_QUERY, TEXT, "Location-Query"},
	{COAP_OPT_BLOCK2, BLOCK, "Block2"},
	{COAP_OPT_BLOCK1, BLOCK, "Block1"},
	{COAP_OPT_SIZE2, NUMBER, "Size2"},
	{COAP_OPT_Q_BLOCK2, BLOCK, "Q-Block2"},
	{COAP_OPT_PROXY_URI, TEXT, "Proxy-Uri"},
	{COAP_OPT_PROXY_SCHEME, TEXT, "Proxy-Scheme"},
	{COAP_OPT_SIZE1, NUMBER, "Size1"},
	{COAP_OPT_ECHO, OPAQUE, "Echo"},
	{COAP_OPT_NO_RESPONSE, NUMBER, "No-Response"},
	{COAP_OPT_REQUEST_TAG, OPAQUE, "Request-Tag"},
};

static const struct option_name *name_of(uint16_t number)
{
	for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]); i++)
		if (option_names[i].number == number)
			return &option_names[i];
	return NULL;
}

static void hex_put(struct json_out *text, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		char pair[2] = {digits[data[i] >> 4], digits[data[i] & 15]};

		json_out_bytes(text, pair, 2);
	}
}

// NUM/M/size, as RFC 7959 section 2.2 has it.
static void block_put(struct json_out *text, uint32_t value)
{
	json_out_unsigned(text, value >> 4);
	json_out_bytes(text, (value & 8) != 0 ? "/1/" : "/0/", 3);
	json_out_unsigned(text, 16u << (value & 7));
}

static void value_put(struct json_out *text, const struct coap_opt *opt, uint8_t kind)
{
	uint32_t value;

	if (kind == TEXT) {
		json_out_literal(text, "\"");
		json_out_bytes(text, opt->value, opt->len);
		json_out_literal(text, "\"");
	} else if (kind == OPAQUE || !coap_opt_uint(opt, &value)) {
		json_out_literal(text, "0x");
		hex_put(text, opt->value, opt->len);
	} else if (kind == BLOCK) {
		block_put(text, value);
	} else {
		json_out_unsigned(text, value);
	}
}

// Uri-Path: "rd", "abc" - Content-Format: 40
static void options_put(struct json_out *text, const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	int32_t last = -1;

	while (coap_opts_next(&it, &opt)) {
		const struct option_name *name = name_of(opt.number);

		if (opt.number == last) {
			json_out_literal(text, ", ");
		} else {
			if (last >= 0)
				json_out_literal(text, " - ");
			if (name != NULL)
				json_out_bytes(text, name->name, strlen(name->name));
			else
				json_out_unsigned(text, opt.number);
			json_out_literal(text, ": ");
		}
		value_put(text, &opt, name != NULL ? name->kind : OPAQUE);
		last = opt.number;
	}
}

static bool is_printable(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < 0x20 || data[i] > 0x7e)
			return false;
	return true;
}

static void payload_put(struct json_out *text, const struct coap_msg *msg)
{
	if (is_printable(msg->payload, msg->payload_len)) {
		json_out_bytes(text, msg->payload, msg->payload_len);
		return;
	}
	json_out_literal(text, "Hex:");
	hex_put(text, msg->payload, msg->payload_len);
}

static const char *code_text(uint8_t code, char buf[static 5])
{
	static const char *const methods[] = {
		NULL, "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "IPATCH",
	};

	return code < sizeof(methods) / sizeof(methods[0]) ? methods[code]
							   : coap_code_text(code, buf);
}

static void member_out(struct json_out *out, const char *name, const char *text, size_t len)
{
	json_out_bytes(out, name, strlen(name));
	json_out_text(out, text, len);
}

void coap_log_out(struct json_out *out, const struct coap_log *log, struct json_out *scratch)
{
	static const char *const types[] = {"CON", "NON", "ACK", "RST"};
	const struct coap_msg *msg = &log->msg;
	char buf[5];
	const char *code = code_text(msg->code, buf);

	json_out_literal(out, "{\"ep\":");
	json_out_text(out, ctl_record_endpoint(log->record), log->record->endpoint_len);
	json_out_literal(out, ",\"timestamp\":");
	json_out_unsigned(out, log->wall_ms);
	if (log->incoming)
		json_out_literal(out, ",\"incoming\":true");
	else
		json_out_literal(out, ",\"incoming\":false");
	member_out(out, ",\"type\":", types[msg->type & 3], 3);
	if (code != NULL)
		member_out(out, ",\"code\":", code, strlen(code));
	json_out_literal(out, ",\"mId\":");
	json_out_unsigned(out, msg->mid);
	json_out_literal(out, ",\"token\":");
	json_out_hex(out, msg->token, msg->token_len);
	scratch->len = 0;
	options_put(scratch, msg);
	if (scratch->len > 0)
		member_out(out, ",\"options\":", scratch->text, scratch->len);
	scratch->len = 0;
	payload_put(scratch, msg);
	if (scratch->len > 0)
		member_out(out, ",\"payload\":", scratch->text, scratch->len);
	json_out_literal(out, "}");
	out->failed = out->failed || scratch->failed;
	scratch->failed = false;
}
