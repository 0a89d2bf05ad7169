// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Handshakes by certificate and by raw public key.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/state.h"
#include "tests/unit/support/device.h"
#include "tests/unit/support/dtls_client.h"

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)
#define ECDSA          "ECDHE-ECDSA-AES128-CCM-8"
#define ECDSA_GCM      "ECDHE-ECDSA-AES128-GCM-SHA256"
#define SUITE_13       "TLS13-AES128-GCM-SHA256"

static struct gateway gw;

static struct dtls_known known[] = {
	{BRIDGE_CREDENTIAL_X509, NULL, 0, NULL, "dev-3", 33},
	{BRIDGE_CREDENTIAL_RPK, NULL, 0, NULL, "dev-3", 44},
	{BRIDGE_CREDENTIAL_PSK, "one", 3, "key of device one", "dev-1", 11},
	{0},
};

static int set_up(void **state)
{
	dtls_known_device(&known[0], &known[1]);
	gateway_open(&gw, (struct gateway_params){0});
	dtls_gateway(&gw, 100, true);
	gateway_ready(&gw);
	dtls_known = known;
	return 0;
}

static int tear_down(void **state)
{
	gateway_close(&gw);
	return 0;
}

static struct dtls_client_params device(int version, const char *suites, const char *certificate)
{
	return (struct dtls_client_params){
		.version = version,
		.suites = suites,
		.certificate = certificate,
		.number = 1,
	};
}

static void registers(struct dtls_client_params params)
{
	struct datagram d = device_register(1, 1, "dev-3", 300);
	struct dtls_client c;

	dtls_client_open(&c, &gw, params);
	assert_true(dtls_client_connect(&c));
	dtls_client_send(&c, &d);
	gateway_commit_all(&gw);
	assert_int_equal(dtls_client_take(&c).msg.code, COAP_CREATED);
	if (params.version == WOLFSSL_DTLSV1_3)
		dtls_client_rekey(&c);
	dtls_client_close(&c);
}

static void is_refused(struct dtls_client_params params)
{
	struct datagram d = device_register(1, 1, "dev-3", 300);
	struct dtls_client c;

	dtls_client_open(&c, &gw, params);
	// The verdict may come after what the device thinks is the end of the handshake.
	if (dtls_client_connect(&c)) {
		wolfSSL_write(c.ssl, d.bytes, (int)d.len);
		gateway_run(&gw);
		assert_int_equal(dtls_client_take(&c).len, 0);
	}
	assert_int_equal(COUNT(registers), 0);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	dtls_client_close(&c);
}

static void a_device_registers_by_certificate(void **state)
{
	registers(device(WOLFSSL_DTLSV1_2, ECDSA, "device"));
	assert_int_equal(COUNT(dtls_handshakes_x509), 1);
}

static void a_device_registers_by_certificate_with_aes_gcm_and_a_connection_id(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, ECDSA_GCM, "device");

	params.cid = true;
	registers(params);
}

static void a_device_registers_by_certificate_with_dtls_13(void **state)
{
	registers(device(WOLFSSL_DTLSV1_3, SUITE_13, "device"));
	assert_int_equal(COUNT(dtls_handshakes_x509), 1);
}

static void a_device_registers_by_raw_public_key(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, ECDSA, "device");

	params.rpk = true;
	registers(params);
	assert_int_equal(COUNT(dtls_handshakes_rpk), 1);
}

static void a_device_registers_by_raw_public_key_with_dtls_13(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, SUITE_13, "device");

	params.rpk = true;
	registers(params);
	assert_int_equal(COUNT(dtls_handshakes_rpk), 1);
}

static void pre_shared_keys_still_do(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, "PSK-AES128-CCM-8", NULL);
	struct dtls_client c;

	params.identity = "one";
	params.key = "key of device one";
	dtls_client_open(&c, &gw, params);
	assert_true(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_handshakes_psk), 1);
	dtls_client_close(&c);
}

static void an_expired_certificate_is_refused(void **state)
{
	is_refused(device(WOLFSSL_DTLSV1_2, ECDSA, "expired"));
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
}

static void a_certificate_of_another_authority_is_refused(void **state)
{
	is_refused(device(WOLFSSL_DTLSV1_2, ECDSA, "stranger"));
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
}

static void an_expired_certificate_is_refused_in_dtls_13(void **state)
{
	is_refused(device(WOLFSSL_DTLSV1_3, SUITE_13, "expired"));
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
}

static void no_certificate_is_refused(void **state)
{
	is_refused(device(WOLFSSL_DTLSV1_2, ECDSA, NULL));
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
}

static void no_certificate_is_refused_in_dtls_13(void **state)
{
	is_refused(device(WOLFSSL_DTLSV1_3, SUITE_13, NULL));
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
}

static void a_certificate_that_control_does_not_know_is_refused(void **state)
{
	known[0].id_len = 0;
	is_refused(device(WOLFSSL_DTLSV1_2, ECDSA, "device"));
	assert_int_equal(COUNT(dtls_unknown_identity), 1);
}

