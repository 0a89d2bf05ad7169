// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// /api/security/clients: statuses, texts and shapes are those recorded of Leshan.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/rest/resources.h"
#include "control/security/credentials.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static struct ctl_req req;
static struct ctl_resp resp;

static int setup(void **state)
{
	gateway_init(&gw);
	gateway_start(&gw);
	return 0;
}

static int teardown(void **state)
{
	ctl_resp_clear(&resp);
	gateway_stop(&gw);
	gateway_remove(&gw);
	return 0;
}

static void fresh(void)
{
	ctl_resp_clear(&resp);
	resp = (struct ctl_resp){0};
	req = (struct ctl_req){.ctl = &gw.ctl};
}

static void assert_answer(unsigned int status, const char *type, const char *body)
{
	assert_int_equal(resp.status, status);
	if (type == NULL)
		assert_null(resp.content_type);
	else
		assert_string_equal(resp.content_type, type);
	assert_int_equal(resp.body_len, strlen(body));
	if (resp.body_len > 0)
		assert_memory_equal(resp.body, body, resp.body_len);
}

static void put(const char *body)
{
	fresh();
	req.body = body;
	req.body_len = strlen(body);
	assert_int_equal(ctl_security_clients_put(&req, &resp), 0);
}

static void name(const char *endpoint)
{
	fresh();
	req.args[0] = (struct ctl_text){endpoint, strlen(endpoint)};
	req.args_count = 1;
}

static void query(const char *key, const char *value)
{
	req.query[req.query_count++] =
		(struct ctl_query){{key, strlen(key)}, {value, strlen(value)}};
}

// Reads the list in pieces of that size.
static void assert_list(size_t piece, const char *expected)
{
	char text[4096];
	size_t n = 0;
	ssize_t got;

	assert_int_equal(ctl_security_clients_list(&req, &resp), 0);
	assert_string_equal(resp.content_type, "application/json");
	while ((got = resp.stream->read(resp.stream, text + n, piece)) > 0)
		n += (size_t)got;
	assert_int_equal(got, -1);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

#define SEC1 "{\"endpoint\":\"sec1\",\"tls\":{\"mode\":\"psk\",\"details\":{\"identity\":\"id1\","
#define SEC2 "{\"endpoint\":\"sec2\",\"tls\":{\"mode\":\"x509\"}}"

static void what_leshan_was_seen_to_answer_is_answered(void **state)
{
	put(SEC1 "\"key\":\"0011223344\"}}}");
	assert_answer(200, NULL, "");
	put(SEC2);
	assert_answer(200, NULL, "");
	put("{\"endpoint\":\"sec3\",\"tls\":{\"mode\":\"psk\",\"details\":{\"identity\":\"id1\","
	    "\"key\":\"0011\"}}}");
	assert_answer(400, NULL, "PSK Identity id1 is already used");
	put("{\"endpoint\":");
	assert_int_equal(resp.status, 400);
	assert_memory_equal(resp.body, "Invalid request body: ", 22);
	for (size_t piece = 1; piece < 1000; piece *= 7) {
		fresh();
		assert_list(piece, "[" SEC1 "\"key\":\"******\"}}}," SEC2 "]");
	}
	name("sec1");
	assert_int_equal(ctl_security_client_delete(&req, &resp), 0);
	assert_answer(200, NULL, "");
	name("nobody");
	assert_int_equal(ctl_security_client_delete(&req, &resp), 0);
	assert_answer(200, "application/json", "{\"message\":\"not_found\"}");
	fresh();
	assert_list(4000, "[" SEC2 "]");
	name("sec2");
	ctl_security_client_delete(&req, &resp);
	fresh();
	assert_list(4000, "[]");
}

static void one_can_be_shown_alone(void **state)
{
	put(SEC1 "\"key\":\"00\"}}}");
	name("sec1");
	assert_int_equal(ctl_security_client_get(&req, &resp), 0);
	assert_answer(200, "application/json", SEC1 "\"key\":\"******\"}}}");
	name("sec2");
	assert_int_equal(ctl_security_client_get(&req, &resp), 0);
	assert_answer(404, "application/json", "{\"message\":\"not_found\"}");
}

static void a_public_key_of_another_endpoint_is_refused(void **state)
{
	static const char key[] =
		"3059301306072a8648ce3d020106082a8648ce3d03010703420004d26daaf30224b9"
		"96e0951680016721936bdc10906fb6e70f0a5ea1ad96f8db815a2820efd7f3d9ca43"
		"611af8a3e1b465cf8fddd941c2b98150408fb8f555bf8e";
	char body[512];

	for (int i = 0; i < 2; i++) {
		snprintf(body, sizeof(body),
			 "{\"endpoint\":\"r%d\",\"tls\":{\"mode\":\"rpk\",\"details\":{\"key\":"
			 "\"%s\"}}}",
			 i, key);
		put(body);
		if (i == 0)
			assert_answer(200, NULL, "");
		else
			assert_answer(400, NULL, "Public key is already used");
	}
}

static void what_is_no_credential_is_refused_with_the_reason(void **state)
{
	put("{\"tls\":{\"mode\":\"x509\"}}");
	assert_answer(400, NULL, "Invalid request body: Missing endpoint");
	put(SEC1 "\"key\":\"******\"}}}"); // as it was shown
	assert_answer(400, NULL, "Invalid request body: key parameter must be a valid hex string");
	put("{\"endpoint\":\"a\",\"oscore\":{}}");
	assert_answer(400, NULL,
		      "Invalid request body: OSCORE is not supported (tls with mode psk, rpk or "
		      "x509 is)");
}

static void the_list_can_be_had_in_pages(void **state)
{
	put("{\"endpoint\":\"a\",\"tls\":{\"mode\":\"x509\"}}");
	put("{\"endpoint\":\"b\",\"tls\":{\"mode\":\"x509\"}}");
	put("{\"endpoint\":\"c\",\"tls\":{\"mode\":\"x509\"}}");
	fresh();
	query("after", "a");
	query("limit", "1");
	assert_list(100, "[{\"endpoint\":\"b\",\"tls\":{\"mode\":\"x509\"}}]");
	fresh();
	query("after", "nobody");
	assert_int_equal(ctl_security_clients_list(&req, &resp), 0);
	assert_answer(400, CTL_TYPE_TEXT, "Invalid after 'nobody'");
	fresh();
	query("limit", "some");
	assert_int_equal(ctl_security_clients_list(&req, &resp), 0);
	assert_answer(400, CTL_TYPE_TEXT, "Invalid limit 'some'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(what_leshan_was_seen_to_answer_is_answered),
		T(one_can_be_shown_alone),
		T(a_public_key_of_another_endpoint_is_refused),
		T(what_is_no_credential_is_refused_with_the_reason),
		T(the_list_can_be_had_in_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
