// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Handshakes through the whole dataplane, with wolfSSL as the device and the test as control.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bridge/location.h"
#include "dataplane/dtls/state.h"
#include "tests/unit/support/device.h"
#include "tests/unit/support/dtls_client.h"

#define S              1000000ull
#define CCM_8          "PSK-AES128-CCM-8"
#define GCM            "PSK-AES128-GCM-SHA256"
#define ECDHE_PSK      "ECDHE-PSK-AES128-GCM-SHA256"
#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static const struct dtls_known known[] = {
	{BRIDGE_CREDENTIAL_PSK, "one", 3, "key of device one", "dev-1", 11},
	{BRIDGE_CREDENTIAL_PSK, "two", 3, "key of device two", "dev-2", 22},
	{0},
};

static struct gateway gw;

static int set_up_workers(uint16_t workers, bool certificate)
{
	gateway_open(&gw, (struct gateway_params){.workers = workers});
	dtls_gateway(&gw, 100, certificate);
	gateway_ready(&gw);
	dtls_known = known;
	return 0;
}

static int set_up(void **state)
{
	return set_up_workers(1, false);
}

static int set_up_two(void **state)
{
	return set_up_workers(2, false);
}

static int set_up_limited(void **state)
{
	gateway_open(&gw, (struct gateway_params){.workers = 1, .overload = {.unknown_rate = 10}});
	dtls_gateway(&gw, 100, false);
	gateway_ready(&gw);
	dtls_known = known;
	return 0;
}

static int tear_down(void **state)
{
	gateway_close(&gw);
	return 0;
}

static struct dtls_client_params device_one(const char *suites)
{
	return (struct dtls_client_params){
		.version = WOLFSSL_DTLSV1_2,
		.suites = suites,
		.identity = "one",
		.key = "key of device one",
		.number = 1,
	};
}

static struct datagram ask(struct dtls_client *c, const struct datagram *d)
{
	dtls_client_send(c, d);
	return dtls_client_take(c);
}

static uint64_t registered(struct dtls_client *c, uint16_t mid, const char *endpoint)
{
	struct datagram d = device_register(c->params.number, mid, endpoint, 300);

	dtls_client_send(c, &d);
	gateway_commit_all(c->gw);
	d = dtls_client_take(c);
	assert_int_equal(d.msg.code, COAP_CREATED);
	return device_location(&d);
}

// Shakes hands and registers as dev-1.
static uint64_t joined(struct dtls_client *c, struct dtls_client_params params)
{
	dtls_client_open(c, &gw, params);
	assert_true(dtls_client_connect(c));
	return registered(c, 1, "dev-1");
}

static void connects_and_registers(struct dtls_client_params params)
{
	struct dtls_client c;
	struct datagram d;
	uint64_t location;

	dtls_client_open(&c, &gw, params);
	assert_true(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_handshakes_psk), 1);
	assert_int_equal(gw.w[params.worker]->dtls->handshakes.count, 0);
	location = registered(&c, 1, "dev-1");
	assert_int_not_equal(location, 0);
	for (uint16_t mid = 2; mid < 10; mid++) {
		d = device_update(params.number, mid, location, NULL);
		assert_int_equal(ask(&c, &d).msg.code, COAP_CHANGED);
		if (mid == 5 && params.version == WOLFSSL_DTLSV1_3)
			dtls_client_rekey(&c);
	}
	assert_int_equal(COUNT(updates), 8);
	dtls_client_close(&c);
}

static void a_device_registers_by_pre_shared_key_with_aes_ccm_8(void **state)
{
	connects_and_registers(device_one(CCM_8));
}

static void a_device_registers_by_pre_shared_key_with_aes_gcm(void **state)
{
	connects_and_registers(device_one(GCM));
}

static void a_device_registers_by_ecdhe_and_pre_shared_key(void **state)
{
	connects_and_registers(device_one(ECDHE_PSK));
}

