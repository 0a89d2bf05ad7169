// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a Register costs beyond its CoAP: link format and parameters.
#include <stdio.h>

#include "bench/libbench/bench.h"
#include "bench/micro/messages.h"
#include "lwm2m/core/object_list.h"
#include "lwm2m/core/register.h"

#define LIST_MAX 4096u

// "</3300/0>;ver=1.1,</3300/1>,..." with that many links. Returns its length.
static size_t build_list(char list[static LIST_MAX], unsigned links)
{
	size_t len = 0;

	for (unsigned i = 0; i < links && len + 32 < LIST_MAX; i++)
		len += (size_t)snprintf(list + len, LIST_MAX - len, "%s</%u/%u>%s", i ? "," : "",
					3300 + i / 4, i % 4, i % 4 ? "" : ";ver=1.1");
	return len;
}

BENCH(link_parse, .arg_names = {"links"}, .range_multiplier = 4)
{
	unsigned links = (unsigned)bench_arg(state, 0), seen = 0;
	char list[LIST_MAX];
	size_t len = build_list(list, links);

	bench_loop (state) {
		struct link_iter it = link_iter_begin(list, len);
		struct link link;

		for (seen = 0; link_iter_next(&it, &link); seen++)
			bench_do_not_optimize(link);
	}
	if (seen != links)
		bench_skip(state, "did not parse");
	bench_items(state, bench_iterations(state) * links);
	bench_bytes(state, bench_iterations(state) * len);
}
BENCH_RANGE(link_parse, 1, 64);

BENCH(object_list_check, .arg_names = {"links"}, .range_multiplier = 4)
{
	unsigned links = (unsigned)bench_arg(state, 0);
	struct lwm2m_object_list objects = {0};
	char list[LIST_MAX];
	size_t len = build_list(list, links);

	bench_loop (state) {
		bool ok = lwm2m_object_list_check(&objects, list, len);

		bench_do_not_optimize(ok);
	}
	if (objects.count != links)
		bench_skip(state, "did not parse");
	bench_items(state, bench_iterations(state) * links);
	bench_bytes(state, bench_iterations(state) * len);
}
BENCH_RANGE(object_list_check, 1, 64);

// A Register as a whole, from its bytes to what it asks.
BENCH(register_parse)
{
	const struct messages *messages = messages_of(MESSAGE_REGISTER);
	unsigned i = 0;

	bench_loop (state) {
		const struct message *message = &messages->at[i++ % MESSAGES_COUNT];
		struct lwm2m_register reg;
		struct coap_msg msg;
		const char *why;

		if (coap_msg_parse(&msg, message->bytes, message->len) != COAP_OK ||
		    lwm2m_register_parse(&reg, &msg, &why) != 0) {
			bench_skip(state, "did not parse");
			break;
		}
		bench_do_not_optimize(reg);
	}
	bench_items(state, bench_iterations(state));
	bench_bytes(state, bench_iterations(state) * messages->at[0].len);
}
