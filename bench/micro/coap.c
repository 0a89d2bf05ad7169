// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Our parser and serialiser on their own. libcoap.c has the same with libcoap; the names differ in
// their last part, so that "compare.py filters FILE /sluice /libcoap" sets them side by side.
#include <string.h>

#include "bench/libbench/bench.h"
#include "bench/micro/messages.h"
#include "lwm2m/coap/msg.h"

static void parse(struct bench_state *state, enum message_kind kind)
{
	const struct messages *messages = messages_of(kind);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		struct coap_msg msg;

		if (coap_msg_parse(&msg, message->bytes, message->len) != COAP_OK) {
			bench_skip(state, "did not parse");
			break;
		}
		bench_do_not_optimize(msg);
	}
	bench_items(state, bench_iterations(state));
	bench_bytes(state, bench_iterations(state) * messages->at[0].len);
}

BENCH(parse_update, .name = "coap_parse/update/sluice")
{
	parse(state, MESSAGE_UPDATE);
}

BENCH(parse_register, .name = "coap_parse/register/sluice")
{
	parse(state, MESSAGE_REGISTER);
}

// libcoap's parser also holds every option against its definition's bounds; our stages do that when
// they read the options. With it, and with every option read:
static void parse_options(struct bench_state *state, enum message_kind kind)
{
	const struct messages *messages = messages_of(kind);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		struct coap_opt_iter it;
		struct coap_opt opt;
		struct coap_msg msg;
		bool ok = coap_msg_parse(&msg, message->bytes, message->len) == COAP_OK;

		it = coap_opts_begin(&msg);
		while (ok && coap_opts_next(&it, &opt))
			ok = coap_opt_length_ok(&opt);
		if (!ok) {
			bench_skip(state, "did not parse");
			break;
		}
		bench_do_not_optimize(msg);
	}
	bench_items(state, bench_iterations(state));
}

BENCH(parse_update_options, .name = "coap_parse_options/update/sluice")
{
	parse_options(state, MESSAGE_UPDATE);
}

BENCH(parse_register_options, .name = "coap_parse_options/register/sluice")
{
	parse_options(state, MESSAGE_REGISTER);
}

BENCH(write_update, .name = "coap_write/update/sluice")
{
	const struct messages *messages = messages_of(MESSAGE_UPDATE);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		struct coap_writer w;
		uint8_t out[128];
		size_t len;

		coap_write_begin(&w, out, sizeof(out), COAP_CON, COAP_POST, message->mid,
				 message->token, sizeof(message->token));
		coap_write_opt(&w, COAP_OPT_URI_PATH, "rd", 2);
		coap_write_opt_str(&w, COAP_OPT_URI_PATH, message->location);
		len = coap_write_finish(&w);
		bench_do_not_optimize(len);
		bench_do_not_optimize(out);
	}
	bench_items(state, bench_iterations(state));
}

BENCH(write_register, .name = "coap_write/register/sluice")
{
	const struct messages *messages = messages_of(MESSAGE_REGISTER);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		struct coap_writer w;
		uint8_t out[MESSAGES_BYTES];
		size_t len;

		coap_write_begin(&w, out, sizeof(out), COAP_CON, COAP_POST, message->mid,
				 message->token, sizeof(message->token));
		coap_write_opt(&w, COAP_OPT_URI_PATH, "rd", 2);
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lwm2m=1.1");
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "ep=" MESSAGE_ENDPOINT);
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "b=U");
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lt=300");
		coap_write_payload(&w, MESSAGE_OBJECTS, strlen(MESSAGE_OBJECTS));
		len = coap_write_finish(&w);
		bench_do_not_optimize(len);
		bench_do_not_optimize(out);
	}
	bench_items(state, bench_iterations(state));
}

// 2.04 with the request's token: the answer to every keep-alive.
BENCH(write_changed, .name = "coap_write/changed/sluice")
{
	const struct messages *messages = messages_of(MESSAGE_UPDATE);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		struct coap_writer w;
		uint8_t out[64];
		size_t len;

		coap_write_begin(&w, out, sizeof(out), COAP_ACK, COAP_CHANGED, message->mid,
				 message->token, sizeof(message->token));
		len = coap_write_finish(&w);
		bench_do_not_optimize(len);
		bench_do_not_optimize(out);
	}
	bench_items(state, bench_iterations(state));
}
