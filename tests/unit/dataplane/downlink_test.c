// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The gateway's own requests: downlink.c, stages/response.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/state/exchange.h"
#include "tests/unit/support/device.h"

#define S 1000000ull

static struct gateway gw;
static struct gateway_event ev;
static uint64_t location;
static struct datagram request; // as it left

static const uint8_t read_3_0[] = {0x40, 0x01, 0, 0, 0xb1, '3', 0x01, '0'};

static int set_up(void **state)
{
	gateway_open(&gw, (struct gateway_params){0});
	gateway_ready(&gw);
	location = device_registered(&gw, 0, 1, 1, "dev", 86400);
	return 0;
}

static int tear_down(void **state)
{
	gateway_close(&gw);
	return 0;
}

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static void send_request(uint64_t id)
{
	gateway_request(&gw, location, id, read_3_0, sizeof(read_3_0));
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
	assert_int_equal(request.msg.type, COAP_CON);
	assert_int_equal(request.msg.code, COAP_GET);
	assert_int_equal(request.msg.token_len, 8);
}

static struct datagram response(enum coap_type type, uint16_t mid)
{
	return device_response(1, type, COAP_CONTENT, mid, request.bytes + 4, 8, "hello");
}

static bool next_event(void)
{
	gateway_run(&gw);
	do
		if (!gateway_event(&gw, 0, &ev))
			return false;
	while (ev.type == BRIDGE_EV_TOUCH);
	return true;
}

static void expect_result(uint64_t id, enum bridge_result result)
{
	assert_true(next_event());
	assert_int_equal(ev.type, BRIDGE_EV_RESPONSE);
	assert_int_equal(ev.seq, 0);
	assert_int_equal(ev.request_id, id);
	assert_int_equal(ev.location, location);
	assert_int_equal(ev.result, result);

	struct gateway_event told = ev;
	assert_false(next_event());
	ev = told;
}

static void expect_answered(uint64_t id, const struct datagram *d)
{
	expect_result(id, BRIDGE_ANSWERED);
	assert_int_equal(ev.coap_len, d->len);
	assert_memory_equal(ev.coap, d->bytes, d->len);
	assert_memory_equal(ev.peer.addr, d->peer.addr, 16);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
	assert_int_equal(gw.w[0]->exchange_wheel.armed, 0);
}

static void a_request_leaves_with_our_token_and_message_id(void **state)
{
	send_request(42);
	assert_memory_equal(request.peer.addr, gateway_device(1).addr, 16);
	assert_int_equal(request.len, sizeof(read_3_0) + 8);
	assert_memory_equal(request.bytes + 12, read_3_0 + 4, sizeof(read_3_0) - 4);
	assert_int_equal(request.bytes[4], BRIDGE_LOCATION_VSHARD(location));
	assert_int_equal(COUNT(requests_sent), 1);
	assert_int_equal(gw.w[0]->gauges.outstanding, 1);
}

static void a_piggybacked_response_ends_it(void **state)
{
	send_request(42);
	struct datagram d = response(COAP_ACK, request.msg.mid);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	expect_answered(42, &d);
	assert_int_equal(COUNT(requests_answered), 1);
	// Once more: it matches nothing.
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	assert_int_equal(COUNT(drop_coap_unexpected), 1);
}

static void an_ack_with_another_message_id_is_ignored(void **state)
{
	send_request(42);
	struct datagram d = response(COAP_ACK, request.msg.mid ^ 0x100);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	assert_false(next_event());
	assert_int_equal(COUNT(drop_coap_unexpected), 1);
	d = response(COAP_ACK, request.msg.mid);
	device_ask(&gw, 0, &d);
	expect_answered(42, &d);
}

