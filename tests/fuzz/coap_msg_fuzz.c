// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Any message that parses must come out of the serialiser and the parser again with the same
// content, and written twice it must be the same bytes. Of any bytes at all the parser must make
// what the reference makes of them.
#include "lwm2m/coap/msg.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/coap_reference.h"

#include <string.h>

static uint8_t first[1 << 17], second[1 << 17];

static size_t rewrite(const struct coap_msg *msg, uint8_t *buf, size_t cap)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	struct coap_writer w;

	coap_write_begin(&w, buf, cap, (enum coap_type)msg->type, msg->code, msg->mid, msg->token,
			 msg->token_len);
	while (coap_opts_next(&it, &opt))
		coap_write_opt(&w, opt.number, opt.value, opt.len);
	fuzz_check(it.p == it.end, "the iterator reads all options of a parsed message");
	coap_write_payload(&w, msg->payload, msg->payload_len);
	return coap_write_finish(&w);
}

static void compare(const struct coap_msg *a, const struct coap_msg *b)
{
	struct coap_opt_iter ia = coap_opts_begin(a), ib = coap_opts_begin(b);
	struct coap_opt oa, ob;

	fuzz_check(a->type == b->type && a->code == b->code && a->mid == b->mid, "same header");
	fuzz_check(a->token_len == b->token_len && !memcmp(a->token, b->token, a->token_len),
		   "same token");
	while (coap_opts_next(&ia, &oa)) {
		fuzz_check(coap_opts_next(&ib, &ob), "no option lost");
		fuzz_check(oa.number == ob.number && oa.len == ob.len &&
				   !memcmp(oa.value, ob.value, oa.len),
			   "same option");
	}
	fuzz_check(!coap_opts_next(&ib, &ob), "no option added");
	fuzz_check(a->payload_len == b->payload_len, "same payload length");
	fuzz_check(!a->payload_len || !memcmp(a->payload, b->payload, a->payload_len),
		   "same payload");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coap_msg msg, again;

	fuzz_check(!coap_reference_differs(data, size), "as the reference");
	if (size > sizeof(first) / 2)
		return 0;
	if (coap_msg_parse(&msg, data, size) != COAP_OK) {
		fuzz_check(!msg.token && !msg.options && !msg.payload, "an error leaves nothing");
		return 0;
	}
	size_t len = rewrite(&msg, first, sizeof(first));
	fuzz_check(len != 0 && len <= size, "written in the shortest form");
	fuzz_check(coap_msg_parse(&again, first, len) == COAP_OK, "what is written parses");
	compare(&msg, &again);
	fuzz_check(rewrite(&again, second, sizeof(second)) == len && !memcmp(first, second, len),
		   "same bytes");
	return 0;
}
