// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/public_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/security/hex.h"
#include "tests/unit/control/security/keys.h"

static uint8_t der[1024];

static size_t load(const char *hex)
{
	assert_true(ctl_unhex(hex, strlen(hex), der));
	return strlen(hex) / 2;
}

static void keys_of_elliptic_curves_are_keys(void **state)
{
	size_t len = load(p256_key);

	assert_true(ctl_public_key_ok(der, len));
	len = load(p384_key);
	assert_true(ctl_public_key_ok(der, len));
}

static void what_is_cut_longer_off_the_curve_or_of_another_kind_is_none(void **state)
{
	size_t len = load(p256_key);

	for (size_t cut = 0; cut < len; cut++)
		assert_false(ctl_public_key_ok(der, cut));
	assert_false(ctl_public_key_ok(der, len + 1));
	der[len - 1] ^= 1; // not on the curve
	assert_false(ctl_public_key_ok(der, len));
	len = load(rsa_key);
	assert_false(ctl_public_key_ok(der, len));
	assert_false(ctl_public_key_ok(der, CTL_PUBLIC_KEY_MAX + 1));
}

static void a_key_is_shown_as_leshan_shows_it(void **state)
{
	static const char expected[] =
		"{\"x\":\"d26daaf30224b996e0951680016721936bdc10906fb6e70f0a5ea1ad96f8db81\","
		"\"y\":\"5a2820efd7f3d9ca43611af8a3e1b465cf8fddd941c2b98150408fb8f555bf8e\","
		"\"params\":\"secp256r1 [NIST P-256,X9.62 prime256v1] (1.2.840.10045.3.1.7)\","
		"\"b64Der\":\"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0m2q8wIkuZbglRaAAWchk2vcEJBvtucPC"
		"l6hrZb424FaKCDv1/PZykNhGvij4bRlz4/d2UHCuYFQQI+49VW/jg==\"}";
	size_t len = load(leshan_key);
	json_t *json = ctl_public_key_json(der, len);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
	len = load(p384_key);
	json = ctl_public_key_json(der, len);
	assert_string_equal(json_string_value(json_object_get(json, "params")),
			    "secp384r1 [NIST P-384] (1.3.132.0.34)");
	json_decref(json);
	assert_null(ctl_public_key_json(der, 3));
}

static char names[256];

// Takes the one that is asked for, all of them when none is.
static bool on_name(const char *name, size_t len, void *arg)
{
	const char *wanted = arg;

	snprintf(names + strlen(names), sizeof(names) - strlen(names), "%.*s ", (int)len, name);
	return wanted != NULL && strlen(wanted) == len && memcmp(name, wanted, len) == 0;
}

static bool names_of(const char *hex, const char *wanted)
{
	size_t len = load(hex);

	names[0] = '\0';
	return ctl_certificate_names(der, len, on_name, (void *)(uintptr_t)wanted);
}

static void a_certificate_tells_its_holders_names_alternatives_first(void **state)
{
	assert_false(names_of(named_certificate, NULL));
	assert_string_equal(names, "dns.example urn:dev:ops:1 meter-1 ");
	assert_true(names_of(named_certificate, "urn:dev:ops:1"));
	assert_string_equal(names, "dns.example urn:dev:ops:1 ");
	assert_false(names_of(two_names_certificate, NULL));
	assert_string_equal(names, "first second ");
}

static void what_is_no_certificate_names_nobody(void **state)
{
	size_t len = load(named_certificate);

	names[0] = '\0';
	for (size_t cut = 0; cut < len; cut++)
		assert_false(ctl_certificate_names(der, cut, on_name, NULL));
	assert_false(ctl_certificate_names(der, CTL_CERTIFICATE_MAX + 1, on_name, NULL));
	assert_string_equal(names, "");
}

static void a_certificate_tells_when_it_ends(void **state)
{
	size_t len = load(named_certificate);
	uint8_t *end = memmem(der, len, "21261106101154Z", 15);

	assert_non_null(end);
	assert_int_equal(ctl_certificate_until(der, len), UINT32_MAX); // cannot be said
	memcpy(end, "2027", 4);
	assert_int_equal(ctl_certificate_until(der, len), 1825495914);
	assert_int_equal(ctl_certificate_until(der, len - 1), 0);
	assert_int_equal(ctl_certificate_until(der, CTL_CERTIFICATE_MAX + 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_elliptic_curves_are_keys),
		cmocka_unit_test(what_is_cut_longer_off_the_curve_or_of_another_kind_is_none),
		cmocka_unit_test(a_key_is_shown_as_leshan_shows_it),
		cmocka_unit_test(a_certificate_tells_its_holders_names_alternatives_first),
		cmocka_unit_test(what_is_no_certificate_names_nobody),
		cmocka_unit_test(a_certificate_tells_when_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
