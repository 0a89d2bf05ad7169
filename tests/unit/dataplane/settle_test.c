// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Answers that do not wait for the disk (BRIDGE_SETTLE). promise.c.
#include "tests/unit/dataplane/one_worker.h"

static void settle(uint64_t seq)
{
	struct bridge_commit cmd = {.seq = seq};

	gateway_command(&gw, 0, BRIDGE_SETTLE, &cmd.record + 1, sizeof(cmd) - sizeof(cmd.record));
	gateway_run(&gw);
}

static void one_is_answered_before_those_ahead_of_it_and_not_again(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);

	assert_int_equal(code_of(device_register(2, 1, "other", 60)), 0);
	assert_int_equal(code_of(device_update(1, 2, location, "lt=7000")), 0);
	settle(3);
	assert_int_equal(taken_code(), COAP_CHANGED);
	assert_int_equal(taken_code(), 0);
	assert_int_equal(COUNT(updates), 1);
	settle(3); // twice
	commit(3);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(taken_code(), 0);
	assert_int_equal(COUNT(updates), 1);
	settle(3); // not parked any more
	settle(4711);
	assert_int_equal(taken_code(), 0);
}

static void what_was_refused_is_answered_so(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);

	assert_int_equal(code_of(device_update(1, 2, location, "lt=7000")), 0);
	gateway_reject(&gw, 0, 2, COAP_BAD_REQUEST);
	settle(2);
	assert_int_equal(taken_code(), COAP_BAD_REQUEST);
	commit(2);
	assert_int_equal(taken_code(), 0);
}

static void what_was_settled_is_kept_when_control_goes(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);

	assert_int_equal(code_of(device_register(2, 1, "other", 60)), 0);
	assert_int_equal(code_of(device_register(3, 1, "third", 60)), 0);
	settle(3);
	assert_int_equal(taken_code(), COAP_CREATED);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 1);
	assert_int_equal(gw.w[0]->sessions.count, 2);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
}

static void a_disk_that_is_behind_turns_nobody_away(void **state)
{
	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.max_sessions = 20000});
	gateway_ready(&gw);
	for (uint32_t i = 1; i <= 2 * DP_PARKED_MAX; i++) {
		char endpoint[16];

		snprintf(endpoint, sizeof(endpoint), "d%u", i);
		assert_int_equal(code_of(device_register(i, 1, endpoint, 60)), 0);
		settle(i);
		assert_int_equal(taken_code(), COAP_CREATED);
		expect_event(BRIDGE_EV_REGISTER, i, 0);
	}
	assert_int_equal(gw.w[0]->gauges.parked, 0);
	commit(2 * DP_PARKED_MAX);
	assert_int_equal(code_of(device_register(3 * DP_PARKED_MAX, 1, "last", 60)), 0);
	commit(2 * DP_PARKED_MAX + 1);
	assert_int_equal(taken_code(), COAP_CREATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_is_answered_before_those_ahead_of_it_and_not_again),
		T(what_was_refused_is_answered_so),
		T(what_was_settled_is_kept_when_control_goes),
		T(a_disk_that_is_behind_turns_nobody_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
