// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Requests to devices, over the real rings to workers the test plays.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/downlink.h"
#include "control/hub.h"
#include "control/link/link.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

#define HERE    DEVICE_LOCATION(1)
#define THERE   DEVICE_LOCATION(2)
#define LONG_MS 60000u
#define TOKEN   BRIDGE_OBSERVE_TOKEN(HERE, 5)

static struct gateway gw;
static struct fake_dataplane dp;
static char ended[256];       // "name=result" of each operation that ended
static struct ctl_op *victim; // cancelled by the next callback
static bool chain;            // the next callback sends another one
static const char *follow;    // the next callback goes on with this path

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
	return dp.committed[0] == dp.seq[0] && dp.committed[1] == dp.seq[1];
}

static bool requested(void *arg)
{
	return dp.requests >= *(uint32_t *)arg;
}

static bool has_ended(void *arg)
{
	return strstr(ended, arg) != NULL;
}

static void run_until(bool (*condition)(void *), void *arg)
{
	assert_true(gateway_run_until(&gw, condition, step, arg));
}

static void wait_requests(uint32_t count)
{
	run_until(requested, &count);
	assert_int_equal(dp.requests, count);
}

static void wait_ended(const char *what)
{
	run_until(has_ended, (void *)(uintptr_t)what);
}

static void do_register(uint64_t location)
{
	union device_event event;

	assert_int_not_equal(
		fake_promise(&dp, &event,
			     device_register(&event, location, "ep=a&lwm2m=1.1", "</3/0>")),
		0);
	run_until(all_committed, NULL);
}

static struct ctl_reg *device(void)
{
	struct ctl_reg *reg = ctl_registry_by_endpoint(gw.ctl.registry, "a", 1);

	assert_non_null(reg);
	return reg;
}

static uint64_t send_token; // of what send_op sends

static void on_op(struct ctl_op *op, const struct ctl_op_outcome *outcome, void *arg);

// The name becomes the path of a GET.
static size_t write_get(uint8_t coap[static 64], const char *name)
{
	struct coap_writer w;

	coap_write_begin(&w, coap, 64, COAP_CON, COAP_GET, 0, NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, name);
	return coap_write_finish(&w);
}

static struct ctl_op *send_op(const char *name, uint32_t timeout_ms)
{
	uint8_t coap[64];
	struct ctl_op *op;

	op = ctl_downlink_send(gw.ctl.downlink, device(), send_token, coap, write_get(coap, name),
			       timeout_ms, on_op, (void *)(uintptr_t)name);
	assert_non_null(op);
	return op;
}

static void on_op(struct ctl_op *op, const struct ctl_op_outcome *outcome, void *arg)
{
	sprintf(ended + strlen(ended), "%s=%d", (const char *)arg, (int)outcome->result);
	if (outcome->result == CTL_OP_ANSWERED)
		sprintf(ended + strlen(ended), "(%.*s)", (int)outcome->response.payload_len,
			(const char *)outcome->response.payload);
	strcat(ended, " ");
	if (victim != NULL)
		ctl_op_cancel(victim);
	victim = NULL;
	if (chain) {
		chain = false;
		send_op("chained", LONG_MS);
	}
	if (follow != NULL) {
		uint8_t coap[64];

		assert_int_equal(ctl_op_again(op, 0, coap, write_get(coap, follow), LONG_MS), 0);
		follow = NULL;
	}
}

static void assert_path(const char *name)
{
	struct coap_msg msg;
	struct coap_opt opt;

	assert_int_equal(coap_msg_parse(&msg, dp.request_coap, dp.request_coap_len), COAP_OK);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_PATH, &opt));
	assert_int_equal(opt.len, strlen(name));
	assert_memory_equal(opt.value, name, opt.len);
}

static void respond(uint32_t result, const char *text)
{
	fake_respond(&dp, dp.request_location, dp.request_id, result, text);
}

static int setup(void **state)
{
	ended[0] = '\0';
	send_token = 0;
	victim = NULL;
	chain = false;
	follow = NULL;
	gateway_init(&gw);
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	run_until(ready, NULL);
	do_register(HERE);
	return 0;
}

static int teardown(void **state)
{
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
	return 0;
}

static void requests_are_answered_in_order_one_at_a_time(void **state)
{
	send_op("x", LONG_MS);
	send_op("y", LONG_MS);
	wait_requests(1);
	assert_path("x");
	assert_int_equal(dp.request_location, HERE);
	respond(BRIDGE_ANSWERED, "one");
	wait_requests(2);
	assert_path("y");
	respond(BRIDGE_ANSWERED, "two");
	wait_ended("y=0");
	assert_string_equal(ended, "x=0(one) y=0(two) ");
}

