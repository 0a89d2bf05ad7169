// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/pack.h"

#include "lwm2m/codec/encode.h"
#include "tests/support/codec_case.h"
#include "tests/support/tree_text.h"
#include "tests/vectors/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static max_align_t arena_buf[1 << 15];
static struct lwm2m_arena arena;
static struct lwm2m_decode_error err;

static bool decode(uint16_t format, const char *base, const void *payload, size_t len,
		   struct lwm2m_pack *pack)
{
	struct lwm2m_path path = base ? codec_path(base) : (struct lwm2m_path){0};

	arena = lwm2m_arena_begin(arena_buf, sizeof(arena_buf));
	return lwm2m_decode_pack(&lwm2m_model_builtin, format, base ? &path : NULL, payload, len,
				 &arena, pack, &err);
}

static const char *pack_of(uint16_t format, const char *base, const char *json)
{
	struct lwm2m_pack pack;

	if (!decode(format, base, json, strlen(json), &pack))
		return NULL;
	return codec_pack_text(&pack);
}

static void records_keep_their_times(void **state)
{
	// RFC 8428 section 5.1.3, with names of LwM2M.
	assert_string_equal(
		pack_of(110, NULL,
			"[{\"bn\":\"/3303/0/\",\"bt\":1.276020076e+09,\"n\":\"5700\",\"t\":-5,"
			"\"v\":1.2},{\"n\":\"5700\",\"t\":-4,\"v\":1.3},{\"n\":\"5700\",\"v\":1.7},"
			"{\"n\":\"5701\",\"vs\":\"Cel\"}]"),
		"/3303/0/5700 FLOAT 1.2 @1276020071\n"
		"/3303/0/5700 FLOAT 1.3 @1276020072\n"
		"/3303/0/5700 FLOAT 1.7 @1276020076\n"
		"/3303/0/5701 STRING Cel @1276020076\n");
	assert_string_equal(pack_of(110, NULL,
				    "[{\"n\":\"/3/0/9\",\"v\":1},"
				    "{\"n\":\"/3/0/9\",\"v\":2,\"t\":-60.5}]"),
			    "/3/0/9 INTEGER 1\n/3/0/9 INTEGER 2 @-60.5\n");
}

static void lwm2m_json_has_times_too(void **state)
{
	// The example of LwM2M 1.0 section 6.4.4.
	static const char json[] =
		"{\"bn\":\"/72/\",\"bt\":25462634,\"e\":[{\"n\":\"1/2\",\"v\":22.4,\"t\":-5},"
		"{\"n\":\"1/2\",\"v\":22.9,\"t\":-30},{\"n\":\"1/2\",\"v\":24.1,\"t\":-50}]}";
	static const char expected[] = "/72/1/2 FLOAT 22.399999999999999 @25462629\n"
				       "/72/1/2 FLOAT 22.899999999999999 @25462604\n"
				       "/72/1/2 FLOAT 24.100000000000001 @25462584\n";

	assert_string_equal(pack_of(11543, "/72/1/2", json), expected);
	assert_string_equal(pack_of(1543, NULL, json), expected);
	assert_string_equal(pack_of(11543, "/3/0", "{\"e\":[{\"n\":\"9\",\"v\":1,\"t\":2}]}"),
			    "/3/0/9 INTEGER 1 @2\n");
	assert_string_equal(pack_of(11543, "/6/0/4", "{\"e\":[{\"sv\":\"AA==\"}]}"),
			    "/6/0/4 OPAQUE 00\n");
}

static void resource_instances_of_one_time_are_one_entry(void **state)
{
	assert_string_equal(
		pack_of(110, NULL,
			"[{\"n\":\"/3/0/7/0\",\"v\":1},{\"n\":\"/3/0/7/0\",\"v\":2,\"t\":-1},"
			"{\"n\":\"/3/0/9\",\"v\":5},{\"n\":\"/3/0/7/1\",\"v\":3},"
			"{\"n\":\"/9/0/1/4\",\"vs\":\"x\"}]"),
		"/3/0/7 INTEGER[#0=INTEGER 1,#1=INTEGER 3]\n"
		"/3/0/7 INTEGER[#0=INTEGER 2] @-1\n"
		"/3/0/9 INTEGER 5\n"
		"/9/0/1 STRING[#4=STRING x]\n");
}

