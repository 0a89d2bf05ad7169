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

static const uint8_t secret[DTLS_COOKIE_SECRET_LEN] = "one secret of thirty-two bytes.";
static const uint8_t other[DTLS_COOKIE_SECRET_LEN] = "another one of thirty-two bytes";

// Up to the message's message_seq: a record of number 0x010203, the handshake header.
static const uint8_t record[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 1, 2, 3, 0, 60, 1, 0, 0, 48, 0, 5};

static struct dp_peer peer;
static struct dtls_hello hello;
static uint8_t answer[DTLS_VERIFY_REQUEST_LEN];

static int set_up(void **state)
{
	peer = (struct dp_peer){.addr = {[10] = 0xff, 0xff, 10, 0, 0, 1}, .udp_port_be16 = 7};
	hello = (struct dtls_hello){
		.record = record,
		.version = (const uint8_t *)"\xfe\xfd",
		.random = (const uint8_t *)"0123456789abcdef0123456789abcdef",
		.suites = {(const uint8_t *)"\xc0\xa8", 2},
		.compressions = {(const uint8_t *)"\0", 1},
	};
	dtls_cookie_request(secret, &hello, &peer, answer);
	hello.cookie =
		(struct dtls_bytes){answer + sizeof(answer) - DTLS_COOKIE_LEN, DTLS_COOKIE_LEN};
	return 0;
}

static void a_returned_cookie_is_good(void **state)
{
	assert_true(dtls_cookie_good(secret, &hello, &peer));
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
	assert_false(dtls_cookie_good(secret, &hello, &peer));
	peer.addr[15]--;
	peer.udp_port_be16++;
	assert_false(dtls_cookie_good(secret, &hello, &peer));
}

static void a_cookie_is_good_for_its_hello_only(void **state)
{
	hello.random = (const uint8_t *)"1123456789abcdef0123456789abcdef";
	assert_false(dtls_cookie_good(secret, &hello, &peer));
}

static void a_cookie_of_another_run_is_not_good(void **state)
{
	assert_false(dtls_cookie_good(other, &hello, &peer));
}

static void a_cookie_of_another_length_is_not_good(void **state)
{
	hello.cookie.len--;
	assert_false(dtls_cookie_good(secret, &hello, &peer));
	hello.cookie.len = 0;
	assert_false(dtls_cookie_good(secret, &hello, &peer));
}

static void a_cookie_of_dtls_13_must_be_longer_than_its_hash(void **state)
{
	uint8_t made_up[DTLS_COOKIE_LEN + 8] = {0};

	hello.wants_13 = true;
	hello.cookie13 = (struct dtls_bytes){made_up, DTLS_COOKIE_LEN};
	assert_false(dtls_cookie_good(secret, &hello, &peer));
	hello.cookie13.len = sizeof(made_up);
	assert_false(dtls_cookie_good(secret, &hello, &peer));
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
		T(a_cookie_of_another_length_is_not_good),
		T(a_cookie_of_dtls_13_must_be_longer_than_its_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
