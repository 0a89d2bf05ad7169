// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/json/node_json.h"
#include "control/json/node_parse.h"
#include "control/json/value_parse.h"

static json_t *json;
static void *buf;
static struct lwm2m_node *node;
static char why[CTL_NODE_WHY_MAX];

static int setup(void **state)
{
	buf = malloc(ctl_node_arena_size(100000));
	assert_non_null(buf);
	json = NULL;
	return 0;
}

static int teardown(void **state)
{
	json_decref(json);
	free(buf);
	return 0;
}

static bool parse(const char *path_text, const char *text)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, ctl_node_arena_size(strlen(text)));
	struct lwm2m_path path;

	assert_true(lwm2m_path_parse(&path, path_text, strlen(path_text)));
	json_decref(json);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	return ctl_node_parse(&lwm2m_model_builtin, &path, json, &arena, &node, why);
}

// What was parsed, as it would be shown.
static void assert_parsed(const char *path, const char *text, const char *shown)
{
	json_t *out;
	char *dump;

	if (!parse(path, text))
		fail_msg("%s: %s", text, why);
	out = ctl_node_json(node);
	dump = json_dumps(out, JSON_COMPACT);
	assert_string_equal(dump, shown);
	free(dump);
	json_decref(out);
}

static void what_the_api_shows_can_be_given_back(void **state)
{
	static const struct {
		const char *path, *json;
	} cases[] = {
		{"/3/0/9", "{\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\","
			   "\"value\":\"95\"}"},
		{"/3/0/6", "{\"kind\":\"multiResource\",\"values\":{\"0\":\"1\",\"5\":\"-2\"},"
			   "\"id\":6,\"type\":\"INTEGER\"}"},
		{"/3/0/6/1", "{\"kind\":\"resourceInstance\",\"id\":1,\"type\":\"INTEGER\","
			     "\"value\":\"1\"}"},
		{"/3/0", "{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\","
			 "\"id\":13,\"type\":\"TIME\",\"value\":1795344565000}],\"id\":0}"},
		{"/3", "{\"instances\":[{\"kind\":\"instance\",\"resources\":[],\"id\":0}],"
		       "\"kind\":\"obj\",\"id\":3}"},
		{"/6/0/4", "{\"kind\":\"singleResource\",\"id\":4,\"type\":\"OPAQUE\","
			   "\"value\":\"20000000ff\"}"},
		{"/6/0/0", "{\"kind\":\"singleResource\",\"id\":0,\"type\":\"FLOAT\","
			   "\"value\":\"27.986064910888672\"}"},
		{"/1/0/6", "{\"kind\":\"singleResource\",\"id\":6,\"type\":\"BOOLEAN\","
			   "\"value\":false}"},
		{"/999/0/1", "{\"kind\":\"singleResource\",\"id\":1,\"type\":\"OBJLNK\","
			     "\"value\":{\"objectId\":3,\"objectInstanceId\":65535}}"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_parsed(cases[i].path, cases[i].json, cases[i].json);
}

static void kind_id_and_type_may_be_left_out(void **state)
{
	assert_parsed("/3/0/9", "{\"value\":95}",
		      "{\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\","
		      "\"value\":\"95\"}");
	assert_parsed("/3/0/6/0", "{\"value\":1,\"id\":null,\"type\":null}",
		      "{\"kind\":\"resourceInstance\",\"id\":0,\"type\":\"INTEGER\","
		      "\"value\":\"1\"}");
	assert_parsed("/1/0", "{\"resources\":[{\"id\":1,\"value\":\"60\"}]}",
		      "{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\","
		      "\"id\":1,\"type\":\"INTEGER\",\"value\":\"60\"}],\"id\":0}");
}

static void of_unknown_resources_the_value_says_the_type(void **state)
{
	static const struct {
		const char *value, *type;
	} cases[] = {
		{"\"x\"", "STRING"},
		{"1", "INTEGER"},
		{"1.5", "FLOAT"},
		{"true", "BOOLEAN"},
		{"{\"objectId\":3,\"objectInstanceId\":0}", "OBJLNK"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "{\"value\":%s}", cases[i].value);
		assert_true(parse("/999/0/1", text));
		assert_string_equal(lwm2m_type_name((enum lwm2m_type)node->value.type),
				    cases[i].type);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *path, *json, *why;
	} cases[] = {
		{"/", "{}", "/ cannot be written"},
		{"/3/0/9", "{}", "/3/0/9 is of no known kind"},
		{"/3/0/9", "{\"kind\":1,\"value\":1}", "/3/0/9 is of no known kind"},
		{"/3/0/9", "{\"kind\":\"instance\",\"value\":1}", "/3/0/9 is of another kind"},
		{"/3/0/9/0", "{\"values\":{}}", "/3/0/9/0 is of another kind"},
		{"/3/0/9", "{\"id\":8,\"value\":1}", "/3/0/9 has another id"},
		{"/3/0/9", "{\"id\":\"9\",\"value\":1}", "/3/0/9 has another id"},
		{"/3/0/9", "{\"value\":1,\"type\":\"INT\"}", "/3/0/9 has an unknown type"},
		{"/3/0/9", "{\"value\":1,\"type\":7}", "/3/0/9 has an unknown type"},
		{"/3/0/9", "{\"kind\":\"singleResource\"}", "/3/0/9 has no value"},
		{"/3/0/9", "{\"value\":null}", "/3/0/9 is not an integer"},
		{"/999/0/1", "{\"value\":null}", "/999/0/1 has no value"},
		{"/999/0/1", "{\"value\":[]}", "/999/0/1 has no value"},
		{"/3/0/6", "{\"kind\":\"multiResource\"}", "/3/0/6 has no object of values"},
		{"/3/0/6", "{\"values\":[1]}", "/3/0/6 has no object of values"},
		{"/3/0/6", "{\"values\":{\"a\":1}}", "/3/0/6 has a value whose key is not an id"},
		{"/3/0/6", "{\"values\":{\"65535\":1}}",
		 "/3/0/6 has a value whose key is not an id"},
		{"/3/0/6", "{\"values\":{\"1/2\":1}}", "/3/0/6 has a value whose key is not an id"},
		{"/3/0/6", "{\"values\":{\"3\":\"x\"}}", "/3/0/6/3 is not an integer"},
		{"/999/0/1", "{\"values\":{}}", "/999/0/1 has neither a type nor values"},
		{"/999/0/1", "{\"values\":{\"0\":1,\"1\":\"x\"}}", "/999/0/1/1 is not an integer"},
		{"/3/0", "{\"kind\":\"instance\"}", "/3/0 has no list of what is in it"},
		{"/3/0", "{\"resources\":[{\"value\":1}]}",
		 "/3/0 has an element without a valid id"},
		{"/3/0", "{\"resources\":[{\"id\":65535,\"value\":1}]}",
		 "/3/0 has an element without a valid id"},
		{"/3/0", "{\"resources\":[7]}", "/3/0 has an element without a valid id"},
		{"/3/0", "{\"resources\":[{\"id\":9,\"value\":1},{\"id\":9,\"value\":1}]}",
		 "/3/0/9 is there twice"},
		{"/3/0", "{\"resources\":[{\"id\":9,\"resources\":[]}]}",
		 "/3/0/9 is of another kind"},
		{"/3", "{\"instances\":[{\"id\":0,\"resources\":[{\"id\":9,\"value\":\"x\"}]}]}",
		 "/3/0/9 is not an integer"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(parse(cases[i].path, cases[i].json));
		assert_string_equal(why, cases[i].why);
	}
}

static void a_tree_that_is_too_large_is_refused(void **state)
{
	size_t cap = 100000, len;
	char *text = malloc(cap);

	assert_non_null(text);
	len = (size_t)snprintf(text, cap, "{\"values\":{");
	for (unsigned int i = 0; i < LWM2M_NODES_MAX; i++)
		len += (size_t)snprintf(text + len, cap - len, "%s\"%u\":1", i > 0 ? "," : "", i);
	assert_true(len + 3 < cap);
	strcpy(text + len, "}}");
	assert_false(parse("/3/0/6", text));
	assert_non_null(strstr(why, "does not fit"));
	free(text);
}

// The value in JSON as that type; NULL in what: it is accepted.
static void assert_value(enum lwm2m_type type, const char *text, const char *what,
			 struct lwm2m_value *value)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, 1000);
	const char *got;

	json_decref(json);
	json = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(json);
	got = ctl_value_parse(value, type, json, &arena);
	if (what && got)
		assert_string_equal(got, what);
	else
		assert_ptr_equal(got, what);
}

static void numbers_may_be_strings(void **state)
{
	struct lwm2m_value v;

	assert_value(LWM2M_INTEGER, "\"-9223372036854775808\"", NULL, &v);
	assert_true(v.integer == INT64_MIN);
	assert_value(LWM2M_INTEGER, "\"+5\"", NULL, &v);
	assert_true(v.integer == 5);
	assert_value(LWM2M_UNSIGNED_INTEGER, "\"18446744073709551615\"", NULL, &v);
	assert_true(v.natural == UINT64_MAX);
	assert_value(LWM2M_UNSIGNED_INTEGER, "7", NULL, &v);
	assert_true(v.natural == 7);
	assert_value(LWM2M_FLOAT, "\"-1.5e3\"", NULL, &v);
	assert_true(v.number == -1500);
	assert_value(LWM2M_FLOAT, "2", NULL, &v);
	assert_true(v.number == 2);
	assert_value(LWM2M_BOOLEAN, "\"True\"", NULL, &v);
	assert_true(v.boolean);
	assert_value(LWM2M_BOOLEAN, "\"false\"", NULL, &v);
	assert_false(v.boolean);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const integers[] = {
		"\"\"", "\"x\"", "\"1x\"", "\" 1\"", "\"1.5\"",
		"1.5",  "\"-\"", "\"+\"",  "true",   "\"9223372036854775808\""};
	static const char *const floats[] = {"\"\"",      "\"nan\"", "\"inf\"", "\"0x10\"",
					     "\"1e999\"", "\"1,5\"", "null"};
	struct lwm2m_value v;

	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++)
		assert_value(LWM2M_INTEGER, integers[i], "is not an integer", &v);
	for (size_t i = 0; i < sizeof(floats) / sizeof(floats[0]); i++)
		assert_value(LWM2M_FLOAT, floats[i], "is not a number", &v);
	assert_value(LWM2M_UNSIGNED_INTEGER, "-1", "is not an unsigned integer", &v);
	assert_value(LWM2M_UNSIGNED_INTEGER, "\"-1\"", "is not an unsigned integer", &v);
	assert_value(LWM2M_BOOLEAN, "1", "is not a boolean", &v);
	assert_value(LWM2M_BOOLEAN, "\"yes\"", "is not a boolean", &v);
	assert_value(LWM2M_STRING, "1", "is not a string", &v);
}

