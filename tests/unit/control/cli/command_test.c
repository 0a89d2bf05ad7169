// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the words on the command line ask of the gateway, and the exit status.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/control/cli/rig.h"

#define CHANGED "{\"status\":\"CHANGED(204)\",\"valid\":true,\"success\":true,\"failure\":false}"

static void answer(long status, const char *body)
{
	rig.answers[0].status = status;
	rig.answers[0].body = body;
}

static void assert_asked(const char *method, const char *target, const char *body)
{
	assert_int_equal(rig.asked, 1);
	assert_string_equal(rig.method, method);
	assert_string_equal(rig.target, target);
	assert_string_equal(rig.body, body);
}

static void a_bad_command_line_asks_nobody_and_is_2(void **state)
{
	static const char *const lines[][5] = {
		{"reed"},
		{"read", "dev"},
		{"read", "dev", "/3", "more"},
		{"read", "dev", "/"},
		{"read", "dev", "x"},
		{"read", "dev", "/3/0/9/1/2"},
		{"read", "dev", "/3/65535"},
		{"read", "", "/3"},
		{"read", "dev", "/3", "--limit"},
		{"read", "dev", "/3", "--limit", "3"},
		{"devices", "--limit", "0"},
		{"devices", "--limit", "-1"},
		{"devices", "--bogus"},
		{"device", "dev", "--timeout", "x"},
		{"exec", "dev", "/3/0"},
		{"write", "dev", "/3/0", "text"},
		{"write", "dev", "/3/0/1", "@/nowhere/at/all"},
		{"write", "dev", "/1/0/1", "-5"},
		{"create", "dev", "/3303", "[]"},
		{"create", "dev", "/3303/1", "{}"},
		{"delete", "dev", "/3303"},
		{"attributes", "dev", "/3"},
		{"attributes", "dev", "/3", "=4"},
		{"observe", "dev", "/3", "--active"},
		{"queue", "dev", "--remove", "x"},
		{"backends", "lost"},
		{"backends", "show"},
		{"backends", "show", ""},
		{"backends", "list", "all"},
		{"backends", "add", "one"},
		{"backends", "add", "one", "@/nowhere/at/all"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *const *l = lines[i];

		assert_int_equal(rig_run(l[0], l[1], l[2], l[3], l[4], NULL), 2);
		assert_int_equal(rig.asked, 0);
		assert_memory_equal(rig.err, "sluicectl: ", 11);
		assert_string_equal(rig.out, "");
	}
	assert_int_equal(rig_run("--json", NULL), 2);
	assert_memory_equal(rig.err, "Usage: ", 7);
}

static void every_command_has_help_with_an_example(void **state)
{
	assert_int_equal(rig_run("--help", NULL), 0);
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		assert_non_null(strstr(rig.out, command->summary));
		free(rig.out);
		rig.out = NULL;
		assert_int_equal(rig_run(command->name, "--help", NULL), 0);
		assert_non_null(strstr(rig.out, "Example: sluicectl "));
		assert_string_equal(rig.err, "");
		rig_run("--help", NULL);
	}
	assert_int_equal(rig_run("--version", NULL), 0);
	assert_memory_equal(rig.out, "sluicectl ", 10);
}

static void each_command_asks_what_the_rest_api_says(void **state)
{
	answer(200, CHANGED);
	rig_run("read", "dev", "/3/0/9", "--timeout", "9", "--format", "TLV", NULL);
	assert_asked("GET", "/api/clients/dev/3/0/9?timeout=9&format=TLV", "");
	rig_run("read", "urn:a b/c", "3", NULL);
	assert_asked("GET", "/api/clients/urn%3Aa%20b%2Fc/3", "");
	rig_run("exec", "dev", "/3/0/4", NULL);
	assert_asked("POST", "/api/clients/dev/3/0/4", "");
	rig_run("exec", "dev", "/5/0/2", "0='now'", NULL);
	assert_asked("POST", "/api/clients/dev/5/0/2", "0='now'");
	rig_run("delete", "dev", "/3303/1", NULL);
	assert_asked("DELETE", "/api/clients/dev/3303/1", "");
	rig_run("create", "dev", "/3303", "{\"id\":1}", NULL);
	assert_asked("POST", "/api/clients/dev/3303", "{\"id\":1}");
	rig_run("discover", "dev", "/3/0", NULL);
	assert_asked("GET", "/api/clients/dev/3/0/discover", "");
	rig_run("discover", "dev", NULL);
	assert_asked("GET", "/api/clients/dev", "");
	rig_run("attributes", "dev", "/3/0", "pmin=1", "gt=2.5", "lt", NULL);
	assert_asked("PUT", "/api/clients/dev/3/0/attributes?pmin=1&gt=2.5&lt", "");
	rig_run("observe", "dev", "/3/0/9", NULL);
	assert_asked("POST", "/api/clients/dev/3/0/9/observe", "");
	rig_run("observe", "dev", "/3/0/9", "--cancel", "--active", NULL);
	assert_asked("DELETE", "/api/clients/dev/3/0/9/observe?active", "");
	rig_run("queue", "dev", "--remove", "42", NULL);
	assert_asked("DELETE", "/api/clients/dev/queue/42", "");
}

