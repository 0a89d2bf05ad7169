// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Who is at an address, and what goes there before that is known: the Echo option (RFC 9175), three
// times the bytes at most.
#include "tests/unit/dataplane/one_worker.h"

#include "dataplane/state/echo.h"
#include "tests/unit/support/prng.h"

#define UNKNOWN_RATE 10u

static int set_up_always(void **state)
{
	gateway_open(&gw, (struct gateway_params){.overload.echo = CONFIG_ECHO_ALWAYS});
	gateway_ready(&gw);
	return 0;
}

static int set_up_needed(void **state)
{
	gateway_open(&gw, (struct gateway_params){.overload.unknown_rate = UNKNOWN_RATE});
	gateway_ready(&gw);
	return 0;
}

static int set_up_never(void **state)
{
	gateway_open(&gw, (struct gateway_params){.overload = {.unknown_rate = UNKNOWN_RATE,
							       .echo = CONFIG_ECHO_NEVER}});
	gateway_ready(&gw);
	return 0;
}

static bool echo_of(const struct datagram *answer, uint8_t echo[static DP_ECHO_BYTES])
{
	struct coap_msg msg;
	struct coap_opt opt;

	assert_int_equal(coap_msg_parse(&msg, answer->bytes, answer->len), COAP_OK);
	if (!coap_msg_find_opt(&msg, COAP_OPT_ECHO, &opt))
		return false;
	assert_int_equal(opt.len, DP_ECHO_BYTES);
	memcpy(echo, opt.value, opt.len);
	return true;
}

// A Register, with an Echo option unless it is NULL.
static struct datagram registration(uint16_t mid, const uint8_t *echo)
{
	return device_message_with(1, COAP_CON, COAP_POST, mid,
				   &(struct device_extra){.path = "rd",
							  .query = "ep=dev&lwm2m=1.1",
							  .option = echo ? COAP_OPT_ECHO : 0,
							  .value = echo,
							  .value_len = DP_ECHO_BYTES,
							  .payload = "</3/0>"});
}

static struct datagram links(uint16_t mid, const uint8_t *echo)
{
	return device_message_with(1, COAP_CON, COAP_GET, mid,
				   &(struct device_extra){.path = ".well-known/core",
							  .option = echo ? COAP_OPT_ECHO : 0,
							  .value = echo,
							  .value_len = DP_ECHO_BYTES});
}

static void an_echo_is_asked_for_before_a_first_request_is_looked_at(void **state)
{
	struct datagram d = registration(1, NULL), answer = device_ask(&gw, 0, &d);
	uint8_t echo[DP_ECHO_BYTES];

	assert_int_equal(answer.msg.code, COAP_UNAUTHORIZED);
	assert_true(echo_of(&answer, echo));
	assert_int_equal(COUNT(challenges), 1);
	expect_no_event();
	d = registration(2, echo);
	assert_int_equal(code_of(d), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	commit(1);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.msg.code, COAP_CREATED);
	assert_int_equal(COUNT(echoes), 1);
	// Who is registered is not asked.
	uint64_t location = device_location(&answer);
	assert_int_equal(code_of(device_update(1, 3, location, NULL)), COAP_CHANGED);
	assert_int_equal(code_of(device_update(1, 4, location, "lt=99")), 0);
	assert_int_equal(code_of(links(5, NULL)), COAP_CONTENT);
	assert_int_equal(COUNT(challenges), 1);
}

static void an_old_echo_is_answered_with_a_new_one(void **state)
{
	struct datagram d = registration(1, NULL), answer = device_ask(&gw, 0, &d);
	uint8_t first[DP_ECHO_BYTES], second[DP_ECHO_BYTES];

	assert_true(echo_of(&answer, first));
	gateway_wait(&gw, 300 * S);
	d = registration(2, first);
	answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_UNAUTHORIZED);
	assert_true(echo_of(&answer, second));
	assert_memory_not_equal(first, second, sizeof(first));
	assert_int_equal(code_of(registration(3, second)), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
}

static void a_request_too_short_for_an_echo_gets_nothing(void **state)
{
	// GET / in five bytes: 4.01 with the option takes 19.
	struct datagram d = {
		.bytes = {0x41, COAP_GET, 0, 1, 0x77}, .len = 5, .peer = gateway_device(1)};

	assert_int_equal(code_of(d), 0);
	assert_int_equal(COUNT(drop_amplification), 1);
}

static void a_block_is_asked_for_an_echo_too(void **state)
{
	static const uint8_t first = 0x08; // block 0 of more, 16 bytes
	struct datagram d =
		device_message_with(1, COAP_CON, COAP_POST, 1,
				    &(struct device_extra){.path = "rd",
							   .query = "ep=dev&lwm2m=1.1",
							   .option = COAP_OPT_BLOCK1,
							   .value = &first,
							   .value_len = 1,
							   .payload = "</1/0>,</3/0>,</"});
	struct datagram answer = device_ask(&gw, 0, &d);
	uint8_t echo[DP_ECHO_BYTES];

	assert_int_equal(answer.msg.code, COAP_UNAUTHORIZED);
	assert_true(echo_of(&answer, echo));
}

