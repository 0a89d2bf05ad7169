// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions resumed by tickets.
#include "tests/unit/dataplane/dtls/tickets.h"

static void resumes(struct dtls_client_params params, enum by by)
{
	WOLFSSL_SESSION *session = ticket_of(params);
	struct dtls_client c;

	assert_int_equal(COUNT(dtls_tickets), 1);
	connect_with(&c, params, session);
	assert_int_equal(wolfSSL_session_reused(c.ssl), 1);
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	registers(&c, endpoint_of(by), COAP_CREATED);
	if (params.version == WOLFSSL_DTLSV1_3)
		dtls_client_rekey(&c);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(session);
}

static void a_session_by_pre_shared_key_is_resumed(void **state)
{
	resumes(device(WOLFSSL_DTLSV1_2, BY_PSK), BY_PSK);
}

static void a_session_by_raw_public_key_is_resumed(void **state)
{
	resumes(device(WOLFSSL_DTLSV1_2, BY_RPK), BY_RPK);
}

static void a_session_by_certificate_is_resumed(void **state)
{
	resumes(device(WOLFSSL_DTLSV1_2, BY_X509), BY_X509);
}

static void a_session_by_pre_shared_key_is_resumed_with_dtls_13(void **state)
{
	resumes(device(WOLFSSL_DTLSV1_3, BY_PSK), BY_PSK);
}

static void a_session_by_raw_public_key_is_resumed_with_dtls_13(void **state)
{
	resumes(device(WOLFSSL_DTLSV1_3, BY_RPK), BY_RPK);
}

static void a_session_by_certificate_is_resumed_with_dtls_13(void **state)
{
	resumes(device(WOLFSSL_DTLSV1_3, BY_X509), BY_X509);
}

static void a_resumed_session_has_a_connection_id_of_its_own(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_PSK);
	WOLFSSL_SESSION *session;
	struct dtls_client c;

	params.cid = true;
	session = ticket_of(params);
	connect_with(&c, params, session);
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	c.peer = gateway_device(99);
	registers(&c, "dev-1", COAP_CREATED);
	assert_int_equal(COUNT(dtls_moves), 1);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(session);
}

static void another_endpoint_is_forbidden_to_a_resumed_session(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_RPK);
	WOLFSSL_SESSION *session = ticket_of(params);
	struct dtls_client c;

	connect_with(&c, params, session);
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	registers(&c, "dev-1", COAP_FORBIDDEN);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(session);
}

static void a_ticket_is_one_more_message_of_the_gateways(void **state)
{
	for (enum by by = BY_PSK; by <= BY_X509; by++) {
		struct dtls_client c;

		dtls_client_open(&c, &gw, device(WOLFSSL_DTLSV1_3, by));
		assert_true(dtls_client_connect(&c));
		registers(&c, endpoint_of(by), COAP_CREATED);
		dtls_client_rekey(&c); // message_seq must fit
		dtls_client_close(&c);
		tear_down(NULL);
		open_gateway(5);
	}
}

static void without_keys_there_are_no_tickets(void **state)
{
	static const int versions[] = {WOLFSSL_DTLSV1_2, WOLFSSL_DTLSV1_3};

	tear_down(NULL);
	gateway_open(&gw, (struct gateway_params){0});
	dtls_gateway(&gw, 100, true);
	gateway_ready(&gw);
	for (size_t i = 0; i < 2; i++)
		wolfSSL_SESSION_free(ticket_of(device(versions[i], BY_X509)));
	assert_int_equal(COUNT(dtls_tickets), 0);
	assert_int_equal(COUNT(dtls_handshakes_x509), 2);
}

static void tickets_of_resumed_sessions_are_as_old_as_the_first(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, BY_RPK);
	WOLFSSL_SESSION *first = ticket_of(params), *second;
	struct dtls_client c;

	gw.now_us += DTLS_GATEWAY_LIFETIME_S / 2 * S;
	gateway_run(&gw);
	connect_with(&c, params, first);
	assert_int_equal(COUNT(dtls_tickets), 2);
	second = dtls_client_session(&c);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(first);
	gw.now_us += DTLS_GATEWAY_LIFETIME_S / 2 * S;
	gateway_run(&gw);
	connect_with(&c, params, second);
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	assert_int_equal(COUNT(dtls_tickets_expired), 1);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(second);
}

static void tickets_of_the_period_before_are_good_and_older_ones_are_not(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		WOLFSSL_SESSION *first = ticket_of(params), *second = ticket_of(params);
		struct dtls_client c;

		dtls_gateway_tickets(&gw, 7);
		is_not_resumed(params, kinds[i].by, first);
		assert_int_equal(COUNT(dtls_tickets_unknown), 1);
		dtls_gateway_tickets(&gw, 6);
		connect_with(&c, params, second);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
		dtls_client_close(&c);
		wolfSSL_SESSION_free(second);
		begin_anew();
	}
}

static void a_ticket_from_before_a_restart_is_good_as_long_as_its_key_is(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		WOLFSSL_SESSION *first = ticket_of(params), *second = ticket_of(params);
		struct dtls_client c;

		begin_anew();
		connect_with(&c, params, first);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
		dtls_client_close(&c);
		wolfSSL_SESSION_free(first);
		tear_down(NULL);
		open_gateway(50); // with another key file, say
		is_not_resumed(params, kinds[i].by, second);
		begin_anew();
	}
}

static void a_session_goes_on_with_its_cipher_suite_though_a_better_one_is_offered(void **state)
{
	static const struct {
		int version;
		const char *first, *then, *name;
	} cases[] = {
		{WOLFSSL_DTLSV1_2, "ECDHE-ECDSA-AES128-GCM-SHA256",
		 "ECDHE-ECDSA-AES128-CCM-8:ECDHE-ECDSA-AES128-GCM-SHA256",
		 "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
		{WOLFSSL_DTLSV1_3, "TLS13-AES128-GCM-SHA256",
		 "TLS13-AES128-CCM-8-SHA256:TLS13-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dtls_client_params params = device(cases[i].version, BY_X509);
		WOLFSSL_SESSION *session;
		struct dtls_client c;

		params.suites = cases[i].first;
		session = ticket_of(params);
		params.suites = cases[i].then;
		connect_with(&c, params, session);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
		assert_string_equal(wolfSSL_get_cipher(c.ssl), cases[i].name);
		registers(&c, "dev-3", COAP_CREATED);
		dtls_client_close(&c);
		wolfSSL_SESSION_free(session);
		begin_anew();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_session_by_pre_shared_key_is_resumed),
		T(a_session_by_raw_public_key_is_resumed),
		T(a_session_by_certificate_is_resumed),
		T(a_session_by_pre_shared_key_is_resumed_with_dtls_13),
		T(a_session_by_raw_public_key_is_resumed_with_dtls_13),
		T(a_session_by_certificate_is_resumed_with_dtls_13),
		T(a_resumed_session_has_a_connection_id_of_its_own),
		T(another_endpoint_is_forbidden_to_a_resumed_session),
		T(a_ticket_is_one_more_message_of_the_gateways),
		T(without_keys_there_are_no_tickets),
		T(tickets_of_resumed_sessions_are_as_old_as_the_first),
		T(tickets_of_the_period_before_are_good_and_older_ones_are_not),
		T(a_ticket_from_before_a_restart_is_good_as_long_as_its_key_is),
		T(a_session_goes_on_with_its_cipher_suite_though_a_better_one_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
