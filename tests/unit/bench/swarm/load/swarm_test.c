// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A fleet against canned answers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/load/locations.h"
#include "bench/swarm/load/result.h"
#include "tests/unit/bench/swarm/load/rig.h"

static void devices_register_by_name_and_keep_their_location(void **state)
{
	rig_with_devices(3);
	rig_begin("register");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct coap_msg msg = rig_sent(i);
		struct coap_opt opt;
		char ep[32];
		snprintf(ep, sizeof(ep), "ep=swarm-%04u", t.sent[i].device);
		assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_QUERY, &opt));
		assert_int_equal(opt.len, strlen(ep));
		assert_memory_equal(opt.value, ep, opt.len);
		snprintf(ep, sizeof(ep), "id%u", t.sent[i].device);
		rig_queue_reply(i,
				(struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = ep});
	}
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_true(rig_ok());

	t.sent_n = 0;
	rig_begin("update");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct coap_msg msg = rig_sent(i);
		struct coap_opt_iter it = coap_opts_begin(&msg);
		struct coap_opt rd, id;
		assert_true(coap_opts_next(&it, &rd) && coap_opts_next(&it, &id));
		assert_memory_equal(rd.value, "rd", 2);
		assert_int_equal(id.len, 3);
		assert_int_equal(id.value[2], '0' + t.sent[i].device);
		rig_queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	}
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, 3);
	assert_int_equal(t.swarm->latency.count, 3);
	assert_true(rig_ok());
}

// A gateway that has its sessions in the order of registration must not be helped by that.
static void a_fleet_updates_in_another_order_than_it_registered_in(void **state)
{
	enum { DEVICES = 100 };
	uint32_t registered[DEVICES];
	unsigned beside = 0;

	rig_with_devices(DEVICES);
	rig_begin("register");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, DEVICES);
	for (unsigned i = 0; i < DEVICES; i++) {
		registered[i] = t.sent[i].device;
		rig_queue_reply(i,
				(struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = "id"});
	}
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	t.sent_n = 0;
	rig_begin("update");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, DEVICES);
	for (unsigned i = 1; i < DEVICES; i++)
		for (unsigned k = 1; k < DEVICES; k++)
			beside += registered[k - 1] == t.sent[i - 1].device &&
				  registered[k] == t.sent[i].device;
	assert_true(beside < DEVICES / 10);
}

static void every_kind_of_wrong_answer_makes_the_run_fail(void **state)
{
	static const struct reply wrong[] = {
		{.type = COAP_ACK, .code = COAP_NOT_FOUND},
		{.type = COAP_ACK, .code = COAP_DELETED},
		{.type = COAP_ACK, .code = COAP_CHANGED, .id = "x"},
		{.type = COAP_ACK, .code = COAP_CHANGED, .mid_off = 1},
		{.type = COAP_RST, .code = COAP_EMPTY, .no_token = true},
		{.type = COAP_CON, .code = COAP_BAD_REQUEST},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rig_with_devices(1);
		rig_register_all();
		rig_begin("update");
		rig_poll_after(0);
		rig_queue_reply(0, wrong[i]);
		rig_poll_after(0);
		assert_true(swarm_is_done(t.swarm));
		assert_int_equal(t.swarm->counters.wrong, 1);
		assert_non_null(t.swarm->first_wrong);
		assert_false(rig_ok());
		swarm_free(t.swarm);
	}
	rig_with_devices(1); // for teardown
}

static void an_answer_to_another_devices_request_is_wrong(void **state)
{
	rig_with_devices(2);
	rig_register_all();
	rig_begin("update");
	rig_poll_after(0);
	rig_queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	t.queued[0].device = t.sent[1].device;
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
	assert_false(rig_ok());
}

static void an_unknown_token_is_a_stray_and_the_request_goes_on_waiting(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("update");
	rig_poll_after(0);
	rig_queue_reply(0, (struct reply){COAP_ACK, COAP_CHANGED, .other_token = true});
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.strays, 1);
	assert_false(swarm_is_done(t.swarm));
}

static void a_request_without_answer_is_repeated_and_then_missing(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("update");
	rig_poll_after(0);
	rig_poll_after(2 * HZ);
	rig_poll_after(4 * HZ);
	assert_int_equal(t.sent_n, 3);
	assert_int_equal(t.sent[0].len, t.sent[2].len);
	assert_memory_equal(t.sent[0].bytes, t.sent[1].bytes, t.sent[0].len);
	assert_memory_equal(t.sent[0].bytes, t.sent[2].bytes, t.sent[0].len);
	assert_int_equal(t.swarm->counters.retransmissions, 2);
	assert_false(swarm_is_done(t.swarm));
	rig_poll_after(8 * HZ);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.missing, 1);
	assert_false(rig_ok());
}

