// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encode.h"

#include "tests/support/tree_text.h"
#include "tests/vectors/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static max_align_t arena_buf[2][4096];
static char text[2][8192];
static uint8_t out[4096];
static struct lwm2m_encode_error err;

static struct lwm2m_path path_of(const char *at)
{
	struct lwm2m_path path;

	assert_true(lwm2m_path_parse(&path, at, strlen(at)));
	return path;
}

static bool decode_at(int at, uint16_t format, const struct lwm2m_path *path, const void *payload,
		      size_t len, struct lwm2m_node **node)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(arena_buf[at], sizeof(arena_buf[at]));
	struct lwm2m_decode_error why;

	if (!lwm2m_decode(&lwm2m_model_builtin, format, path, payload, len, &arena, node, &why))
		return false;
	tree_text(*node, text[at], sizeof(text[at]));
	return true;
}

// Encodes into a block of the exact size, so that a sanitizer sees any overrun.
static bool encode(uint16_t format, const struct lwm2m_path *path, const struct lwm2m_node *node,
		   size_t *len)
{
	if (!lwm2m_encode(&lwm2m_model_builtin, format, path, node, out, sizeof(out), len, &err))
		return false;
	uint8_t *exact = malloc(*len ? *len : 1);
	size_t again;
	assert_non_null(exact);
	assert_true(
		lwm2m_encode(&lwm2m_model_builtin, format, path, node, exact, *len, &again, &err));
	assert_int_equal(again, *len);
	assert_memory_equal(exact, out, *len);
	free(exact);
	return true;
}

static const char *hex_of(const uint8_t *bytes, size_t len)
{
	static char hex[2 * sizeof(out) + 1];

	hex[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return hex;
}

static void what_real_clients_wrote_canonically_we_write_byte_for_byte(void **state)
{
	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		struct lwm2m_path path = path_of(v->path);
		uint8_t payload[1024];
		struct lwm2m_node *node;
		size_t len = hex_bytes(v->hex, payload, sizeof(payload));

		assert_true(decode_at(0, v->format, &path, payload, len, &node));
		assert_true(encode(v->format, &path, node, &len));
		bool same = strcmp(hex_of(out, len), v->hex) == 0;
		if (same != v->canonical)
			fail_msg("%s: %s", v->name, hex_of(out, len));
	}
}

static void real_trees_survive_every_format(void **state)
{
	static const uint16_t formats[] = {0, 60, 110, 112, 1542, 1543, 11542, 11543};

	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		struct lwm2m_path path = path_of(v->path);
		uint8_t payload[1024];
		struct lwm2m_node *node, *again;
		size_t len = hex_bytes(v->hex, payload, sizeof(payload));

		assert_true(decode_at(0, v->format, &path, payload, len, &node));
		for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
			bool single = node->kind == LWM2M_KIND_SINGLE;
			bool tlv = formats[f] == 1542 || formats[f] == 11542;
			bool ok = encode(formats[f], &path, node, &len);
			assert_int_equal(ok, (single || formats[f] >= 110) && (path.depth || !tlv));
			if (!ok)
				continue;
			if (!decode_at(1, formats[f], &path, out, len, &again))
				fail_msg("%s in %u: %s", v->name, formats[f], hex_of(out, len));
			assert_string_equal(text[1], text[0]);
		}
	}
}

// A node with one value, at a path of depth 3 or 4.
static struct lwm2m_node leaf(const struct lwm2m_path *path, struct lwm2m_value value)
{
	return (struct lwm2m_node){
		.kind = path->depth == 4 ? LWM2M_KIND_RESOURCE_INSTANCE : LWM2M_KIND_SINGLE,
		.id = path->ids[path->depth - 1],
		.value = value,
	};
}

