// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// HelloRetryRequests that are written without wolfSSL, against those that it writes.
#include "dataplane/pkt.h"
#include "tests/unit/dataplane/dtls/tickets.h"

static struct dtls_client c;
static uint8_t theirs[DTLS_SENT_MAX];
static size_t theirs_len;

// The client's first ClientHello, which goes nowhere.
static void say_hello(struct dtls_client_params params, struct dtls_hello *hello)
{
	params.version = WOLFSSL_DTLSV1_3;
	dtls_client_open(&c, &gw, params);
	c.joined = true;
	assert_int_equal(dtls_client_step(&c), 0);
	assert_true(dtls_hello_parse(hello, c.waiting, c.waiting_len));
}

// What wolfSSL makes of it.
static void listen_to(const struct dtls_hello *hello)
{
	struct dp_worker *w = gw.w[0];
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->pool);

	memcpy(rte_pktmbuf_append(m, (uint16_t)c.waiting_len), c.waiting, c.waiting_len);
	dp_pkt(m)->peer = c.peer;
	dtls_listener_answer(w, m, hello);
	theirs_len = w->dtls->listening.sent_len;
	memcpy(theirs, w->dtls->listening.sent, theirs_len);
	gateway_drain(&gw);
}

static void is_wolfssls(struct dtls_client_params params)
{
	uint8_t ours[DTLS_RETRY_LEN];
	struct dtls_hello hello;
	uint16_t suite;

	say_hello(params, &hello);
	suite = dtls_listener_suite(gw.w[0], &hello);
	assert_int_not_equal(suite, 0);
	assert_true(c.waiting_len >= sizeof(ours));
	dtls_cookie_retry(&gw.w[0]->dtls->cookies, &hello, &c.peer, suite, ours);
	listen_to(&hello);
	assert_int_equal(theirs_len, sizeof(ours));
	assert_memory_equal(theirs, ours, sizeof(ours));
	dtls_client_close(&c);
}

static void for_a_pre_shared_key_it_is_what_wolfssl_says(void **state)
{
	is_wolfssls(device(WOLFSSL_DTLSV1_3, BY_PSK));
}

static void
for_certificates_and_keys_it_is_what_wolfssl_says_whatever_the_clients_order(void **state)
{
	static const char *const suites[] = {
		"TLS13-AES128-GCM-SHA256:TLS13-AES128-CCM-SHA256:TLS13-AES128-CCM-8-SHA256",
		"TLS13-AES128-GCM-SHA256:TLS13-AES128-CCM-SHA256",
		"TLS13-AES256-GCM-SHA384:TLS13-AES128-GCM-SHA256",
	};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, BY_X509);

		params.suites = suites[i];
		is_wolfssls(params);
		params.rpk = true;
		is_wolfssls(params);
	}
}

static void for_a_ticket_it_is_what_wolfssl_says(void **state)
{
	for (enum by by = BY_PSK; by <= BY_X509; by++) {
		struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, by);

		params.suites = "TLS13-AES128-GCM-SHA256";
		params.session = ticket_of(params);
		if (by != BY_PSK)
			params.suites = "TLS13-AES128-CCM-8-SHA256:TLS13-AES128-GCM-SHA256";
		is_wolfssls(params);
		wolfSSL_SESSION_free(params.session);
		begin_anew();
	}
}

static void such_handshakes_do_without_wolfssls_listener(void **state)
{
	for (enum by by = BY_PSK; by <= BY_X509; by++)
		wolfSSL_SESSION_free(ticket_of(device(WOLFSSL_DTLSV1_3, by)));
	assert_null(gw.w[0]->dtls->listener);
	assert_int_equal(COUNT(dtls_cookies), 3);
}

static void what_is_not_plain_is_left_to_wolfssl(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, BY_X509);
	struct dtls_hello hello;

	params.suites = "TLS13-AES256-GCM-SHA384"; // nothing in common
	say_hello(params, &hello);
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	dtls_client_close(&c);
	params.suites = "TLS13-AES128-GCM-SHA256";
	say_hello(params, &hello);
	assert_int_not_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	hello.has_share = false;
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	hello.has_share = true;
	hello.has_groups = false;
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	hello.has_groups = true;
	hello.has_algorithms = false;
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	hello.has_algorithms = true;
	hello.cookie13 = (struct dtls_bytes){(const uint8_t *)"bad", 3};
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	hello.cookie13.data = NULL;
	hello.cookie.len = 1; // has no business there
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	hello.cookie.len = 0;
	hello.compressions.len = 2;
	assert_int_equal(dtls_listener_suite(gw.w[0], &hello), 0);
	dtls_client_close(&c);
}

static void strangers_that_wolfssl_has_to_look_at_are_held_to_fewer_answers(void **state)
{
	struct dtls_client_params params = device(WOLFSSL_DTLSV1_3, BY_X509);
	struct dtls_client client;

	gw.w[0]->dtls->listens.left = 0;
	params.suites = "TLS13-AES256-GCM-SHA384";
	dtls_client_open(&client, &gw, params);
	assert_int_equal(dtls_client_step(&client), 0);
	assert_int_equal(COUNT(drop_dtls_hello_rate), 1);
	dtls_client_close(&client);
	wolfSSL_SESSION_free(ticket_of(device(WOLFSSL_DTLSV1_3, BY_X509)));
	assert_int_equal(COUNT(drop_dtls_hello_rate), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(for_a_pre_shared_key_it_is_what_wolfssl_says),
		T(for_certificates_and_keys_it_is_what_wolfssl_says_whatever_the_clients_order),
		T(for_a_ticket_it_is_what_wolfssl_says),
		T(such_handshakes_do_without_wolfssls_listener),
		T(what_is_not_plain_is_left_to_wolfssl),
		T(strangers_that_wolfssl_has_to_look_at_are_held_to_fewer_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