static void what_overlapping_paths_bring_twice_is_one_entry(void **state)
{
	assert_string_equal(pack_of(110, NULL,
				    "[{\"n\":\"/3/0/9\",\"v\":1},{\"n\":\"/3/0/7/0\",\"v\":1},"
				    "{\"n\":\"/3/0/9\",\"v\":2},{\"n\":\"/3/0/7/0\",\"v\":3}]"),
			    "/3/0/9 INTEGER 2\n/3/0/7 INTEGER[#0=INTEGER 3]\n");
	assert_string_equal(pack_of(110, NULL,
				    "[{\"n\":\"/3/0/9\",\"v\":1,\"t\":1},"
				    "{\"bt\":1,\"n\":\"/3/0/9\",\"v\":1}]"),
			    "/3/0/9 INTEGER 1 @1\n");
}

static void what_holds_no_value_makes_no_entry(void **state)
{
	assert_string_equal(pack_of(110, NULL, "[]"), "");
	assert_string_equal(pack_of(110, NULL, "[{\"n\":\"/3303/0\"},{\"n\":\"/\"}]"), "");
	assert_string_equal(pack_of(110, NULL, "[{\"n\":\"/3/0/7\"}]"), "/3/0/7 INTEGER[]\n");
}

static void a_pack_that_means_nothing_is_refused(void **state)
{
	static const struct {
		const char *json;
		size_t offset;
	} cases[] = {
		{"[{\"n\":\"/3/0/7/0\",\"v\":1},{\"n\":\"/3/0/7\",\"v\":1}]", 24},
		{"[{\"n\":\"/3/0/9\"}]", 1},
		{"[{\"n\":\"/3/0/7/0\"}]", 1},
		{"[{\"n\":\"/3/0\",\"v\":1}]", 1},
		{"[{\"n\":\"/3/0/9\",\"v\":1.5}]", 19},
		{"[{\"n\":\"/3/0/7/0\",\"v\":1.5}]", 21},
		{"[{\"n\":\"/1/0/1\",\"v\":1}]", 1}, // outside of the base
	};
	struct lwm2m_pack pack;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(decode(110, "/3", cases[i].json, strlen(cases[i].json), &pack));
		assert_null(pack.first);
		if (err.offset != cases[i].offset)
			fail_msg("%s: %s at %zu", cases[i].json, err.what, err.offset);
	}
	assert_false(decode(LWM2M_FORMAT_TLV, NULL, "", 0, &pack));
	assert_string_equal(err.what, "content format has no records");
}

static const char *tree_of(const char *json)
{
	static char text[1024];
	struct lwm2m_pack pack;
	struct lwm2m_node *root;

	assert_true(decode(110, NULL, json, strlen(json), &pack));
	assert_true(lwm2m_pack_tree(&pack, &arena, &root));
	return tree_text(root, text, sizeof(text));
}

static void the_tree_has_the_newest_values(void **state)
{
	assert_string_equal(tree_of("[]"), "{}");
	assert_string_equal(tree_of("[{\"n\":\"/3/0/9\",\"v\":1,\"t\":-1},"
				    "{\"n\":\"/3/0/10\",\"v\":7},"
				    "{\"n\":\"/3/0/9\",\"v\":2,\"t\":-5},"
				    "{\"n\":\"/6/0/0\",\"v\":1.5}]"),
			    "{//3{/0{9=INTEGER 1,10=INTEGER 7}},//6{/0{0=FLOAT 1.5}}}");
	// Absolute times are older than relative ones, and those than none.
	assert_string_equal(tree_of("[{\"n\":\"/3/0/9\",\"v\":1,\"t\":1276020076},"
				    "{\"n\":\"/3/0/9\",\"v\":2,\"t\":1276020077},"
				    "{\"n\":\"/3/0/9\",\"v\":3,\"t\":1276020070}]"),
			    "{//3{/0{9=INTEGER 2}}}");
	assert_string_equal(tree_of("[{\"n\":\"/3/0/9\",\"v\":1,\"t\":-100},"
				    "{\"n\":\"/3/0/9\",\"v\":2,\"t\":1276020077}]"),
			    "{//3{/0{9=INTEGER 1}}}");
	assert_string_equal(tree_of("[{\"n\":\"/3/0/9\",\"v\":1},"
				    "{\"n\":\"/3/0/9\",\"v\":2,\"t\":5}]"),
			    "{//3{/0{9=INTEGER 1}}}");
	assert_string_equal(tree_of("[{\"n\":\"/3/0/7/0\",\"v\":1,\"t\":-2},"
				    "{\"n\":\"/3/0/9\",\"v\":5},"
				    "{\"n\":\"/3/0/7/1\",\"v\":2,\"t\":-1}]"),
			    "{//3{/0{7=INTEGER[#1=INTEGER 2],9=INTEGER 5}}}");
}