#define INTEGER(x) ((struct lwm2m_value){.type = LWM2M_INTEGER, .integer = (x)})
#define NATURAL(x) ((struct lwm2m_value){.type = LWM2M_UNSIGNED_INTEGER, .natural = (x)})
#define FLOAT(x)   ((struct lwm2m_value){.type = LWM2M_FLOAT, .number = (x)})
#define BOOLEAN(x) ((struct lwm2m_value){.type = LWM2M_BOOLEAN, .boolean = (x)})
#define TIME(x)    ((struct lwm2m_value){.type = LWM2M_TIME, .integer = (x)})
#define OBJLNK(o, i) \
	((struct lwm2m_value){.type = LWM2M_OBJLNK, .objlnk = {.object = (o), .instance = (i)}})
#define BYTES(t, x)                              \
	((struct lwm2m_value){.type = LWM2M_##t, \
			      .bytes = {.data = (const uint8_t *)(x), .len = sizeof(x) - 1}})

static const struct {
	const char *path;
	struct lwm2m_value value;
	const char *text;
	const char *cbor, *tlv;              // hexadecimal
	const char *senml_json, *lwm2m_json; // the value's field
	const char *senml_cbor;              // label and value
} values[] = {
	{"/3442/0/110", BYTES(STRING, "a\"\\\n\xc3\xa4"), "a\"\\\n\xc3\xa4", "6661225c0ac3a4",
	 "c66e61225c0ac3a4", "\"vs\":\"a\\\"\\\\\\u000a\xc3\xa4\"",
	 "\"sv\":\"a\\\"\\\\\\u000a\xc3\xa4\"", "036661225c0ac3a4"},
	{"/3442/0/120", INTEGER(-129), "-129", "3880", "c278ff7f", "\"v\":-129", "\"v\":-129",
	 "023880"},
	{"/3442/0/120", INTEGER(INT64_MIN), "-9223372036854775808", "3b7fffffffffffffff",
	 "c878088000000000000000", "\"v\":-9223372036854775808", "\"v\":-9223372036854775808",
	 "023b7fffffffffffffff"},
	{"/3442/0/120", INTEGER(65536), "65536", "1a00010000", "c47800010000", "\"v\":65536",
	 "\"v\":65536", "021a00010000"},
	{"/3442/0/125", NATURAL(200), "200", "18c8", "c17dc8", "\"v\":200", "\"v\":200", "0218c8"},
	{"/3442/0/125", NATURAL(UINT64_MAX), "18446744073709551615", "1bffffffffffffffff",
	 "c87d08ffffffffffffffff", "\"v\":18446744073709551615", "\"v\":18446744073709551615",
	 "021bffffffffffffffff"},
	{"/3442/0/130", FLOAT(0.1), "0.1", "fb3fb999999999999a", "c882083fb999999999999a",
	 "\"v\":0.1", "\"v\":0.1", "02fb3fb999999999999a"},
	{"/3442/0/130", FLOAT(-18), "-18.0", "fac1900000", "c482c1900000", "\"v\":-18.0",
	 "\"v\":-18.0", "02fac1900000"},
	{"/3442/0/130", FLOAT(1e300), "1e+300", "fb7e37e43c8800759c", "c882087e37e43c8800759c",
	 "\"v\":1e+300", "\"v\":1e+300", "02fb7e37e43c8800759c"},
	{"/3442/0/140", BOOLEAN(true), "1", "f5", "c18c01", "\"vb\":true", "\"bv\":true", "04f5"},
	{"/3442/0/140", BOOLEAN(false), "0", "f4", "c18c00", "\"vb\":false", "\"bv\":false",
	 "04f4"},
	{"/3442/0/150", BYTES(OPAQUE, "\xfb\xff\0\1"), "+/8AAQ==", "44fbff0001", "c496fbff0001",
	 "\"vd\":\"-_8AAQ\"", "\"sv\":\"+/8AAQ==\"", "0844fbff0001"},
	{"/3442/0/160", TIME(1795344565), "1795344565", "c11a6b02c8b5", "c4a06b02c8b5",
	 "\"v\":1795344565", "\"v\":1795344565", "021a6b02c8b5"},
	{"/3442/0/170", OBJLNK(3, 65535), "3:65535", "67333a3635353335", "c4aa0003ffff",
	 "\"vlo\":\"3:65535\"", "\"ov\":\"3:65535\"", "63766c6f67333a3635353335"},
	{"/3442/0/180", BYTES(CORELINK, "</3>"), "</3>", "643c2f333e", "c4b43c2f333e",
	 "\"vs\":\"</3>\"", "\"sv\":\"</3>\"", "03643c2f333e"},
};