static void a_failure_is_told_by_its_kind(void **state)
{
	static const struct {
		uint32_t from;
		enum ctl_op_result to;
	} kinds[] = {{BRIDGE_TIMEOUT, CTL_OP_TIMEOUT},
		     {BRIDGE_RESET, CTL_OP_RESET},
		     {BRIDGE_GONE, CTL_OP_GONE},
		     {BRIDGE_INVALID, CTL_OP_INVALID}};

	for (uint32_t i = 0; i < 4; i++) {
		char expected[16];

		ended[0] = '\0';
		send_op("x", LONG_MS);
		wait_requests(i + 1);
		respond(kinds[i].from, NULL);
		snprintf(expected, sizeof(expected), "x=%d ", (int)kinds[i].to);
		wait_ended(expected);
	}
}

static void a_request_that_takes_too_long_is_taken_back(void **state)
{
	uint64_t first;

	send_op("x", 500);
	send_op("y", LONG_MS);
	wait_requests(1);
	first = dp.request_id;
	wait_ended("x=1");
	wait_requests(2);
	assert_int_equal(dp.cancels, 1);
	assert_int_equal(dp.cancelled_id, first);
	assert_path("y");
	fake_respond(&dp, HERE, first, BRIDGE_ANSWERED, "late"); // was given up
	respond(BRIDGE_ANSWERED, "y");
	wait_ended("y=0(y)");
	assert_string_equal(ended, "x=1 y=0(y) ");
}

static void one_that_waits_may_time_out_before_its_turn(void **state)
{
	send_op("x", LONG_MS);
	send_op("y", 10);
	wait_ended("y=1");
	assert_int_equal(dp.cancels, 0);
	respond(BRIDGE_ANSWERED, "x");
	wait_ended("x=0(x)");
	wait_requests(1);
}

static void a_busy_worker_is_asked_again(void **state)
{
	send_op("x", LONG_MS);
	wait_requests(1);
	respond(BRIDGE_BUSY, NULL);
	wait_requests(2);
	respond(BRIDGE_ANSWERED, "x");
	wait_ended("x=0(x)");
}

static void a_cancelled_request_ends_silently_and_the_next_goes_on(void **state)
{
	struct ctl_op *x = send_op("x", LONG_MS), *y = send_op("y", LONG_MS);

	send_op("z", LONG_MS);
	wait_requests(1);
	ctl_op_cancel(y);
	ctl_op_cancel(x);
	wait_requests(2);
	assert_int_equal(dp.cancels, 1);
	assert_path("z");
	respond(BRIDGE_ANSWERED, "z");
	wait_ended("z=0");
	assert_string_equal(ended, "z=0(z) ");
}

static void a_callback_may_send_and_cancel(void **state)
{
	send_op("x", LONG_MS);
	victim = send_op("y", LONG_MS);
	chain = true;
	wait_requests(1);
	respond(BRIDGE_ANSWERED, "x");
	wait_ended("x=0");
	assert_null(victim);
	run_until(has_ended, "x");
	wait_requests(2);
	assert_path("chained");
	respond(BRIDGE_ANSWERED, "c");
	wait_ended("chained=0(c)");
}

static void a_token_goes_down_with_its_request(void **state)
{
	send_token = TOKEN;
	send_op("x", LONG_MS);
	wait_requests(1);
	assert_true(dp.request_token == TOKEN);
	respond(BRIDGE_ANSWERED, "x");
	wait_ended("x=0(x)");
}

static void an_operation_that_goes_on_keeps_its_turn(void **state)
{
	send_op("x", LONG_MS);
	send_op("y", LONG_MS);
	follow = "more";
	wait_requests(1);
	respond(BRIDGE_ANSWERED, "one");
	wait_requests(2);
	assert_path("more");
	assert_true(dp.request_token == 0);
	respond(BRIDGE_ANSWERED, "two");
	wait_requests(3);
	assert_path("y");
	respond(BRIDGE_ANSWERED, "y");
	wait_ended("y=0");
	assert_string_equal(ended, "x=0(one) x=0(two) y=0(y) ");
}

static void one_that_goes_on_has_its_time_anew(void **state)
{
	send_op("x", 1);
	follow = "more";
	wait_ended("x=1");
	wait_requests(2);
	assert_int_equal(dp.cancels, 1);
	assert_path("more");
	respond(BRIDGE_ANSWERED, "late");
	wait_ended("x=0(late)");
}

