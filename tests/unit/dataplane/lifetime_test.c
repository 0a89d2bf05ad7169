// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What time does to a session: expiry, refreshing, and what control hears of keep-alives.
// lifetime.c.
#include "tests/unit/dataplane/one_worker.h"

static void a_session_expires_after_its_lifetime(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	gateway_wait(&gw, 59 * S);
	expect_no_event();
	gateway_wait(&gw, 1 * S + 40000);
	expect_event(BRIDGE_EV_EXPIRE, 2, location);
	assert_int_equal(ev.coap_len, 0);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_NOT_FOUND);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	commit(2);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(gw.w[0]->session_wheel.armed, 0);
	assert_int_equal(COUNT(expirations), 1);
}

static void a_refreshed_session_does_not_expire(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	for (uint16_t i = 0; i < 10; i++) {
		gateway_wait(&gw, 50 * S);
		assert_int_equal(code_of(device_update(1, (uint16_t)(10 + i), location, NULL)),
				 COAP_CHANGED);
	}
	assert_int_equal(COUNT(promises), 1);
	gateway_wait(&gw, 61 * S);
	assert_int_equal(COUNT(promises), 2);
}

static void a_lifetime_of_136_years_is_kept(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", UINT32_MAX);

	gw.now_us += 3600 * S;
	gateway_run(&gw);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(promises), 1);
}

static void nothing_expires_while_control_is_away(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	gateway_detach(&gw);
	gateway_wait(&gw, 100 * S);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	gateway_wait(&gw, 100 * S);
	gateway_ready(&gw);
	gateway_wait(&gw, 2 * S);
	expect_event(BRIDGE_EV_EXPIRE, 1, location);
}

static void an_expiry_that_control_refuses_or_forgets_is_told_again(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	gateway_wait(&gw, 61 * S);
	expect_event(BRIDGE_EV_EXPIRE, 2, location);
	gateway_reject(&gw, 0, 2, COAP_INTERNAL_SERVER_ERROR);
	commit(2);
	gateway_wait(&gw, 2 * S);
	expect_event(BRIDGE_EV_EXPIRE, 3, location);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 0); // no device waited
	gateway_ready(&gw);
	gateway_wait(&gw, 2 * S);
	expect_event(BRIDGE_EV_EXPIRE, 1, location);
	commit(1);
	assert_int_equal(gw.w[0]->sessions.count, 0);
}

static void an_update_whose_session_ended_while_it_was_parked_is_not_acknowledged(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 1);

	code_of(device_update(1, 2, location, "lt=1000"));
	gateway_wait(&gw, 2 * S); // control is slow: the old lifetime ends first
	commit(2);
	assert_int_equal(taken_code(), COAP_NOT_FOUND);
	commit(3);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(gw.w[0]->session_wheel.armed, 0);
}

static void a_session_that_expires_while_its_end_is_parked_ends_once(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 1);

	code_of(device_deregister(1, 2, location));
	gateway_wait(&gw, 2 * S);
	assert_int_equal(COUNT(promises), 3);
	commit(3);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(COUNT(expirations), 0);
}

static void an_update_from_a_new_address_moves_the_session_and_is_reported_at_once(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 600);
	struct dp_peer moved = gateway_device(77);

	gateway_wait(&gw, 10 * S);
	for (uint16_t i = 0; i < 5; i++) { // one burst
		struct datagram d =
			device_update(i < 4 ? 1 : 77, (uint16_t)(10 + i), location, NULL);

		gateway_inject(&gw, 0, &d);
	}
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 5);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	assert_memory_equal(ev.peer.addr, moved.addr, 16);
	assert_int_equal(ev.wall_ms, (GATEWAY_WALL_US + gw.now_us) / 1000);
	assert_int_equal(COUNT(moves), 1);
	expect_event(BRIDGE_EV_TOUCH, 0, location); // as refreshed
	expect_no_event();
	assert_int_equal(COUNT(touches), 2);
}

static void touches_wait_for_control_and_collect(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);

	gateway_detach(&gw);
	for (uint16_t i = 0; i < 5; i++)
		assert_int_equal(code_of(device_update(1, (uint16_t)(10 + i), location, NULL)),
				 COAP_CHANGED);
	gateway_attach(&gw);
	expect_no_event();
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	expect_no_event();
}

static void a_worker_that_polls_without_rest_reports_touches_too(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram d = device_update(1, 2, location, NULL);

	gw.w[0]->housekeeping_us = gw.now_us + 1000;
	gateway_inject(&gw, 0, &d);
	for (int i = 0; i < 3000; i++, gw.now_us++)
		dp_worker_poll(gw.w[0], gw.now_us, GATEWAY_WALL_US + gw.now_us);
	assert_true(gateway_event(&gw, 0, &ev));
	assert_int_equal(ev.type, BRIDGE_EV_TOUCH);
	assert_int_equal(gateway_drain(&gw), 1);
}

static void time_does_not_go_back(void **state)
{
	uint64_t now_us;

	gateway_round(&gw);
	now_us = gw.w[0]->now_us;
	gw.now_us -= 5; // as another processor's counter may
	gateway_round(&gw);
	assert_true(gw.w[0]->now_us == now_us);
	gw.now_us += 6;
	gateway_round(&gw);
	assert_true(gw.w[0]->now_us == now_us + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_session_expires_after_its_lifetime),
		T(time_does_not_go_back),
		T(a_refreshed_session_does_not_expire),
		T(a_lifetime_of_136_years_is_kept),
		T(nothing_expires_while_control_is_away),
		T(an_expiry_that_control_refuses_or_forgets_is_told_again),
		T(an_update_whose_session_ended_while_it_was_parked_is_not_acknowledged),
		T(a_session_that_expires_while_its_end_is_parked_ends_once),
		T(an_update_from_a_new_address_moves_the_session_and_is_reported_at_once),
		T(touches_wait_for_control_and_collect),
		T(a_worker_that_polls_without_rest_reports_touches_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