static void opaque_values_are_hex(void **state)
{
	struct lwm2m_value v;

	assert_value(LWM2M_OPAQUE, "\"00fFA0\"", NULL, &v);
	assert_int_equal(v.bytes.len, 3);
	assert_memory_equal(v.bytes.data, "\x00\xff\xa0", 3);
	assert_value(LWM2M_OPAQUE, "\"\"", NULL, &v);
	assert_int_equal(v.bytes.len, 0);
	assert_value(LWM2M_OPAQUE, "\"0\"", "is not hex", &v);
	assert_value(LWM2M_OPAQUE, "\"0g\"", "is not hex", &v);
	assert_value(LWM2M_OPAQUE, "1", "is not hex", &v);
}

static void times_are_in_milliseconds(void **state)
{
	struct lwm2m_value v;

	assert_value(LWM2M_TIME, "1795344565999", NULL, &v);
	assert_true(v.integer == 1795344565);
	assert_value(LWM2M_TIME, "\"-1\"", NULL, &v);
	assert_true(v.integer == -1);
	assert_value(LWM2M_TIME, "\"2026-11-22\"", "is not a time in milliseconds", &v);
}

static void links_to_objects_have_two_forms(void **state)
{
	static const char *const bad[] = {"\"3\"",
					  "\"3:\"",
					  "\":0\"",
					  "\"3:x\"",
					  "\"65536:0\"",
					  "{\"objectId\":3}",
					  "{\"objectId\":3,\"objectInstanceId\":-1}"};
	struct lwm2m_value v;

	assert_value(LWM2M_OBJLNK, "\"3:65535\"", NULL, &v);
	assert_int_equal(v.objlnk.object, 3);
	assert_int_equal(v.objlnk.instance, 65535);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_value(LWM2M_OBJLNK, bad[i], "is not a link to an object instance", &v);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_the_api_shows_can_be_given_back),
		T(kind_id_and_type_may_be_left_out),
		T(of_unknown_resources_the_value_says_the_type),
		T(what_is_wrong_is_named),
		T(a_tree_that_is_too_large_is_refused),
		T(numbers_may_be_strings),
		T(what_is_no_number_is_refused),
		T(opaque_values_are_hex),
		T(times_are_in_milliseconds),
		T(links_to_objects_have_two_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