static void when_the_device_registers_again_its_requests_move_with_it(void **state)
{
	send_op("x", LONG_MS);
	send_op("y", LONG_MS);
	wait_requests(1);
	do_register(THERE);
	wait_requests(2);
	assert_path("x");
	assert_int_equal(dp.request_location, THERE);
	respond(BRIDGE_ANSWERED, "x");
	wait_requests(3);
	respond(BRIDGE_ANSWERED, "y");
	wait_ended("y=0");
	assert_string_equal(ended, "x=0(x) y=0(y) ");
}

// As the queue does when an event of the old registration comes in the same group.
static void on_replaced(const struct ctl_event *event, void *arg)
{
	if (event->type == CTL_DEREGISTERED && event->reason == CTL_REASON_REPLACED)
		send_op("z", LONG_MS);
}

static void requests_move_behind_what_the_new_registration_was_asked_already(void **state)
{
	assert_int_equal(ctl_hub_subscribe(gw.ctl.hub, on_replaced, NULL), 0);
	send_op("x", LONG_MS);
	send_op("y", LONG_MS);
	wait_requests(1);
	do_register(THERE);
	wait_requests(2);
	assert_path("z");
	respond(BRIDGE_ANSWERED, "z");
	wait_requests(3);
	assert_path("x");
	assert_int_equal(dp.request_location, THERE);
	respond(BRIDGE_ANSWERED, "x");
	wait_requests(4);
	respond(BRIDGE_ANSWERED, "y");
	wait_ended("y=0");
	assert_string_equal(ended, "z=0(z) x=0(x) y=0(y) ");
}

static void what_was_to_be_observed_does_not_move_with_its_token(void **state)
{
	send_op("x", LONG_MS);
	send_token = TOKEN;
	send_op("y", LONG_MS);
	send_token = 0;
	wait_requests(1);
	do_register(THERE);
	wait_requests(2);
	respond(BRIDGE_ANSWERED, "x");
	wait_ended("y=3");
	assert_string_equal(ended, "x=0(x) y=3 ");
}

static void when_the_device_leaves_its_requests_end(void **state)
{
	union device_event event;

	send_op("x", LONG_MS);
	send_op("y", LONG_MS);
	victim = send_op("z", LONG_MS);
	wait_requests(1);
	fake_promise(&dp, &event, device_deregister(&event, HERE));
	wait_ended("y=3");
	assert_string_equal(ended, "x=3 y=3 ");
}

static void when_the_dataplane_goes_requests_end_as_unavailable(void **state)
{
	send_op("x", LONG_MS);
	send_op("y", LONG_MS);
	chain = true;
	wait_requests(1);
	fake_stop(&dp);
	assert_true(gateway_run_until(&gw, has_ended, NULL, (void *)(uintptr_t) "chained=4"));
	assert_string_equal(ended, "x=4 y=4 chained=4 ");
	fake_start(&dp, gw.state);
}

static bool restoring(void *arg)
{
	return ctl_link_state(gw.ctl.link) == CTL_LINK_RESTORING;
}

static void while_the_dataplane_is_restored_requests_wait(void **state)
{
	fake_hang_up(&dp);
	dp.requests = 0;
	run_until(restoring, NULL);
	send_op("x", LONG_MS);
	wait_requests(1);
	respond(BRIDGE_ANSWERED, "x");
	wait_ended("x=0(x)");
}

static void a_request_larger_than_any_record_is_invalid(void **state)
{
	static uint8_t huge[BRIDGE_RECORD_MAX];

	assert_non_null(ctl_downlink_send(gw.ctl.downlink, device(), 0, huge, sizeof(huge), LONG_MS,
					  on_op, "huge"));
	wait_ended("huge=5");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(requests_are_answered_in_order_one_at_a_time),
		TEST(a_failure_is_told_by_its_kind),
		TEST(a_request_that_takes_too_long_is_taken_back),
		TEST(one_that_waits_may_time_out_before_its_turn),
		TEST(a_busy_worker_is_asked_again),
		TEST(a_cancelled_request_ends_silently_and_the_next_goes_on),
		TEST(a_callback_may_send_and_cancel),
		TEST(a_token_goes_down_with_its_request),
		TEST(an_operation_that_goes_on_keeps_its_turn),
		TEST(one_that_goes_on_has_its_time_anew),
		TEST(when_the_device_registers_again_its_requests_move_with_it),
		TEST(requests_move_behind_what_the_new_registration_was_asked_already),
		TEST(what_was_to_be_observed_does_not_move_with_its_token),
		TEST(when_the_device_leaves_its_requests_end),
		TEST(when_the_dataplane_goes_requests_end_as_unavailable),
		TEST(while_the_dataplane_is_restored_requests_wait),
		TEST(a_request_larger_than_any_record_is_invalid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