static void a_value_becomes_a_node(void **state)
{
	answer(200, CHANGED);
	assert_int_equal(rig_run("write", "dev", "/1/0/1", "300", NULL), 0);
	assert_asked("PUT", "/api/clients/dev/1/0/1",
		     "{\"kind\":\"singleResource\",\"id\":1,\"value\":\"300\"}");
	assert_string_equal(rig.type, "application/json");
	assert_string_equal(rig.out, "CHANGED(204)\n");
	rig_run("write", "dev", "/3/0/7/1", "--type", "integer", "--", "-5", NULL);
	assert_asked(
		"PUT", "/api/clients/dev/3/0/7/1",
		"{\"kind\":\"resourceInstance\",\"id\":1,\"value\":\"-5\",\"type\":\"INTEGER\"}");
	rig_run("write", "dev", "/1/0/6", "TRUE", "--type", "BOOLEAN", NULL);
	assert_string_equal(rig.body, "{\"kind\":\"singleResource\",\"id\":6,\"value\":true,"
				      "\"type\":\"BOOLEAN\"}");
	rig_run("write", "dev", "/9/0/1", "3:0", "--type", "OBJLNK", NULL);
	assert_non_null(strstr(rig.body, "{\"objectId\":3,\"objectInstanceId\":0}"));
	rig_run("write", "dev", "/3/0/13", "1500", "--type", "TIME", NULL);
	assert_non_null(strstr(rig.body, "\"value\":1500"));
	rig_run("write", "dev", "/1/0", "{\"id\":0,\"resources\":[]}", "--partial", NULL);
	assert_asked("PUT", "/api/clients/dev/1/0?replace=false", "{\"id\":0,\"resources\":[]}");
	assert_int_equal(rig_run("write", "dev", "/1/0/6", "perhaps", "--type", "BOOLEAN", NULL),
			 2);
	assert_int_equal(rig_run("write", "dev", "/9/0/1", "3", "--type", "OBJLNK", NULL), 2);
	assert_int_equal(rig_run("write", "dev", "/3/0/13", "now", "--type", "TIME", NULL), 2);
}

static void a_file_is_written_whole(void **state)
{
	char name[] = "/tmp/sluicectl-test-XXXXXX", argument[64];
	int fd = mkstemp(name);

	assert_int_equal(write(fd, "\x00\xff\x10", 3), 3);
	close(fd);
	snprintf(argument, sizeof(argument), "@%s", name);
	answer(200, CHANGED);
	assert_int_equal(rig_run("write", "dev", "/5/0/0", argument, "--type", "OPAQUE", NULL), 0);
	assert_non_null(strstr(rig.body, "\"value\":\"00ff10\""));
	unlink(name);
}

static void what_the_gateway_or_the_device_refuses_is_1_with_its_words(void **state)
{
	answer(400, "No registered client with id 'dev'");
	assert_int_equal(rig_run("read", "dev", "/3", NULL), 1);
	assert_string_equal(rig.err, "sluicectl: No registered client with id 'dev'\n");
	answer(504, "Request timeout");
	assert_int_equal(rig_run("exec", "dev", "/3/0/4", NULL), 1);
	assert_string_equal(rig.err, "sluicectl: Request timeout\n");
	answer(500, "");
	assert_int_equal(rig_run("queue", "dev", NULL), 1);
	answer(200,
	       "{\"status\":\"NOT_FOUND(404)\",\"success\":false,\"errormessage\":\"no such\"}");
	assert_int_equal(rig_run("read", "dev", "/3/0/5", NULL), 1);
	assert_string_equal(rig.err, "sluicectl: the device refused: NOT_FOUND(404), no such\n");
	assert_string_equal(rig.out, "");
	assert_int_equal(rig_run("read", "dev", "/3/0/5", "--json", NULL), 1);
	assert_non_null(strstr(rig.out, "NOT_FOUND"));
	answer(200, "<html>");
	assert_int_equal(rig_run("devices", NULL), 1);
	answer(200, "{}");
	assert_int_equal(rig_run("devices", NULL), 1);
}

static void without_a_gateway_it_is_3_and_says_where_it_looked(void **state)
{
	assert_int_equal(rig_run("devices", NULL), 3);
	assert_non_null(strstr(rig.err, "http://127.0.0.1:8080"));
	setenv("SLUICE_URL", "http://there:1", 1);
	assert_int_equal(rig_run("devices", "--json", NULL), 3);
	assert_non_null(strstr(rig.err, "http://there:1"));
	assert_int_equal(rig_run("--url", "http://here", "events", NULL), 3);
	assert_non_null(strstr(rig.err, "http://here"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_bad_command_line_asks_nobody_and_is_2),
		T(every_command_has_help_with_an_example),
		T(each_command_asks_what_the_rest_api_says),
		T(a_value_becomes_a_node),
		T(a_file_is_written_whole),
		T(what_the_gateway_or_the_device_refuses_is_1_with_its_words),
		T(without_a_gateway_it_is_3_and_says_where_it_looked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
