// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What devices repeat through a dataplane or to a control that was started again: no second event.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/link/link.h"
#include "control/metrics.h"
#include "control/registry.h"
#include "control/store/outbox.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

#define LINKS "</1/0>,</3/0>,</3303/0>"

static struct gateway gw;
static struct fake_dataplane dp;
static union device_event event;

static void step(void *arg)
{
	fake_step(&dp);
}

static bool ready(void *arg)
{
	return fake_is_ready(&dp) && ctl_link_state(gw.ctl.link) == CTL_LINK_READY;
}

static bool all_committed(void *arg)
{
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		if (dp.committed[w] != dp.seq[w])
			return false;
	return true;
}

static bool is_detached(void *arg)
{
	return ctl_link_state(gw.ctl.link) == CTL_LINK_DETACHED;
}

static void run_until(bool (*condition)(void *))
{
	assert_true(gateway_run_until(&gw, condition, step, NULL));
}

static void restart_control(void)
{
	gateway_stop(&gw);
	fake_hang_up(&dp);
	gateway_start(&gw);
	run_until(ready);
}

static void restart_dataplane(void)
{
	fake_hang_up(&dp);
	run_until(is_detached);
	run_until(ready);
}

static int setup(void **state)
{
	gateway_init(&gw);
	gateway_backend(&gw, "events", "http://127.0.0.1:9/"); // the outbox counts events
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	run_until(ready);
	return 0;
}

static int teardown(void **state)
{
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
	return 0;
}

static void promise(uint32_t len)
{
	assert_int_not_equal(fake_promise(&dp, &event, len), 0);
	run_until(all_committed);
}

static uint64_t events(void)
{
	return ctl_outbox_last(gw.ctl.store);
}

// Sends what is in event once more, through both restarts; nothing comes of it but the answer.
static void expect_repetition(uint32_t len)
{
	uint64_t before = events(), repeated = ctl_counters.exchanges_repeated;
	uint32_t rejects = dp.rejects_count;

	restart_dataplane();
	promise(len);
	assert_int_equal(ctl_counters.exchanges_repeated, repeated + 1);
	restart_control();
	promise(len);
	assert_int_equal(ctl_counters.exchanges_repeated, repeated + 2);
	assert_int_equal(events(), before);
	assert_int_equal(dp.rejects_count, rejects);
}

static uint32_t registers(uint64_t location)
{
	return device_register(&event, location, "ep=a&lwm2m=1.1&lt=300", LINKS);
}

static void a_register_leads_to_the_registration_that_there_is(void **state)
{
	uint32_t len = registers(DEVICE_LOCATION(0));

	promise(len);
	event.ev.location = DEVICE_LOCATION(256); // a new provisional session
	expect_repetition(len);
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 1);
	assert_true(dp.repeated_location == DEVICE_LOCATION(0));
}

static void a_register_of_a_device_that_is_gone_is_a_new_one(void **state)
{
	union device_event first;
	uint32_t len = registers(DEVICE_LOCATION(0));

	first = event;
	promise(len);
	promise(device_deregister(&event, DEVICE_LOCATION(0)));
	event = first;
	event.ev.location = DEVICE_LOCATION(256);
	promise(len);
	assert_int_equal(events(), 3);
	assert_int_equal(dp.repeated, 0);
	assert_non_null(ctl_registry_by_location(gw.ctl.registry, DEVICE_LOCATION(256)));
}

static void an_update_changes_nothing_twice(void **state)
{
	uint32_t len;

	promise(registers(DEVICE_LOCATION(0)));
	len = device_update(&event, DEVICE_LOCATION(0), "lt=60", "</1/0>");
	promise(len);
	expect_repetition(len);
	assert_int_equal(events(), 2);
	assert_true(dp.repeated_location == 0);
}

static void a_deregister_of_what_is_gone_is_known(void **state)
{
	uint32_t len;

	promise(registers(DEVICE_LOCATION(0)));
	len = device_deregister(&event, DEVICE_LOCATION(0));
	promise(len);
	event.record.flags = 1; // the session is not there any more
	expect_repetition(len);
	assert_int_equal(events(), 2);
}

static void a_deregister_of_what_never_was_is_refused(void **state)
{
	uint32_t len = device_deregister(&event, DEVICE_LOCATION(0));

	event.record.flags = 1;
	promise(len);
	assert_int_equal(dp.rejects_count, 1);
	assert_int_equal(dp.rejects[0].code, COAP_NOT_FOUND);
}

static void a_send_is_one_event(void **state)
{
	static const char pack[] = "[{\"n\":\"/3303/0/5700\",\"v\":21.5}]";
	uint32_t len;

	promise(registers(DEVICE_LOCATION(0)));
	len = device_send(&event, 110, pack, strlen(pack));
	promise(len);
	assert_int_equal(events(), 2);
	expect_repetition(len);
	// The same again as a message of its own is another.
	promise(device_send(&event, 110, pack, strlen(pack)));
	assert_int_equal(events(), 3);
}

static void one_that_waited_for_its_sender_is_one_event(void **state)
{
	static const char pack[] = "[{\"n\":\"/3303/0/5700\",\"v\":21.5}]";
	union device_event send;
	uint32_t len = device_send(&send, 110, pack, strlen(pack));

	// Of another worker than the Register, which is looked at later in the same round.
	assert_int_not_equal(fake_promise(&dp, &send, len), 0);
	promise(registers(DEVICE_LOCATION(1)));
	assert_int_equal(dp.rejects_count, 0);
	assert_int_equal(events(), 2);
	event = send;
	expect_repetition(len);
}

static void what_was_refused_is_refused_again(void **state)
{
	uint32_t len = device_send(&event, 110, "[", 1);

	promise(len);
	restart_dataplane();
	promise(len);
	assert_int_equal(dp.rejects_count, 2);
	assert_int_equal(dp.repeated, 0);
}

static bool told_unknown(void *arg)
{
	return dp.unknowns == *(uint32_t *)arg;
}

static void sessions_of_no_registration_are_let_go(void **state)
{
	union device_event touch = {0};
	uint32_t want = 1;

	touch.touch = (struct bridge_touch){
		.record = {.type = BRIDGE_EV_TOUCH},
		.location = DEVICE_LOCATION(3),
		.wall_ms = DEVICE_WALL_MS,
	};
	assert_true(fake_send(&dp, 1, &touch, sizeof(touch.touch)));
	assert_true(gateway_run_until(&gw, told_unknown, step, &want));
	assert_true(dp.unknown_location == DEVICE_LOCATION(3));
	promise(device_update(&event, DEVICE_LOCATION(4), "lt=60", NULL));
	assert_int_equal(dp.rejects_count, 1);
	assert_int_equal(dp.rejects[0].code, COAP_NOT_FOUND);
	assert_int_equal(dp.unknowns, 2);
	assert_true(dp.unknown_location == DEVICE_LOCATION(4));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_register_leads_to_the_registration_that_there_is),
		TEST(a_register_of_a_device_that_is_gone_is_a_new_one),
		TEST(an_update_changes_nothing_twice),
		TEST(a_deregister_of_what_is_gone_is_known),
		TEST(a_deregister_of_what_never_was_is_refused),
		TEST(a_send_is_one_event),
		TEST(one_that_waited_for_its_sender_is_one_event),
		TEST(what_was_refused_is_refused_again),
		TEST(sessions_of_no_registration_are_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
