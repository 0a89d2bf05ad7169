// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/msg.h"

#include "tests/support/coap_reference.h"
#include "tests/vectors/coap_messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Parses a copy that ends where the heap block ends, so that ASan sees any read past it.
static enum coap_err parse_tight(struct coap_msg *msg, const void *bytes, size_t len,
				 uint8_t **copy)
{
	*copy = malloc(len ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, bytes, len);
	return coap_msg_parse(msg, *copy, len);
}

static void every_vector_gets_its_verdict(void **state)
{
	for (size_t i = 0; i < sizeof(coap_vectors) / sizeof(coap_vectors[0]); i++) {
		const struct coap_vector *v = &coap_vectors[i];
		struct coap_msg msg;
		uint8_t *copy;
		enum coap_err err = parse_tight(&msg, v->bytes, v->len, &copy);
		if (err != v->verdict)
			fail_msg("%s: %s", v->name, coap_err_text(err));
		free(copy);
	}
}

static void every_prefix_of_a_vector_is_survived(void **state)
{
	for (size_t i = 0; i < sizeof(coap_vectors) / sizeof(coap_vectors[0]); i++) {
		for (size_t len = 0; len < coap_vectors[i].len; len++) {
			struct coap_msg msg;
			uint8_t *copy;
			enum coap_err err = parse_tight(&msg, coap_vectors[i].bytes, len, &copy);
			assert_true(len >= 4 || err == COAP_ERR_SHORT);
			free(copy);
		}
	}
}

static void a_rejected_message_still_shows_its_header(void **state)
{
	struct coap_msg msg;

	memset(&msg, 0xee, sizeof(msg));
	assert_int_equal(coap_msg_parse(&msg, (const uint8_t *)"\x51\x02\x12\x34\x99\xb2r", 7),
			 COAP_ERR_OPTION_TRUNCATED);
	assert_int_equal(msg.type, COAP_NON);
	assert_int_equal(msg.code, COAP_POST);
	assert_int_equal(msg.mid, 0x1234);
	assert_null(msg.token);
	assert_int_equal(msg.token_len, 0);
	assert_null(msg.options);
	assert_int_equal(msg.options_len, 0);
	assert_null(msg.payload);
	assert_int_equal(msg.payload_len, 0);
}

static void as_the_reference(const uint8_t *bytes, size_t len)
{
	const char *what = coap_reference_differs(bytes, len);

	if (what)
		fail_msg("%s of %02x%02x..., %zu bytes", what, bytes[0], bytes[1], len);
}

static void every_vector_and_prefix_parses_as_the_reference_says(void **state)
{
	for (size_t i = 0; i < sizeof(coap_vectors) / sizeof(coap_vectors[0]); i++)
		for (size_t len = 0; len <= coap_vectors[i].len; len++)
			as_the_reference((const uint8_t *)coap_vectors[i].bytes, len);
}

static void every_first_byte_and_code_parses_as_the_reference_says(void **state)
{
	uint8_t bytes[14] = {[4 ... 13] = 0x21};

	for (unsigned start = 0; start <= UINT16_MAX; start++) {
		bytes[0] = (uint8_t)start;
		bytes[1] = (uint8_t)(start >> 8);
		for (size_t len = 0; len <= sizeof(bytes); len++)
			as_the_reference(bytes, len);
	}
}

