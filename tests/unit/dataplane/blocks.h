// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device that sends a request in blocks says, and what it expects to hear, for a gateway of
// one worker that takes bodies of BODY_MAX.
#pragma once

#include "tests/unit/dataplane/one_worker.h"

#include "dataplane/bridge/location.h"
#include "lwm2m/coap/block.h"
#include "lwm2m/coap/exchange.h"

#define BODY_MAX 4096

static struct datagram answer;
static struct coap_msg msg; // of answer

static inline int set_up_small(void **state)
{
	gateway_open(&gw, (struct gateway_params){.body_max = BODY_MAX});
	gateway_ready(&gw);
	return 0;
}

// One block of a request.
struct part {
	uint32_t device; // 0: 1
	enum coap_type type;
	uint8_t code; // 0: POST
	uint16_t mid;
	const char *path; // NULL: "rd"
	const char *query;
	uint32_t format; // 0: 40
	uint32_t num;
	bool more;
	uint8_t szx;
	uint32_t size1; // 0: none
	const char *tag;
	const char *body;
	size_t len;
};

static inline struct datagram block_of(const struct part *part)
{
	const char *path = part->path ? part->path : "rd", *slash = strchr(path, '/');
	struct datagram d = {.peer = gateway_device(part->device ? part->device : 1)};
	struct coap_block block = {part->num, part->more, part->szx};
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), part->type,
			 part->code ? part->code : COAP_POST, part->mid, DEVICE_TOKEN,
			 sizeof(DEVICE_TOKEN) - 1);
	coap_write_opt(&w, COAP_OPT_URI_PATH, path, slash ? (size_t)(slash - path) : strlen(path));
	if (slash)
		coap_write_opt_str(&w, COAP_OPT_URI_PATH, slash + 1);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, part->format ? part->format : 40);
	for (const char *query = part->query; query; query = strchr(query, '&')) {
		query += *query == '&';
		coap_write_opt(&w, COAP_OPT_URI_QUERY, query, strcspn(query, "&"));
	}
	coap_write_block(&w, COAP_OPT_BLOCK1, &block);
	if (part->size1)
		coap_write_opt_uint(&w, COAP_OPT_SIZE1, part->size1);
	if (part->tag)
		coap_write_opt_str(&w, COAP_OPT_REQUEST_TAG, part->tag);
	coap_write_payload(&w, part->body, part->len);
	d.len = coap_write_finish(&w);
	assert_true(d.len > 0);
	return d;
}

static inline uint8_t ask(const struct datagram *d)
{
	answer = device_ask(&gw, 0, d);
	if (answer.len > 0)
		assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
	return answer.len > 0 ? msg.code : 0;
}

static inline uint8_t ask_part(const struct part *part)
{
	struct datagram d = block_of(part);

	return ask(&d);
}
#define ASK(...) ask_part(&(struct part){__VA_ARGS__})

static inline bool answer_option(uint16_t number, uint32_t *value)
{
	struct coap_opt opt;

	return coap_msg_find_opt(&msg, number, &opt) && coap_opt_uint(&opt, value);
}

static inline void expect_echo(uint32_t num, bool more, uint8_t szx)
{
	struct coap_block block;

	assert_true(coap_block_find(&msg, COAP_OPT_BLOCK1, &block, NULL));
	assert_int_equal(block.num, num);
	assert_int_equal(block.more, more);
	assert_int_equal(block.szx, szx);
}

static inline uint8_t taken(void)
{
	if (!gateway_take(&gw, 0, &answer))
		return 0;
	assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
	return msg.code;
}

// A link as long as is wanted.
static inline const char *links(size_t len)
{
	static char text[65536];

	for (size_t i = 0; i < len; i++)
		text[i] = i < 9 ? "</3/0>;x="[i] : "abcdefghijklm"[i % 13];
	return text;
}

// The whole message as control got it.
static inline void expect_whole(const char *body, size_t len)
{
	struct coap_msg whole;
	struct coap_opt opt;

	assert_int_equal(coap_msg_parse(&whole, ev.coap, ev.coap_len), COAP_OK);
	assert_int_equal(whole.payload_len, len);
	if (len > 0)
		assert_memory_equal(whole.payload, body, len);
	assert_false(coap_msg_find_opt(&whole, COAP_OPT_BLOCK1, &opt));
	assert_false(coap_msg_find_opt(&whole, COAP_OPT_SIZE1, &opt));
	assert_true(coap_msg_find_opt(&whole, COAP_OPT_CONTENT_FORMAT, &opt));
	assert_memory_equal(whole.token, DEVICE_TOKEN, sizeof(DEVICE_TOKEN) - 1);
}

// All blocks but the last; each is answered 2.31.
static inline void send_blocks(struct part part, size_t total)
{
	size_t size = coap_block_size(part.szx);

	for (part.num = 0; (part.num + 1) * size < total; part.num++, part.mid++) {
		part.more = true;
		part.body = links(total) + part.num * size;
		part.len = size;
		assert_int_equal(ask_part(&part), COAP_CONTINUE);
		expect_echo(part.num, true, part.szx);
	}
}

static inline struct datagram last_block(struct part part, size_t total)
{
	size_t size = coap_block_size(part.szx);

	part.num = (uint32_t)((total - 1) / size);
	part.mid += (uint16_t)part.num;
	part.body = links(total) + part.num * size;
	part.len = total - part.num * size;
	return block_of(&part);
}

#define QUERY "ep=dev&lwm2m=1.1"

#define B(name) cmocka_unit_test_setup_teardown(name, set_up_small, tear_down)