static void a_device_registers_with_a_connection_id(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);

	params.cid = true;
	connects_and_registers(params);
}

static void a_device_registers_by_dtls_13(void **state)
{
	struct dtls_client_params params = device_one("TLS13-AES128-CCM-8-SHA256");

	params.version = WOLFSSL_DTLSV1_3;
	connects_and_registers(params);
}

static void a_device_registers_by_dtls_13_with_a_connection_id(void **state)
{
	struct dtls_client_params params = device_one("TLS13-AES128-GCM-SHA256");

	params.version = WOLFSSL_DTLSV1_3;
	params.cid = true;
	connects_and_registers(params);
}

static void is_refused(struct dtls_client_params params)
{
	struct dtls_client c;

	dtls_client_open(&c, &gw, params);
	assert_false(dtls_client_connect(&c));
	assert_int_equal(c.alert, params.version == WOLFSSL_DTLSV1_2 ? 51 : c.alert);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	assert_int_equal(COUNT(dtls_handshakes_psk), 0);
	dtls_client_close(&c);
}

static void a_wrong_key_is_refused_with_decrypt_error(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);

	params.key = "key of device two";
	is_refused(params);
	assert_int_equal(COUNT(dtls_wrong_key), 1);
}

static void an_unknown_identity_is_refused_with_the_same_words(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);

	params.identity = "nobody";
	is_refused(params);
	assert_int_equal(COUNT(dtls_unknown_identity), 1);
}

static void a_wrong_key_is_refused_by_dtls_13_too(void **state)
{
	struct dtls_client_params params = device_one("TLS13-AES128-CCM-8-SHA256");

	params.version = WOLFSSL_DTLSV1_3;
	params.key = "key of device two";
	is_refused(params);
	assert_int_equal(COUNT(dtls_wrong_key), 1);
}

static void another_endpoint_than_the_credentials_is_forbidden(void **state)
{
	struct datagram d = device_register(1, 1, "dev-2", 300);
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	assert_true(dtls_client_connect(&c));
	assert_int_equal(ask(&c, &d).msg.code, COAP_FORBIDDEN);
	dtls_client_close(&c);
}

static void a_registration_is_its_credentials_alone(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client one, two;
	struct datagram d;
	uint64_t location;

	location = joined(&one, params);
	params.identity = "two";
	params.key = "key of device two";
	params.number = 2;
	dtls_client_open(&two, &gw, params);
	assert_true(dtls_client_connect(&two));
	d = device_update(2, 7, location, NULL);
	assert_int_equal(ask(&two, &d).msg.code, COAP_FORBIDDEN);
	d = device_update(2, 8, location, "lt=60");
	assert_int_equal(ask(&two, &d).msg.code, COAP_FORBIDDEN);
	d = device_deregister(2, 9, location);
	assert_int_equal(ask(&two, &d).msg.code, COAP_FORBIDDEN);
	assert_int_equal(COUNT(forbidden), 3);
	d = device_update(1, 2, location, NULL);
	assert_int_equal(ask(&one, &d).msg.code, COAP_CHANGED);
	dtls_client_close(&one);
	dtls_client_close(&two);
}

static void a_new_handshake_of_the_same_credential_carries_the_registration_on(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client before, after;
	struct datagram d;
	uint64_t location;

	location = joined(&before, params);
	dtls_client_open(&after, &gw, params); // the same address
	assert_true(dtls_client_connect(&after));
	assert_int_equal(gw.w[0]->dtls->table.count, 1); // it took the former one's place
	d = device_update(1, 2, location, NULL);
	assert_int_equal(ask(&after, &d).msg.code, COAP_CHANGED);
	dtls_client_close(&before);
	dtls_client_close(&after);
}