// Two headers after another, whatever they say, in messages that end anywhere.
static void every_two_option_headers_parse_as_the_reference_says(void **state)
{
	uint8_t bytes[24] = {0x41, COAP_POST, 0x12, 0x34, 0x99};

	for (unsigned heads = 0; heads <= UINT16_MAX; heads++) {
		memset(bytes + 5, 0x10, sizeof(bytes) - 5);
		bytes[5] = (uint8_t)heads;
		bytes[6 + (heads & 0x0f)] = (uint8_t)(heads >> 8);
		for (size_t len = 5; len <= sizeof(bytes); len++)
			as_the_reference(bytes, len);
	}
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

// Mostly options that are well formed, or no walk would get far.
static size_t random_message(uint8_t *bytes, size_t cap, uint32_t *seed)
{
	size_t len = 4 + (bytes[0] = (uint8_t)(0x40 | random_next(seed) % 0x39)) % 16;

	bytes[1] = (uint8_t)random_next(seed);
	while (len + 300 < cap && random_next(seed) % 12 != 0) {
		uint32_t odd = random_next(seed) % 16, value = random_next(seed) % 12;

		bytes[len++] = (uint8_t)((random_next(seed) % 13) << 4 | (odd == 0 ? 13 : value));
		if (odd == 0)
			bytes[len++] = (uint8_t)value;
		if (odd == 1)
			bytes[len - 1] = (uint8_t)random_next(seed);
		len += value + (odd == 0 ? 13 : 0);
	}
	return len - random_next(seed) % 2;
}

static void random_messages_parse_as_the_reference_says(void **state)
{
	uint8_t bytes[1024];
	uint32_t seed = 1;

	for (unsigned i = 0; i < 50000; i++) {
		struct coap_msg msg;
		uint8_t *copy;

		for (size_t at = 0; at < 64; at++)
			bytes[random_next(&seed) % sizeof(bytes)] = (uint8_t)random_next(&seed);
		size_t len = random_message(bytes, sizeof(bytes), &seed);
		parse_tight(&msg, bytes, len, &copy);
		as_the_reference(copy, len);
		free(copy);
	}
}

// 5,461 deltas of 12 make 65532; the rest is in the last option.
static void the_sum_of_short_deltas_is_held_to_65535(void **state)
{
	static uint8_t bytes[4 + 5461 + 3] = {0x40, COAP_GET, 0, 1};
	struct coap_msg msg;

	memset(bytes + 4, 0xc0, 5461);
	bytes[sizeof(bytes) - 2] = 0xff;
	for (uint8_t delta = 2; delta <= 4; delta++) {
		enum coap_err verdict = delta <= 3 ? COAP_OK : COAP_ERR_OPTION_NUMBER;

		bytes[4 + 5461] = (uint8_t)(delta << 4);
		assert_int_equal(coap_msg_parse(&msg, bytes, sizeof(bytes) - 2), verdict);
		assert_int_equal(coap_msg_parse(&msg, bytes, sizeof(bytes)), verdict);
		for (size_t len = sizeof(bytes) - 3; len <= sizeof(bytes); len++)
			as_the_reference(bytes, len);
	}
}

static void a_request_is_split_into_its_parts(void **state)
{
	static const uint8_t bytes[] = "\x42\x01\x7d\x35\x20\x21\xbbtemperature\xff"
				       "22.3 C";
	struct coap_msg msg;
	struct coap_opt opt;

	assert_int_equal(coap_msg_parse(&msg, bytes, sizeof(bytes) - 1), COAP_OK);
	assert_int_equal(msg.type, COAP_CON);
	assert_int_equal(msg.code, COAP_GET);
	assert_int_equal(msg.mid, 0x7d35);
	assert_int_equal(msg.token_len, 2);
	assert_memory_equal(msg.token, "\x20\x21", 2);
	assert_int_equal(msg.options_len, 12);
	assert_int_equal(msg.payload_len, 6);
	assert_memory_equal(msg.payload, "22.3 C", 6);

	struct coap_opt_iter it = coap_opts_begin(&msg);
	assert_true(coap_opts_next(&it, &opt));
	assert_int_equal(opt.number, COAP_OPT_URI_PATH);
	assert_int_equal(opt.len, 11);
	assert_memory_equal(opt.value, "temperature", 11);
	assert_false(coap_opts_next(&it, &opt));
	assert_ptr_equal(it.p, it.end);
}

static void every_token_length_up_to_8_is_read(void **state)
{
	for (uint8_t len = 0; len <= 15; len++) {
		uint8_t bytes[4 + 15] = {(uint8_t)(0x40 | len), COAP_GET, 0, 1};
		struct coap_msg msg;
		enum coap_err err = coap_msg_parse(&msg, bytes, 4u + len);
		assert_int_equal(err, len <= 8 ? COAP_OK : COAP_ERR_TOKEN_LENGTH);
		assert_int_equal(msg.token_len, len <= 8 ? len : 0);
	}
}

static void an_option_is_found_by_number(void **state)
{
	// Uri-Path a, Uri-Path b, Max-Age 60, Size1 16
	static const uint8_t bytes[] = "\x40\x01\x00\x01\xb1"
				       "a\x01"
				       "b\x31\x3c\xd1\x21\x10";
	struct coap_msg msg;
	struct coap_opt opt;
	uint32_t value;

	assert_int_equal(coap_msg_parse(&msg, bytes, sizeof(bytes) - 1), COAP_OK);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_PATH, &opt));
	assert_int_equal(opt.value[0], 'a');
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_SIZE1, &opt));
	assert_true(coap_opt_uint(&opt, &value));
	assert_int_equal(value, 16);
	assert_false(coap_msg_find_opt(&msg, COAP_OPT_CONTENT_FORMAT, &opt));
	assert_false(coap_msg_find_opt(&msg, COAP_OPT_REQUEST_TAG, &opt));
}

