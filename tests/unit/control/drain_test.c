// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/link/link.h"
#include "control/registry.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"
#include "tests/unit/control/support/receiver.h"

static struct gateway gw;
static struct fake_dataplane dp;
static struct receiver receiver;
static struct ctl_drain drain;

static void step(void *arg)
{
	fake_step(&dp);
}

static bool ready(void *arg)
{
	return fake_is_ready(&dp) && ctl_link_state(gw.ctl.link) == CTL_LINK_READY;
}

static void start(const char *url)
{
	memset(&drain, 0, sizeof(drain));
	gateway_init(&gw);
	gateway_backend(&gw, "events", url);
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	assert_true(gateway_run_until(&gw, ready, step, NULL));
}

static void stop(void)
{
	ctl_drain_close(&drain);
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
}

static void registers(unsigned n)
{
	union device_event event;
	char query[64];

	snprintf(query, sizeof(query), "ep=dev-%u&lwm2m=1.1&lt=300", n);
	assert_int_not_equal(
		fake_promise(&dp, &event,
			     device_register(&event, DEVICE_LOCATION(n), query, "</1/0>,</3/0>")),
		0);
}

// Until the drain stops the loop.
static void run(void)
{
	ctl_drain_start(&drain, &gw.ctl);
	uv_run(&gw.loop, UV_RUN_DEFAULT);
}

static void what_came_up_is_answered_and_delivered_before_control_ends(void **state)
{
	receiver_start(&receiver, 0);
	start(receiver.url);
	for (unsigned n = 0; n < 10; n++)
		registers(n);
	run();
	assert_int_equal(receiver_count(&receiver), 10);
	fake_step(&dp);
	assert_int_equal(dp.committed[0] + dp.committed[1], 10);
	assert_int_equal(ctl_link_state(gw.ctl.link), CTL_LINK_DETACHED);
	assert_non_null(ctl_hold_why(&gw.ctl.holds, CTL_HOLD_STOPPING));
	stop();
	receiver_stop(&receiver);
	receiver_free(&receiver);
}

static void a_back_end_that_fails_is_not_waited_for(void **state)
{
	start("http://127.0.0.1:9/"); // nobody listens
	registers(1);
	run();
	assert_true(uv_now(&gw.loop) < drain.end_ms);
	fake_step(&dp);
	assert_int_equal(dp.committed[1], 1);
	stop();
}

static void called_again_it_ends_at_once(void **state)
{
	receiver_start(&receiver, 0);
	receiver_set(&receiver, 200, true); // never answers
	start(receiver.url);
	registers(1);
	ctl_drain_start(&drain, &gw.ctl);
	ctl_drain_start(&drain, &gw.ctl);
	uv_run(&gw.loop, UV_RUN_DEFAULT);
	assert_true(uv_now(&gw.loop) < drain.end_ms);
	stop();
	receiver_stop(&receiver);
	receiver_free(&receiver);
}

static void without_a_dataplane_there_is_nothing_to_wait_for(void **state)
{
	start("http://127.0.0.1:9/");
	fake_hang_up(&dp);
	run();
	assert_int_equal(ctl_link_state(gw.ctl.link), CTL_LINK_DETACHED);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_up_is_answered_and_delivered_before_control_ends),
		cmocka_unit_test(a_back_end_that_fails_is_not_waited_for),
		cmocka_unit_test(called_again_it_ends_at_once),
		cmocka_unit_test(without_a_dataplane_there_is_nothing_to_wait_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
