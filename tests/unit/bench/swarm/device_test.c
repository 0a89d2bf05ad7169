// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/device.h"

#define SECOND 1000000u

struct bench {
	struct options opt;
	struct swarm_counters counters;
	struct histogram latency;
	uint16_t next_mid;
	uint8_t out[DEVICE_DATAGRAM_MAX];
	struct device_env env;
	struct device dev;
	struct coap_msg sent;
};

static int setup(void **state)
{
	static struct bench b;
	b = (struct bench){
		.opt = {.endpoint_prefix = "dev", .count = 1, .lifetime_s = 60, .interval_s = 20}};
	b.env = (struct device_env){.opt = &b.opt,
				    .counters = &b.counters,
				    .latency = &b.latency,
				    .next_mid = &b.next_mid,
				    .now_us = SECOND,
				    .out = b.out};
	device_init(&b.dev, 0, SECOND);
	*state = &b;
	return 0;
}

static void on_time(struct bench *b)
{
	size_t len = device_on_time(&b->dev, &b->env);
	assert_int_equal(coap_msg_parse(&b->sent, b->out, len), COAP_OK);
}

// Answers the request that was sent last.
static void answer(struct bench *b, uint8_t code, uint16_t option, const void *value,
		   size_t value_len)
{
	uint8_t buf[64], token[8];
	struct coap_writer w;
	struct coap_msg msg;
	memcpy(token, b->sent.token, b->sent.token_len);
	coap_write_begin(&w, buf, sizeof(buf), COAP_ACK, code, b->sent.mid, token,
			 b->sent.token_len);
	if (option == COAP_OPT_LOCATION_PATH)
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, "rd");
	if (value_len > 0)
		coap_write_opt(&w, option, value, value_len);
	assert_int_equal(coap_msg_parse(&msg, buf, coap_write_finish(&w)), COAP_OK);
	assert_int_equal(device_on_message(&b->dev, &b->env, &msg), 0);
}

static void become_registered(struct bench *b)
{
	on_time(b);
	answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_int_equal(b->dev.state, DEVICE_REGISTERED);
}

static void a_device_registers_and_keeps_its_location(void **state)
{
	struct bench *b = *state;
	on_time(b);
	assert_int_equal(b->sent.code, COAP_POST);
	assert_int_equal(b->sent.type, COAP_CON);
	answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_memory_equal(b->dev.location, "rd\0abc", 7);
	assert_int_equal(b->counters.registers, 1);
}

static void a_created_without_location_is_wrong(void **state)
{
	struct bench *b = *state;
	on_time(b);
	answer(b, COAP_CREATED, COAP_OPT_MAX_AGE, NULL, 0);
	assert_int_equal(b->counters.wrong, 1);
	assert_int_equal(b->dev.state, DEVICE_IDLE);
}

static void a_retransmission_is_the_same_bytes(void **state)
{
	struct bench *b = *state;
	uint8_t first[DEVICE_DATAGRAM_MAX];
	size_t len = device_on_time(&b->dev, &b->env);
	memcpy(first, b->out, len);
	b->env.now_us = b->dev.deadline_us;
	assert_int_equal(device_on_time(&b->dev, &b->env), len);
	assert_memory_equal(b->out, first, len);
	assert_int_equal(b->counters.retransmissions, 1);
}

static void an_answer_that_never_comes_is_missing(void **state)
{
	struct bench *b = *state;
	on_time(b);
	while (b->dev.state == DEVICE_REGISTERING) {
		b->env.now_us = b->dev.deadline_us;
		device_on_time(&b->dev, &b->env);
	}
	assert_int_equal(b->counters.missing, 1);
	assert_int_equal(b->counters.retransmissions, 4);
	assert_int_equal(b->dev.state, DEVICE_IDLE);
}

static void an_update_that_gets_404_registers_again_unless_strict(void **state)
{
	struct bench *b = *state;
	become_registered(b);
	on_time(b);
	answer(b, COAP_NOT_FOUND, 0, NULL, 0);
	assert_int_equal(b->counters.reregistrations, 1);
	assert_int_equal(b->dev.state, DEVICE_IDLE);
	b->opt.strict = true;
	become_registered(b);
	on_time(b);
	answer(b, COAP_NOT_FOUND, 0, NULL, 0);
	assert_int_equal(b->counters.wrong, 1);
}

static void unavailable_is_tried_again_after_max_age(void **state)
{
	struct bench *b = *state;
	on_time(b);
	answer(b, COAP_SERVICE_UNAVAILABLE, COAP_OPT_MAX_AGE, "\x05", 1);
	assert_int_equal(b->counters.unavailable, 1);
	assert_int_equal(b->dev.deadline_us, SECOND + 5 * SECOND);
}

static void a_repeated_read_gets_the_same_answer(void **state)
{
	struct bench *b = *state;
	uint8_t buf[64], first[DEVICE_DATAGRAM_MAX];
	struct coap_writer w;
	struct coap_msg msg;
	become_registered(b);
	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_GET, 77, "t", 1);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "3303");
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "0");
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "5700");
	assert_int_equal(coap_msg_parse(&msg, buf, coap_write_finish(&w)), COAP_OK);
	size_t len = device_on_message(&b->dev, &b->env, &msg);
	memcpy(first, b->out, len);
	assert_int_equal(device_on_message(&b->dev, &b->env, &msg), len);
	assert_memory_equal(b->out, first, len);
	assert_int_equal(b->counters.reads, 1);
	msg.mid = 78;
	assert_int_equal(device_on_message(&b->dev, &b->env, &msg), len);
	assert_memory_not_equal(b->out + 4, first + 4, len - 4); // the temperature moved
}

static void a_late_copy_of_an_answer_is_a_stray(void **state)
{
	struct bench *b = *state;
	become_registered(b);
	answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_int_equal(b->counters.strays, 1);
	assert_int_equal(b->counters.registers, 1);
}

static void leaving_waits_for_the_update_under_way(void **state)
{
	struct bench *b = *state;
	become_registered(b);
	on_time(b);
	assert_int_equal(device_leave(&b->dev, &b->env), 0);
	answer(b, COAP_CHANGED, 0, NULL, 0);
	on_time(b);
	assert_int_equal(b->sent.code, COAP_DELETE);
	answer(b, COAP_DELETED, 0, NULL, 0);
	assert_int_equal(b->dev.state, DEVICE_GONE);
	assert_int_equal(b->counters.deregisters, 1);
	assert_int_equal(b->counters.strays, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_device_registers_and_keeps_its_location, setup),
		cmocka_unit_test_setup(a_created_without_location_is_wrong, setup),
		cmocka_unit_test_setup(a_retransmission_is_the_same_bytes, setup),
		cmocka_unit_test_setup(an_answer_that_never_comes_is_missing, setup),
		cmocka_unit_test_setup(an_update_that_gets_404_registers_again_unless_strict,
				       setup),
		cmocka_unit_test_setup(unavailable_is_tried_again_after_max_age, setup),
		cmocka_unit_test_setup(a_repeated_read_gets_the_same_answer, setup),
		cmocka_unit_test_setup(a_late_copy_of_an_answer_is_a_stray, setup),
		cmocka_unit_test_setup(leaving_waits_for_the_update_under_way, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