static void walking_malformed_options_stops(void **state)
{
	static const uint8_t bad[] = "\x11"
				     "a\xb2r";
	struct coap_opt_iter it = {bad, bad + sizeof(bad) - 1, 0};
	struct coap_opt opt;

	assert_true(coap_opts_next(&it, &opt));
	assert_false(coap_opts_next(&it, &opt));
	assert_ptr_not_equal(it.p, it.end);
}

static void a_uint_option_has_at_most_four_bytes(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5};
	static const uint32_t expected[] = {0, 0x01, 0x0102, 0x010203, 0x01020304};
	struct coap_opt opt = {.value = bytes};
	uint32_t value;

	for (opt.len = 0; opt.len <= 4; opt.len++) {
		assert_true(coap_opt_uint(&opt, &value));
		assert_int_equal(value, expected[opt.len]);
	}
	assert_false(coap_opt_uint(&opt, &value));
}

static void option_lengths_are_held_to_their_definition(void **state)
{
	static const struct {
		uint16_t number;
		uint32_t min, max;
	} bounds[] = {
		{COAP_OPT_IF_MATCH, 0, 8},     {COAP_OPT_URI_HOST, 1, 255},
		{COAP_OPT_ETAG, 1, 8},         {COAP_OPT_IF_NONE_MATCH, 0, 0},
		{COAP_OPT_OBSERVE, 0, 3},      {COAP_OPT_URI_PORT, 0, 2},
		{COAP_OPT_URI_PATH, 0, 255},   {COAP_OPT_CONTENT_FORMAT, 0, 2},
		{COAP_OPT_MAX_AGE, 0, 4},      {COAP_OPT_URI_QUERY, 0, 255},
		{COAP_OPT_HOP_LIMIT, 1, 1},    {COAP_OPT_ACCEPT, 0, 2},
		{COAP_OPT_BLOCK1, 0, 3},       {COAP_OPT_BLOCK2, 0, 3},
		{COAP_OPT_SIZE1, 0, 4},        {COAP_OPT_SIZE2, 0, 4},
		{COAP_OPT_PROXY_URI, 1, 1034}, {COAP_OPT_PROXY_SCHEME, 1, 255},
		{COAP_OPT_ECHO, 1, 40},        {COAP_OPT_NO_RESPONSE, 0, 1},
		{COAP_OPT_REQUEST_TAG, 0, 8},
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		struct coap_opt opt = {.number = bounds[i].number};
		for (opt.len = 0; opt.len <= 1100; opt.len++) {
			bool inside = opt.len >= bounds[i].min && opt.len <= bounds[i].max;
			assert_int_equal(coap_opt_length_ok(&opt), inside);
		}
	}
	// An option without a definition here has no bounds.
	assert_true(coap_opt_length_ok(&(struct coap_opt){.number = 2, .len = 1000}));
	assert_true(coap_opt_length_ok(&(struct coap_opt){.number = 65000, .len = 1000}));
}

static void codes_and_errors_have_names(void **state)
{
	char text[5];

	assert_string_equal(coap_code_text(COAP_CONTENT, text), "2.05");
	assert_string_equal(coap_code_text(COAP_UNSUPPORTED_CONTENT_FORMAT, text), "4.15");
	assert_string_equal(coap_code_text(0xff, text), "7.31");
	for (unsigned err = 0; err < COAP_ERR_COUNT; err++)
		assert_non_null(coap_err_text((enum coap_err)err));
	assert_string_equal(coap_err_text((enum coap_err)COAP_ERR_COUNT), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gets_its_verdict),
		cmocka_unit_test(every_prefix_of_a_vector_is_survived),
		cmocka_unit_test(a_rejected_message_still_shows_its_header),
		cmocka_unit_test(every_vector_and_prefix_parses_as_the_reference_says),
		cmocka_unit_test(every_first_byte_and_code_parses_as_the_reference_says),
		cmocka_unit_test(every_two_option_headers_parse_as_the_reference_says),
		cmocka_unit_test(random_messages_parse_as_the_reference_says),
		cmocka_unit_test(the_sum_of_short_deltas_is_held_to_65535),
		cmocka_unit_test(a_request_is_split_into_its_parts),
		cmocka_unit_test(every_token_length_up_to_8_is_read),
		cmocka_unit_test(an_option_is_found_by_number),
		cmocka_unit_test(walking_malformed_options_stops),
		cmocka_unit_test(a_uint_option_has_at_most_four_bytes),
		cmocka_unit_test(option_lengths_are_held_to_their_definition),
		cmocka_unit_test(codes_and_errors_have_names),
	};
	return cmocka_run_group_tests_name("lwm2m/coap/msg", tests, NULL, NULL);
}
