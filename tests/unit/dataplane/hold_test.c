// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control asks to promise nothing new (BRIDGE_HOLD). promise.c.
#include "tests/unit/dataplane/one_worker.h"

static void expect_unavailable(struct datagram d)
{
	struct datagram answer = device_ask(&gw, 0, &d);
	struct coap_opt opt;
	struct coap_msg msg;
	uint32_t max_age = 0;

	assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
	assert_int_equal(msg.code, COAP_SERVICE_UNAVAILABLE);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_MAX_AGE, &opt) &&
		    coap_opt_uint(&opt, &max_age));
	assert_int_equal(max_age, DP_RETRY_AFTER_S);
}

static struct datagram notification(uint64_t location, enum coap_type type, uint16_t mid)
{
	struct datagram d = {.peer = gateway_device(1)};
	uint64_t token = __builtin_bswap64(BRIDGE_OBSERVE_TOKEN(location, 5));
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), type, COAP_CONTENT, mid, &token,
			 sizeof(token));
	coap_write_opt_uint(&w, COAP_OPT_OBSERVE, mid);
	coap_write_payload(&w, "21.5", 4);
	d.len = coap_write_finish(&w);
	return d;
}

static struct datagram send_request(uint16_t mid)
{
	struct datagram d = {.peer = gateway_device(1)};
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), COAP_CON, COAP_POST, mid, "s", 1);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "dp");
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 110);
	coap_write_payload(&w, "[]", 2);
	d.len = coap_write_finish(&w);
	return d;
}

static void nothing_new_is_promised_while_control_holds(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);

	gateway_hold(&gw, true);
	expect_unavailable(device_register(2, 1, "other", 60));
	expect_unavailable(device_update(1, 2, location, "lt=7000"));
	expect_unavailable(send_request(3));
	expect_unavailable(device_deregister(1, 4, location));
	assert_int_equal(COUNT(unavailable), 4);
	assert_int_equal(code_of(notification(location, COAP_CON, 5)), 0);
	assert_int_equal(code_of(notification(location, COAP_NON, 6)), 0);
	assert_int_equal(COUNT(drop_notification), 2);
	assert_int_equal(code_of(device_update(1, 7, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(promises), 1);
	gateway_hold(&gw, false);
	code_of(notification(location, COAP_CON, 5)); // again: not a duplicate of what was dropped
	code_of(device_register(2, 2, "other", 60));
	commit(3);
	assert_int_equal(COUNT(notifications), 1);
	assert_int_equal(COUNT(registers), 2);
	while (gateway_take(&gw, 0, &(struct datagram){0}))
		;
}

static void what_was_parked_before_is_answered_while_control_holds(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram update = device_update(1, 2, location, "lt=7000");

	assert_int_equal(code_of(update), 0);
	gateway_hold(&gw, true);
	assert_int_equal(code_of(update), 0);
	assert_int_equal(COUNT(drop_duplicate_pending), 1);
	commit(2);
	assert_int_equal(taken_code(), COAP_CHANGED);
}

static void nobody_expires_while_control_holds(void **state)
{
	device_registered(&gw, 0, 1, 1, "dev", 60);
	gateway_hold(&gw, true);
	gateway_wait(&gw, 200 * S);
	assert_int_equal(COUNT(promises), 1);
	gateway_hold(&gw, false);
	gateway_wait(&gw, 2 * S);
	assert_int_equal(COUNT(promises), 2);
	commit(2);
	assert_int_equal(COUNT(expirations), 1);
}

static void devices_are_told_at_once_when_control_holds_before_it_has_restored(void **state)
{
	gateway_attach(&gw);
	gateway_hold(&gw, true);
	expect_unavailable(device_register(2, 1, "other", 60));
}

static void a_new_attach_begins_without_a_hold(void **state)
{
	gateway_hold(&gw, true);
	gateway_detach(&gw);
	gateway_ready(&gw);
	device_registered(&gw, 0, 1, 1, "dev", 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_new_is_promised_while_control_holds),
		T(what_was_parked_before_is_answered_while_control_holds),
		T(nobody_expires_while_control_holds),
		FRESH(devices_are_told_at_once_when_control_holds_before_it_has_restored),
		T(a_new_attach_begins_without_a_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
