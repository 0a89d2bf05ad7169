// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is written straight must be, to the byte, what jansson makes of the same values.
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "control/json/float_text.h"
#include "control/json/json_text.h"
#include "control/json/node_json.h"
#include "control/json/node_out.h"
#include "tests/unit/control/rest/fixture.h"
#include "tests/vectors/payloads.h"

static void assert_out(struct json_out *out, const char *expected)
{
	assert_false(out->failed);
	assert_int_equal(out->len, strlen(expected));
	assert_memory_equal(out->text, expected, out->len);
	out->len = 0;
}

static void assert_same(struct json_out *out, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	assert_out(out, text);
	free(text);
	json_decref(json);
}

static void text_is_escaped_and_mended_as_jansson_and_json_text_do(void **state)
{
	static const char *const texts[] = {
		"",
		"plain",
		"\"quoted\" \\ / \b\f\n\r\t",
		"\x01\x1f\x7f",
		"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		"cut \xe2\x82",
		"\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80",
	};
	struct json_out out = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_out_text(&out, texts[i], strlen(texts[i]));
		assert_same(&out, json_text(texts[i], strlen(texts[i])));
	}
	json_out_text(&out, "a\0b", 3);
	assert_same(&out, json_text("a\0b", 3));
	json_out_free(&out);
}

static void text_of_any_bytes_is_as_jansson_has_it(void **state)
{
	struct json_out out = {0};
	uint32_t random = 7;

	for (int i = 0; i < 20000; i++) {
		char text[12];
		size_t len = random >> 8 & 7;

		for (size_t b = 0; b < len; b++) {
			random = random * 1664525 + 1013904223;
			text[b] = (char)(random >> 24 | (random >> 8 & 0x80));
		}
		random = random * 1664525 + 1013904223;
		json_out_text(&out, text, len);
		assert_same(&out, json_text(text, len));
	}
	json_out_free(&out);
}

static void numbers_hex_and_base64_are_written(void **state)
{
	static const struct {
		const char *data, *base64;
	} cases[] = {{"", "\"\""},
		     {"f", "\"Zg==\""},
		     {"fo", "\"Zm8=\""},
		     {"foo", "\"Zm9v\""},
		     {"foob", "\"Zm9vYg==\""},
		     {"fooba", "\"Zm9vYmE=\""},
		     {"foobar", "\"Zm9vYmFy\""}}; // RFC 4648 section 10
	struct json_out out = {0};

	json_out_unsigned(&out, 0);
	assert_out(&out, "0");
	json_out_unsigned(&out, UINT64_MAX);
	assert_out(&out, "18446744073709551615");
	json_out_signed(&out, INT64_MIN);
	assert_out(&out, "-9223372036854775808");
	json_out_signed(&out, 42);
	assert_out(&out, "42");
	json_out_hex(&out, (const uint8_t *)"\x00\xab", 2);
	assert_out(&out, "\"00ab\"");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_out_base64(&out, (const uint8_t *)cases[i].data, strlen(cases[i].data));
		assert_out(&out, cases[i].base64);
	}
	json_out_free(&out);
}

static void times_are_rfc_3339(void **state)
{
	static const int64_t steps[] = {1, 59, 3600, 86399, 86400, 2678400, 31622400};
	struct json_out out = {0};
	char text[64];

	json_out_time(&out, 0);
	assert_out(&out, "\"1970-01-01T00:00:00.000Z\"");
	json_out_time(&out, 253402300799999u);
	assert_out(&out, "\"9999-12-31T23:59:59.999Z\"");
	json_out_time(&out, 253402300800000u);
	assert_out(&out, "null");
	for (time_t t = 0, i = 0; t < 253402300800; t += steps[i % 7] * 97, i++) {
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "\"%Y-%m-%dT%H:%M:%S.042Z\"", &tm);
		json_out_time(&out, (uint64_t)t * 1000 + 42);
		assert_out(&out, text);
	}
	json_out_free(&out);
}

static void a_buffer_that_cannot_grow_says_so_and_stays_as_it_was(void **state)
{
	struct json_out out = {0};

	json_out_literal(&out, "before");
	json_out_bytes(&out, NULL, (size_t)1 << 60);
	assert_true(out.failed);
	json_out_literal(&out, "after");
	json_out_text(&out, "after", 5);
	json_out_hex(&out, (const uint8_t *)"after", 5);
	json_out_base64(&out, (const uint8_t *)"after", 5);
	assert_int_equal(out.len, 6);
	json_out_free(&out);
}

