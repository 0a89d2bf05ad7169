// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Tickets, and handshakes with tickets, of which something is lost on the way.
#include "tests/unit/dataplane/dtls/tickets.h"

// The gateway has sent its last flight with a ticket in it, which did not arrive.
static void lose_last_flight(struct dtls_client *c, enum by by)
{
	dtls_client_open(c, &gw, device(WOLFSSL_DTLSV1_2, by));
	for (unsigned i = 0; i < 20 && COUNT(dtls_tickets) == 0; i++) {
		dtls_client_step(c);
		dtls_control_answer(&gw);
	}
	assert_int_equal(COUNT(dtls_tickets), 1);
	gateway_drain(&gw);
	assert_int_equal(dtls_client_step(c), 0);
	wolfSSL_dtls_got_timeout(c->ssl); // the client's flight once more
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_finished_again), 1);
}

static void a_last_flight_is_repeated_with_its_ticket(void **state)
{
	for (enum by by = BY_PSK; by <= BY_X509; by++) {
		struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, by);
		WOLFSSL_SESSION *session;
		struct dtls_client c;

		lose_last_flight(&c, by);
		assert_int_equal(dtls_client_step(&c), 1);
		registers(&c, endpoint_of(by), COAP_CREATED);
		session = dtls_client_session(&c);
		dtls_client_close(&c);
		connect_with(&c, params, session);
		assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
		assert_int_equal(COUNT(dtls_tickets_lost), 0);
		dtls_client_close(&c);
		wolfSSL_SESSION_free(session);
		begin_anew();
	}
}

static void one_whose_ticket_is_not_kept_is_not_repeated(void **state)
{
	struct dtls_flights *flights = &gw.w[0]->dtls->flights;
	struct dtls_client c;

	flights->max = 1;
	wolfSSL_SESSION_free(ticket_of(device(WOLFSSL_DTLSV1_2, BY_PSK)));
	begin_anew();
	gw.w[0]->dtls->flights.max = 1;
	dtls_client_open(&c, &gw, device(WOLFSSL_DTLSV1_2, BY_PSK));
	dtls_client_close(&c);
	lose_last_flight(&c, BY_PSK);
	assert_int_equal(COUNT(dtls_tickets_lost), 0);
	gateway_drain(&gw);
	gw.w[0]->dtls->flights.kept[0].cid++; // another's by now
	wolfSSL_dtls_got_timeout(c.ssl);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_tickets_lost), 1);
	assert_int_equal(gateway_drain(&gw), 0);
	dtls_client_close(&c);
}

// The gateway has answered a ticket.
static void offer(struct dtls_client *c, struct dtls_client_params params)
{
	unsigned asked = (unsigned)COUNT(dtls_queries);

	dtls_client_open(c, &gw, params);
	until_asked(c, asked + 1);
	dtls_control_answer(&gw);
}

static void a_lost_finished_of_a_resumed_handshake_is_asked_for(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_RPK);
	struct dtls_client c;
	unsigned sent;

	params.session = ticket_of(params);
	offer(&c, params);
	params.worker = 0;
	c.lost = true;
	assert_int_equal(dtls_client_step(&c), 1); // the client thinks that it is done
	c.lost = false;
	assert_int_equal(COUNT(dtls_handshakes_ticket), 0);
	gateway_wait(&gw, 11 * S / 10); // our flight once more
	assert_int_equal(COUNT(dtls_flights_again), 1);
	sent = c.sent;
	assert_int_equal(dtls_client_take(&c).len, 0); // which it answers by its own
	gateway_run(&gw);
	assert_true(c.sent > sent);
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	registers(&c, "dev-4", COAP_CREATED);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

static void data_that_overtakes_the_last_finished_does_no_harm(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_PSK);
	struct datagram d = device_register(1, 1, "dev-1", 300);
	struct dtls_client c;

	params.session = ticket_of(params);
	offer(&c, params);
	c.lost = true;
	assert_int_equal(dtls_client_step(&c), 1);
	c.lost = false;
	dtls_client_send(&c, &d); // lost, CoAP repeats it
	assert_int_equal(COUNT(registers), 0);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 1);
	gateway_wait(&gw, 11 * S / 10);
	assert_int_equal(dtls_client_take(&c).len, 0);
	gateway_run(&gw);
	registers(&c, "dev-1", COAP_CREATED);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

static void a_last_finished_that_comes_again_is_answered_by_nothing(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_2, BY_PSK);
	struct dtls_client c;

	params.session = ticket_of(params);
	offer(&c, params);
	wolfSSL_dtls_got_timeout(c.ssl);
	gateway_run(&gw); // our flight twice
	while (dtls_client_step(&c) == 0)
		;
	assert_int_equal(COUNT(dtls_handshakes_ticket), 1);
	assert_int_equal(dtls_client_take(&c).len, 0);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_finished_again), 1);
	assert_int_equal(gateway_drain(&gw), 0);
	registers(&c, "dev-1", COAP_CREATED);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(params.session);
}

static void a_lost_ticket_of_dtls_13_does_not_keep_new_keys_from_the_device(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, BY_RPK);
	struct dtls_client c;

	dtls_client_open(&c, &gw, params);
	for (unsigned i = 0; i < 20 && COUNT(dtls_tickets) == 0; i++) {
		dtls_client_step(&c);
		dtls_control_answer(&gw);
	}
	assert_int_equal(gateway_drain(&gw), 2); // and our ACK
	for (unsigned i = 0; i < 3; i++) {
		wolfSSL_dtls_got_timeout(c.ssl);
		dtls_client_step(&c);
	}
	assert_true(COUNT(dtls_finished_again) > 0);
	assert_true(dtls_client_connect(&c));
	registers(&c, "dev-4", COAP_CREATED);
	dtls_client_rekey(&c);
	dtls_client_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_last_flight_is_repeated_with_its_ticket),
		T(one_whose_ticket_is_not_kept_is_not_repeated),
		T(a_lost_finished_of_a_resumed_handshake_is_asked_for),
		T(data_that_overtakes_the_last_finished_does_no_harm),
		T(a_last_finished_that_comes_again_is_answered_by_nothing),
		T(a_lost_ticket_of_dtls_13_does_not_keep_new_keys_from_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
