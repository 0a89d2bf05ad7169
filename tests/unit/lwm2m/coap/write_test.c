// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_response_is_written_byte_for_byte(void **state)
{
	static const uint8_t expected[] = "\x61\x45\x7d\x35\x20\xc1\x28\x21\x3c\xff"
					  "22.3 C";
	uint8_t buf[64];
	struct coap_writer w;

	coap_write_begin(&w, buf, sizeof(buf), COAP_ACK, COAP_CONTENT, 0x7d35, "\x20", 1);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
	coap_write_opt_uint(&w, COAP_OPT_MAX_AGE, 60);
	coap_write_payload(&w, "22.3 C", 6);
	assert_int_equal(coap_write_finish(&w), sizeof(expected) - 1);
	assert_memory_equal(buf, expected, sizeof(expected) - 1);
}

static void uint_options_take_their_shortest_form(void **state)
{
	static const struct {
		uint32_t value;
		size_t len;
	} cases[] = {{0, 0}, {1, 1}, {255, 1}, {256, 2}, {65536, 3}, {0x1000000, 4}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t buf[64];
		struct coap_writer w;
		struct coap_msg msg;
		struct coap_opt opt;
		uint32_t value;

		coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
		coap_write_opt_uint(&w, COAP_OPT_SIZE2, cases[i].value);
		assert_int_equal(coap_msg_parse(&msg, buf, coap_write_finish(&w)), COAP_OK);
		assert_true(coap_msg_find_opt(&msg, COAP_OPT_SIZE2, &opt));
		assert_int_equal(opt.len, cases[i].len);
		assert_true(coap_opt_uint(&opt, &value));
		assert_int_equal(value, cases[i].value);
	}
}

static void every_delta_and_length_form_reads_back(void **state)
{
	static const uint16_t deltas[] = {0, 1, 12, 13, 14, 268, 269, 270, 65535};
	static const uint16_t lengths[] = {0, 1, 12, 13, 14, 268, 269, 270, 1034};
	static uint8_t value[1034], buf[2048];

	memset(value, 0x5a, sizeof(value));
	for (size_t d = 0; d < sizeof(deltas) / sizeof(deltas[0]); d++) {
		for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
			struct coap_writer w;
			struct coap_msg msg;
			struct coap_opt opt;

			coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
			coap_write_opt(&w, deltas[d], value, lengths[l]);
			coap_write_payload(&w, "p", 1);
			assert_int_equal(coap_msg_parse(&msg, buf, coap_write_finish(&w)), COAP_OK);
			struct coap_opt_iter it = coap_opts_begin(&msg);
			assert_true(coap_opts_next(&it, &opt));
			assert_int_equal(opt.number, deltas[d]);
			assert_int_equal(opt.len, lengths[l]);
			assert_memory_equal(opt.value, value, opt.len);
			assert_false(coap_opts_next(&it, &opt));
			assert_int_equal(msg.payload_len, 1);
		}
	}
}

static void any_buffer_too_small_is_a_failure(void **state)
{
	uint8_t buf[64];

	for (size_t cap = 0; cap <= 19; cap++) {
		struct coap_writer w;

		memset(buf, 0xee, sizeof(buf));
		coap_write_begin(&w, buf, cap, COAP_CON, COAP_POST, 1, "tk", 2);
		coap_write_opt_str(&w, COAP_OPT_URI_PATH, "rd");
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "ep=a");
		coap_write_payload(&w, "</3/0>", 4);
		assert_int_equal(coap_write_finish(&w), cap < 19 ? 0 : 19);
		for (size_t i = cap; i < sizeof(buf); i++)
			assert_int_equal(buf[i], 0xee);
	}
}

static void misuse_sticks(void **state)
{
	static uint8_t huge[269 + 65535 + 1], buf[sizeof(huge) + 64];
	struct coap_writer w;

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, "123456789", 9);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "a");
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "a");
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "a");
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_payload(&w, "a", 1);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "a");
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_payload(&w, "a", 1);
	coap_write_payload(&w, "a", 1);
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opt(&w, 1, huge, sizeof(huge));
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opt(&w, 1, huge, sizeof(huge) - 1);
	assert_int_equal(coap_write_finish(&w), 4 + 3 + sizeof(huge) - 1);
}

static void an_empty_payload_has_no_marker(void **state)
{
	uint8_t buf[8];
	struct coap_writer w;

	coap_write_begin(&w, buf, sizeof(buf), COAP_RST, COAP_EMPTY, 7, NULL, 0);
	coap_write_payload(&w, NULL, 0);
	assert_int_equal(coap_write_finish(&w), 4);
	assert_memory_equal(buf, "\x70\x00\x00\x07", 4);
}

static void encoded_options_can_be_followed_by_others(void **state)
{
	uint8_t buf[64];
	struct coap_writer w;
	struct coap_msg msg;
	struct coap_opt opt;

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opts_raw(&w,
			    "\xb1"
			    "3\x01"
			    "0",
			    4);
	coap_write_opt_uint(&w, COAP_OPT_ACCEPT, 11542);
	assert_int_equal(coap_msg_parse(&msg, buf, coap_write_finish(&w)), COAP_OK);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_ACCEPT, &opt));

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opts_raw(&w, NULL, 0);
	assert_int_equal(coap_write_finish(&w), 4);
}

static void malformed_or_late_encoded_options_are_refused(void **state)
{
	uint8_t buf[64];
	struct coap_writer w;

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opts_raw(&w,
			    "\xb2"
			    "3",
			    2);
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opts_raw(&w,
			    "\xff"
			    "3",
			    2);
	assert_int_equal(coap_write_finish(&w), 0);

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 1, NULL, 0);
	coap_write_opt_uint(&w, COAP_OPT_OBSERVE, 0);
	coap_write_opts_raw(&w,
			    "\xb1"
			    "3",
			    2);
	assert_int_equal(coap_write_finish(&w), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_is_written_byte_for_byte),
		cmocka_unit_test(uint_options_take_their_shortest_form),
		cmocka_unit_test(every_delta_and_length_form_reads_back),
		cmocka_unit_test(any_buffer_too_small_is_a_failure),
		cmocka_unit_test(misuse_sticks),
		cmocka_unit_test(an_empty_payload_has_no_marker),
		cmocka_unit_test(encoded_options_can_be_followed_by_others),
		cmocka_unit_test(malformed_or_late_encoded_options_are_refused),
	};
	return cmocka_run_group_tests_name("lwm2m/coap/write", tests, NULL, NULL);
}