static void who_returns_the_echo_of_a_4_29_is_served(void **state)
{
	struct datagram d, answer;
	uint8_t echo[DP_ECHO_BYTES];

	for (uint16_t mid = 0; mid < UNKNOWN_RATE; mid++)
		assert_int_equal(code_of(links(mid, NULL)), COAP_CONTENT);
	d = links(100, NULL);
	answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_true(echo_of(&answer, echo));
	assert_int_equal(code_of(links(101, NULL)), COAP_TOO_MANY_REQUESTS);
	assert_int_equal(code_of(links(102, echo)), COAP_CONTENT);
	echo[7] ^= 1;
	assert_int_equal(code_of(links(103, echo)), COAP_TOO_MANY_REQUESTS);
	assert_int_equal(COUNT(challenges), 0);
}

static void no_echo_is_sent_when_none_shall_be(void **state)
{
	struct datagram d, answer;
	uint8_t echo[DP_ECHO_BYTES];

	for (uint16_t mid = 0; mid < UNKNOWN_RATE; mid++)
		assert_int_equal(code_of(links(mid, NULL)), COAP_CONTENT);
	d = links(100, NULL);
	answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_false(echo_of(&answer, echo));
}

static void a_reason_that_were_too_much_is_left_out(void **state)
{
	// A critical option nobody knows, in as few bytes as can be, and in some more.
	struct datagram brief = {
		.bytes = {0x40, COAP_GET, 0, 1, 0x90}, .len = 5, .peer = gateway_device(1)};
	struct datagram d = device_message_with(
		2, COAP_CON, COAP_GET, 2,
		&(struct device_extra){
			.path = "some/where", .option = 9, .value = "x", .value_len = 1});
	struct datagram answer = device_ask(&gw, 0, &brief);

	assert_int_equal(answer.msg.code, COAP_BAD_OPTION);
	assert_int_equal(answer.msg.payload_len, 0);
	answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_BAD_OPTION);
	assert_true(answer.msg.payload_len > 0);
}

static void a_short_message_with_the_id_of_a_long_one_does_not_get_its_answer(void **state)
{
	struct datagram d = registration(1, NULL), answer;
	struct datagram brief = {
		.bytes = {0x40, COAP_GET, 0, 1, 0xb0}, .len = 5, .peer = gateway_device(1)};

	assert_int_equal(code_of(d), 0);
	commit(1);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_true(answer.len > 15);
	assert_int_equal(code_of(brief), 0);
	assert_int_equal(COUNT(drop_amplification), 1);
	assert_int_equal(code_of(d), COAP_CREATED);
}

// Whatever a stranger sends.
static void nothing_is_answered_with_more_than_three_times_its_size(void **state)
{
	static const uint8_t valid[][40] = {
		"\x40\x01\x00\x02\xbb.well-known\x04"
		"core",
		"\x40\x02\x00\x03\xb2rd\x45"
		"ep=xy\x09lwm2m=1.1",
		"\x40\x02\x00\x04\xb2rd\x09"
		"AAAAAAAAA",
		"\x40\x45\x00\x05\xc0\xff"
		"20",
		"\x40\x02\x00\x06\xb2"
		"dp\x11\x6e\xff[]",
		"\x40\x02\x00\x07\xb2rd\xd1\x03\x08\xff</1/0>,</3/0>,</",
	};
	struct prng random = {0xec40};
	unsigned answers = 0;

	for (unsigned n = 0; n < 20000; n++) {
		struct datagram d = {.peer = gateway_device(n)}, answer;

		d.len = 1 + prng_below(&random, 39);
		memcpy(d.bytes, valid[prng_below(&random, 6)], 40);
		d.bytes[prng_below(&random, (uint32_t)d.len)] = (uint8_t)prng_next(&random);
		gateway_inject(&gw, 0, &d);
		gateway_commit_all(&gw);
		while (gateway_take(&gw, 0, &answer)) {
			answers++;
			if (answer.len > 3 * d.len)
				fail_msg("%zu bytes to %zu", answer.len, d.len);
		}
	}
	assert_true(answers > 3000);
}

#define L(name, mode) cmocka_unit_test_setup_teardown(name, set_up_##mode, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		L(an_echo_is_asked_for_before_a_first_request_is_looked_at, always),
		L(an_old_echo_is_answered_with_a_new_one, always),
		L(a_request_too_short_for_an_echo_gets_nothing, always),
		L(a_block_is_asked_for_an_echo_too, always),
		L(who_returns_the_echo_of_a_4_29_is_served, needed),
		L(no_echo_is_sent_when_none_shall_be, never),
		T(a_reason_that_were_too_much_is_left_out),
		T(a_short_message_with_the_id_of_a_long_one_does_not_get_its_answer),
		T(nothing_is_answered_with_more_than_three_times_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