static void a_connection_id_carries_the_session_to_another_address(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client c;
	struct datagram d;
	uint64_t location;

	params.cid = true;
	location = joined(&c, params);
	c.peer = gateway_device(99);
	d = device_update(1, 2, location, NULL);
	assert_int_equal(ask(&c, &d).msg.code, COAP_CHANGED);
	assert_int_equal(COUNT(dtls_moves), 1);
	assert_int_equal(COUNT(dtls_handshakes_psk), 1);
	dtls_client_close(&c);
}

static void a_record_that_another_worker_gets_is_passed_on(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client c;
	struct datagram d;
	uint64_t location;

	params.cid = true;
	location = joined(&c, params);
	c.peer = gateway_device(99);
	c.params.worker = 1;
	d = device_update(1, 2, location, NULL);
	assert_int_equal(ask(&c, &d).msg.code, COAP_CHANGED);
	dtls_client_close(&c);
}

static void a_request_goes_to_where_the_device_is_now(void **state)
{
	const uint8_t read[] = {0x40, COAP_GET, 0, 0, 0xb1, '3'};
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client c;
	struct datagram d;
	uint64_t location;

	params.cid = true;
	location = joined(&c, params);
	gateway_request(&gw, location, 5, read, sizeof(read));
	gateway_run(&gw);
	d = dtls_client_take(&c);
	assert_int_equal(d.msg.code, COAP_GET);
	dtls_client_close(&c);
}

static void a_lost_last_flight_is_sent_again(void **state)
{
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	for (unsigned i = 0; i < 10 && COUNT(dtls_handshakes_psk) == 0; i++) {
		dtls_client_step(&c);
		dtls_control_answer(&gw);
	}
	assert_int_equal(COUNT(dtls_handshakes_psk), 1);
	gateway_drain(&gw); // our ChangeCipherSpec and Finished
	assert_int_equal(dtls_client_step(&c), 0);
	wolfSSL_dtls_got_timeout(c.ssl); // the client's flight once more
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_finished_again), 1);
	assert_int_equal(dtls_client_step(&c), 1);
	registered(&c, 1, "dev-1");
	dtls_client_close(&c);
}

static void a_hello_that_comes_again_is_answered_at_once(void **state)
{
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	dtls_client_step(&c); // no cookie yet
	dtls_client_step(&c); // with it
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 1);
	gateway_drain(&gw);
	wolfSSL_dtls_got_timeout(c.ssl);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_hello_again), 1);
	assert_true(dtls_client_connect(&c));
	dtls_client_close(&c);
}

static void a_flight_without_an_answer_is_sent_again_in_time(void **state)
{
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	dtls_client_step(&c);
	dtls_client_step(&c);
	gateway_drain(&gw);
	gateway_wait(&gw, 1100000);
	assert_int_equal(COUNT(dtls_flights_again), 1);
	assert_true(dtls_client_connect(&c));
	dtls_client_close(&c);
}

static void a_control_that_is_silent_is_asked_again(void **state)
{
	struct gateway_event ev;
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	for (unsigned i = 0; i < 4; i++)
		dtls_client_step(&c);
	assert_true(gateway_event(&gw, 0, &ev)); // and nobody answers
	assert_int_equal(ev.type, BRIDGE_EV_CREDENTIAL_QUERY);
	gateway_wait(&gw, 8 * S);
	assert_int_equal(COUNT(dtls_unanswered), 1);
	wolfSSL_dtls_got_timeout(c.ssl);
	assert_true(dtls_client_connect(&c));
	dtls_client_close(&c);
}

static void several_records_in_a_datagram_are_several_messages(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct datagram a, b;
	struct dtls_client c;
	uint64_t location;

	params.cid = true;
	location = joined(&c, params);
	a = device_update(1, 2, location, NULL);
	b = device_update(1, 3, location, NULL);
	c.joined = true;
	assert_int_equal(wolfSSL_write(c.ssl, a.bytes, (int)a.len), (int)a.len);
	c.joined = false;
	dtls_client_send(&c, &b);
	assert_int_equal(dtls_client_take(&c).msg.mid, 2);
	assert_int_equal(dtls_client_take(&c).msg.mid, 3);
	dtls_client_close(&c);
}

