// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Tickets that do not count, and those that are not given.
#include "tests/unit/dataplane/dtls/tickets.h"

static void a_ticket_that_is_too_old_leads_to_a_handshake_in_full(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		WOLFSSL_SESSION *session = ticket_of(params);

		gw.now_us += DTLS_GATEWAY_LIFETIME_S * S;
		gateway_run(&gw);
		is_not_resumed(params, kinds[i].by, session);
		assert_int_equal(COUNT(dtls_tickets_expired), 1);
		assert_int_equal(COUNT(dtls_tickets), 2);
		begin_anew();
	}
}

static void a_ticket_ends_with_the_certificate_that_it_was_given_for(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		WOLFSSL_SESSION *session;
		struct dtls_client c;

		dtls_known_until_s = (uint32_t)((gw.now_us + gw.w[0]->wall_offset_us) / S + 3600);
		session = ticket_of(params);
		gw.now_us += 3601 * S;
		gateway_run(&gw);
		if (kinds[i].by == BY_X509) {
			is_not_resumed(params, BY_X509, session);
			assert_int_equal(COUNT(dtls_tickets_expired), 1);
		} else {
			connect_with(&c, params, session);
			assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
			dtls_client_close(&c);
			wolfSSL_SESSION_free(session);
		}
		begin_anew();
	}
	dtls_known_until_s = UINT32_MAX;
}

// One byte of the ticket becomes another.
static void tamper(struct dtls_client *c, unsigned at)
{
	unsigned char ticket[512];
	unsigned int len = sizeof(ticket);

	assert_int_equal(wolfSSL_get_SessionTicket(c->ssl, ticket, &len), WOLFSSL_SUCCESS);
	assert_true(len > at);
	ticket[at] ^= 1;
	assert_int_equal(wolfSSL_set_SessionTicket(c->ssl, ticket, len), WOLFSSL_SUCCESS);
}

static void a_ticket_that_was_changed_or_is_somebody_elses_is_none(void **state)
{
	static const unsigned places[] = {0, 8, 16, 40, 100, 180};

	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);

		params.session = ticket_of(params);
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
			struct dtls_client c;

			dtls_client_open(&c, &gw, params);
			tamper(&c, places[k]);
			assert_true(dtls_client_connect(&c));
			assert_int_equal(COUNT(dtls_tickets_unknown), k + 1);
			dtls_client_close(&c);
		}
		assert_int_equal(COUNT(dtls_handshakes_ticket), 0);
		wolfSSL_SESSION_free(params.session);
		begin_anew();
	}
}

static void a_ticket_counts_for_the_name_only_that_was_asked_for(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		WOLFSSL_SESSION *session;
		struct dtls_client c;

		params.name = "north.example";
		session = ticket_of(params);
		params.name = "NORTH.example";
		connect_with(&c, params, session);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
		dtls_client_close(&c);
		params.name = i % 2 ? "south.example" : NULL;
		connect_with(&c, params, session);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
		assert_int_equal(COUNT(dtls_tickets_unknown), 1);
		dtls_client_close(&c);
		wolfSSL_SESSION_free(session);
		begin_anew();
	}
}

static void other_authorities_count_against_tickets_of_certificates_alone(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		const struct dp_dtls_params others = {
			.certificate = dtls_file("gateway", ".pem"),
			.key = dtls_file("gateway", ".key"),
			.ca = dtls_file("other", ".pem"),
		};
		WOLFSSL_SESSION *session = ticket_of(params);
		struct dtls_client c;
		char why[160];

		assert_int_equal(dp_dtls_renew(gw.w[0], &others, why), 0);
		gw.now_us += S;
		gateway_run(&gw);
		params.session = session;
		dtls_client_open(&c, &gw, params);
		assert_int_equal(dtls_client_connect(&c), kinds[i].by != BY_X509);
		assert_int_equal(COUNT(dtls_handshakes_ticket), kinds[i].by != BY_X509);
		assert_int_equal(COUNT(dtls_bad_certificate), kinds[i].by == BY_X509);
		dtls_client_close(&c);
		wolfSSL_SESSION_free(session);
		begin_anew();
	}
}