static void a_path_finds_its_node(void **state)
{
	static const char json[] = "[{\"n\":\"/3/0/7/1\",\"v\":1},{\"n\":\"/3/0/9\",\"v\":5}]";
	struct lwm2m_pack pack;
	struct lwm2m_node *root;
	struct lwm2m_path path;

	assert_true(decode(110, NULL, json, strlen(json), &pack));
	assert_true(lwm2m_pack_tree(&pack, &arena, &root));
	path = codec_path("/");
	assert_ptr_equal(lwm2m_tree_find(root, &path), root);
	path = codec_path("/3/0");
	assert_int_equal(lwm2m_tree_find(root, &path)->kind, LWM2M_KIND_INSTANCE);
	path = codec_path("/3/0/7");
	assert_int_equal(lwm2m_tree_find(root, &path)->kind, LWM2M_KIND_MULTI);
	path = codec_path("/3/0/7/1");
	assert_int_equal(lwm2m_tree_find(root, &path)->value.integer, 1);
	path = codec_path("/3/0/9");
	assert_int_equal(lwm2m_tree_find(root, &path)->value.integer, 5);
	path = codec_path("/3/0/9/0");
	assert_null(lwm2m_tree_find(root, &path));
	path = codec_path("/3/1");
	assert_null(lwm2m_tree_find(root, &path));
	path = codec_path("/4/0/1");
	assert_null(lwm2m_tree_find(root, &path));
}

static void packs_are_written_as_they_were_read(void **state)
{
	static const struct {
		uint16_t format;
		const char *payload;
	} cases[] = {
		{110, "[]"},
		{110, "[{\"bn\":\"/3/0/9\",\"v\":1,\"t\":-60.5},{\"bn\":\"/3/0/9\",\"v\":2}]"},
		{110, "[{\"bn\":\"/3/0/7/\",\"n\":\"0\",\"v\":1,\"t\":1795344565},"
		      "{\"n\":\"1\",\"v\":2,\"t\":1795344565},{\"bn\":\"/6/0/0\",\"v\":1.5}]"},
		{110, "[{\"bn\":\"/3/0/9\",\"v\":1,\"t\":1276020076.25}]"},
	};
	struct lwm2m_encode_error why;
	struct lwm2m_pack pack;
	uint8_t out[1024];
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *payload = cases[i].payload;
		assert_true(decode(cases[i].format, NULL, payload, strlen(payload), &pack));
		char *before = strdup(codec_pack_text(&pack));
		assert_true(lwm2m_encode_pack(&lwm2m_model_builtin, cases[i].format, &pack, out,
					      sizeof(out), &len, &why));
		assert_int_equal(len, strlen(payload));
		assert_memory_equal(out, payload, len);
		// And by way of the other format.
		assert_true(lwm2m_encode_pack(&lwm2m_model_builtin, 112, &pack, out, sizeof(out),
					      &len, &why));
		assert_true(decode(112, NULL, out, len, &pack));
		assert_string_equal(codec_pack_text(&pack), before);
		free(before);
	}
}

// A composite answer or write and what Wakaama notifies name each resource by a base of its own,
// so that they are canonical as a pack and not as a tree. Wakaama's CBOR has labels in no order.
static void what_real_clients_packed_is_written_byte_for_byte(void **state)
{
	size_t same = 0;

	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		struct lwm2m_encode_error why;
		struct lwm2m_pack pack;
		uint8_t payload[1024], out[1024];
		size_t len = hex_bytes(v->hex, payload, sizeof(payload)), out_len;
		if (v->format != 110 && v->format != 112)
			continue;
		assert_true(decode(v->format, v->path, payload, len, &pack));
		assert_true(lwm2m_encode_pack(&lwm2m_model_builtin, v->format, &pack, out,
					      sizeof(out), &out_len, &why));
		if (v->canonical || strstr(v->name, "wakaama-cbor /3/0 SENML_CBOR") ||
		    strstr(v->name, "wakaama-cbor /3/0/0 SENML_CBOR"))
			continue;
		if (len != out_len || memcmp(payload, out, len) != 0)
			fail_msg("%s: %.*s", v->name, (int)out_len, (const char *)out);
		same++;
	}
	assert_in_range(same, 10, 100);
}