static void who_has_shaken_hands_is_no_stranger_before_it_registers(void **state)
{
	struct datagram d;
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	assert_true(dtls_client_connect(&c));
	for (uint16_t mid = 1; mid < 50; mid++) {
		d = device_empty(1, COAP_CON, mid);
		assert_int_equal(ask(&c, &d).msg.type, COAP_RST);
	}
	assert_int_equal(COUNT(drop_unknown_rate) + COUNT(drop_peer_rate), 0);
	dtls_client_close(&c);
}

static void a_stranger_without_a_cookie_costs_no_memory(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	uint64_t bytes = gw.w[0]->dtls->memory.bytes;
	struct dtls_client c;

	for (uint32_t i = 0; i < 200; i++) {
		params.number = 100 + i;
		dtls_client_open(&c, &gw, params);
		c.deaf = true;
		dtls_client_step(&c);
		dtls_client_step(&c);
		dtls_client_close(&c);
	}
	assert_int_equal(COUNT(dtls_cookies), 200);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	assert_int_equal(gw.w[0]->dtls->memory.bytes, bytes);
}

static void strangers_get_no_more_answers_than_allowed_and_come_in_later(void **state)
{
	static const char *const suites[] = {CCM_8, "TLS13-AES128-CCM-8-SHA256"};

	for (unsigned i = 0; i < 2; i++) {
		struct dtls_client_params params = device_one(suites[i]);
		struct dtls_budget *budget =
			i == 0 ? &gw.w[0]->dtls->hellos : &gw.w[0]->dtls->retries;
		struct dtls_client c;

		params.version = i == 0 ? WOLFSSL_DTLSV1_2 : WOLFSSL_DTLSV1_3;
		budget->left = 0;
		dtls_client_open(&c, &gw, params);
		dtls_client_step(&c);
		assert_int_equal(COUNT(dtls_cookies), i);
		assert_int_equal(COUNT(drop_dtls_hello_rate), i + 1);
		gateway_wait(&gw, S);
		wolfSSL_dtls_got_timeout(c.ssl);
		gateway_run(&gw);
		assert_true(dtls_client_connect(&c));
		dtls_client_close(&c);
	}
}

static void a_session_that_was_silent_for_longest_makes_room_for_a_new_one(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client one, two;

	params.cid = true;
	gw.w[0]->dtls->max_sessions = 1;
	dtls_client_open(&one, &gw, params);
	assert_true(dtls_client_connect(&one));
	params.number = 2;
	dtls_client_open(&two, &gw, params);
	assert_true(dtls_client_connect(&two));
	assert_int_equal(COUNT(dtls_displaced), 1);
	assert_int_equal(gw.w[0]->dtls->table.count, 1);
	registered(&two, 1, "dev-1");
	dtls_client_close(&one);
	dtls_client_close(&two);
}

static void a_cookie_of_the_period_before_is_still_taken(void **state)
{
	static const char *const suites[] = {CCM_8, "TLS13-AES128-CCM-8-SHA256"};

	for (unsigned i = 0; i < 2; i++) {
		struct dtls_client_params params = device_one(suites[i]);
		struct dtls_client c;

		params.version = i == 0 ? WOLFSSL_DTLSV1_2 : WOLFSSL_DTLSV1_3;
		dtls_client_open(&c, &gw, params);
		dtls_client_step(&c); // no cookie yet
		gateway_wait(&gw, DTLS_COOKIE_PERIOD_US);
		assert_true(dtls_client_connect(&c));
		assert_int_equal(COUNT(dtls_cookies), i + 1);
		dtls_client_close(&c);
	}
}

