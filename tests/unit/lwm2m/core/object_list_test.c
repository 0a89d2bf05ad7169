// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/object_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct lwm2m_object_list list;

static bool check(const char *text)
{
	return lwm2m_object_list_check(&list, text, strlen(text));
}

static void objects_and_instances_are_counted(void **state)
{
	assert_true(check("</>;rt=\"oma.lwm2m\";ct=110,</1/0>,</3>;ver=1.1,</3/0>,</other>"));
	assert_int_equal(list.count, 3);
	assert_int_equal(list.root_len, 0);
	assert_true(check("</3>"));
	assert_int_equal(list.count, 1);
}

static void an_alternate_root_is_taken_off(void **state)
{
	assert_true(check("</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/3/0>,</4/0>"));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.root_len, 6);
	assert_memory_equal(list.root, "/lwm2m", 6);

	assert_true(check("</a/3/0>,</a/>;rt=\"core.x oma.lwm2m\",</3/0>"));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.root_len, 2);
	assert_true(check("</a>;rt=oma.lwm2m,</a/1>"));
}

static bool root_is(const char *text, const char *wanted)
{
	uint16_t len;
	const char *root = lwm2m_object_list_root(text, strlen(text), &len);

	return len == strlen(wanted) && memcmp(root, wanted, len) == 0;
}

static void the_root_may_stand_anywhere_and_be_nested(void **state)
{
	assert_true(root_is("</a/b/3/0>,</a/b/>;ct=110;rt=\"oma.lwm2m\"", "/a/b"));
	assert_true(root_is("</x>;rt=\"core.y oma.lwm2m\",</z>;rt=oma.lwm2m", "/x"));
	assert_true(root_is("</>;rt=\"oma.lwm2m\",</3/0>", ""));
	assert_true(root_is("</3/0>", ""));
	assert_true(root_is("", ""));
	assert_true(check("</a/b/3/0>,</3/0>,</a/b/>;ct=110;rt=\"oma.lwm2m\",</a/b/6>"));
	assert_int_equal(list.count, 2);
}

static void a_resource_type_that_only_contains_the_name_is_no_root(void **state)
{
	assert_true(check("</a>;rt=\"oma.lwm2m2 xoma.lwm2m\",</3/0>"));
	assert_int_equal(list.root_len, 0);
	assert_true(check("</a>;rt,</3/0>"));
}

static void a_link_gives_its_path(void **state)
{
	struct link link = {.uri = "/x/3/0", .uri_len = 6};
	struct lwm2m_path path;

	assert_true(check("</x>;rt=oma.lwm2m,</x/3/0>"));
	assert_true(lwm2m_object_list_path(&list, &link, &path));
	assert_int_equal(path.depth, 2);
	assert_int_equal(path.ids[0], 3);
	link.uri_len = 2;
	assert_false(lwm2m_object_list_path(&list, &link, &path));
}

static void a_list_without_objects_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"</>",
		"</>;rt=\"oma.lwm2m\"",
		"</3/0/9>",
		"</65535>",
		"</3/65535>",
		"</a/3>",
		"<3/0>",
		"</a>;rt=oma.lwm2m,</3/0>",
		"</a>;rt=oma.lwm2m,</ab/3/0>",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(check(texts[i]));
		assert_non_null(list.error);
	}
}

static void malformed_text_and_bad_utf8_are_refused(void **state)
{
	assert_false(check("</3/0>,"));
	assert_int_equal(list.error_at, 7);
	assert_false(check("</3/0>;t=\"\xff\""));
	assert_false(check("</a>;rt=oma.lwm2m,</a/3/0>,x"));
	assert_false(lwm2m_object_list_check(&list, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_instances_are_counted),
		cmocka_unit_test(an_alternate_root_is_taken_off),
		cmocka_unit_test(the_root_may_stand_anywhere_and_be_nested),
		cmocka_unit_test(a_resource_type_that_only_contains_the_name_is_no_root),
		cmocka_unit_test(a_link_gives_its_path),
		cmocka_unit_test(a_list_without_objects_is_refused),
		cmocka_unit_test(malformed_text_and_bad_utf8_are_refused),
	};
	return cmocka_run_group_tests_name("lwm2m/core/object_list", tests, NULL, NULL);
}
