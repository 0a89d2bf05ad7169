// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// That wolfSSL takes these cookies for its own, handshake_test.c shows.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/cookie.h"

static const uint8_t root[DTLS_COOKIE_SECRET_LEN] = "one secret of thirty-two bytes.";
static const uint8_t other[DTLS_COOKIE_SECRET_LEN] = "another one of thirty-two bytes";
static const uint8_t fields[] = "\xfe\xfd"
				"0123456789abcdef0123456789abcdef";
static const uint8_t other_fields[] = "\xfe\xfd"
				      "1123456789abcdef0123456789abcdef";

// Up to the message's message_seq: a record of number 0x010203, the handshake header.
static const uint8_t record[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 1, 2, 3, 0, 60, 1, 0, 0, 48, 0, 5};

static struct dtls_cookies cookies;
static struct dp_peer peer;
static struct dtls_hello hello;
static uint8_t answer[DTLS_VERIFY_REQUEST_LEN];

static int set_up(void **state)
{
	peer = (struct dp_peer){.addr = {[10] = 0xff, 0xff, 10, 0, 0, 1}, .udp_port_be16 = 7};
	hello = (struct dtls_hello){
		.record = record,
		.version = fields,
		.random = fields + 2,
		.suites = {(const uint8_t *)"\xc0\xa8", 2},
		.compressions = {(const uint8_t *)"\0", 1},
	};
	dtls_cookies_init(&cookies, root, 0);
	dtls_cookie_request(&cookies, &hello, &peer, answer);
	hello.cookie =
		(struct dtls_bytes){answer + sizeof(answer) - DTLS_COOKIE_LEN, DTLS_COOKIE_LEN};
	return 0;
}

static void a_returned_cookie_is_good(void **state)
{
	assert_non_null(dtls_cookie_good(&cookies, &hello, &peer));
}

static void the_request_has_the_numbers_of_the_hello(void **state)
{
	assert_memory_equal(answer + 3, record + 3, 8);
	assert_int_equal(answer[DTLS_RECORD_HEADER], 3); // HelloVerifyRequest
	assert_memory_equal(answer + DTLS_RECORD_HEADER + 4, record + DTLS_RECORD_HEADER + 4, 2);
	assert_int_equal(answer[11] << 8 | answer[12], sizeof(answer) - DTLS_RECORD_HEADER);
}

static void a_cookie_is_good_for_its_address_only(void **state)
{
	peer.addr[15]++;
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
	peer.addr[15]--;
	peer.udp_port_be16++;
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
}

static void a_cookie_is_good_for_its_hello_only(void **state)
{
	hello.version = other_fields;
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
}

static void a_cookie_of_another_run_is_not_good(void **state)
{
	dtls_cookies_init(&cookies, other, 0);
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
}

static void a_cookie_is_good_for_the_next_period_too_and_no_longer(void **state)
{
	const uint8_t *secret = dtls_cookie_good(&cookies, &hello, &peer);
	uint8_t made_with[DTLS_COOKIE_SECRET_LEN];

	assert_ptr_equal(secret, cookies.now.secret);
	memcpy(made_with, secret, sizeof(made_with));
	assert_false(dtls_cookies_turn(&cookies, DTLS_COOKIE_PERIOD_US - 1));
	assert_true(dtls_cookies_turn(&cookies, DTLS_COOKIE_PERIOD_US));
	secret = dtls_cookie_good(&cookies, &hello, &peer);
	assert_ptr_equal(secret, cookies.before.secret);
	assert_memory_equal(secret, made_with, sizeof(made_with));
	assert_true(dtls_cookies_turn(&cookies, 2 * DTLS_COOKIE_PERIOD_US));
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
}

static void workers_make_the_same_cookies_at_the_same_time(void **state)
{
	struct dtls_cookies theirs;

	dtls_cookies_init(&theirs, root, 5 * DTLS_COOKIE_PERIOD_US);
	dtls_cookies_turn(&cookies, 5 * DTLS_COOKIE_PERIOD_US);
	assert_memory_equal(theirs.now.secret, cookies.now.secret, DTLS_COOKIE_SECRET_LEN);
}

static void the_request_may_take_the_place_of_the_hello(void **state)
{
	uint8_t place[DTLS_VERIFY_REQUEST_LEN + 64] = {0};

	memcpy(place, record, sizeof(record));
	memcpy(place + 25, fields, sizeof(fields));
	hello.record = place;
	hello.version = place + 25;
	dtls_cookie_request(&cookies, &hello, &peer, place);
	assert_memory_equal(place, answer, sizeof(answer));
}

static void a_cookie_of_another_length_is_not_good(void **state)
{
	hello.cookie.len--;
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
	hello.cookie.len = 0;
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
}

static void a_cookie_of_dtls_13_must_be_longer_than_its_hash(void **state)
{
	uint8_t made_up[DTLS_COOKIE_LEN + 8] = {0};

	hello.wants_13 = true;
	hello.cookie13 = (struct dtls_bytes){made_up, DTLS_COOKIE_LEN};
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
	hello.cookie13.len = sizeof(made_up);
	assert_null(dtls_cookie_good(&cookies, &hello, &peer));
}

#define T(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_returned_cookie_is_good),
		T(the_request_has_the_numbers_of_the_hello),
		T(a_cookie_is_good_for_its_address_only),
		T(a_cookie_is_good_for_its_hello_only),
		T(a_cookie_of_another_run_is_not_good),
		T(a_cookie_is_good_for_the_next_period_too_and_no_longer),
		T(workers_make_the_same_cookies_at_the_same_time),
		T(the_request_may_take_the_place_of_the_hello),
		T(a_cookie_of_another_length_is_not_good),
		T(a_cookie_of_dtls_13_must_be_longer_than_its_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
