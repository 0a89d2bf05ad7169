// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluicectl security: what it asks, what it shows, how it ends.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/control/cli/rig.h"

#define PSK                                                           \
	"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"psk\",\"details\":{" \
	"\"identity\":\"id\",\"key\":\"******\"}}}"

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

static void file_of(char name[static 32], const void *bytes, size_t len)
{
	int fd;

	strcpy(name, "@/tmp/sluicectl-XXXXXX");
	fd = mkstemp(name + 1);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void a_bad_command_line_asks_nobody_and_is_2(void **state)
{
	assert_int_equal(rig_run("security", NULL), 2);
	assert_int_equal(rig_run("security", "forget", NULL), 2);
	assert_non_null(strstr(rig.err, "forget is not list, show,"));
	assert_int_equal(rig_run("security", "show", NULL), 2);
	assert_non_null(strstr(rig.err, "it is: sluicectl security show EP"));
	assert_int_equal(rig_run("security", "set-psk", "a", "id", NULL), 2);
	assert_int_equal(rig_run("security", "remove", "a", "--limit", "3", NULL), 2);
	assert_int_equal(rig_run("security", "set-psk", "a", "id", "@/nowhere/at/all", NULL), 2);
	assert_int_equal(rig_run("security", "set-x509", "\xff", NULL), 2);
	assert_int_equal(rig_run("security", "import", "/nowhere/at/all", NULL), 2);
	assert_int_equal(rig.asked, 0);
}

static void each_action_asks_what_the_rest_api_says(void **state)
{
	char name[32];

	answer(200, "");
	assert_int_equal(rig_run("security", "set-psk", "a", "id", "0011", NULL), 0);
	assert_asked(
		"PUT", "/api/security/clients",
		"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"psk\",\"details\":{\"identity\":\"id\","
		"\"key\":\"0011\"}}}");
	assert_string_equal(rig.out, "a has its credential\n");
	file_of(name, "00ff\n", 5); // as an editor leaves it
	assert_int_equal(rig_run("security", "set-psk", "a", "id", name, NULL), 0);
	assert_non_null(strstr(rig.body, "\"key\":\"00ff\""));
	unlink(name + 1);
	file_of(name, "\x30\x59\x00", 3); // DER
	assert_int_equal(rig_run("security", "set-rpk", "a", name, NULL), 0);
	assert_asked(
		"PUT", "/api/security/clients",
		"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"rpk\",\"details\":{\"key\":\"305900\"}}}");
	unlink(name + 1);
	assert_int_equal(rig_run("security", "set-x509", "a b", NULL), 0);
	assert_asked("PUT", "/api/security/clients",
		     "{\"endpoint\":\"a b\",\"tls\":{\"mode\":\"x509\"}}");
	assert_int_equal(rig_run("security", "remove", "a/b", NULL), 0);
	assert_asked("DELETE", "/api/security/clients/a%2Fb", "");
}

static void what_the_gateway_refuses_is_1_with_its_words(void **state)
{
	answer(400, "PSK Identity id is already used");
	assert_int_equal(rig_run("security", "set-psk", "a", "id", "00", NULL), 1);
	assert_string_equal(rig.err, "sluicectl: PSK Identity id is already used\n");
	answer(200, "{\"message\":\"not_found\"}");
	assert_int_equal(rig_run("security", "remove", "a", NULL), 1);
	assert_string_equal(rig.err, "sluicectl: a has no credential\n");
	answer(404, "{\"message\":\"not_found\"}");
	assert_int_equal(rig_run("security", "show", "a", NULL), 1);
}

static void credentials_are_a_table_names_or_json(void **state)
{
	answer(200, "[" PSK ",{\"endpoint\":\"b\",\"tls\":{\"mode\":\"x509\"}}]");
	assert_int_equal(rig_run("security", "list", NULL), 0);
	assert_asked("GET", "/api/security/clients?limit=1000", "");
	assert_string_equal(rig.out, "ENDPOINT  MODE  IDENTITY  KEY\n"
				     "a         psk   id        ******\n"
				     "b         x509            \n");
	assert_int_equal(rig_run("security", "list", "--names", "--limit", "2", NULL), 0);
	assert_string_equal(rig.target, "/api/security/clients?limit=2");
	assert_string_equal(rig.out, "a\nb\n");
	assert_int_equal(rig_run("security", "list", "--json", NULL), 0);
	assert_string_equal(rig.target, "/api/security/clients");
	assert_memory_equal(rig.out, "[" PSK, strlen(PSK));
	answer(200, PSK);
	assert_int_equal(rig_run("security", "show", "a", NULL), 0);
	assert_string_equal(rig.target, "/api/security/clients/a");
	assert_non_null(strstr(rig.out, "a         psk   id        ******\n"));
}

static void a_file_is_sent_whole_and_what_came_of_it_is_told(void **state)
{
	static const char lines[] = "endpoint,mode,identity,key\na,psk,id,00\nb,x509\n";
	char name[32];

	file_of(name, lines, strlen(lines));
	answer(200, "{\"lines\":3,\"added\":1,\"replaced\":0,\"unchanged\":1,\"failed\":0,"
		    "\"errors\":[]}");
	assert_int_equal(rig_run("security", "import", name + 1, NULL), 0);
	assert_asked("POST", "/api/security/clients/import", lines);
	assert_string_equal(rig.out, "1 added, 0 replaced, 1 unchanged, 0 failed\n");
	assert_string_equal(rig.err, "");
	answer(200, "{\"lines\":3,\"added\":0,\"replaced\":0,\"unchanged\":1,\"failed\":5,"
		    "\"errors\":[{\"line\":2,\"error\":\"not JSON\"}]}");
	assert_int_equal(rig_run("security", "import", name + 1, NULL), 1);
	assert_string_equal(rig.err, "line 2: not JSON\nand 4 more\n");
	assert_int_equal(rig_run("security", "import", name + 1, "--json", NULL), 1);
	assert_non_null(strstr(rig.out, "\"failed\":5"));
	unlink(name + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_bad_command_line_asks_nobody_and_is_2),
		T(each_action_asks_what_the_rest_api_says),
		T(what_the_gateway_refuses_is_1_with_its_words),
		T(credentials_are_a_table_names_or_json),
		T(a_file_is_sent_whole_and_what_came_of_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
