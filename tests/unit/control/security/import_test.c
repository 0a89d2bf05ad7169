// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Imports: lines of both kinds, however they are cut, thousands of them, and what is wrong with
// some.
#include "control/security/import.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/security/import_line.h"
#include "tests/unit/control/security/keys.h"
#include "tests/unit/control/security/rig.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;

static int setup(void **state)
{
	gateway_init(&gw);
	gateway_start(&gw);
	return 0;
}

static int teardown(void **state)
{
	gateway_stop(&gw);
	gateway_remove(&gw);
	return 0;
}

static const struct ctl_credential *of(const char *endpoint)
{
	return ctl_credentials_of(gw.ctl.credentials, endpoint, strlen(endpoint));
}

// Imports the text in pieces of that size; the summary as text, to be freed.
static char *import(const char *text, size_t len, size_t piece)
{
	struct ctl_import *import = ctl_import_new(gw.ctl.credentials);
	uint64_t line;
	json_t *json;
	char *summary;

	for (size_t at = 0; at < len; at += piece)
		ctl_import_take(import, text + at, len - at < piece ? len - at : piece);
	assert_int_equal(ctl_import_end(import, &line), 0);
	json = ctl_import_json(import);
	summary = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	ctl_import_free(import);
	return summary;
}

static void assert_import(const char *text, size_t piece, const char *expected)
{
	char *summary = import(text, strlen(text), piece);

	assert_string_equal(summary, expected);
	free(summary);
}

static void a_table_and_lines_of_json_may_be_mixed_and_cut_anywhere(void **state)
{
	static const char text[] = "endpoint,mode,identity,key\r\n"
				   "meter-1,psk,id-1,00112233\r\n"
				   "\r\n"
				   "\"meter, \"\"2\"\"\",PSK,\"id,2\",ff\n"
				   "{\"endpoint\":\"meter-3\",\"tls\":{\"mode\":\"psk\","
				   "\"details\":{\"identity\":\"i\","
				   "\"key\":\"01\"}}}\n"
				   "meter-4,x509,,\n"
				   "meter-5,x509"; // without an end
	const size_t len = sizeof(text) - 1;

	for (size_t piece = 1; piece <= len; piece++) {
		char *summary = import(text, len, piece);

		assert_string_equal(summary,
				    piece == 1 ? "{\"lines\":7,\"added\":5,\"replaced\":0,"
						 "\"unchanged\":0,\"failed\":0,\"errors\":[]}"
					       : "{\"lines\":7,\"added\":0,\"replaced\":0,"
						 "\"unchanged\":5,\"failed\":0,\"errors\":[]}");
		free(summary);
	}
	assert_int_equal(ctl_credentials_count(gw.ctl.credentials), 5);
	assert_memory_equal(ctl_credential_key(of("meter-1")), "\x00\x11\x22\x33", 4);
	assert_memory_equal(ctl_credential_identity(of("meter, \"2\"")), "id,2", 4);
	assert_int_equal(of("meter-5")->mode, CTL_CREDENTIAL_X509);
}

static void a_wrong_line_is_told_by_its_number_and_the_others_count(void **state)
{
	assert_import(
		"a,psk,id-a,00\n"
		"b,psk,id-b,0g\n"
		"c,psk,id-a,00\n"
		"a,psk,id-a,01\n"
		"{\"endpoint\":\n"
		"d,x509,,\n",
		1000,
		"{\"lines\":6,\"added\":2,\"replaced\":1,\"unchanged\":0,\"failed\":3,"
		"\"errors\":[{\"line\":2,\"error\":\"key parameter must be a valid hex string\"},"
		"{\"line\":3,\"error\":\"the identity is already used by another endpoint\"},"
		"{\"line\":5,\"error\":\"not JSON\"}]}");
	assert_int_equal(ctl_credentials_count(gw.ctl.credentials), 2);
	assert_memory_equal(ctl_credential_key(of("a")), "\x01", 1);
}