static void expect(uint16_t format, const struct lwm2m_path *path, const struct lwm2m_node *node,
		   const void *bytes, size_t len)
{
	size_t out_len;

	if (!encode(format, path, node, &out_len))
		fail_msg("%u: %s", format, err.what);
	if (out_len != len || memcmp(out, bytes, len) != 0)
		fail_msg("%u: %s, %.*s", format, hex_of(out, out_len), (int)out_len,
			 (const char *)out);
}

static void expect_hex(uint16_t format, const struct lwm2m_path *path,
		       const struct lwm2m_node *node, const char *hex)
{
	uint8_t bytes[256];
	size_t len = hex_bytes(hex, bytes, sizeof(bytes));

	assert_int_equal(len, strlen(hex) / 2);
	expect(format, path, node, bytes, len);
}

static void expect_text(uint16_t format, const struct lwm2m_path *path,
			const struct lwm2m_node *node, const char *text_expected)
{
	expect(format, path, node, text_expected, strlen(text_expected));
}

static void every_type_has_its_form_in_every_format(void **state)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct lwm2m_path path = path_of(values[i].path);
		struct lwm2m_node node = leaf(&path, values[i].value);
		char json[256], hex[256] = "";

		expect_text(0, &path, &node, values[i].text);
		expect_hex(60, &path, &node, values[i].cbor);
		expect_hex(11542, &path, &node, values[i].tlv);
		snprintf(json, sizeof(json), "[{\"bn\":\"%s\",%s}]", values[i].path,
			 values[i].senml_json);
		expect_text(110, &path, &node, json);
		snprintf(json, sizeof(json), "{\"bn\":\"%s\",\"e\":[{%s}]}", values[i].path,
			 values[i].lwm2m_json);
		expect_text(11543, &path, &node, json);
		// The base name -2 comes after the labels of values, but before "vlo".
		bool vlo = values[i].value.type == LWM2M_OBJLNK;
		snprintf(hex, sizeof(hex), "81a2%s216b2f333434322f302f313%c3%c%s",
			 vlo ? "" : values[i].senml_cbor, values[i].path[9], values[i].path[10],
			 vlo ? values[i].senml_cbor : "");
		expect_hex(112, &path, &node, hex);
	}
}