static void a_removed_credential_is_not_resurrected(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		struct dtls_client c;

		params.session = ticket_of(params);
		dtls_known = NULL;
		dtls_client_open(&c, &gw, params);
		if (dtls_client_connect(&c)) // DTLS 1.3: the verdict comes after its Finished
			assert_int_equal(params.version, WOLFSSL_DTLSV1_3);
		assert_int_equal(dtls_client_take(&c).len, 0);
		assert_int_equal(COUNT(dtls_tickets_revoked), 1);
		assert_int_equal(COUNT(dtls_unknown_identity), 1);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 0);
		assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
		assert_int_equal(gw.w[0]->dtls->table.count, 1); // the first one's
		dtls_client_close(&c);
		wolfSSL_SESSION_free(params.session);
		begin_anew();
	}
}

static void a_changed_credential_wants_a_handshake_in_full(void **state)
{
	static struct dtls_known changed[sizeof(known) / sizeof(known[0])];

	memcpy(changed, known, sizeof(known));
	for (size_t i = 0; i + 1 < sizeof(known) / sizeof(known[0]); i++)
		changed[i].credential += 100;
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client_params params = device(kinds[i].version, kinds[i].by);
		WOLFSSL_SESSION *session = ticket_of(params);

		dtls_known = changed;
		is_not_resumed(params, kinds[i].by, session);
		assert_int_equal(COUNT(dtls_tickets_revoked), 1);
		begin_anew();
	}
}

static void a_credential_that_goes_while_hands_are_shaken_ends_that(void **state)
{
	struct bridge_credential_gone gone = {.credential = 11};
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_PSK);
	struct dtls_client c;

	params.session = ticket_of(params);
	dtls_client_open(&c, &gw, params);
	while (COUNT(dtls_queries) < 2)
		assert_int_equal(dtls_client_step(&c), 0);
	dtls_control_answer(&gw);
	assert_true(gw.w[0]->dtls->handshakes.count == 1);
	gateway_command(&gw, 0, BRIDGE_CREDENTIAL_GONE, &gone.credential, sizeof(gone.credential));
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

static void another_cipher_suite_leads_to_a_handshake_in_full(void **state)
{
	static const char *const others[] = {
		[BY_PSK] = "PSK-AES128-GCM-SHA256",
		[BY_RPK] = "ECDHE-ECDSA-AES128-GCM-SHA256",
		[BY_X509] = "ECDHE-ECDSA-AES128-GCM-SHA256",
	};

	for (enum by by = BY_PSK; by <= BY_X509; by++) {
		struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, by);
		WOLFSSL_SESSION *session = ticket_of(params);

		params.suites = others[by];
		is_not_resumed(params, by, session);
		assert_int_equal(COUNT(dtls_tickets_unknown), 1);
		begin_anew();
	}
}

// Until control has said whose it is, wolfSSL waits.
static void a_key_that_nobody_knows_gets_no_ticket(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct dtls_client c;

		if (kinds[i].by == BY_PSK)
			continue;
		dtls_known = NULL;
		dtls_client_open(&c, &gw, device(kinds[i].version, kinds[i].by));
		if (kinds[i].version == WOLFSSL_DTLSV1_2) {
			assert_false(dtls_client_connect(&c));
			assert_int_equal(c.alert, DTLS_ALERT_ACCESS_DENIED);
		} else {
			WOLFSSL_ALERT_HISTORY history;

			assert_true(dtls_client_connect(&c));
			assert_int_equal(dtls_client_take(&c).len, 0);
			wolfSSL_get_alert_history(c.ssl, &history);
			assert_int_equal(history.last_rx.code, DTLS_ALERT_ACCESS_DENIED);
		}
		assert_int_equal(COUNT(dtls_unknown_identity), 1);
		assert_int_equal(COUNT(dtls_tickets), 0);
		assert_int_equal(gw.w[0]->dtls->table.count, 0);
		assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
		dtls_client_close(&c);
		begin_anew();
	}
}