static void what_is_wrong_with_a_line_is_said(void **state)
{
	static char endless[CTL_IMPORT_LINE_MAX + 2];
	const struct {
		const char *line, *why;
	} cases[] = {
		{"a", "mode is not psk, rpk or x509"},
		{"a,tea,,", "mode is not psk, rpk or x509"},
		{"a,psk,i,00,", "more than four fields (endpoint,mode,identity,key)"},
		{"\"a,psk,i,00", "a quote is not closed"},
		{"a\"b,psk,i,00", "a quote in the middle of a field"},
		{"\"a\"b,psk,i,00", "a quote in the middle of a field"},
		{",psk,i,00", "Missing endpoint"},
		{"a,psk,,00", "Missing PSK identity"},
		{"a,psk,i,", "Missing PSK key"},
		{"a,psk,i", "Missing PSK key"},
		{"a,rpk,i,00", "an identity is for mode psk only"},
		{"a,x509,,00", "a key is for modes psk and rpk only"},
		{"a,x509,,zz", "a key is for modes psk and rpk only"},
		{"a,rpk,,", "Invalid security info content: key is not the SubjectPublicKeyInfo of "
			    "an elliptic curve key"},
		{"{", "not JSON"},
		{"{\"endpoint\":\"a\",\"endpoint\":\"a\"}", "not JSON"},
		{endless, "the line is longer than 4096 bytes"},
	};

	memset(endless, 'a', sizeof(endless) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why;

		assert_null(ctl_import_line(cases[i].line, strlen(cases[i].line), &why));
		assert_string_equal(why, cases[i].why);
	}
}

static void a_line_without_end_costs_no_memory_and_is_one_error(void **state)
{
	static char text[100000];
	char *summary;

	memset(text, 'x', sizeof(text));
	text[50000] = '\n';
	summary = import(text, sizeof(text), 777);
	assert_string_equal(
		summary,
		"{\"lines\":2,\"added\":0,\"replaced\":0,\"unchanged\":0,\"failed\":2,"
		"\"errors\":[{\"line\":1,\"error\":\"the line is longer than 4096 bytes\"},"
		"{\"line\":2,\"error\":\"the line is longer than 4096 bytes\"}]}");
	free(summary);
}

static void ten_thousand_are_there_after_a_restart_and_of_many_errors_some_are_told(void **state)
{
	char *text, *summary;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (int i = 0; i < 10000; i++)
		fprintf(out, "dev-%d,psk,id-%d,%032x\n", i, i, i);
	for (int i = 0; i < 200; i++)
		fprintf(out, "bad-%d,psk,id-%d,00\n", i, i); // identities of others
	fclose(out);
	summary = import(text, len, 16384);
	assert_non_null(strstr(summary, "\"added\":10000,"));
	assert_non_null(strstr(summary, "\"failed\":200,\"errors\":[{\"line\":10001,"));
	assert_non_null(strstr(summary, "{\"line\":10100,"));
	assert_null(strstr(summary, "{\"line\":10101,"));
	free(summary);
	free(text);
	gateway_stop(&gw);
	gateway_start(&gw);
	assert_int_equal(ctl_credentials_count(gw.ctl.credentials), 10000);
	assert_int_equal(of("dev-9999")->key_len, 16);
	assert_null(of("bad-0"));
}

static void with_a_full_disk_it_ends_and_says_where(void **state)
{
	struct ctl_import *import = ctl_import_new(gw.ctl.credentials);
	char line_text[64];
	uint64_t line;
	size_t before;

	for (int i = 0; i < 20000; i++) {
		if (i == 9000)
			ctl_hold_set(&gw.ctl.holds, CTL_HOLD_STORE, "No space left on device");
		ctl_import_take(import, line_text,
				(size_t)sprintf(line_text, "dev-%d,psk,id-%d,00\n", i, i));
	}
	assert_int_equal(ctl_import_end(import, &line), -EROFS);
	before = ctl_credentials_count(gw.ctl.credentials);
	assert_int_equal(before, 8192);
	assert_int_equal(line, before + 1);
	ctl_import_free(import);
	gateway_stop(&gw);
	gateway_start(&gw);
	assert_int_equal(ctl_credentials_count(gw.ctl.credentials), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_table_and_lines_of_json_may_be_mixed_and_cut_anywhere),
		T(a_wrong_line_is_told_by_its_number_and_the_others_count),
		T(what_is_wrong_with_a_line_is_said),
		T(a_line_without_end_costs_no_memory_and_is_one_error),
		T(ten_thousand_are_there_after_a_restart_and_of_many_errors_some_are_told),
		T(with_a_full_disk_it_ends_and_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
