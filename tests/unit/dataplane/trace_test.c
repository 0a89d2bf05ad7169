// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Messages of traced sessions, told to control: trace.c.
#include "tests/unit/dataplane/one_worker.h"

#include "dataplane/bridge/location.h"
#include "dataplane/state/traced.h"

static const uint8_t read_3[] = {0x40, 0x01, 0, 0, 0xb1, '3'};

static uint64_t location;

static int set_up_traced(void **state)
{
	set_up_ready(state);
	location = device_registered(&gw, 0, 1, 1, "dev", 86400);
	gateway_trace(&gw, location, true);
	gateway_run(&gw);
	return 0;
}

static void expect_trace(bool to_device, const struct datagram *d)
{
	expect_event(BRIDGE_EV_TRACE, 0, location);
	assert_int_equal(ev.flags, to_device);
	assert_int_equal(ev.wall_ms, (GATEWAY_WALL_US + gw.now_us) / 1000);
	assert_int_equal(ev.coap_len, d->len);
	assert_memory_equal(ev.coap, d->bytes, d->len);
}

static void expect_no_trace(void)
{
	gateway_run(&gw);
	while (gateway_event(&gw, 0, &ev))
		assert_int_not_equal(ev.type, BRIDGE_EV_TRACE);
}

static void an_update_and_its_answer_are_told(void **state)
{
	struct datagram d = device_update(1, 2, location, NULL), answer = device_ask(&gw, 0, &d);

	expect_trace(false, &d);
	expect_trace(true, &answer);
	expect_no_trace();
	assert_int_equal(COUNT(traces), 2);
}

static void parked_answers_are_told_when_they_leave(void **state)
{
	struct datagram d = device_update(1, 2, location, "lt=500"), answer;

	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	expect_trace(false, &d);
	expect_event(BRIDGE_EV_UPDATE, 2, location);
	expect_no_trace();
	gateway_reject_because(&gw, 0, 2, COAP_BAD_REQUEST, BRIDGE_REASON_PAYLOAD);
	commit(2);
	assert_true(gateway_take(&gw, 0, &answer));
	expect_trace(true, &answer);
	d = device_deregister(1, 3, location);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	expect_trace(false, &d);
	expect_event(BRIDGE_EV_DEREGISTER, 3, location);
	commit(3);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.msg.code, COAP_DELETED);
	expect_trace(true, &answer);
}

static void requests_and_what_answers_them_are_told(void **state)
{
	struct datagram request, again, d;

	gateway_request(&gw, location, 1, read_3, sizeof(read_3));
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
	expect_trace(true, &request);
	gateway_wait(&gw, 4 * S);
	assert_true(gateway_take(&gw, 0, &again));
	expect_event(BRIDGE_EV_TRACE, 0, location);
	assert_int_equal(ev.flags, 1);
	assert_memory_equal(ev.coap, request.bytes, request.len);
	d = device_empty(1, COAP_ACK, request.msg.mid);
	device_ask(&gw, 0, &d);
	expect_trace(false, &d);
	d = device_response(1, COAP_CON, COAP_CONTENT, 77, request.bytes + 4, 8, "x");
	again = device_ask(&gw, 0, &d);
	expect_trace(false, &d);
	expect_event(BRIDGE_EV_RESPONSE, 0, location);
	expect_trace(true, &again);
	expect_no_trace();
	gw.w[0]->counters.rx_datagrams++; // for the tear-down's sum: two unasked, one unanswered
}

static void notifications_are_told(void **state)
{
	uint64_t token = BRIDGE_OBSERVE_TOKEN(location, 1);
	uint8_t bytes[8];
	struct datagram d, answer;

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(token >> (56 - 8 * i));
	d = device_response(1, COAP_CON, COAP_CONTENT, 77, bytes, 8, "x");
	device_ask(&gw, 0, &d);
	expect_trace(false, &d);
	expect_event(BRIDGE_EV_NOTIFY, 2, location);
	commit(2);
	assert_true(gateway_take(&gw, 0, &answer));
	expect_trace(true, &answer);
}