static void a_separate_response_is_acknowledged_however_often_it_comes(void **state)
{
	send_request(42);
	struct datagram ack = device_empty(1, COAP_ACK, request.msg.mid);
	assert_int_equal(device_ask(&gw, 0, &ack).len, 0);
	gateway_wait(&gw, 30 * S);
	assert_int_equal(COUNT(requests_retransmitted), 0);
	struct datagram d = response(COAP_CON, 777);
	for (int i = 0; i < 3; i++) {
		struct datagram answer = device_ask(&gw, 0, &d);

		assert_int_equal(answer.len, 4);
		assert_int_equal(answer.msg.type, COAP_ACK);
		assert_int_equal(answer.msg.mid, 777);
		if (i == 0)
			expect_answered(42, &d);
	}
	assert_false(next_event());
	assert_int_equal(COUNT(duplicates_answered), 2);
}

static void a_separate_response_may_come_before_its_ack_or_without(void **state)
{
	send_request(42);
	struct datagram d = response(COAP_CON, 777),
			ack = device_empty(1, COAP_ACK, request.msg.mid);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_ACK);
	expect_answered(42, &d);
	assert_int_equal(device_ask(&gw, 0, &ack).len, 0);
	assert_int_equal(COUNT(drop_coap_unexpected), 1);
}

static void a_non_confirmable_response_is_taken_without_a_word(void **state)
{
	send_request(42);
	struct datagram d = response(COAP_NON, 777);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	expect_answered(42, &d);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	assert_int_equal(COUNT(drop_duplicate_non), 1);
	assert_false(next_event());
}

static void a_response_from_another_address_counts(void **state)
{
	send_request(42);
	struct datagram d = response(COAP_CON, 777);
	d.peer = gateway_device(99);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_ACK);
	expect_answered(42, &d);
}

static void a_response_with_another_token_is_reset(void **state)
{
	send_request(42);
	static const size_t at[] = {4, 6, 11}; // shard, slot, random
	for (size_t i = 0; i < 3; i++) {
		struct datagram d = response(i ? COAP_CON : COAP_NON, (uint16_t)(800 + i));

		d.bytes[at[i]] ^= 1;
		assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
	}
	struct datagram d =
		device_response(1, COAP_CON, COAP_CONTENT, 900, request.bytes + 4, 7, NULL);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
	assert_int_equal(COUNT(unknown_resets), 4);
	assert_false(next_event());
	assert_int_equal(gw.w[0]->exchanges.count, 1);
}

static void rst_ends_it(void **state)
{
	send_request(42);
	struct datagram d = device_empty(1, COAP_RST, request.msg.mid);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	expect_result(42, BRIDGE_RESET);
	assert_int_equal(COUNT(requests_reset), 1);
	assert_int_equal(gw.w[0]->exchange_wheel.armed, 0);
}

static void ack_and_rst_from_elsewhere_are_not_for_it(void **state)
{
	send_request(42);
	struct datagram d = device_empty(2, COAP_RST, request.msg.mid);
	device_ask(&gw, 0, &d);
	d = device_empty(1, COAP_RST, request.msg.mid + 1);
	device_ask(&gw, 0, &d);
	assert_int_equal(COUNT(drop_coap_unexpected), 2);
	assert_false(next_event());
}

// RFC 7252 section 4.2: 2 to 3 s, then twice that, four times.
static void it_is_retransmitted_four_times_and_given_up(void **state)
{
	struct datagram again;
	uint64_t sent_us, first_us = 0, timeout_us = 0;

	send_request(42);
	sent_us = gw.now_us;
	for (int i = 0; i < 4; i++) {
		uint64_t limit_us = gw.now_us + 100 * S;

		while (!gateway_take(&gw, 0, &again)) {
			gateway_wait(&gw, 1000);
			assert_true(gw.now_us < limit_us);
		}
		assert_int_equal(again.len, request.len);
		assert_memory_equal(again.bytes, request.bytes, request.len);
		if (i == 0) {
			first_us = timeout_us = gw.now_us - sent_us;
			assert_in_range(first_us, 2 * S, 3 * S + 40000);
		} else {
			timeout_us *= 2;
			assert_in_range(gw.now_us - sent_us, timeout_us - 200000,
					timeout_us + 200000);
		}
		sent_us = gw.now_us;
		assert_false(next_event());
	}
	assert_int_equal(COUNT(requests_retransmitted), 4);
	gateway_wait(&gw, 2 * timeout_us + 200000);
	expect_result(42, BRIDGE_TIMEOUT);
	assert_int_equal(COUNT(requests_timeout), 1);
	assert_false(gateway_take(&gw, 0, &again));
}

