// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/rest/query.h"

static int one(struct ctl_req *req, struct ctl_resp *resp)
{
	return 1;
}

static int list(struct ctl_req *req, struct ctl_resp *resp)
{
	return 2;
}

static int below(struct ctl_req *req, struct ctl_resp *resp)
{
	return 3;
}

static int put(struct ctl_req *req, struct ctl_resp *resp)
{
	return 4;
}

static const struct ctl_route routes[] = {
	{"/api/clients", CTL_GET, list},
	{"/api/clients/{}", CTL_GET, one},
	{"/api/clients/{}", CTL_PUT, put},
	{"/api/clients/{}/**", CTL_GET, below},
	{0},
};

static char path[512];
static struct ctl_req req;
static const struct ctl_route *found;
static unsigned int allowed;

static enum ctl_route_verdict find(enum ctl_method method, const char *text)
{
	req = (struct ctl_req){.method = method};
	found = NULL;
	snprintf(path, sizeof(path), "%s", text);
	return ctl_route_find(routes, path, &req, &found, &allowed);
}

static void a_literal_path_is_found(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients"), CTL_ROUTE_OK);
	assert_ptr_equal(found->handler, list);
	assert_int_equal(req.args_count, 0);
}

static void a_slash_at_the_end_changes_nothing(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/"), CTL_ROUTE_OK);
	assert_ptr_equal(found->handler, list);
}

static void a_variable_segment_is_an_argument(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/dev-1"), CTL_ROUTE_OK);
	assert_ptr_equal(found->handler, one);
	assert_int_equal(req.args_count, 1);
	assert_string_equal(req.args[0].text, "dev-1");
}

static void an_encoded_slash_does_not_split(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/a%2Fb%20c"), CTL_ROUTE_OK);
	assert_ptr_equal(found->handler, one);
	assert_string_equal(req.args[0].text, "a/b c");
	assert_int_equal(req.args[0].len, 5);
}

static void an_encoded_zero_byte_is_kept_in_the_length(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/a%00b"), CTL_ROUTE_OK);
	assert_int_equal(req.args[0].len, 3);
}

static void the_rest_of_a_path_is_all_arguments(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/x/3/0/9"), CTL_ROUTE_OK);
	assert_ptr_equal(found->handler, below);
	assert_int_equal(req.args_count, 4);
	assert_string_equal(req.args[3].text, "9");
}

static void methods_of_one_path_are_told_apart(void **state)
{
	assert_int_equal(find(CTL_PUT, "/api/clients/x"), CTL_ROUTE_OK);
	assert_ptr_equal(found->handler, put);
	assert_int_equal(find(CTL_DELETE, "/api/clients/x"), CTL_ROUTE_METHOD);
	assert_string_equal(ctl_methods_text(allowed), "GET, HEAD, PUT");
	assert_int_equal(find(0, "/api/clients"), CTL_ROUTE_METHOD);
	assert_string_equal(ctl_methods_text(allowed), "GET, HEAD");
}

static void an_unknown_path_is_not_found(void **state)
{
	assert_int_equal(find(CTL_GET, "/api"), CTL_ROUTE_NOT_FOUND);
	assert_int_equal(find(CTL_GET, "/"), CTL_ROUTE_NOT_FOUND);
	assert_int_equal(find(CTL_GET, ""), CTL_ROUTE_NOT_FOUND);
	assert_int_equal(find(CTL_GET, "/api/clientsx"), CTL_ROUTE_NOT_FOUND);
	assert_int_equal(find(CTL_GET, "/api//clients"), CTL_ROUTE_NOT_FOUND);
}

static void a_malformed_path_is_bad(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/%zz"), CTL_ROUTE_BAD);
	assert_int_equal(find(CTL_GET, "/api/clients/%2"), CTL_ROUTE_BAD);
	assert_int_equal(find(CTL_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"),
			 CTL_ROUTE_BAD);
}

static void more_arguments_than_there_is_room_for_do_not_match(void **state)
{
	assert_int_equal(find(CTL_GET, "/api/clients/x/1/2/3/4/5/6/7/8"), CTL_ROUTE_NOT_FOUND);
}

static struct ctl_query query(const char *value)
{
	return (struct ctl_query){{"q", 1}, {value, value ? strlen(value) : 0}};
}

static void numbers_are_decimal_and_complete(void **state)
{
	static const char *const bad[] = {
		NULL, "", "-1", "1x", "0x1", " 1", "1000000000000000000000"};
	struct ctl_query q = query("1200");
	uint64_t value;

	assert_true(ctl_query_number(&q, &value));
	assert_int_equal(value, 1200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		q = query(bad[i]);
		assert_false(ctl_query_number(&q, &value));
	}
}

static void content_formats_are_known_by_name(void **state)
{
	struct ctl_query q = query("senml_cbor");
	uint16_t format;

	assert_true(ctl_query_format(&q, &format));
	assert_int_equal(format, 112);
	q = query("XML");
	assert_false(ctl_query_format(&q, &format));
	q = query(NULL);
	assert_false(ctl_query_format(&q, &format));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_literal_path_is_found),
		cmocka_unit_test(a_slash_at_the_end_changes_nothing),
		cmocka_unit_test(a_variable_segment_is_an_argument),
		cmocka_unit_test(an_encoded_slash_does_not_split),
		cmocka_unit_test(an_encoded_zero_byte_is_kept_in_the_length),
		cmocka_unit_test(the_rest_of_a_path_is_all_arguments),
		cmocka_unit_test(methods_of_one_path_are_told_apart),
		cmocka_unit_test(an_unknown_path_is_not_found),
		cmocka_unit_test(a_malformed_path_is_bad),
		cmocka_unit_test(more_arguments_than_there_is_room_for_do_not_match),
		cmocka_unit_test(numbers_are_decimal_and_complete),
		cmocka_unit_test(content_formats_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