static void an_update_in_blocks_is_told_in_one_piece(void **state)
{
	char path[16] = "rd/";
	struct device_extra extra = {.path = path, .option = COAP_OPT_BLOCK1};
	struct datagram d, answer;

	bridge_location_encode(location, path + 3);
	extra.value = "\x08";
	extra.value_len = 1;
	extra.payload = "</3/0>,</1/0>,</";
	d = device_message_with(1, COAP_CON, COAP_POST, 2, &extra);
	assert_int_equal(device_ask(&gw, 0, &d).msg.code, COAP_CONTINUE);
	extra.value = "\x10";
	extra.payload = "5/0>";
	d = device_message_with(1, COAP_CON, COAP_POST, 3, &extra);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	expect_event(BRIDGE_EV_TRACE, 0, location);
	assert_int_equal(ev.flags, 0);
	assert_memory_equal(ev.coap + ev.coap_len - 20, "</3/0>,</1/0>,</5/0>", 20);
	expect_event(BRIDGE_EV_UPDATE, 2, location);
	commit(2);
	assert_true(gateway_take(&gw, 0, &answer));
	expect_trace(true, &answer);
}

static void it_ends_when_control_says_so_or_goes(void **state)
{
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(traces), 2);
	gateway_trace(&gw, location, false);
	gateway_trace(&gw, location, false); // again
	gateway_run(&gw);
	assert_int_equal(code_of(device_update(1, 3, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(traces), 2);
	gateway_trace(&gw, location, true);
	gateway_trace(&gw, location, true);
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->traced.count, 1);
	gateway_detach(&gw);
	assert_int_equal(gw.w[0]->traced.count, 0);
	gateway_ready(&gw);
	assert_int_equal(code_of(device_update(1, 4, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(traces), 2);
	gateway_trace(&gw, location ^ 1ull << 28, true); // nobody
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->traced.count, 0);
}

static void other_sessions_are_not_told_of(void **state)
{
	uint64_t other = device_registered(&gw, 0, 2, 1, "other", 60);

	assert_int_equal(code_of(device_update(2, 2, other, NULL)), COAP_CHANGED);
	assert_int_equal(code_of(device_message(1, COAP_CON, COAP_GET, 9, "x", NULL)),
			 COAP_NOT_FOUND);
	assert_int_equal(COUNT(traces), 0);
}

static void what_there_is_no_room_for_is_not_told(void **state)
{
	struct bridge_ring *events = &gw.segment.channels[0].events;

	for (uint32_t i = 0; i <= BRIDGE_EVENT_SLOTS / 2; i++)
		assert_non_null(bridge_ring_reserve(events, BRIDGE_EV_TOUCH, 64));
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(traces), 0);
	assert_int_equal(COUNT(traces_lost), 2);
	assert_int_equal(code_of(device_deregister(1, 3, location)), 0); // promised all the same
	assert_int_equal(COUNT(promises), 2);
	gateway_detach(&gw);
}

static void only_so_many_are_traced_at_a_time(void **state)
{
	uint64_t locations[DP_TRACED_MAX + 1];
	char name[16];

	for (uint32_t i = 0; i <= DP_TRACED_MAX; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		locations[i] = device_registered(&gw, 0, 10 + i, 1, name, 86400);
		if (i < DP_TRACED_MAX - 1)
			gateway_trace(&gw, locations[i], true);
	}
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->traced.count, DP_TRACED_MAX);
	gateway_trace(&gw, locations[DP_TRACED_MAX], true);
	gateway_run(&gw);
	assert_int_equal(COUNT(traces_refused), 1);
	// One that has ended makes room.
	assert_int_equal(code_of(device_deregister(10, 2, locations[0])), 0);
	gateway_commit_all(&gw);
	assert_int_equal(gateway_drain(&gw), 1);
	gateway_trace(&gw, locations[DP_TRACED_MAX], true);
	gateway_run(&gw);
	assert_int_equal(COUNT(traces_refused), 1);
	assert_int_equal(gw.w[0]->traced.count, DP_TRACED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define R(name) cmocka_unit_test_setup_teardown(name, set_up_traced, tear_down)
		R(an_update_and_its_answer_are_told),
		R(parked_answers_are_told_when_they_leave),
		R(requests_and_what_answers_them_are_told),
		R(notifications_are_told),
		R(an_update_in_blocks_is_told_in_one_piece),
		R(it_ends_when_control_says_so_or_goes),
		R(other_sessions_are_not_told_of),
		R(what_there_is_no_room_for_is_not_told),
		R(only_so_many_are_traced_at_a_time),
#undef R
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