static void an_acknowledged_request_whose_response_never_comes_is_given_up(void **state)
{
	send_request(42);
	struct datagram ack = device_empty(1, COAP_ACK, request.msg.mid);
	device_ask(&gw, 0, &ack);
	gateway_wait(&gw, 92 * S);
	device_ask(&gw, 0, &ack); // again: the deadline stays
	assert_false(next_event());
	gateway_wait(&gw, 2 * S);
	expect_result(42, BRIDGE_TIMEOUT);
}

static void one_request_at_a_time(void **state)
{
	send_request(42);
	gateway_request(&gw, location, 43, read_3_0, sizeof(read_3_0));
	expect_result(43, BRIDGE_BUSY);
	assert_int_equal(gateway_drain(&gw), 0);
	struct datagram d = response(COAP_ACK, request.msg.mid);
	device_ask(&gw, 0, &d);
	expect_answered(42, &d);
	uint16_t mid = request.msg.mid;
	send_request(44);
	assert_true(request.msg.mid != mid);
	assert_int_equal(COUNT(requests_refused), 1);
}

static void requests_to_nobody_are_refused(void **state)
{
	uint64_t live = location;

	location = live ^ 1ull << 30;
	gateway_request(&gw, location, 43, read_3_0, sizeof(read_3_0));
	expect_result(43, BRIDGE_GONE);
	location = live;
	gateway_wait(&gw, 86401 * S);
	assert_true(next_event());
	assert_int_equal(ev.type, BRIDGE_EV_EXPIRE);
	gateway_request(&gw, location, 44, read_3_0, sizeof(read_3_0));
	expect_result(44, BRIDGE_GONE);
}

static void requests_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{"", 0},
		{"\x40\x01\x00", 3},
		{"\x41\x01\x00\x00\x07", 5},   // has a token
		{"\x40\x00\x00\x00", 4},       // empty
		{"\x40\x45\x00\x00", 4},       // a response
		{"\x40\x01\x00\x00\xff", 5},   // malformed
		{"\x40\x01\x00\x00\xb5rd", 7}, // malformed
	};
	static uint8_t large[DP_REQUEST_MAX] = {0x40, 0x01, 0, 0, 0xff};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		gateway_request(&gw, location, i, cases[i].bytes, cases[i].len);
		expect_result(i, BRIDGE_INVALID);
	}
	gateway_request(&gw, location, 90, large, sizeof(large) - 8 + 1);
	expect_result(90, BRIDGE_INVALID);
	assert_int_equal(gateway_drain(&gw), 0);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
	gateway_request(&gw, location, 91, large, sizeof(large) - 8);
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 1);
}

static void a_message_longer_than_its_record_is_refused(void **state)
{
	struct bridge_request cmd = {.location = location, .request_id = 7};
	const size_t head = sizeof(struct bridge_record);

	static const uint32_t lies[] = {1, 4, 1000, 0x7fffffff, 0xfffffff8, UINT32_MAX};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		cmd.coap_len = lies[i];
		gateway_command(&gw, 0, BRIDGE_REQUEST, (const uint8_t *)&cmd + head,
				sizeof(cmd) - head);
		expect_result(7, BRIDGE_INVALID);
	}
	assert_false(gw.w[0]->bridge_failed);
}

