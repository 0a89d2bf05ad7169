// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Before a dataplane stops: what was promised is answered, nothing new is taken. loop.c.
#include "tests/unit/dataplane/one_worker.h"

static bool drained(void)
{
	gateway_run(&gw);
	return gw.w[0]->drained;
}

static void what_was_promised_is_answered_first(void **state)
{
	assert_int_equal(code_of(device_register(1, 1, "dev", 60)), 0);
	gw.w[0]->draining = true;
	assert_false(drained());
	commit(1);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_true(drained());
}

static void what_control_does_not_answer_any_more_is_given_up(void **state)
{
	assert_int_equal(code_of(device_register(1, 1, "dev", 60)), 0);
	gw.w[0]->draining = true;
	assert_false(drained());
	gateway_detach(&gw);
	assert_true(drained());
	assert_int_equal(COUNT(drop_parked_lost), 1);
}

static void nothing_new_is_read_from_the_ports(void **state)
{
	struct datagram d = device_register(1, 1, "dev", 60);

	gw.w[0]->draining = true;
	gateway_inject(&gw, 0, &d);
	assert_true(drained());
	expect_no_event();
	// It is there for whoever comes next.
	gw.w[0]->draining = false;
	gateway_run(&gw);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
}

static void an_idle_worker_says_so_at_once(void **state)
{
	assert_false(gw.w[0]->drained);
	gw.w[0]->draining = true;
	assert_true(drained());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_promised_is_answered_first),
		T(what_control_does_not_answer_any_more_is_given_up),
		T(nothing_new_is_read_from_the_ports),
		FRESH(an_idle_worker_says_so_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
