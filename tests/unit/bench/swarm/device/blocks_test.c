// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/bench/swarm/device/rig.h"

static uint8_t put_block(struct rig *rig, uint32_t block, const char *text, bool again)
{
	struct rig_request req = {
		.code = COAP_PUT,
		.path = "/5/0/0",
		.payload = text,
		.len = strlen(text),
		.again = again,
		.options = {{COAP_OPT_CONTENT_FORMAT, 42}, {COAP_OPT_BLOCK1, block}}};
	return rig_ask(rig, &req);
}

static void a_body_comes_in_blocks_and_is_written_once(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(put_block(rig, 0 << 4 | 8, "0123456789abcdef", false), COAP_CONTINUE);
	assert_int_equal(rig_option(rig, COAP_OPT_BLOCK1), 0 << 4 | 8);
	assert_int_equal(put_block(rig, 1 << 4 | 8, "0123456789abcdef", false), COAP_CONTINUE);
	assert_int_equal(put_block(rig, 1 << 4 | 8, "0123456789abcdef", true), COAP_CONTINUE);
	assert_int_equal(put_block(rig, 2 << 4, "end", false), COAP_CHANGED);
	assert_true(rig_told(rig, "write /5/0/0 35 bytes"));
	assert_int_equal(rig->counters.writes, 1);
	assert_int_equal(rig->counters.duplicates, 1);
}

static void a_missing_block_is_4_08(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(put_block(rig, 1 << 4 | 8, "0123456789abcdef", false),
			 COAP_REQUEST_ENTITY_INCOMPLETE);
	assert_int_equal(put_block(rig, 0 << 4 | 8, "0123456789abcdef", false), COAP_CONTINUE);
	assert_int_equal(put_block(rig, 2 << 4, "x", false), COAP_REQUEST_ENTITY_INCOMPLETE);
	rig_wait(rig, 250 * (uint64_t)SECOND);
	assert_int_equal(put_block(rig, 1 << 4, "x", false), COAP_REQUEST_ENTITY_INCOMPLETE);
}

static void a_body_that_is_too_large_is_4_13_with_the_size_there_is(void **state)
{
	struct rig *rig = *state;
	rig->config.body_max = 20;
	assert_int_equal(put_block(rig, 0 << 4 | 8, "0123456789abcdef", false), COAP_CONTINUE);
	assert_int_equal(put_block(rig, 1 << 4, "0123456789", false),
			 COAP_REQUEST_ENTITY_TOO_LARGE);
	assert_int_equal(rig_option(rig, COAP_OPT_SIZE1), 20);
}

static void a_device_with_small_blocks_asks_for_them(void **state)
{
	struct rig *rig = *state;
	const char *long_text = "0123456789abcdef0123456789abcdef";
	rig->config.block_size = 16;
	assert_int_equal(put_block(rig, 0 << 4 | 8 | 1, long_text, false), COAP_CONTINUE);
	assert_int_equal(rig_option(rig, COAP_OPT_BLOCK1), 0 << 4 | 8 | 0);
	assert_int_equal(put_block(rig, 2 << 4, "end", false), COAP_CHANGED);
	rig->config.refuse_large = true;
	assert_int_equal(put_block(rig, 0 << 4 | 8 | 1, long_text, false),
			 COAP_REQUEST_ENTITY_TOO_LARGE);
	assert_int_equal(rig_option(rig, COAP_OPT_BLOCK1), 0);
}

static uint8_t get_block(struct rig *rig, const char *path, uint32_t block)
{
	struct rig_request req = {.code = COAP_GET,
				  .path = path,
				  .options = {{COAP_OPT_ACCEPT, 40}, {COAP_OPT_BLOCK2, block}}};
	return rig_ask(rig, &req);
}

static void a_long_answer_goes_in_blocks_of_one_representation(void **state)
{
	struct rig *rig = *state;
	char whole[2048], parts[2048];
	size_t len = 0, whole_len;
	assert_int_equal(rig_get(rig, "/3", 40), COAP_CONTENT);
	whole_len = rig->msg.payload_len;
	memcpy(whole, rig->msg.payload, whole_len);
	rig->config.block_size = 64;
	assert_int_equal(rig_get(rig, "/3", 40), COAP_CONTENT);
	assert_int_equal(rig_option(rig, COAP_OPT_SIZE2), whole_len);
	uint32_t etag = rig_option(rig, COAP_OPT_ETAG), block = rig_option(rig, COAP_OPT_BLOCK2);
	assert_int_equal(block, 0 << 4 | 8 | 2);
	for (uint32_t n = 1;; n++) {
		memcpy(parts + len, rig->msg.payload, rig->msg.payload_len);
		len += rig->msg.payload_len;
		if ((block & 8) == 0)
			break;
		assert_int_equal(get_block(rig, "/3", n << 4 | 2), COAP_CONTENT);
		assert_int_equal(rig_option(rig, COAP_OPT_ETAG), etag);
		block = rig_option(rig, COAP_OPT_BLOCK2);
		assert_int_equal(block >> 4, n);
	}
	assert_int_equal(len, whole_len);
	assert_memory_equal(parts, whole, len);
	assert_int_equal(get_block(rig, "/3", 99 << 4 | 2), COAP_BAD_REQUEST);
}

static void early_negotiation_makes_the_blocks_smaller(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(get_block(rig, "/3", 0 << 4 | 1), COAP_CONTENT);
	assert_int_equal(rig_option(rig, COAP_OPT_BLOCK2), 0 << 4 | 8 | 1);
	assert_int_equal(rig->msg.payload_len, 32);
}

static void a_get_of_the_device_collects_the_blocks_of_the_answer(void **state)
{
	struct rig *rig = *state;
	uint8_t buf[256], token[8];
	struct coap_writer w;
	assert_true(device_get(&rig->dev, "/large/thing"));
	device_on_time(&rig->dev, &rig->env);
	for (uint32_t n = 0; n < 3; n++) {
		memcpy(token, rig->msg.token, 8);
		coap_write_begin(&w, buf, sizeof(buf), COAP_ACK, COAP_CONTENT, rig->msg.mid, token,
				 rig->msg.token_len);
		coap_write_opt_uint(&w, COAP_OPT_BLOCK2, n << 4 | (n < 2 ? 8 : 0));
		coap_write_payload(&w, "0123456789abcdef", 16);
		device_on_datagram(&rig->dev, &rig->env, buf, coap_write_finish(&w));
		if (n < 2)
			assert_int_equal(rig_option(rig, COAP_OPT_BLOCK2), (n + 1) << 4);
	}
	assert_true(rig_told(rig, "got 2.05 48"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_body_comes_in_blocks_and_is_written_once),
		T(a_missing_block_is_4_08),
		T(a_body_that_is_too_large_is_4_13_with_the_size_there_is),
		T(a_device_with_small_blocks_asks_for_them),
		T(a_long_answer_goes_in_blocks_of_one_representation),
		T(early_negotiation_makes_the_blocks_smaller),
		T(a_get_of_the_device_collects_the_blocks_of_the_answer),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