static void a_cancelled_request_is_forgotten(void **state)
{
	send_request(42);
	gateway_cancel(&gw, location, 41); // another one
	gateway_cancel(&gw, location ^ 1ull << 30, 42);
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->exchanges.count, 1);
	gateway_cancel(&gw, location, 42);
	gateway_cancel(&gw, location, 42);
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
	gateway_wait(&gw, 100 * S);
	assert_false(next_event());
	assert_int_equal(COUNT(requests_retransmitted), 0);
	struct datagram d = response(COAP_CON, 777);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
}

static void a_session_replaced_under_a_request_ends_it_as_gone(void **state)
{
	struct datagram d = device_register(1, 2, "dev", 60);

	send_request(42);
	device_ask(&gw, 0, &d);
	assert_true(next_event());
	gateway_commit(&gw, 0, 2);
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 1);
	expect_result(42, BRIDGE_GONE);
	assert_int_equal(gw.w[0]->exchange_wheel.armed, 0);
	d = response(COAP_CON, 777);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
}

static void control_going_away_ends_every_request(void **state)
{
	send_request(42);
	gateway_detach(&gw);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
	gateway_wait(&gw, 100 * S);
	assert_int_equal(gateway_drain(&gw), 0);
	struct datagram d = response(COAP_CON, 777);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
	gateway_ready(&gw);
	send_request(42);
	d = response(COAP_ACK, request.msg.mid);
	device_ask(&gw, 0, &d);
	expect_answered(42, &d);
}

// Responses go where the room is; when there is none a Confirmable one is not acknowledged.
static void a_response_that_does_not_fit_the_event_ring_may_come_again(void **state)
{
	struct bridge_ring *events = &gw.segment.channels[0].events;
	struct datagram d;

	send_request(42);
	while (bridge_ring_reserve(events, BRIDGE_EV_TOUCH, 64))
		;
	d = response(COAP_CON, 777);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	assert_int_equal(COUNT(drop_control_away), 1);
	assert_int_equal(gw.w[0]->exchanges.count, 1);
	while (gateway_event(&gw, 0, &ev)) // control catches up
		;
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_ACK);
	expect_answered(42, &d);
}

static void ends_nobody_can_be_told_of_free_the_exchange(void **state)
{
	struct bridge_ring *events = &gw.segment.channels[0].events;

	send_request(42);
	while (bridge_ring_reserve(events, BRIDGE_EV_TOUCH, 64))
		;
	struct datagram d = device_empty(1, COAP_RST, request.msg.mid);
	device_ask(&gw, 0, &d);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
	send_request(43);
	gateway_wait(&gw, 100 * S);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
	assert_int_equal(gw.w[0]->exchange_wheel.armed, 0);
}

static void a_request_for_which_there_is_no_buffer_is_sent_later(void **state)
{
	struct rte_mbuf *held[2048];
	unsigned n = 0;

	while ((held[n] = rte_pktmbuf_alloc(gw.pool)))
		n++;
	gateway_request(&gw, location, 42, read_3_0, sizeof(read_3_0));
	gateway_run(&gw);
	assert_int_equal(COUNT(drop_no_mbuf), 1);
	rte_pktmbuf_free_bulk(held, n);
	gateway_wait(&gw, 4 * S);
	assert_int_equal(gateway_drain(&gw), 1);
}

static void a_device_that_moves_is_asked_again_where_it_is_now(void **state)
{
	struct datagram again;

	send_request(42);
	struct datagram d = device_update(8, 5, location, NULL);
	device_ask(&gw, 0, &d);
	gateway_wait(&gw, 4 * S);
	assert_true(gateway_take(&gw, 0, &again));
	assert_memory_equal(again.peer.addr, gateway_device(8).addr, 16);
	d = device_empty(8, COAP_ACK, request.msg.mid);
	device_ask(&gw, 0, &d);
	gateway_wait(&gw, 20 * S);
	assert_int_equal(COUNT(requests_retransmitted), 1);
}

// A PUT of more than three times what a Register of "dev" has.
static void send_large(uint64_t id)
{
	uint8_t write[400] = {0x40, COAP_PUT, 0, 0, 0xb1, '3', 0x01, '0', 0xff};

	memset(write + 9, 'x', sizeof(write) - 9);
	gateway_request(&gw, location, id, write, sizeof(write));
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
}

