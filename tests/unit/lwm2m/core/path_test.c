// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool parse(struct lwm2m_path *path, const char *text)
{
	return lwm2m_path_parse(path, text, strlen(text));
}

static void paths_of_every_depth_read_back(void **state)
{
	static const char *const texts[] = {"/",      "/3",           "/3/0",
					    "/3/0/9", "/3303/0/5700", "/65534/65534/65534/65534"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char buf[LWM2M_PATH_TEXT_MAX];
		struct lwm2m_path path;

		assert_true(parse(&path, texts[i]));
		assert_int_equal(lwm2m_path_format(&path, buf), strlen(texts[i]));
		assert_string_equal(buf, texts[i]);
	}
}

static void what_is_not_a_path_is_refused(void **state)
{
	static const char *const texts[] = {
		"",    "3",      "3/0", "/3/", "//",  "/3//0",       "/a",  "/3/0/9/1/1", "/65535",
		"/03", "/99999", "/-1", "/3 ", "/00", "/4294967296", "/+1", "/3/65535",   "/3/0/9/",
		" /3", "/3/0x1"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct lwm2m_path path;
		if (parse(&path, texts[i]))
			fail_msg("%s", texts[i]);
	}
}

static void a_path_lies_within_its_ancestors(void **state)
{
	struct lwm2m_path root, object, other, resource;

	assert_true(parse(&root, "/"));
	assert_true(parse(&object, "/3"));
	assert_true(parse(&other, "/4"));
	assert_true(parse(&resource, "/3/0/9"));
	assert_true(lwm2m_path_within(&resource, &root));
	assert_true(lwm2m_path_within(&resource, &object));
	assert_true(lwm2m_path_within(&object, &object));
	assert_false(lwm2m_path_within(&resource, &other));
	assert_false(lwm2m_path_within(&object, &resource));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_every_depth_read_back),
		cmocka_unit_test(what_is_not_a_path_is_refused),
		cmocka_unit_test(a_path_lies_within_its_ancestors),
	};
	return cmocka_run_group_tests_name("lwm2m/core/path", tests, NULL, NULL);
}
