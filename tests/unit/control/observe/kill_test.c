// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control in a process of its own, killed around the moment a device agrees to be observed. What it
// observes by itself (lwm2m.observe) needs no client.
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lwm2m/coap/msg.h"
#include "tests/unit/control/observe/rig.h"

#define TEXT 0

static char *observe_paths[] = {"/3303/0/5700"};
static pid_t pid;

static void control_start(void)
{
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	gateway_start(&rig.gw);
	uv_run(&rig.gw.loop, UV_RUN_DEFAULT);
	_exit(1);
}

static void control_kill(void)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	fake_step(&rig.dp); // what was on its way still counts
	fake_hang_up(&rig.dp);
	rig.dp.restore_ends = rig.answered = rig.dp.requests = 0;
}

static bool is_ready(void *arg)
{
	return fake_is_ready(&rig.dp);
}

static bool is_committed(void *arg)
{
	return rig.dp.committed[1] == rig.dp.seq[1];
}

static void wait_for(bool (*condition)(void *))
{
	uint64_t deadline_ns = uv_hrtime() + 120000000000u;

	while (!condition(NULL)) {
		assert_true(uv_hrtime() < deadline_ns);
		fake_step(&rig.dp);
		sched_yield();
	}
}

static void promise(union device_event *event, uint32_t len)
{
	assert_int_not_equal(fake_promise(&rig.dp, event, len), 0);
	wait_for(is_committed);
}

static int setup(void **state)
{
	union device_event event;

	memset(&rig, 0, sizeof(rig));
	gateway_init(&rig.gw);
	rig.gw.cfg.lwm2m.observe = observe_paths;
	rig.gw.cfg.lwm2m.observe_count = 1;
	fake_start(&rig.dp, rig.gw.state);
	control_start();
	wait_for(is_ready);
	promise(&event, device_register(&event, RIG_LOCATION, "ep=dev&lwm2m=1.1&lt=300",
					"</3/0>,</3303/0>"));
	wait_for(rig_is_asked);
	return 0;
}

static int teardown(void **state)
{
	control_kill();
	fake_stop(&rig.dp);
	gateway_remove(&rig.gw);
	return 0;
}

static void notify(uint64_t token)
{
	union device_event event;

	promise(&event,
		device_notify(&event, RIG_LOCATION, token, COAP_CONTENT, 9, TEXT, "20.5", 4));
}

static void killed_after_the_commit_control_knows_the_token_and_asks_nothing(void **state)
{
	uint64_t token = rig.dp.request_token;

	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 8, TEXT, "20.5");
	notify(token); // committed behind the answer, so that this one is, too
	control_kill();
	control_start();
	wait_for(is_ready);
	notify(token);
	rig_assert_rejected(0, 0, 0);
	assert_int_equal(rig.dp.requests, 0);
}

static void killed_before_the_answer_control_refuses_the_token_and_asks_again(void **state)
{
	uint64_t token = rig.dp.request_token;
	union device_event event;

	control_kill();
	control_start();
	wait_for(is_ready);
	notify(token); // which ends it in the device
	rig_assert_rejected(1, 0, 0);
	promise(&event, device_register(&event, DEVICE_LOCATION(256 + 3), "ep=dev&lwm2m=1.1&lt=300",
					"</3/0>,</3303/0>"));
	wait_for(rig_is_asked);
	assert_int_equal(rig.dp.request_location, DEVICE_LOCATION(256 + 3));
}

static void killed_before_the_answer_control_asks_again_when_the_device_is_heard(void **state)
{
	union device_event event;

	control_kill();
	control_start();
	wait_for(is_ready);
	assert_int_equal(rig.dp.requests, 0);
	promise(&event, device_update(&event, RIG_LOCATION, "lt=400", NULL));
	wait_for(rig_is_asked);
	assert_int_equal(rig.dp.request_location, RIG_LOCATION);
}

// Whatever the moment: control either knows the token, or it does not and has the device forget it.
static void killed_while_the_answer_is_taken_control_is_of_one_mind(void **state)
{
	uint64_t token = rig.dp.request_token;

	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 8, TEXT, "20.5");
	control_kill();
	control_start();
	wait_for(is_ready);
	notify(token);
	assert_true(rig.dp.rejects_count <= 1);
	control_kill();
	control_start();
	wait_for(is_ready);
	uint32_t before = rig.dp.rejects_count;
	notify(token);
	assert_int_equal(rig.dp.rejects_count, 2 * before);
}

// The first 16 bytes of a value, and the option that says that there are more.
static void notify_first_block(uint64_t token)
{
	union device_event event = {.ev = {.location = RIG_LOCATION, .wall_ms = DEVICE_WALL_MS}};
	uint64_t token_be = __builtin_bswap64(token);
	struct coap_writer w;

	coap_write_begin(&w, event.ev.coap, 1024, COAP_CON, COAP_CONTENT, 7, &token_be,
			 sizeof(token_be));
	coap_write_opt_uint(&w, COAP_OPT_OBSERVE, 9);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, TEXT);
	coap_write_opt_uint(&w, COAP_OPT_BLOCK2, 8); // 0/1/16
	coap_write_payload(&w, "20.5000000000000", 16);
	event.record.type = BRIDGE_EV_NOTIFY;
	event.ev.coap_len = (uint32_t)coap_write_finish(&w);
	promise(&event, (uint32_t)sizeof(event.ev) + event.ev.coap_len);
}

static void
killed_while_it_fetches_the_rest_of_a_notification_control_fetches_it_again(void **state)
{
	uint64_t token = rig.dp.request_token;

	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 8, TEXT, "20.5");
	notify_first_block(token);
	wait_for(rig_is_asked); // for the rest
	control_kill();
	control_start();
	wait_for(rig_is_asked); // for all of it
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, -1, TEXT, "20.5");
	notify(token); // committed together with the whole, or behind it
	notify(token);
	control_kill();
	control_start();
	wait_for(is_ready);
	notify(token);
	rig_assert_rejected(0, 0, 0);
	assert_int_equal(rig.dp.requests, 0); // it was told
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(killed_after_the_commit_control_knows_the_token_and_asks_nothing),
		TEST(killed_before_the_answer_control_refuses_the_token_and_asks_again),
		TEST(killed_while_it_fetches_the_rest_of_a_notification_control_fetches_it_again),
		TEST(killed_before_the_answer_control_asks_again_when_the_device_is_heard),
		TEST(killed_while_the_answer_is_taken_control_is_of_one_mind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
