// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/control/security/keys.h"

static struct ctl_credential *parse(const char *text, const char **why)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	struct ctl_credential *credential;

	assert_non_null(json);
	credential = ctl_credential_parse(json, why);
	json_decref(json);
	return credential;
}

static void assert_shown(const char *given, const char *shown)
{
	const char *why;
	struct ctl_credential *credential = parse(given, &why);
	json_t *json;
	char *text;

	if (credential == NULL)
		fail_msg("%s", why);
	json = ctl_credential_json(credential);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, shown);
	free(text);
	json_decref(json);
	ctl_credential_free(credential);
}

static void each_mode_is_shown_in_the_shape_it_was_given_its_secret_masked(void **state)
{
	char rpk[512];

	assert_shown("{\"endpoint\":\"sec1\",\"tls\":{\"mode\":\"psk\",\"details\":{\"identity\":"
		     "\"id1\",\"key\":\"0011223344\"}}}",
		     "{\"endpoint\":\"sec1\",\"tls\":{\"mode\":\"psk\",\"details\":{\"identity\":"
		     "\"id1\",\"key\":\"******\"}}}");
	assert_shown("{\"endpoint\":\"sec2\",\"tls\":{\"mode\":\"x509\"}}",
		     "{\"endpoint\":\"sec2\",\"tls\":{\"mode\":\"x509\"}}");
	// A public key is no secret.
	snprintf(rpk, sizeof(rpk),
		 "{\"endpoint\":\"sec3\",\"tls\":{\"mode\":\"rpk\",\"details\":{\"key\":\"%s\"}}}",
		 p256_key);
	assert_shown(rpk, rpk);
}

static void the_parts_are_what_was_given(void **state)
{
	const char *why;
	struct ctl_credential *credential =
		parse("{\"endpoint\":\"a\",\"tls\":{\"mode\":\"psk\",\"details\":{\"identity\":"
		      "\"h\303\251\",\"key\":\"00fFaB\"}}}",
		      &why);

	assert_non_null(credential);
	assert_int_equal(credential->mode, CTL_CREDENTIAL_PSK);
	assert_int_equal(credential->identity_len, 3);
	assert_memory_equal(ctl_credential_identity(credential), "h\303\251", 3);
	assert_int_equal(credential->key_len, 3);
	assert_memory_equal(ctl_credential_key(credential), "\x00\xff\xab", 3);
	ctl_credential_free(credential);
}

#define PSK(identity, key)                                            \
	"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"psk\",\"details\":{" \
	"\"identity\":" identity ",\"key\":" key "}}}"

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"[]", "Security info should be a json object"},
		{"{}", "Missing endpoint"},
		{"{\"endpoint\":1}", "Missing endpoint"},
		{"{\"endpoint\":\"a\"}", "Missing tls"},
		{"{\"endpoint\":\"\",\"tls\":{\"mode\":\"x509\"}}", "Missing endpoint"},
		{"{\"endpoint\":\"a\\u0007\",\"tls\":{\"mode\":\"x509\"}}",
		 "endpoint is not printable text"},
		{"{\"endpoint\":\"a\",\"oscore\":{\"sid\":\"01\",\"rid\":\"02\",\"msec\":\"03\"}}",
		 "OSCORE is not supported (tls with mode psk, rpk or x509 is)"},
		{"{\"endpoint\":\"a\",\"tls\":3}", "tls field should be a json object"},
		{"{\"endpoint\":\"a\",\"tls\":{}}",
		 "Invalid security info content: mode is not psk, rpk or x509"},
		{"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"tea\"}}",
		 "Invalid security info content: mode is not psk, rpk or x509"},
		{"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"psk\"}}",
		 "details field should be a json object"},
		{"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"psk\",\"details\":{\"key\":\"00\"}}}",
		 "Missing PSK identity"},
		{PSK("\"\"", "\"00\""), "Missing PSK identity"},
		{PSK("\"i\"", "1"), "Missing key"},
		{PSK("\"i\"", "\"\""), "Missing PSK key"},
		{PSK("\"i\"", "\"0\""), "key parameter must be a valid hex string"},
		{PSK("\"i\"", "\"0x\""), "key parameter must be a valid hex string"},
		{PSK("\"i\"", "\"******\""), "key parameter must be a valid hex string"},
		{PSK("\"\\n\"", "\"00\""), "PSK identity is not printable text"},
		{"{\"endpoint\":\"a\",\"tls\":{\"mode\":\"rpk\",\"details\":{\"key\":\"0011\"}}}",
		 "Invalid security info content: key is not the SubjectPublicKeyInfo of an "
		 "elliptic curve key"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why;

		assert_null(parse(cases[i].text, &why));
		assert_string_equal(why, cases[i].why);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	char long_text[1200], text[2048];
	const char *why;

	memset(long_text, '0', sizeof(long_text));
	snprintf(text, sizeof(text), PSK("\"i\"", "\"%.130s\""), long_text);
	assert_null(parse(text, &why));
	assert_string_equal(why, "PSK key is longer than 64 bytes");
	snprintf(text, sizeof(text), PSK("\"i\"", "\"%.1026s\""), long_text);
	assert_null(parse(text, &why));
	assert_string_equal(why, "key is too long");
	snprintf(text, sizeof(text), PSK("\"%.129s\"", "\"00\""), long_text);
	assert_null(parse(text, &why));
	assert_string_equal(why, "PSK identity is longer than 128 bytes");
	snprintf(text, sizeof(text), "{\"endpoint\":\"%.256s\",\"tls\":{\"mode\":\"x509\"}}",
		 long_text);
	assert_null(parse(text, &why));
	assert_string_equal(why, "endpoint is longer than 255 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mode_is_shown_in_the_shape_it_was_given_its_secret_masked),
		cmocka_unit_test(the_parts_are_what_was_given),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
