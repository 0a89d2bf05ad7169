// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control away or behind, and tables full: what is left to repeat itself, told to come back, or
// lost. promise.c.
#include "tests/unit/dataplane/one_worker.h"

static void devices_are_left_to_repeat_themselves_while_control_is_away_for_a_moment(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram d = device_register(2, 1, "other", 60);

	gateway_wait(&gw, 20 * S);
	gateway_detach(&gw);
	assert_int_equal(code_of(d), 0);
	assert_int_equal(code_of(device_update(1, 2, location, "lt=7000")), 0);
	assert_int_equal(code_of(device_deregister(1, 3, location)), 0);
	gateway_wait(&gw, DP_PATIENCE_US - 1 * S);
	assert_int_equal(code_of(d), 0);
	assert_int_equal(COUNT(drop_control_away), 4);
	gateway_wait(&gw, 1 * S);
	struct datagram answer = device_ask(&gw, 0, &d);
	struct coap_opt opt;
	struct coap_msg msg;
	uint32_t max_age = 0;
	assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
	assert_int_equal(msg.code, COAP_SERVICE_UNAVAILABLE);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_MAX_AGE, &opt) &&
		    coap_opt_uint(&opt, &max_age));
	assert_int_equal(max_age, DP_RETRY_AFTER_S);
	assert_int_equal(COUNT(unavailable), 1);
	// What needs no control is served all the while.
	assert_int_equal(code_of(device_update(1, 4, location, NULL)), COAP_CHANGED);
	// While control restores, it is silence again: it will be there soon.
	gateway_attach(&gw);
	assert_int_equal(code_of(device_register(2, 2, "other", 60)), 0);
	assert_int_equal(COUNT(drop_restoring), 1);
}

static void answers_parked_when_control_goes_are_forgotten_and_asked_again(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram reg = device_register(2, 1, "other", 60);
	struct datagram update = device_update(1, 2, location, "lt=7000");
	struct datagram deregister = device_deregister(1, 3, location);

	code_of(reg);
	code_of(update);
	code_of(deregister);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 3);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	gateway_ready(&gw);
	while (gateway_event(&gw, 0, &ev))
		assert_int_equal(ev.type, BRIDGE_EV_TOUCH);
	code_of(reg);
	code_of(update);
	code_of(deregister);
	expect_event(BRIDGE_EV_REGISTER, 1, 0); // counting starts anew with every attach
	commit(3);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(taken_code(), COAP_CHANGED);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void requests_beyond_max_devices_are_told_to_come_back(void **state)
{
	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.max_sessions = 2});
	gateway_ready(&gw);
	uint64_t first = device_registered(&gw, 0, 1, 1, "a", 60);
	device_registered(&gw, 0, 2, 1, "b", 60);
	assert_int_equal(code_of(device_register(3, 1, "c", 60)), COAP_SERVICE_UNAVAILABLE);
	assert_int_equal(code_of(device_deregister(1, 2, first)), 0);
	commit(3);
	assert_int_equal(taken_code(), COAP_DELETED);
	device_registered(&gw, 0, 3, 2, "c", 60);
}

static void answers_wait_for_nobody_when_no_more_can_be_parked(void **state)
{
	char endpoint[16];

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.max_sessions = 20000, .mbufs = 10000});
	gateway_ready(&gw);
	// The last eighth is for registered devices.
	uint64_t location = device_registered(&gw, 0, 99999, 1, "known", 60);
	for (uint32_t i = 0; i < DP_PARKED_MAX; i++) {
		snprintf(endpoint, sizeof(endpoint), "d%u", i);
		struct datagram d = device_register(i, 1, endpoint, 60);
		gateway_inject(&gw, 0, &d);
		if (i % 64 == 0)
			gateway_run(&gw);
	}
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->gauges.parked, DP_PARKED_MAX - DP_PARKED_MAX / 8);
	assert_int_equal(gateway_drain(&gw), DP_PARKED_MAX / 8);
	assert_int_equal(COUNT(unavailable), DP_PARKED_MAX / 8);
	assert_int_equal(code_of(device_register(99999, 2, "known", 60)), 0); // again
	for (uint16_t mid = 3; mid < 2 + DP_PARKED_MAX / 8; mid++)
		assert_int_equal(code_of(device_update(99999, mid, location, "lt=70")), 0);
	assert_int_equal(gw.w[0]->gauges.parked, DP_PARKED_MAX);
	assert_int_equal(code_of(device_update(99999, 9999, location, "lt=70")),
			 COAP_SERVICE_UNAVAILABLE);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), DP_PARKED_MAX);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void answers_are_5_03_when_the_event_ring_is_full(void **state)
{
	uint8_t code = 0;

	code_of(device_register(1, 1, "dev", 60));
	for (uint16_t i = 2; i < 8000 && code == 0; i++) {
		struct datagram d = device_register(i, 1, "dev", 60);

		for (; d.len < 1200; d.len += 7)
			memcpy(d.bytes + d.len, ",</1/1>", 7);
		code = code_of(d);
	}
	assert_int_equal(code, COAP_SERVICE_UNAVAILABLE);
	assert_true(COUNT(promises) < DP_PARKED_MAX);
	gateway_detach(&gw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(devices_are_left_to_repeat_themselves_while_control_is_away_for_a_moment),
		T(answers_parked_when_control_goes_are_forgotten_and_asked_again),
		T(requests_beyond_max_devices_are_told_to_come_back),
		T(answers_wait_for_nobody_when_no_more_can_be_parked),
		T(answers_are_5_03_when_the_event_ring_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