static void a_pack_that_cannot_be_written_names_the_path(void **state)
{
	struct lwm2m_node node = {.kind = LWM2M_KIND_SINGLE, .id = 9};
	struct lwm2m_entry entry = {.path = codec_path("/3/0/9"), .node = &node};
	struct lwm2m_pack pack = {.first = &entry, .count = 1};
	struct lwm2m_encode_error why;
	uint8_t out[64];
	size_t len;

	assert_false(
		lwm2m_encode_pack(&lwm2m_model_builtin, 110, &pack, out, sizeof(out), &len, &why));
	assert_string_equal(why.what, "node without a value");
	assert_int_equal(why.path.depth, 3);
	node.value = (struct lwm2m_value){.type = LWM2M_INTEGER, .integer = 5};
	assert_false(lwm2m_encode_pack(&lwm2m_model_builtin, 11542, &pack, out, sizeof(out), &len,
				       &why));
	assert_false(lwm2m_encode_pack(&lwm2m_model_builtin, 110, &pack, out, 10, &len, &why));
	assert_string_equal(why.what, "payload is larger than there is room for");
	entry.path.depth = 2;
	assert_false(
		lwm2m_encode_pack(&lwm2m_model_builtin, 110, &pack, out, sizeof(out), &len, &why));
	assert_int_equal(why.path.depth, 2);
}

static void a_full_arena_is_an_error(void **state)
{
	static const char json[] = "[{\"n\":\"/3/0/7/1\",\"v\":1},{\"n\":\"/3/0/9\",\"v\":5},"
				   "{\"n\":\"/3/0/0\",\"vs\":\"\\n\"}]";
	bool ok = false, whole = false;

	for (size_t cap = 0; !whole; cap += 16) {
		struct lwm2m_arena small = lwm2m_arena_begin(arena_buf, cap);
		struct lwm2m_pack pack;
		struct lwm2m_node *root;
		assert_in_range(cap, 0, sizeof(arena_buf));
		ok = lwm2m_decode_pack(&lwm2m_model_builtin, 110, NULL, json, strlen(json), &small,
				       &pack, &err);
		assert_true(ok || (err.what && !pack.first));
		whole = ok && lwm2m_pack_tree(&pack, &small, &root);
	}
}

static void the_number_of_entries_is_bounded(void **state)
{
	size_t cap = (LWM2M_NODES_MAX + 2) * 32, len = 1;
	char *json = malloc(cap);
	struct lwm2m_pack pack;

	assert_non_null(json);
	json[0] = '[';
	for (unsigned i = 0; i <= LWM2M_NODES_MAX; i++)
		len += (size_t)snprintf(json + len, cap - len,
					"%s{\"n\":\"/3/0/9\",\"v\":1,\"t\":%u}", i ? "," : "", i);
	json[len++] = ']';
	struct lwm2m_arena big = lwm2m_arena_begin(malloc(1 << 20), 1 << 20);
	assert_non_null(big.buf);
	assert_false(
		lwm2m_decode_pack(&lwm2m_model_builtin, 110, NULL, json, len, &big, &pack, &err));
	assert_string_equal(err.what, "more values than there is room for");
	free(big.buf);
	free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_keep_their_times),
		cmocka_unit_test(lwm2m_json_has_times_too),
		cmocka_unit_test(resource_instances_of_one_time_are_one_entry),
		cmocka_unit_test(what_overlapping_paths_bring_twice_is_one_entry),
		cmocka_unit_test(what_holds_no_value_makes_no_entry),
		cmocka_unit_test(a_pack_that_means_nothing_is_refused),
		cmocka_unit_test(the_tree_has_the_newest_values),
		cmocka_unit_test(a_path_finds_its_node),
		cmocka_unit_test(packs_are_written_as_they_were_read),
		cmocka_unit_test(what_real_clients_packed_is_written_byte_for_byte),
		cmocka_unit_test(a_pack_that_cannot_be_written_names_the_path),
		cmocka_unit_test(a_full_arena_is_an_error),
		cmocka_unit_test(the_number_of_entries_is_bounded),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/pack", tests, NULL, NULL);
}
