// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encode.h"

#include "tests/support/tree_text.h"
#include "tests/vectors/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PATHS 4u

static struct lwm2m_path paths[PATHS];
static uint32_t count;
static struct lwm2m_decode_error err;

// The paths with spaces between, or NULL.
static const char *decode(uint16_t format, const void *payload, size_t len)
{
	static char text[256];
	char *at = text;

	if (!lwm2m_decode_paths(format, payload, len, paths, PATHS, &count, &err))
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			*at++ = ' ';
		at += lwm2m_path_format(&paths[i], at);
	}
	*at = '\0';
	return text;
}

static void the_lists_that_leshan_sends_are_read_and_written(void **state)
{
	for (size_t i = 0; i < sizeof(paths_vectors) / sizeof(paths_vectors[0]); i++) {
		const struct paths_vector *v = &paths_vectors[i];
		uint8_t payload[256], out[256];
		size_t len = hex_bytes(v->hex, payload, sizeof(payload)), out_len;

		assert_string_equal(decode(v->format, payload, len), v->paths);
		assert_true(
			lwm2m_encode_paths(v->format, paths, count, out, sizeof(out), &out_len));
		assert_int_equal(out_len, len);
		assert_memory_equal(out, payload, len);
		for (size_t cap = 0; cap < len; cap++)
			assert_false(
				lwm2m_encode_paths(v->format, paths, count, out, cap, &out_len));
	}
}

static void base_names_and_every_depth_are_understood(void **state)
{
	static const struct {
		const char *json, *paths;
	} cases[] = {
		{"[]", ""},
		{"[{\"n\":\"/\"}]", "/"},
		{"[{\"n\":\"/3\"},{\"n\":\"/3/0\"},{\"n\":\"/3/0/7/1\"}]", "/3 /3/0 /3/0/7/1"},
		{"[{\"bn\":\"/3/0/\",\"n\":\"0\"},{\"n\":\"9\"}]", "/3/0/0 /3/0/9"},
		{"[{\"bn\":\"/3/0/\"},{\"n\":\"0\"},{\"n\":\"7/1\"}]", "/3/0/0 /3/0/7/1"},
		{"[{\"bn\":\"/3/0\"},{\"bn\":\"/1\"}]", "/3/0 /1"},
		{"[{\"n\":\"\\/3\\/0\\/0\"}]", "/3/0/0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(decode(110, cases[i].json, strlen(cases[i].json)),
				    cases[i].paths);
}

static void what_is_no_list_of_paths_is_refused(void **state)
{
	static const struct {
		const char *json;
		size_t offset;
	} cases[] = {
		{"", 0},
		{"{}", 0},
		{"[{\"n\":\"/3/0/9\",\"v\":1}]", 1},
		{"[{\"n\":\"3/0/9\"}]", 1},
		{"[{\"n\":\"/3/0/9/0/0\"}]", 1},
		{"[{\"n\":\"/3/65535\"}]", 1},
		{"[{}]", 1},
		{"[{\"n\":\"/1\"},{\"n\":\"/2\"},{\"n\":\"/3\"},{\"n\":\"/4\"},{\"n\":\"/5\"}]",
		 45},
	};
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(decode(110, cases[i].json, strlen(cases[i].json)));
		assert_int_equal(count, 0);
		if (err.offset != cases[i].offset)
			fail_msg("%s: %s at %zu", cases[i].json, err.what, err.offset);
	}
	assert_null(decode(11542, "", 0));
	assert_false(lwm2m_encode_paths(11542, paths, 0, NULL, 0, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lists_that_leshan_sends_are_read_and_written),
		cmocka_unit_test(base_names_and_every_depth_are_understood),
		cmocka_unit_test(what_is_no_list_of_paths_is_refused),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/paths", tests, NULL, NULL);
}
