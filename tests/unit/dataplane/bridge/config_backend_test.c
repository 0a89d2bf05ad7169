// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bridge/config.h"

static struct config_backend *backend_load(const char *json, char messages[static 1024])
{
	FILE *err = fmemopen(messages, 1024, "w");
	struct config_backend *backend = config_backend_load("a", json, strlen(json), err);

	fclose(err);
	return backend;
}

static void a_back_end_can_come_as_json(void **state)
{
	char messages[1024] = "";
	struct config_backend *backend = backend_load(
		"{\"url\":\"http:\\/\\/h\\/\",\"batch\":{\"events\":7},\"types\":[\"send\"]}",
		messages);

	assert_non_null(backend);
	assert_string_equal(backend->name, "a");
	assert_string_equal(backend->url, "http://h/");
	assert_int_equal(backend->batch.events, 7);
	assert_int_equal(backend->batch.bytes, 1 << 20);
	assert_int_equal(backend->types, CONFIG_EVENT_SEND);
	config_backend_free(backend);
}

static void what_is_wrong_with_a_back_end_of_json_is_named_by_key(void **state)
{
	static const char *const cases[][2] = {
		{"{}", "url: missing (http://... or https://...)\n"},
		{"{\"name\":\"b\",\"url\":\"http://h\"}", "name: not that of the request (a)\n"},
		{"{\"url\":\"http://h\",\"connections\":0}",
		 "connections: out of range: 0 (1 to 16)\n"},
		{"{\"url\":\"http://h\",\"batch\":{\"events\":\"x\"}}",
		 "batch.events: not a number: 'x' (a whole number)\n"},
		{"{\"url\":\"http://h\",\"auth\":{\"bearer_file\":\"/etc/shadow\"}}",
		 "auth: a file (only in the configuration file)\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char messages[1024] = "";

		assert_null(backend_load(cases[i][0], messages));
		assert_string_equal(messages, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_back_end_can_come_as_json),
		cmocka_unit_test(what_is_wrong_with_a_back_end_of_json_is_named_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
