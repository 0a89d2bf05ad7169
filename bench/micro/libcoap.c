// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// libcoap's parser and serialiser on the datagrams of coap.c, through its public functions.
#include <string.h>

#include <coap3/coap.h>

#include "bench/libbench/bench.h"
#include "bench/micro/messages.h"

static void finish(struct bench_state *state)
{
	bench_items(state, bench_iterations(state));
	bench_label(state, coap_package_version());
}

// The parser alone, into a PDU that is used again: kinder to libcoap than its own server is, which
// allocates one for each datagram (coap_receive below).
static void parse(struct bench_state *state, enum message_kind kind)
{
	const struct messages *messages = messages_of(kind);
	coap_pdu_t *pdu = coap_pdu_init(0, 0, 0, MESSAGES_BYTES);
	unsigned i = 0;

	if (!pdu) {
		bench_skip(state, "no memory");
		return;
	}
	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];

		if (!coap_pdu_parse(COAP_PROTO_UDP, message->bytes, message->len, pdu)) {
			bench_skip(state, "did not parse");
			break;
		}
		bench_clobber_memory();
	}
	coap_delete_pdu(pdu);
	finish(state);
	bench_bytes(state, bench_iterations(state) * messages->at[0].len);
}

BENCH(parse_update, .name = "coap_parse/update/libcoap")
{
	parse(state, MESSAGE_UPDATE);
}

BENCH(parse_register, .name = "coap_parse/register/libcoap")
{
	parse(state, MESSAGE_REGISTER);
}

// And with every option read, as a server does to find the resource.
static void parse_options(struct bench_state *state, enum message_kind kind)
{
	const struct messages *messages = messages_of(kind);
	coap_pdu_t *pdu = coap_pdu_init(0, 0, 0, MESSAGES_BYTES);
	unsigned i = 0;

	if (!pdu) {
		bench_skip(state, "no memory");
		return;
	}
	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		coap_opt_iterator_t it;
		coap_opt_t *opt;

		if (!coap_pdu_parse(COAP_PROTO_UDP, message->bytes, message->len, pdu)) {
			bench_skip(state, "did not parse");
			break;
		}
		coap_option_iterator_init(pdu, &it, COAP_OPT_ALL);
		while ((opt = coap_option_next(&it)) != NULL)
			bench_do_not_optimize(opt);
	}
	coap_delete_pdu(pdu);
	finish(state);
}

BENCH(parse_update_options, .name = "coap_parse_options/update/libcoap")
{
	parse_options(state, MESSAGE_UPDATE);
}

BENCH(parse_register_options, .name = "coap_parse_options/register/libcoap")
{
	parse_options(state, MESSAGE_REGISTER);
}

// What libcoap's server does with a datagram before it looks at it.
BENCH(receive_update, .name = "coap_receive/update/libcoap")
{
	const struct messages *messages = messages_of(MESSAGE_UPDATE);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		coap_pdu_t *pdu = coap_pdu_init(0, 0, 0, message->len);

		if (!pdu || !coap_pdu_parse(COAP_PROTO_UDP, message->bytes, message->len, pdu)) {
			coap_delete_pdu(pdu);
			bench_skip(state, "did not parse");
			break;
		}
		coap_delete_pdu(pdu);
	}
	finish(state);
}

static void add_option(coap_pdu_t *pdu, uint16_t number, const char *value)
{
	coap_add_option(pdu, number, strlen(value), (const uint8_t *)value);
}

// A PDU is written once: the allocation belongs to it. The header is not encoded (that function is
// not public), in libcoap's favour.
static void write_message(struct bench_state *state, enum message_kind kind)
{
	const struct messages *messages = messages_of(kind);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		uint8_t format = 40;
		coap_pdu_t *pdu = coap_pdu_init(COAP_MESSAGE_CON, COAP_REQUEST_CODE_POST,
						message->mid, message->len);

		if (!pdu) {
			bench_skip(state, "no memory");
			break;
		}
		coap_add_token(pdu, sizeof(message->token), message->token);
		add_option(pdu, COAP_OPTION_URI_PATH, "rd");
		if (kind == MESSAGE_UPDATE) {
			add_option(pdu, COAP_OPTION_URI_PATH, message->location);
		} else {
			coap_add_option(pdu, COAP_OPTION_CONTENT_FORMAT, 1, &format);
			add_option(pdu, COAP_OPTION_URI_QUERY, "lwm2m=1.1");
			add_option(pdu, COAP_OPTION_URI_QUERY, "ep=" MESSAGE_ENDPOINT);
			add_option(pdu, COAP_OPTION_URI_QUERY, "b=U");
			add_option(pdu, COAP_OPTION_URI_QUERY, "lt=300");
			coap_add_data(pdu, strlen(MESSAGE_OBJECTS),
				      (const uint8_t *)MESSAGE_OBJECTS);
		}
		coap_delete_pdu(pdu);
	}
	finish(state);
}

BENCH(write_update, .name = "coap_write/update/libcoap")
{
	write_message(state, MESSAGE_UPDATE);
}

BENCH(write_register, .name = "coap_write/register/libcoap")
{
	write_message(state, MESSAGE_REGISTER);
}

BENCH(write_changed, .name = "coap_write/changed/libcoap")
{
	const struct messages *messages = messages_of(MESSAGE_UPDATE);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		coap_pdu_t *pdu = coap_pdu_init(COAP_MESSAGE_ACK, COAP_RESPONSE_CODE_CHANGED,
						message->mid, 64);

		if (!pdu) {
			bench_skip(state, "no memory");
			break;
		}
		coap_add_token(pdu, sizeof(message->token), message->token);
		coap_delete_pdu(pdu);
	}
	finish(state);
}