static void values_are_converted_where_nothing_is_lost(void **state)
{
	static const struct {
		const char *path;
		struct lwm2m_value value;
		const char *text; // NULL: refused
	} cases[] = {
		{"/6/0/0", INTEGER(1), "1.0"},
		{"/6/0/0", INTEGER(-(1LL << 53)), "-9007199254740992.0"},
		{"/6/0/0", INTEGER((1LL << 53) + 1), NULL},
		{"/6/0/0", INTEGER(INT64_MIN), "-9.223372036854776e+18"},
		{"/6/0/0", INTEGER(INT64_MAX), NULL},
		{"/6/0/0", NATURAL(UINT64_MAX), NULL},
		{"/6/0/0", NATURAL(5), "5.0"},
		{"/6/0/0", TIME(5), "5.0"},
		{"/6/0/0", BOOLEAN(true), NULL},
		{"/6/0/0", BYTES(STRING, "1.5"), NULL},
		{"/3/0/9", FLOAT(5.0), "5"},
		{"/3/0/9", FLOAT(1.5), NULL},
		{"/3/0/9", FLOAT(0x1p60), NULL},
		{"/3/0/9", FLOAT(__builtin_nan("")), NULL},
		{"/3/0/9", NATURAL(5), "5"},
		{"/3/0/9", NATURAL(UINT64_MAX), NULL},
		{"/3/0/9", BYTES(STRING, "5"), NULL},
		{"/3/0/13", INTEGER(1795344565), "1795344565"},
		{"/3/0/13", INTEGER(INT64_MAX), NULL}, // not in milliseconds
		{"/1/0/11", INTEGER(5), "5"},
		{"/1/0/11", INTEGER(-1), NULL},
		{"/1/0/11", FLOAT(7.0), "7"},
		{"/1/0/11", FLOAT(-7.0), NULL},
		{"/1/0/6", INTEGER(1), NULL},
		{"/3/0/14", BYTES(CORELINK, "x"), "x"},
		{"/3/0/14", BYTES(OPAQUE, "x"), NULL},
		{"/3/0/14", BYTES(STRING, "\xff"), NULL},
		{"/3/0/14", INTEGER(5), NULL},
		{"/6/0/4", BYTES(STRING, "AA=="), NULL},
		{"/1/0/10", BYTES(STRING, "3:0"), NULL},
		// What the model does not know stays as it is.
		{"/9999/0/1", FLOAT(1.5), "1.5"},
		{"/9999/0/1", INTEGER(1), "1"},
		{"/9999/0/1", BOOLEAN(true), "1"},
		{"/9999/0/1", ((struct lwm2m_value){.type = LWM2M_NONE}), NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lwm2m_path path = path_of(cases[i].path);
		struct lwm2m_node node = leaf(&path, cases[i].value);
		size_t len;

		if (cases[i].text) {
			expect_text(0, &path, &node, cases[i].text);
			continue;
		}
		if (encode(0, &path, &node, &len))
			fail_msg("%s: %.*s", cases[i].path, (int)len, (const char *)out);
		assert_non_null(err.what);
		assert_int_equal(err.path.depth, 3);
		assert_int_equal(err.path.ids[2], path.ids[2]);
		assert_int_equal(len, 0);
	}
}

static void numbers_that_are_not_finite_go_only_where_ieee_does(void **state)
{
	struct lwm2m_path path = path_of("/6/0/0");
	struct lwm2m_node node = leaf(&path, FLOAT(__builtin_inf()));
	size_t len;

	expect_hex(60, &path, &node, "fa7f800000");
	expect_hex(11542, &path, &node, "c4007f800000");
	for (size_t i = 0; i < 4; i++) {
		static const uint16_t formats[] = {0, 110, 112, 11543};
		assert_false(encode(formats[i], &path, &node, &len));
		assert_string_equal(err.what, "number that is not finite");
	}
}

// A tree from SenML JSON, which can say any.
static struct lwm2m_node *tree_of(const char *at, const char *json)
{
	struct lwm2m_path path = path_of(at);
	struct lwm2m_node *node;

	assert_true(decode_at(0, 110, &path, json, strlen(json), &node));
	return node;
}

static void an_instance_is_created_with_its_id_or_without(void **state)
{
	struct lwm2m_path path = path_of("/3303");
	struct lwm2m_node *node =
		tree_of("/3303/5", "[{\"bn\":\"/3303/5/\",\"n\":\"5750\",\"vs\":\"x\"}]");
	size_t len;

	expect_hex(11542, &path, node, "0405e1167678");
	expect_text(110, &path, node, "[{\"bn\":\"/3303/5/\",\"n\":\"5750\",\"vs\":\"x\"}]");
	expect_text(11543, &path, node,
		    "{\"bn\":\"/3303/5/\",\"e\":[{\"n\":\"5750\",\"sv\":\"x\"}]}");
	node->id = LWM2M_ID_RESERVED;
	expect_hex(11542, &path, node, "e1167678");
	assert_false(encode(110, &path, node, &len));
	assert_false(encode(112, &path, node, &len));
	assert_false(encode(11543, &path, node, &len));
	// An instance of nothing, as Leshan creates it.
	node = tree_of("/3303/5", "[]");
	expect_hex(11542, &path, node, "0005");
	expect_text(110, &path, node, "[{\"bn\":\"/3303/5\"}]");
	// The object with its instances.
	node = tree_of("/3303", "[{\"n\":\"/3303/5\"},{\"n\":\"/3303/6/5750\",\"vs\":\"x\"}]");
	expect_hex(11542, &path, node, "00050406e1167678");
	expect_text(110, &path, node,
		    "[{\"bn\":\"/3303/\",\"n\":\"5\"},{\"n\":\"6/5750\",\"vs\":\"x\"}]");
}

static void tlv_takes_the_shortest_heads(void **state)
{
	static const size_t lengths[] = {0, 7, 8, 255, 256, 2000};
	static const char *const heads[] = {"c096",   "c796",     "c89608",
					    "c896ff", "d0960100", "d09607d0"};
	static uint8_t bytes[2000];
	struct lwm2m_path path = path_of("/3442/0/150");

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct lwm2m_node node = leaf(&path, (struct lwm2m_value){.type = LWM2M_OPAQUE});
		uint8_t payload[2010];
		size_t head = hex_bytes(heads[i], payload, sizeof(payload));

		node.value.bytes.data = bytes;
		node.value.bytes.len = lengths[i];
		memset(payload + head, 0, lengths[i]);
		expect(11542, &path, &node, payload, head + lengths[i]);
	}
}