static void a_device_without_a_certificate_gets_none_either(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, BY_X509);
	struct dtls_client c;

	params.certificate = NULL;
	dtls_client_open(&c, &gw, params);
	dtls_client_connect(&c);
	assert_int_equal(COUNT(dtls_bad_certificate), 1);
	assert_int_equal(COUNT(dtls_tickets), 0);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	dtls_client_close(&c);
}

// Somebody has seen the ticket of another device and brings it along with a certificate of his own;
// control knows the ticket's credential, but wolfSSL declines to resume.
static void a_ticket_that_wolfssl_declines_is_nobodys_identity(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_X509);
	struct dtls_client c;

	params.session = ticket_of(device(WOLFSSL_DTLSV1_2, BY_RPK));
	dtls_client_open(&c, &gw, params);
	until_asked(&c, 2);
	gw.w[0]->dtls->handshakes.pool[0].ticket.born_s++; // not what wolfSSL will find
	assert_true(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_queries), 3); // about his certificate, too
	assert_int_equal(COUNT(dtls_handshakes_ticket), 0);
	assert_int_equal(COUNT(dtls_handshakes_x509), 1);
	registers(&c, "dev-4", COAP_FORBIDDEN);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

static void control_is_asked_again_when_it_does_not_answer(void **state)
{
	struct gateway_event ev;
	struct dtls_client c;

	dtls_client_open(&c, &gw, device(WOLFSSL_DTLSV1_2, BY_RPK));
	until_asked(&c, 1);
	assert_true(gateway_event(&gw, 0, &ev)); // and forgotten
	gateway_wait(&gw, 11 * S / 10);
	assert_int_equal(COUNT(dtls_queries), 2);
	assert_int_equal(COUNT(dtls_unanswered), 1);
	assert_true(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_tickets), 1);
	registers(&c, "dev-4", COAP_CREATED);
	dtls_client_close(&c);
}

static void without_an_answer_about_a_ticket_hands_are_shaken_in_full(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_PSK);
	struct gateway_event ev;
	struct dtls_client c;

	params.session = ticket_of(params);
	dtls_client_open(&c, &gw, params);
	until_asked(&c, 2);
	assert_true(gateway_event(&gw, 0, &ev));
	assert_int_equal(ev.result, BRIDGE_CREDENTIAL_AGAIN);
	gateway_wait(&gw, 11 * S / 10);
	assert_int_equal(COUNT(dtls_unanswered), 1);
	wolfSSL_dtls_got_timeout(c.ssl);
	assert_true(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_handshakes_ticket), 0);
	assert_int_equal(COUNT(dtls_handshakes_psk), 2);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

static void a_ticket_waits_until_control_is_back(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_PSK);
	struct dtls_client c;

	params.session = ticket_of(params);
	gateway_detach(&gw);
	dtls_client_open(&c, &gw, params);
	for (unsigned i = 0; i < 4; i++)
		dtls_client_step(&c);
	assert_int_equal(COUNT(drop_control_away), 1);
	gateway_ready(&gw);
	wolfSSL_dtls_got_timeout(c.ssl);
	assert_true(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_ticket_that_is_too_old_leads_to_a_handshake_in_full),
		T(a_ticket_ends_with_the_certificate_that_it_was_given_for),
		T(a_ticket_that_was_changed_or_is_somebody_elses_is_none),
		T(a_ticket_counts_for_the_name_only_that_was_asked_for),
		T(other_authorities_count_against_tickets_of_certificates_alone),
		T(a_removed_credential_is_not_resurrected),
		T(a_changed_credential_wants_a_handshake_in_full),
		T(a_credential_that_goes_while_hands_are_shaken_ends_that),
		T(another_cipher_suite_leads_to_a_handshake_in_full),
		T(a_key_that_nobody_knows_gets_no_ticket),
		T(a_device_without_a_certificate_gets_none_either),
		T(a_ticket_that_wolfssl_declines_is_nobodys_identity),
		T(control_is_asked_again_when_it_does_not_answer),
		T(without_an_answer_about_a_ticket_hands_are_shaken_in_full),
		T(a_ticket_waits_until_control_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