static void certificate_files_are_read_again_while_the_worker_runs(void **state)
{
	struct dp_dtls_params params = {.certificate = dtls_file("gateway", ".pem"),
					.key = dtls_file("gateway", ".key"),
					.ca = dtls_file("other", ".pem")};
	char why[160];

	gateway_command(&gw, 0, BRIDGE_CREDENTIALS_RELOAD, NULL, 0);
	gateway_run(&gw);
	assert_true(gw.w[0]->renew_wanted);
	assert_int_equal(dp_dtls_renew(gw.w[0], &params, why), 0);
	assert_int_equal(dp_dtls_renew(gw.w[0], &params, why), 0); // before the first was taken
	gateway_run(&gw);
	is_refused(device(WOLFSSL_DTLSV1_2, ECDSA, "device")); // the authority is another one now
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
}

// A second certificate, of another authority, for another name.
static void use_named(void)
{
	const struct config_certificate named[] = {
		{(char *)(uintptr_t) "south.example",
		 (char *)(uintptr_t)dtls_file("device", ".pem"),
		 (char *)(uintptr_t)dtls_file("device", ".key")},
		{(char *)(uintptr_t) "north.example",
		 (char *)(uintptr_t)dtls_file("stranger", ".pem"),
		 (char *)(uintptr_t)dtls_file("stranger", ".key")},
	};
	struct dp_dtls_params params = {.named = named, .named_count = 2};
	char why[160];

	params.certificate = dtls_file("gateway", ".pem");
	params.key = dtls_file("gateway", ".key");
	params.ca = dtls_file("ca", ".pem");
	if (dp_dtls_renew(gw.w[0], &params, why) < 0)
		fail_msg("%s", why);
	gateway_run(&gw);
}

static void bad_certificate_files_change_nothing(void **state)
{
	struct dp_dtls_params params = {.certificate = dtls_file("missing", ".pem"),
					.key = dtls_file("gateway", ".key")};
	char why[160];

	assert_true(dp_dtls_renew(gw.w[0], &params, why) < 0);
	assert_non_null(strstr(why, "not a certificate"));
	params.certificate = dtls_file("gateway", ".pem");
	params.key = dtls_file("device", ".key");
	assert_true(dp_dtls_renew(gw.w[0], &params, why) < 0);
	assert_non_null(strstr(why, "gateway.pem, not of the private key in "));
	assert_non_null(strstr(why, "device.key"));
	params.certificate = NULL;
	params.key = dtls_file("ca", ".pem");
	assert_true(dp_dtls_renew(gw.w[0], &params, why) < 0);
	gateway_run(&gw);
	registers(device(WOLFSSL_DTLSV1_2, ECDSA, "device"));
}

static void registers_with(int version, const char *suites, const char *name, const char *ca)
{
	struct dtls_client_params params = device(version, suites, "device");

	params.name = name;
	params.ca = ca;
	tear_down(NULL);
	set_up(NULL);
	use_named();
	registers(params);
}

static void a_certificate_is_chosen_by_the_name_that_is_asked_for(void **state)
{
	registers_with(WOLFSSL_DTLSV1_2, ECDSA, "North.Example", "other");
	registers_with(WOLFSSL_DTLSV1_3, SUITE_13, "north.example", "other");
	registers_with(WOLFSSL_DTLSV1_2, ECDSA, "north.example.org", "ca");
	registers_with(WOLFSSL_DTLSV1_3, SUITE_13, NULL, "ca");
}

static void a_named_certificate_must_have_its_key(void **state)
{
	const struct config_certificate named = {(char *)(uintptr_t) "x",
						 (char *)(uintptr_t)dtls_file("stranger", ".pem"),
						 (char *)(uintptr_t)dtls_file("device", ".key")};
	struct dp_dtls_params params = {.named = &named, .named_count = 1};
	char why[160];

	assert_true(dp_dtls_renew(gw.w[0], &params, why) < 0);
	assert_non_null(strstr(why, "stranger.pem, not of the private key in "));
}

static void an_identity_beside_a_certificate_is_not_proof_of_it(void **state)
{
	// DTLS 1.3: the ClientHello names device one; the handshake is done by a certificate.
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, SUITE_13, "device");

	params.identity = "one";
	params.key = "not the key of device one";
	is_refused(params);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_registers_by_certificate),
		T(a_device_registers_by_certificate_with_aes_gcm_and_a_connection_id),
		T(a_device_registers_by_certificate_with_dtls_13),
		T(a_device_registers_by_raw_public_key),
		T(a_device_registers_by_raw_public_key_with_dtls_13),
		T(pre_shared_keys_still_do),
		T(an_expired_certificate_is_refused),
		T(a_certificate_of_another_authority_is_refused),
		T(an_expired_certificate_is_refused_in_dtls_13),
		T(no_certificate_is_refused),
		T(no_certificate_is_refused_in_dtls_13),
		T(a_certificate_that_control_does_not_know_is_refused),
		T(certificate_files_are_read_again_while_the_worker_runs),
		T(bad_certificate_files_change_nothing),
		T(a_certificate_is_chosen_by_the_name_that_is_asked_for),
		T(a_named_certificate_must_have_its_key),
		T(an_identity_beside_a_certificate_is_not_proof_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