static void what_is_no_tree_is_refused(void **state)
{
	struct lwm2m_path path = path_of("/3/0"), resource = path_of("/3/0/9"), root = path_of("/");
	struct lwm2m_node value = leaf(&resource, INTEGER(5));
	struct lwm2m_node instance = {.kind = LWM2M_KIND_INSTANCE}, top = {0};
	size_t len;

	assert_false(encode(110, &path, &value, &len)); // not what the path names
	value.id = 10;
	assert_false(encode(110, &resource, &value, &len));
	value.id = 9;
	value.kind = LWM2M_KIND_RESOURCE_INSTANCE;
	assert_false(encode(110, &resource, &value, &len));
	lwm2m_node_append(&instance, &value);
	for (size_t i = 0; i < 4; i++) {
		static const uint16_t formats[] = {110, 112, 11542, 11543};
		assert_false(encode(formats[i], &path, &instance, &len));
		assert_string_equal(err.what, "node below one that cannot have it");
	}
	value.kind = LWM2M_KIND_SINGLE;
	value.id = LWM2M_ID_RESERVED;
	assert_false(encode(110, &path, &instance, &len));
	value.id = 9;
	assert_true(encode(110, &path, &instance, &len));
	assert_false(encode(0, &path, &instance, &len));   // more than one value
	assert_false(encode(42, &resource, &value, &len)); // not opaque
	assert_false(encode(40, &resource, &value, &len)); // no format of values
	assert_false(encode(11542, &root, &top, &len));    // no object
	assert_true(encode(110, &root, &top, &len));
	assert_int_equal(len, 2);
}

static void a_payload_that_does_not_fit_is_an_error(void **state)
{
	static const uint16_t formats[] = {0, 60, 110, 112, 11542, 11543};
	struct lwm2m_path path = path_of("/3/0/0");
	struct lwm2m_node node = leaf(&path, BYTES(STRING, "manufacturer"));

	for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
		size_t len, none;
		assert_true(encode(formats[f], &path, &node, &len));
		for (size_t cap = 0; cap < len; cap++) {
			assert_false(lwm2m_encode(&lwm2m_model_builtin, formats[f], &path, &node,
						  out, cap, &none, &err));
			assert_string_equal(err.what, "payload is larger than there is room for");
			assert_int_equal(none, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_real_clients_wrote_canonically_we_write_byte_for_byte),
		cmocka_unit_test(real_trees_survive_every_format),
		cmocka_unit_test(every_type_has_its_form_in_every_format),
		cmocka_unit_test(values_are_converted_where_nothing_is_lost),
		cmocka_unit_test(numbers_that_are_not_finite_go_only_where_ieee_does),
		cmocka_unit_test(an_instance_is_created_with_its_id_or_without),
		cmocka_unit_test(tlv_takes_the_shortest_heads),
		cmocka_unit_test(what_is_no_tree_is_refused),
		cmocka_unit_test(a_payload_that_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/encode", tests, NULL, NULL);
}