static void what_is_too_much_for_a_forged_address_waits_for_the_answer_to_a_ping(void **state)
{
	struct datagram ping;

	send_large(1);
	ping = request;
	assert_int_equal(ping.len, 4);
	assert_int_equal(ping.msg.type, COAP_CON);
	assert_int_equal(ping.msg.code, COAP_EMPTY);
	assert_int_equal(COUNT(requests_withheld), 1);
	struct datagram reset = device_empty(1, COAP_RST, ping.msg.mid);
	gateway_inject(&gw, 0, &reset);
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
	assert_int_equal(request.msg.code, COAP_PUT);
	assert_int_equal(request.len, 408);
	struct datagram d = response(COAP_ACK, request.msg.mid);
	gateway_inject(&gw, 0, &d);
	expect_answered(1, &d);
	send_large(2); // from now on at once
	assert_int_equal(request.msg.code, COAP_PUT);
	// And RST means what it says again.
	reset = device_empty(1, COAP_RST, request.msg.mid);
	gateway_inject(&gw, 0, &reset);
	expect_result(2, BRIDGE_RESET);
}

static void a_device_that_knows_its_location_is_where_its_register_came_from(void **state)
{
	struct datagram d = device_update(1, 2, location, NULL);

	assert_int_equal(device_ask(&gw, 0, &d).msg.code, COAP_CHANGED);
	send_large(1);
	assert_int_equal(request.msg.code, COAP_PUT);
	assert_int_equal(COUNT(requests_withheld), 0);
}

static void a_forged_address_gets_three_times_what_came_from_it_and_no_more(void **state)
{
	size_t came = device_register(1, 1, "dev", 86400).len, went = 0;
	struct datagram d;

	for (uint64_t id = 1; id < 20; id++) {
		gateway_request(&gw, location, id, read_3_0, sizeof(read_3_0));
		for (int s = 0; s < 100; s++) {
			gateway_wait(&gw, S);
			while (gateway_take(&gw, 0, &d))
				went += d.len;
		}
		while (gateway_event(&gw, 0, &ev))
			;
	}
	assert_true(went > came);
	assert_true(went <= 2 * came); // its 2.01 has the third part
	assert_true(COUNT(requests_withheld) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_request_leaves_with_our_token_and_message_id),
		T(a_piggybacked_response_ends_it),
		T(an_ack_with_another_message_id_is_ignored),
		T(a_separate_response_is_acknowledged_however_often_it_comes),
		T(a_separate_response_may_come_before_its_ack_or_without),
		T(a_non_confirmable_response_is_taken_without_a_word),
		T(a_response_from_another_address_counts),
		T(a_response_with_another_token_is_reset),
		T(rst_ends_it),
		T(ack_and_rst_from_elsewhere_are_not_for_it),
		T(it_is_retransmitted_four_times_and_given_up),
		T(an_acknowledged_request_whose_response_never_comes_is_given_up),
		T(one_request_at_a_time),
		T(requests_to_nobody_are_refused),
		T(requests_that_are_none_are_refused),
		T(a_message_longer_than_its_record_is_refused),
		T(a_cancelled_request_is_forgotten),
		T(what_is_too_much_for_a_forged_address_waits_for_the_answer_to_a_ping),
		T(a_device_that_knows_its_location_is_where_its_register_came_from),
		T(a_forged_address_gets_three_times_what_came_from_it_and_no_more),
		T(a_session_replaced_under_a_request_ends_it_as_gone),
		T(control_going_away_ends_every_request),
		T(a_response_that_does_not_fit_the_event_ring_may_come_again),
		T(ends_nobody_can_be_told_of_free_the_exchange),
		T(a_request_for_which_there_is_no_buffer_is_sent_later),
		T(a_device_that_moves_is_asked_again_where_it_is_now),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
