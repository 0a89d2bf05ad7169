// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lwm2m/coap/block.h"

// A 2.05 with Block2 of that value.
static struct coap_msg message(const uint8_t *value, size_t len)
{
	static uint8_t coap[32];
	struct coap_writer w;
	struct coap_msg msg;

	coap_write_begin(&w, coap, sizeof(coap), COAP_ACK, COAP_CONTENT, 1, NULL, 0);
	coap_write_opt(&w, COAP_OPT_BLOCK2, value, len);
	assert_int_equal(coap_msg_parse(&msg, coap, coap_write_finish(&w)), COAP_OK);
	return msg;
}

// RFC 7959 section 2.2, and figure 2 for the second.
static void a_block_has_a_number_a_flag_and_a_size(void **state)
{
	static const struct {
		uint8_t value[3];
		size_t len;
		struct coap_block block;
	} cases[] = {
		{{0}, 0, {0, false, 0}},
		{{0x16}, 1, {1, false, 6}},
		{{0x0e}, 1, {0, true, 6}},
		{{0x10, 0x0a}, 2, {0x100, true, 2}},
		{{0xff, 0xff, 0xf6}, 3, {0xfffff, false, 6}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct coap_msg msg = message(cases[i].value, cases[i].len);
		struct coap_block block;
		bool bad = true;

		assert_true(coap_block_find(&msg, COAP_OPT_BLOCK2, &block, &bad));
		assert_false(bad);
		assert_int_equal(block.num, cases[i].block.num);
		assert_int_equal(block.more, cases[i].block.more);
		assert_int_equal(block.szx, cases[i].block.szx);
	}
}

static void the_reserved_size_and_four_bytes_are_malformed(void **state)
{
	static const uint8_t reserved[] = {0x17}, wide[] = {1, 0, 0, 6};
	struct coap_msg msg = message(reserved, 1);
	struct coap_block block;
	bool bad = false;

	assert_false(coap_block_find(&msg, COAP_OPT_BLOCK2, &block, &bad));
	assert_true(bad);
	msg = message(wide, 4);
	assert_false(coap_block_find(&msg, COAP_OPT_BLOCK2, &block, &bad));
	assert_true(bad);
	assert_false(coap_block_find(&msg, COAP_OPT_BLOCK1, &block, &bad));
	assert_false(bad); // it has none
}

static void what_is_written_is_read(void **state)
{
	for (uint8_t szx = 0; szx <= COAP_BLOCK_SZX_MAX; szx++) {
		const struct coap_block block = {0x12345u >> szx, szx % 2 == 0, szx};
		struct coap_block read;
		struct coap_writer w;
		struct coap_msg msg;
		uint8_t coap[16];

		coap_write_begin(&w, coap, sizeof(coap), COAP_CON, COAP_PUT, 1, NULL, 0);
		coap_write_block(&w, COAP_OPT_BLOCK1, &block);
		assert_int_equal(coap_msg_parse(&msg, coap, coap_write_finish(&w)), COAP_OK);
		assert_true(coap_block_find(&msg, COAP_OPT_BLOCK1, &read, NULL));
		assert_memory_equal(&read.num, &block.num, sizeof(block.num));
		assert_int_equal(read.more, block.more);
		assert_int_equal(read.szx, block.szx);
		assert_int_equal(coap_block_size(szx), 16 << szx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_has_a_number_a_flag_and_a_size),
		cmocka_unit_test(the_reserved_size_and_four_bytes_are_malformed),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
