// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A Register that is accepted, written again from what was understood, is understood the same; one
// that is refused has a reason and a code the enabler names.
#include "lwm2m/core/register.h"
#include "lwm2m/core/utf8.h"

#include "tests/fuzz/fuzz.h"

#include <inttypes.h>
#include <string.h>

static uint8_t buf[4096];

static void write_binding(struct coap_writer *w, const struct lwm2m_register *reg)
{
	char text[16] = "b=";
	size_t n = 2;

	for (size_t i = 0; i < 4; i++) {
		if (reg->binding & 1u << i)
			text[n++] = "UTSN"[i];
		// In 1.0 queue mode is a letter, after U or after S when there is no U.
		if (reg->version == 10 && reg->queue_mode && reg->binding & 1u << i &&
		    !memchr(text, 'Q', n))
			text[n++] = 'Q';
	}
	coap_write_opt(w, COAP_OPT_URI_QUERY, text, n);
}

static size_t rewrite(const struct lwm2m_register *reg, const struct coap_msg *msg)
{
	struct coap_writer w;
	char text[300];

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_POST, 1, NULL, 0);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, reg->version == 10 ? "lwm2m=1.0" : "lwm2m=1.1");
	write_binding(&w, reg);
	snprintf(text, sizeof(text), "lt=%" PRIu32, reg->lifetime_s);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, text);
	if (reg->ep) {
		snprintf(text, sizeof(text), "ep=%.*s", reg->ep_len, reg->ep);
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, text);
	}
	if (reg->params & LWM2M_PARAM_QUEUE)
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "Q");
	coap_write_payload(&w, msg->payload, msg->payload_len);
	return coap_write_finish(&w);
}

static void check_code(uint8_t code, const char *why)
{
	fuzz_check((code != 0) == (why != NULL), "a refusal has a reason");
	fuzz_check(code == 0 || code == COAP_BAD_REQUEST || code == COAP_PRECONDITION_FAILED ||
			   code == COAP_UNSUPPORTED_CONTENT_FORMAT,
		   "a code of the enabler");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lwm2m_register reg, again;
	struct coap_msg msg, written;
	const char *why;

	if (size > 2048 || coap_msg_parse(&msg, data, size) != COAP_OK)
		return 0;
	uint8_t code = lwm2m_update_parse(&reg, &msg, 10, &why);
	check_code(code, why);
	code = lwm2m_update_parse(&reg, &msg, 11, &why);
	check_code(code, why);
	code = lwm2m_register_parse(&reg, &msg, &why);
	check_code(code, why);
	if (code)
		return 0;
	fuzz_check(reg.lifetime_s > 0 && reg.binding && (reg.version == 10 || reg.version == 11),
		   "an accepted registration is complete");
	fuzz_check(!reg.ep || utf8_printable(reg.ep, reg.ep_len), "a printable endpoint name");
	fuzz_check(coap_msg_parse(&written, buf, rewrite(&reg, &msg)) == COAP_OK, "it is written");
	fuzz_check(lwm2m_register_parse(&again, &written, &why) == 0, "and accepted again");
	fuzz_check(again.lifetime_s == reg.lifetime_s && again.version == reg.version &&
			   again.binding == reg.binding && again.queue_mode == reg.queue_mode &&
			   again.ep_len == reg.ep_len &&
			   (!reg.ep || !memcmp(again.ep, reg.ep, reg.ep_len)),
		   "with the same meaning");
	return 0;
}