static void nodes_of_every_recorded_payload_are_as_jansson_has_them(void **state)
{
	static uint8_t arena_mem[1 << 20], payload[4096];
	struct json_out out = {0};

	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		struct lwm2m_arena arena = lwm2m_arena_begin(arena_mem, sizeof(arena_mem));
		size_t len = fixture_hex(v->hex, payload, sizeof(payload));
		struct lwm2m_decode_error err;
		struct lwm2m_node *node;
		struct lwm2m_path path;

		assert_true(lwm2m_path_parse(&path, v->path, strlen(v->path)));
		assert_true(lwm2m_decode(&lwm2m_model_builtin, v->format, &path, payload, len,
					 &arena, &node, &err));
		node_out(&out, node);
		assert_same(&out, ctl_node_json(node));
	}
	json_out_free(&out);
}

static void values_of_every_type_are_as_jansson_has_them(void **state)
{
	static const struct lwm2m_value values[] = {
		{.type = LWM2M_INTEGER, .integer = INT64_MIN},
		{.type = LWM2M_UNSIGNED_INTEGER, .natural = UINT64_MAX},
		{.type = LWM2M_FLOAT, .number = -0.1},
		{.type = LWM2M_BOOLEAN, .boolean = true},
		{.type = LWM2M_BOOLEAN},
		{.type = LWM2M_TIME, .integer = -5},
		{.type = LWM2M_OBJLNK, .objlnk = {3, 65535}},
		{.type = LWM2M_OPAQUE, .bytes = {(const uint8_t *)"\xff", 1}},
		{.type = LWM2M_CORELINK, .bytes = {(const uint8_t *)"</3>", 4}},
		{.type = LWM2M_NONE},
	};
	struct json_out out = {0};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct lwm2m_node node = {
			.kind = LWM2M_KIND_SINGLE, .id = 65534, .value = values[i]};
		struct lwm2m_node root = {.kind = LWM2M_KIND_ROOT, .first = &node};

		node_out(&out, &root);
		assert_same(&out, ctl_node_json(&root));
		node.kind = LWM2M_KIND_RESOURCE_INSTANCE;
		root.kind = LWM2M_KIND_MULTI;
		root.value.type = values[i].type;
		node_out(&out, &root);
		assert_same(&out, ctl_node_json(&root));
	}
	json_out_free(&out);
}

static void floats_are_the_shortest_digits_that_read_back(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{23.5, "23.5"},
		{0.1f, "0.10000000149011612"},
		{1.0 / 3, "0.3333333333333333"},
		{100, "100.0"},
		{0.5, "0.5"},
		{21.3f, "21.299999237060547"},
		{916.79998779296875, "916.7999877929688"}, // of two that are as near the even one
		{0.001, "0.001"},
		{9999999.5, "9999999.5"},
		{-0.0, "-0.0"},
		{9007199254740993.0, "9.007199254740992E15"},
		{DBL_MIN, "2.2250738585072014E-308"},
		{5e-324, "5.0E-324"},
		{DBL_MAX, "1.7976931348623157E308"},
	};
	uint64_t random = 1;
	char text[CTL_FLOAT_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ctl_float_text(cases[i].value, text);
		assert_string_equal(text, cases[i].text);
	}
	for (int i = 0; i < 20000; i++) { // against all digits, one more at a time
		double value;
		int digits = 0;

		random = random * 6364136223846793005u + 1442695040888963407u;
		value = (double)(int64_t)(random >> 20) / (double)(1u << (random >> 8 & 31));
		if (i % 2 == 1) // what single precision makes of a measured value
			value = (double)(float)((double)(random >> 48) / 10);
		ctl_float_text(value, text);
		assert_true(strtod(text, NULL) == value);
		for (char shortest[40]; digits < 17; digits++) {
			snprintf(shortest, sizeof(shortest), "%.*e", digits, value);
			if (strtod(shortest, NULL) == value)
				break;
		}
		size_t shown = 0, zeros = 0, lead = 1;
		for (const char *p = text; *p != '\0' && *p != 'E'; p++) {
			if (*p == '.' || (lead && *p == '0'))
				continue;
			lead = 0;
			shown++;
			zeros = *p == '0' ? zeros + 1 : 0;
		}
		assert_true(shown - zeros <= (size_t)digits + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped_and_mended_as_jansson_and_json_text_do),
		cmocka_unit_test(text_of_any_bytes_is_as_jansson_has_it),
		cmocka_unit_test(numbers_hex_and_base64_are_written),
		cmocka_unit_test(times_are_rfc_3339),
		cmocka_unit_test(a_buffer_that_cannot_grow_says_so_and_stays_as_it_was),
		cmocka_unit_test(nodes_of_every_recorded_payload_are_as_jansson_has_them),
		cmocka_unit_test(values_of_every_type_are_as_jansson_has_them),
		cmocka_unit_test(floats_are_the_shortest_digits_that_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
