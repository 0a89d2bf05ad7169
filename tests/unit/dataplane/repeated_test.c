// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control has committed an event before, or knows nothing of a session. promise.c, commands.c.
#include "tests/unit/dataplane/one_worker.h"

#include "lwm2m/coap/exchange.h"

static void repeated(uint64_t seq, uint64_t location)
{
	const uint64_t body[2] = {seq, location};

	gateway_command(&gw, 0, BRIDGE_REPEATED, body, sizeof(body));
	commit(seq);
}

static void unknown(uint64_t location)
{
	uint64_t body[6] = {location};

	gateway_command(&gw, 0, BRIDGE_UNKNOWN, body, sizeof(body));
	gateway_run(&gw);
}

static void a_register_gets_the_location_of_the_first(void **state)
{
	uint64_t first = device_registered(&gw, 0, 1, 1, "dev", 60);
	struct datagram answer;

	assert_int_equal(code_of(device_register(1, 2, "dev", 60)), 0);
	expect_event(BRIDGE_EV_REGISTER, 2, 0);
	repeated(2, first);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.msg.code, COAP_CREATED);
	assert_true(device_location(&answer) == first);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	assert_int_equal(COUNT(registers), 1);
	assert_int_equal(COUNT(repeated), 1);
	assert_int_equal(COUNT(replaced), 0);
	assert_int_equal(code_of(device_update(1, 3, first, NULL)), COAP_CHANGED);
}

static void an_update_does_not_undo_a_later_one(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	assert_int_equal(code_of(device_update(1, 2, location, "lt=7000")), 0);
	repeated(2, 0);
	assert_int_equal(taken_code(), COAP_CHANGED);
	assert_int_equal(dp_session_slot(&gw.w[0]->sessions, location)->lifetime_s, 60);
}

static void a_deregister_from_before_the_start_is_asked_control(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);
	uint64_t gone = location ^ (uint64_t)1 << 40;

	assert_int_equal(code_of(device_deregister(1, 2, gone)), 0);
	expect_event(BRIDGE_EV_DEREGISTER, 2, gone);
	assert_int_equal(ev.flags, 1);
	repeated(2, 0);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(code_of(device_deregister(1, 3, gone)), 0);
	gateway_reject(&gw, 0, 3, COAP_NOT_FOUND);
	commit(3);
	assert_int_equal(taken_code(), COAP_NOT_FOUND);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	// No location at all is nobody's business, and neither is one long after the start.
	assert_int_equal(code_of(device_deregister(1, 4, gone & 0xfffffff)), COAP_NOT_FOUND);
	gateway_wait(&gw, COAP_EXCHANGE_LIFETIME_US);
	assert_int_equal(code_of(device_deregister(1, 5, gone)), COAP_NOT_FOUND);
}

static void what_control_does_not_know_is_let_go(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	unknown(location ^ (uint64_t)1 << 40);
	unknown(UINT64_MAX);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	unknown(location);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(COUNT(forgotten), 1);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_NOT_FOUND);
}

static void nonsense_about_what_was_repeated_does_no_harm(void **state)
{
	repeated(7, 1); // nothing of that number is parked
	assert_int_equal(code_of(device_register(1, 2, "dev", 60)), 0);
	repeated(1, UINT64_MAX);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	gateway_command(&gw, 0, BRIDGE_REPEATED, "", 0);
	gateway_run(&gw);
	assert_true(gw.w[0]->bridge_failed);
}

static void a_dataplane_without_control_holds_then_tells_to_come_back(void **state)
{
	uint64_t location = BRIDGE_LOCATION(dp_vshard_of_endpoint("dev", 3), 3, 9);
	struct dp_peer peer = gateway_device(1);

	assert_int_equal(code_of(device_update(1, 1, location, NULL)), 0);
	gateway_wait(&gw, DP_HOLD_US - 1 - gw.now_us);
	assert_int_equal(code_of(device_update(1, 1, location, NULL)), 0);
	assert_int_equal(COUNT(drop_restoring), 2);
	gateway_wait(&gw, 1);
	assert_int_equal(code_of(device_update(1, 1, location, NULL)), COAP_SERVICE_UNAVAILABLE);
	gateway_attach(&gw);
	gateway_restore(&gw, 0, location, "dev", 60, &peer);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_register_gets_the_location_of_the_first),
		T(an_update_does_not_undo_a_later_one),
		T(a_deregister_from_before_the_start_is_asked_control),
		T(what_control_does_not_know_is_let_go),
		T(nonsense_about_what_was_repeated_does_no_harm),
		FRESH(a_dataplane_without_control_holds_then_tells_to_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