static void a_device_that_is_unavailable_for_asks_anew_after_max_age(void **state)
{
	rig_with_devices(1);
	rig_begin("register");
	rig_poll_after(0);
	rig_queue_reply(0, (struct reply){COAP_ACK, COAP_SERVICE_UNAVAILABLE, .max_age = 7});
	rig_poll_after(0);
	rig_poll_after(6 * HZ);
	assert_int_equal(t.sent_n, 1);
	rig_poll_after(HZ);
	assert_int_equal(t.sent_n, 2);
	assert_int_not_equal(rig_sent(0).mid, rig_sent(1).mid);
	assert_memory_not_equal(rig_sent(0).token, rig_sent(1).token, 8);
	rig_queue_reply(1, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = "a"});
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.unavailable, 1);
	assert_in_range(t.swarm->latency.max, 7000000000u, 8000000000u);
	assert_true(rig_ok());
}

static void a_gateway_that_is_never_available_ends_the_phase(void **state)
{
	rig_with_devices(100);
	rig_begin("register window=1");
	rig_poll_after(0);
	for (unsigned i = 0; i < 10 && !swarm_is_done(t.swarm); i++) {
		rig_queue_reply(t.sent_n - 1,
				(struct reply){COAP_ACK, COAP_SERVICE_UNAVAILABLE, .max_age = 10});
		rig_poll_after(0);
		rig_poll_after(10 * HZ);
	}
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.missing, 1);
	assert_false(rig_ok());
}

static void a_separate_response_is_acknowledged(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("update");
	rig_poll_after(0);
	rig_queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_EMPTY, .no_token = true});
	rig_poll_after(0);
	rig_poll_after(10 * HZ);
	assert_int_equal(t.sent_n, 1); // acknowledged: not repeated
	rig_queue_reply(0, (struct reply){COAP_CON, COAP_CHANGED, .mid_off = 77});
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.sent_n, 2);
	assert_int_equal(rig_sent(1).type, COAP_ACK);
	assert_int_equal(rig_sent(1).code, COAP_EMPTY);
	assert_int_equal(rig_sent(1).mid, (uint16_t)(rig_sent(0).mid + 77));
	assert_int_equal(t.swarm->counters.separate, 1);
	assert_true(rig_ok());
}

static void a_repeated_request_must_be_answered_in_the_same_bytes(void **state)
{
	for (unsigned same = 0; same < 2; same++) {
		rig_with_devices(1);
		rig_begin("register duplicates=100%");
		rig_poll_after(0);
		rig_queue_reply(0,
				(struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = "a"});
		rig_poll_after(0);
		assert_int_equal(t.sent_n, 2);
		assert_memory_equal(t.sent[0].bytes, t.sent[1].bytes, t.sent[0].len);
		assert_false(swarm_is_done(t.swarm));
		rig_queue_reply(1, (struct reply){.type = COAP_ACK,
						  .code = COAP_CREATED,
						  .id = same ? "a" : "b"});
		rig_poll_after(0);
		assert_true(swarm_is_done(t.swarm));
		assert_int_equal(t.swarm->counters.duplicates, same);
		assert_int_equal(t.swarm->counters.exchanges, same);
		assert_int_equal(rig_ok(), same);
		swarm_free(t.swarm);
	}
	rig_with_devices(1);
}

static void what_the_gateway_asks_is_answered_not_found(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("pause seconds=1");
	t.queued[0] = (struct datagram){0, 5, {0x41, COAP_GET, 0x12, 0x34, 0xaa}};
	t.queued_n = 1;
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 1);
	assert_int_equal(t.sent[0].len, 5);
	assert_memory_equal(t.sent[0].bytes, "\x61\x84\x12\x34\xaa", 5);
	assert_int_equal(t.swarm->counters.asked, 1);
}

static void a_ping_is_answered_with_rst(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("pause seconds=1");
	t.queued[0] = (struct datagram){0, 4, {0x40, COAP_EMPTY, 0x12, 0x34}};
	t.queued_n = 1;
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 1);
	assert_int_equal(t.sent[0].len, 4);
	assert_memory_equal(t.sent[0].bytes, "\x70\0\x12\x34", 4);
	assert_true(rig_ok());
}

static void garbage_is_wrong(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("pause seconds=1");
	t.queued[0] = (struct datagram){0, 3, {0x60}};
	t.queued_n = 1;
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
	assert_false(rig_ok());
}

static void a_closed_loop_keeps_its_window(void **state)
{
	rig_with_devices(200);
	rig_register_all();
	rig_begin("update window=10 rounds=2");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 10);
	for (unsigned i = 0; i < 4; i++)
		rig_queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 14);
}

