// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/swarm/load/answer.h"
#include "bench/swarm/load/request.h"

#define MID 0x1234

static uint8_t bytes[128];
static size_t len;

static struct coap_msg message(enum coap_type type, uint8_t code, uint16_t mid, bool location,
			       int max_age, bool payload)
{
	struct coap_writer w;
	struct coap_msg msg;

	coap_write_begin(&w, bytes, sizeof(bytes), type, code, mid, "12345678", 8);
	if (location)
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, "rd");
	if (max_age >= 0)
		coap_write_opt_uint(&w, COAP_OPT_MAX_AGE, (uint32_t)max_age);
	if (payload)
		coap_write_payload(&w, "x", 1);
	len = coap_write_finish(&w);
	assert_int_equal(coap_msg_parse(&msg, bytes, len), COAP_OK);
	return msg;
}

static enum answer_verdict verdict(struct coap_msg msg, enum request_kind kind)
{
	return answer_judge(&msg, kind, MID).verdict;
}

static void each_request_has_its_own_right_code(void **state)
{
	static const uint8_t codes[] = {COAP_CREATED, COAP_CHANGED,   COAP_DELETED,
					COAP_CONTENT, COAP_NOT_FOUND, COAP_INTERNAL_SERVER_ERROR};

	for (unsigned kind = 0; kind < 3; kind++) {
		for (unsigned c = 0; c < sizeof(codes); c++) {
			struct coap_msg msg =
				message(COAP_ACK, codes[c], MID, kind == 0, -1, false);
			assert_int_equal(verdict(msg, (enum request_kind)kind),
					 c == kind ? ANSWER_RIGHT : ANSWER_WRONG);
		}
	}
}

static void a_piggybacked_answer_has_the_requests_message_id(void **state)
{
	assert_int_equal(
		verdict(message(COAP_ACK, COAP_CHANGED, MID + 1, false, -1, false), REQUEST_UPDATE),
		ANSWER_WRONG);
	assert_int_equal(
		verdict(message(COAP_CON, COAP_CHANGED, MID + 1, false, -1, false), REQUEST_UPDATE),
		ANSWER_RIGHT);
}

static void only_register_is_given_a_location(void **state)
{
	assert_int_equal(
		verdict(message(COAP_ACK, COAP_CREATED, MID, false, -1, false), REQUEST_REGISTER),
		ANSWER_WRONG);
	assert_int_equal(
		verdict(message(COAP_ACK, COAP_CHANGED, MID, true, -1, false), REQUEST_UPDATE),
		ANSWER_WRONG);
}

static void a_payload_is_wrong(void **state)
{
	assert_int_equal(
		verdict(message(COAP_ACK, COAP_CHANGED, MID, false, -1, true), REQUEST_UPDATE),
		ANSWER_WRONG);
}

static void unavailable_means_after_max_age(void **state)
{
	struct coap_msg msg = message(COAP_ACK, COAP_SERVICE_UNAVAILABLE, MID, false, 3, false);
	struct answer answer = answer_judge(&msg, REQUEST_REGISTER, MID);

	assert_int_equal(answer.verdict, ANSWER_UNAVAILABLE);
	assert_int_equal(answer.retry_after_s, 3);
	msg = message(COAP_ACK, COAP_TOO_MANY_REQUESTS, MID, false, 3, false);
	assert_int_equal(answer_judge(&msg, REQUEST_UPDATE, MID).verdict, ANSWER_UNAVAILABLE);
	msg = message(COAP_ACK, COAP_SERVICE_UNAVAILABLE, MID, false, -1, false);
	assert_int_equal(answer_judge(&msg, REQUEST_REGISTER, MID).retry_after_s, 60);
}

static void the_plain_answer_is_recognised_without_parsing(void **state)
{
	message(COAP_ACK, COAP_CHANGED, MID, false, -1, false);
	assert_true(answer_is_plain(bytes, len, REQUEST_UPDATE, MID));
	assert_false(answer_is_plain(bytes, len, REQUEST_DEREGISTER, MID));
	assert_false(answer_is_plain(bytes, len, REQUEST_REGISTER, MID));
	assert_false(answer_is_plain(bytes, len, REQUEST_UPDATE, MID + 1));
	assert_false(answer_is_plain(bytes, len - 1, REQUEST_UPDATE, MID));
	message(COAP_ACK, COAP_CHANGED, MID, false, -1, true);
	assert_false(answer_is_plain(bytes, len, REQUEST_UPDATE, MID));
	message(COAP_CON, COAP_CHANGED, MID, false, -1, false);
	assert_false(answer_is_plain(bytes, len, REQUEST_UPDATE, MID));
}

static void a_digest_sees_every_byte(void **state)
{
	message(COAP_ACK, COAP_CREATED, MID, true, 5, true);
	uint32_t digest = answer_digest(bytes, len);

	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 1;
		assert_int_not_equal(answer_digest(bytes, len), digest);
		bytes[i] ^= 1;
	}
	assert_int_not_equal(answer_digest(bytes, len - 1), digest);
	assert_int_equal(answer_digest(bytes, len), digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_has_its_own_right_code),
		cmocka_unit_test(a_piggybacked_answer_has_the_requests_message_id),
		cmocka_unit_test(only_register_is_given_a_location),
		cmocka_unit_test(a_payload_is_wrong),
		cmocka_unit_test(unavailable_means_after_max_age),
		cmocka_unit_test(the_plain_answer_is_recognised_without_parsing),
		cmocka_unit_test(a_digest_sees_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
