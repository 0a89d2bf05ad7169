// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The queue in its place: over the real rings, from the REST side's question to the event.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "control/hub.h"
#include "control/link/link.h"
#include "control/queue/queue.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

#define HERE DEVICE_LOCATION(1)

static struct gateway gw;
static struct fake_dataplane dp;
static char told[4096]; // by the hub
static uint64_t added;

static void step(void *arg)
{
	fake_step(&dp);
}

static bool ready(void *arg)
{
	return fake_is_ready(&dp) && ctl_link_state(gw.ctl.link) == CTL_LINK_READY;
}

static bool is_told(void *arg)
{
	return strstr(told, arg) != NULL;
}

static bool is_added(void *arg)
{
	return added != 0;
}

static bool requested(void *arg)
{
	return dp.requests >= *(uint32_t *)arg;
}

static void run_until(bool (*condition)(void *), void *arg)
{
	assert_true(gateway_run_until(&gw, condition, step, arg));
}

static void wait_told(const char *what)
{
	run_until(is_told, (void *)(uintptr_t)what);
	told[0] = '\0';
}

static void wait_requests(uint32_t count)
{
	run_until(requested, &count);
}

static void on_hub(const struct ctl_event *event, void *arg)
{
	static const char *const names[] = {"REGISTERED", "UPDATED", "DEREGISTERED", "NOTIFICATION",
					    "SEND",       "AWAKE",   "SLEEPING",     "RESPONSE"};

	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s %.*s;", names[event->type],
		 (int)event->json_len, event->json ? event->json : "");
}

static void on_added(uint64_t id, int err, void *arg)
{
	assert_int_equal(err, 0);
	added = id;
}

static void attach(void)
{
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	assert_int_equal(ctl_hub_subscribe(gw.ctl.hub, on_hub, NULL), 0);
	run_until(ready, NULL);
}

static int setup(void **state)
{
	gateway_init(&gw);
	memset(&dp, 0, sizeof(dp));
	told[0] = '\0';
	attach();
	return 0;
}

static int teardown(void **state)
{
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
	return 0;
}

static struct ctl_reg *device(void)
{
	struct ctl_reg *reg = ctl_registry_by_endpoint(gw.ctl.registry, "a", 1);

	assert_non_null(reg);
	return reg;
}

// The window counts from when the device spoke, so it must do so now.
static void promise(union device_event *event, uint32_t len)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	event->ev.wall_ms = (uint64_t)now.tv_sec * 1000;
	assert_int_not_equal(fake_promise(&dp, event, len), 0);
}

static void do_register(void)
{
	union device_event event;

	promise(&event, device_register(&event, HERE, "ep=a&lwm2m=1.1&b=U&Q", "</3/0>"));
}

static void speak(void)
{
	union device_event event;

	assert_int_not_equal(fake_promise(&dp, &event, device_update(&event, HERE, "lt=400", NULL)),
			     0);
}

static void add(void)
{
	static const struct ctl_operation op = {
		.kind = CTL_READ,
		.paths_count = 1,
		.accept = CTL_FORMAT_ANY,
		.paths = {{.ids = {3, 0, 9}, .depth = 3}},
	};

	added = 0;
	assert_int_equal(ctl_queue_add(gw.ctl.queue, device(), &op, 60000, on_added, NULL), 0);
	run_until(is_added, NULL);
}

static void a_request_without_an_answer_lets_the_device_sleep(void **state)
{
	do_register();
	wait_told("AWAKE");
	add(); // awake: sent at once
	wait_requests(1);
	fake_respond(&dp, HERE, dp.request_id, BRIDGE_TIMEOUT, "");
	wait_told("SLEEPING");
	assert_true(ctl_queue_asleep(gw.ctl.queue, device()));
	speak();
	wait_told("AWAKE");
	wait_requests(2);
	fake_respond(&dp, HERE, dp.request_id, BRIDGE_ANSWERED, "95");
	wait_told("\"delayed\":true,\"response\":{\"status\":\"CONTENT(205)\"");
	assert_false(ctl_queue_must_wait(gw.ctl.queue, device()));
}

static void an_answer_to_a_request_wakes_the_device(void **state)
{
	do_register();
	wait_told("AWAKE");
	add();
	wait_requests(1);
	ctl_queue_silent(gw.ctl.queue, device()); // another request was not answered
	wait_told("SLEEPING");
	fake_respond(&dp, HERE, dp.request_id, BRIDGE_RESET, "");
	wait_told("AWAKE");
	wait_told("\"errormessage\":");
}

static void a_dataplane_that_comes_back_is_asked_again(void **state)
{
	do_register();
	wait_told("AWAKE");
	add();
	wait_requests(1);
	fake_hang_up(&dp);
	run_until(ready, NULL);
	wait_requests(2);
	fake_respond(&dp, HERE, dp.request_id, BRIDGE_ANSWERED, "95");
	wait_told("RESPONSE");
}

static void what_waits_outlives_a_restart_of_control(void **state)
{
	do_register();
	wait_told("AWAKE");
	ctl_queue_silent(gw.ctl.queue, device());
	add();
	gateway_stop(&gw);
	fake_stop(&dp);
	memset(&dp, 0, sizeof(dp));
	attach();
	assert_true(ctl_queue_must_wait(gw.ctl.queue, device()));
	speak();
	wait_requests(1);
	fake_respond(&dp, HERE, dp.request_id, BRIDGE_ANSWERED, "95");
	wait_told("RESPONSE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_request_without_an_answer_lets_the_device_sleep),
		T(an_answer_to_a_request_wakes_the_device),
		T(a_dataplane_that_comes_back_is_asked_again),
		T(what_waits_outlives_a_restart_of_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
