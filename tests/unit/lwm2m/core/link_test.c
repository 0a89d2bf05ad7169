// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/link.h"

#include "tests/vectors/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *error_of(const char *text)
{
	struct link_iter it = link_iter_begin(text, strlen(text));
	struct link link;

	while (link_iter_next(&it, &link))
		;
	return it.error;
}

static void links_and_their_attributes_are_walked(void **state)
{
	static const char text[] = "</>;rt=\"oma.lwm2m\";ct=\"60 110\",</1/0>,</3>;ver=1.1;obs";
	struct link_iter it = link_iter_begin(text, sizeof(text) - 1);
	struct link link;
	struct link_attr attr;

	assert_true(link_iter_next(&it, &link));
	assert_int_equal(link.uri_len, 1);
	assert_memory_equal(link.uri, "/", 1);
	assert_true(link_attr_find(&link, "ct", &attr));
	assert_int_equal(attr.value_len, 8);
	assert_memory_equal(attr.value, "\"60 110\"", 8);
	assert_false(link_attr_find(&link, "c", &attr));

	assert_true(link_iter_next(&it, &link));
	assert_int_equal(link.attrs_len, 0);
	size_t pos = 0;
	assert_false(link_attr_next(&link, &pos, &attr));

	assert_true(link_iter_next(&it, &link));
	assert_int_equal(link.attrs_len, 12);
	pos = 0;
	assert_true(link_attr_next(&link, &pos, &attr));
	assert_memory_equal(attr.name, "ver", attr.name_len);
	assert_memory_equal(attr.value, "1.1", attr.value_len);
	assert_true(link_attr_next(&link, &pos, &attr));
	assert_memory_equal(attr.name, "obs", attr.name_len);
	assert_null(attr.value);
	assert_false(link_attr_next(&link, &pos, &attr));
	assert_false(link_iter_next(&it, &link));
	assert_null(it.error);
}

static void what_real_clients_discover_is_what_leshan_says(void **state)
{
	for (size_t i = 0; i < sizeof(links_vectors) / sizeof(links_vectors[0]); i++) {
		const struct links_vector *v = &links_vectors[i];
		struct link_iter it = link_iter_begin(v->payload, strlen(v->payload));
		char text[512] = "";
		struct link link;

		while (link_iter_next(&it, &link)) {
			strcat(text, text[0] ? " " : "");
			strncat(text, link.uri, link.uri_len);
			strncat(text, link.attrs, link.attrs_len);
		}
		assert_null(it.error);
		assert_string_equal(text, v->links);
	}
}

static void separators_inside_quotes_belong_to_the_value(void **state)
{
	static const char text[] = "</a>;title=\"x,y;</z>\\\"q\",</b>";
	struct link_iter it = link_iter_begin(text, sizeof(text) - 1);
	struct link_attr attr;
	struct link link;

	assert_true(link_iter_next(&it, &link));
	assert_true(link_attr_find(&link, "title", &attr));
	assert_int_equal(attr.value_len, 13);
	assert_true(link_iter_next(&it, &link));
	assert_memory_equal(link.uri, "/b", link.uri_len);
	assert_null(it.error);
}

static void well_formed_lists_have_no_error(void **state)
{
	assert_null(error_of(""));
	assert_null(error_of("<>"));
	assert_null(error_of("</3/0>"));
	assert_null(error_of("</3/0>;a;b;c=\"\""));
	assert_null(error_of("<coap://[2001:db8::1]/x?y=z>;anchor=\"/a\";title*=UTF-8''%e2"));
	assert_null(error_of("</t>;title=\"Gr\xc3\xb6\xc3\x9f"
			     "e\""));
}

static void malformed_lists_name_their_error(void **state)
{
	static const char *const texts[] = {
		"3/0",
		"<",
		"</3/0",
		"</3 0>",
		"</3<0>",
		"</3\xc3\xa4>",
		"</3/0>,",
		",</3/0>",
		"</3/0>,,</1>",
		"</3/0></1/0>",
		"</3/0>;",
		"</3/0>;=1",
		"</3/0>;a=",
		"</3>;a=,</1>",
		"</3/0>;a=\"b",
		"</3/0>;a=\"b\\",
		"</3/0>;a=\"\n\"",
		"</3/0> ",
		"</3/0>, </1/0>",
		"</3/0>;a=\"b\"c",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!error_of(texts[i]))
			fail_msg("%s", texts[i]);
	}
}

static void an_error_stays_and_shows_where(void **state)
{
	static const char text[] = "</1>,</2>,3,</4>";
	struct link_iter it = link_iter_begin(text, sizeof(text) - 1);
	struct link link;

	assert_true(link_iter_next(&it, &link));
	assert_true(link_iter_next(&it, &link));
	assert_false(link_iter_next(&it, &link));
	assert_int_equal(it.p - text, 10);
	assert_false(link_iter_next(&it, &link));
	assert_non_null(it.error);
}

static void a_text_too_long_for_the_lengths_is_refused(void **state)
{
	static char text[70000];
	struct link_iter it = link_iter_begin(text, sizeof(text));
	struct link link;

	assert_false(link_iter_next(&it, &link));
	assert_non_null(it.error);
	it = link_iter_begin(NULL, 0);
	assert_false(link_iter_next(&it, &link));
	assert_null(it.error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_and_their_attributes_are_walked),
		cmocka_unit_test(what_real_clients_discover_is_what_leshan_says),
		cmocka_unit_test(separators_inside_quotes_belong_to_the_value),
		cmocka_unit_test(well_formed_lists_have_no_error),
		cmocka_unit_test(malformed_lists_name_their_error),
		cmocka_unit_test(an_error_stays_and_shows_where),
		cmocka_unit_test(a_text_too_long_for_the_lengths_is_refused),
	};
	return cmocka_run_group_tests_name("lwm2m/core/link", tests, NULL, NULL);
}