static void an_open_loop_sends_at_its_rate_and_counts_what_it_missed_as_latency(void **state)
{
	rig_with_devices(200);
	rig_register_all();
	rig_begin("update rate=100 seconds=10");
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, 0);
	swarm_poll(t.swarm, t.now + HZ / 2); // as if the generator itself had stalled
	assert_int_equal(t.sent_n, 50);
	rig_queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	swarm_poll(t.swarm, t.now + HZ / 2);
	assert_in_range(t.swarm->latency.max, 499000000u, 501000000u);
}

static void a_full_link_holds_requests_back_and_loses_none(void **state)
{
	rig_with_devices(100);
	t.room = PORT_BURST;
	rig_begin("register");
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, PORT_BURST);
	t.room = 0;
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, PORT_BURST);
	t.room = PORT_BACKLOG;
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, 100);
}

static void a_move_tells_the_port_and_goes_once_over_the_fleet(void **state)
{
	rig_with_devices(5);
	rig_register_all();
	rig_begin("move");
	rig_poll_after(0);
	assert_int_equal(t.moves, 1);
	assert_int_equal(t.sent_n, 5);
}

static void devices_that_left_are_passed_over(void **state)
{
	rig_with_devices(3);
	rig_register_all();
	rig_begin("deregister");
	rig_poll_after(0);
	for (unsigned i = 0; i < 3; i++)
		rig_queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_DELETED});
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	rig_begin("update");
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.skipped, 3);
}

static void a_location_that_two_devices_have_is_found(void **state)
{
	rig_with_devices(50);
	locations_invent(t.swarm);
	assert_int_equal(locations_shared(t.swarm), 0);
	t.swarm->devices[49] = t.swarm->devices[7];
	t.swarm->devices[3] = t.swarm->devices[7];
	assert_int_equal(locations_shared(t.swarm), 2);
	struct result_phase phase = {.shared_locations = 2};
	assert_false(result_phase_ok(&phase));
}

static void a_bounced_request_is_its_own_answer(void **state)
{
	rig_with_devices(4);
	t.swarm->bounce = true;
	locations_invent(t.swarm);
	rig_begin("update");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 4);
	memcpy(t.queued, t.sent, 4 * sizeof(t.sent[0]));
	t.queued_n = 4;
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, 4);
	assert_true(rig_ok());
}

// Where fleets follow each other at the same addresses, a message id that comes again is a
// repetition to the gateway.
static void fleets_of_thirteen_seeds_have_thousands_of_message_ids_each(void **state)
{
	uint16_t mids[13][3];

	rig_with_devices(3);
	for (unsigned seed = 0; seed < 13; seed++) {
		swarm_free(t.swarm);
		t.sc.seed = seed;
		t.swarm = swarm_new(&t.sc, &t.port, HZ);
		assert_non_null(t.swarm);
		t.sent_n = 0;
		rig_begin("register");
		rig_poll_after(0);
		assert_int_equal(t.sent_n, 3);
		for (unsigned i = 0; i < 3; i++)
			mids[seed][t.sent[i].device] = rig_sent(i).mid;
		for (unsigned earlier = 0; earlier < seed; earlier++)
			for (unsigned i = 0; i < 3; i++)
				assert_in_range((uint16_t)(mids[seed][i] - mids[earlier][i]), 3656,
						65536 - 3656);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, rig_teardown)
		TEST(devices_register_by_name_and_keep_their_location),
		TEST(a_fleet_updates_in_another_order_than_it_registered_in),
		TEST(every_kind_of_wrong_answer_makes_the_run_fail),
		TEST(an_answer_to_another_devices_request_is_wrong),
		TEST(an_unknown_token_is_a_stray_and_the_request_goes_on_waiting),
		TEST(a_request_without_answer_is_repeated_and_then_missing),
		TEST(a_device_that_is_unavailable_for_asks_anew_after_max_age),
		TEST(a_gateway_that_is_never_available_ends_the_phase),
		TEST(a_separate_response_is_acknowledged),
		TEST(a_repeated_request_must_be_answered_in_the_same_bytes),
		TEST(what_the_gateway_asks_is_answered_not_found),
		TEST(a_ping_is_answered_with_rst),
		TEST(garbage_is_wrong),
		TEST(a_closed_loop_keeps_its_window),
		TEST(an_open_loop_sends_at_its_rate_and_counts_what_it_missed_as_latency),
		TEST(a_full_link_holds_requests_back_and_loses_none),
		TEST(a_move_tells_the_port_and_goes_once_over_the_fleet),
		TEST(devices_that_left_are_passed_over),
		TEST(a_location_that_two_devices_have_is_found),
		TEST(a_bounced_request_is_its_own_answer),
		TEST(fleets_of_thirteen_seeds_have_thousands_of_message_ids_each),
#undef TEST
	};
	return cmocka_run_group_tests(tests, rig_start, rig_stop);
}