static void no_more_handshakes_than_allowed_are_begun(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct dtls_client c[101];

	for (uint32_t i = 0; i < 101; i++) {
		params.number = 100 + i;
		dtls_client_open(&c[i], &gw, params);
		for (unsigned k = 0; k < 3; k++)
			dtls_client_step(&c[i]); // up to the ServerHello
	}
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 100);
	assert_int_equal(COUNT(drop_dtls_handshakes_full), 1);
	gateway_wait(&gw, 60 * S);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	assert_int_equal(COUNT(dtls_expired), 100);
	assert_int_equal(gw.w[0]->dtls->memory.bytes, 0);
	for (uint32_t i = 0; i < 101; i++)
		dtls_client_close(&c[i]);
}

static void a_record_of_an_unknown_session_is_answered_with_an_alert(void **state)
{
	struct dtls_client_params params = device_one(CCM_8);
	struct datagram d = device_register(1, 1, "dev-1", 300);
	struct dtls_client c;

	params.cid = true;
	dtls_client_open(&c, &gw, params);
	assert_true(dtls_client_connect(&c));
	dtls_table_remove(&gw.w[0]->dtls->table, &gw.w[0]->dtls->table.slots[0]);
	dtls_client_send(&c, &d);
	dtls_client_take(&c);
	assert_int_equal(c.alert, DTLS_ALERT_INTERNAL_ERROR);
	assert_int_equal(COUNT(drop_dtls_unknown_cid), 1);
	dtls_client_close(&c);
}

static void a_removed_credential_ends_its_sessions(void **state)
{
	struct bridge_credential_gone gone = {.credential = 11};
	struct dtls_client c;

	dtls_client_open(&c, &gw, device_one(CCM_8));
	assert_true(dtls_client_connect(&c));
	gateway_command(&gw, 0, BRIDGE_CREDENTIAL_GONE, &gone.credential, sizeof(gone.credential));
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_revoked), 1);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	assert_int_equal(wolfSSL_read(c.ssl, &gone, sizeof(gone)), -1);
	assert_int_equal(wolfSSL_get_error(c.ssl, -1), FATAL_ERROR);
	dtls_client_close(&c);
}

#define T(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define L(name)  cmocka_unit_test_setup_teardown(name, set_up_limited, tear_down)
#define T2(name) cmocka_unit_test_setup_teardown(name, set_up_two, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_registers_by_pre_shared_key_with_aes_ccm_8),
		T(a_device_registers_by_pre_shared_key_with_aes_gcm),
		T(a_device_registers_by_ecdhe_and_pre_shared_key),
		T(a_device_registers_with_a_connection_id),
		T(a_device_registers_by_dtls_13),
		T(a_device_registers_by_dtls_13_with_a_connection_id),
		T(a_wrong_key_is_refused_with_decrypt_error),
		T(an_unknown_identity_is_refused_with_the_same_words),
		T(a_wrong_key_is_refused_by_dtls_13_too),
		T(another_endpoint_than_the_credentials_is_forbidden),
		T(a_registration_is_its_credentials_alone),
		T(a_new_handshake_of_the_same_credential_carries_the_registration_on),
		T(a_connection_id_carries_the_session_to_another_address),
		T2(a_record_that_another_worker_gets_is_passed_on),
		T(a_request_goes_to_where_the_device_is_now),
		T(a_lost_last_flight_is_sent_again),
		T(a_hello_that_comes_again_is_answered_at_once),
		T(a_flight_without_an_answer_is_sent_again_in_time),
		T(a_control_that_is_silent_is_asked_again),
		T(several_records_in_a_datagram_are_several_messages),
		L(who_has_shaken_hands_is_no_stranger_before_it_registers),
		T(a_stranger_without_a_cookie_costs_no_memory),
		T(strangers_get_no_more_answers_than_allowed_and_come_in_later),
		T(a_session_that_was_silent_for_longest_makes_room_for_a_new_one),
		T(a_cookie_of_the_period_before_is_still_taken),
		T(no_more_handshakes_than_allowed_are_begun),
		T(a_record_of_an_unknown_session_is_answered_with_an_alert),
		T(a_removed_credential_ends_its_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
