// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is posted when, with events from a list, answers by hand and a clock that stands still.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/control/backend/rig.h"

static void few_events_wait_for_company_and_a_full_batch_does_not(void **state)
{
	begin();
	happen(1, "a");
	assert_int_equal(rig.posted, 0);
	tick(19);
	assert_int_equal(rig.posted, 0);
	happen(1, "a");
	tick(1);
	assert_posted("1 2");
	happen(9, "a");
	answer(200);
	assert_int_equal(rig.moved, 2);
	assert_posted("3 4 5 6");
	answer(204);
	assert_posted("7 8 9 10");
	answer(299);
	assert_int_equal(rig.moved, 10);
	assert_false(rig.posts[0].under_way);
	tick(20);
	assert_posted("11");
	answer(200);
	assert_int_equal(rig.moved, 11);
	assert_int_equal(engine_due(&rig.engine), UINT64_MAX);
	assert_int_equal(rig.engine.counters.events, 11);
	assert_int_equal(rig.engine.counters.batches, 4);
}

static void a_batch_ends_with_the_event_that_passes_its_bytes(void **state)
{
	rig.cfg.batch.events = 100;
	rig.cfg.batch.bytes = 300; // an event takes some 150
	begin();
	happen(100, "a");
	assert_true(rig.posts[0].under_way);
	assert_in_range(rig.posts[0].events, 2, 4);
	assert_in_range(rig.posts[0].len, 300, 600);
}

static void what_the_filter_leaves_out_counts_as_done(void **state)
{
	static char pattern[] = "b*", *patterns[] = {pattern};

	rig.cfg.endpoints = patterns;
	rig.cfg.endpoints_count = 1;
	begin();
	happen(3, "a");
	tick(20);
	assert_int_equal(rig.posted, 0);
	assert_int_equal(rig.moved, 3);
	happen(1, "a");
	happen(1, "b1");
	happen(1, "a");
	tick(20);
	assert_posted("5");
	assert_int_equal(rig.moved, 4);
	answer(200);
	assert_int_equal(rig.moved, 6);
	assert_int_equal(rig.engine.counters.filtered, 5);
}

static void a_long_outbox_is_read_in_turns(void **state)
{
	static char pattern[] = "b", *patterns[] = {pattern};

	rig.cfg.endpoints = patterns;
	rig.cfg.endpoints_count = 1;
	begin();
	happen(5000, "a");
	assert_true(rig.moved > 0 && rig.moved < 5000);
	assert_true(engine_due(&rig.engine) <= rig.now);
	tick(0);
	tick(20);
	assert_int_equal(rig.moved, 5000);
}

static void damaged_events_at_the_end_are_passed(void **state)
{
	begin();
	happen(2, "a");
	happen(2, "");
	tick(20);
	assert_posted("1 2");
	answer(200);
	assert_int_equal(rig.moved, 4);
}

static void a_store_that_cannot_be_read_is_tried_again(void **state)
{
	rig.read_rc = -EIO;
	begin();
	happen(4, "a");
	tick(999);
	assert_int_equal(rig.posted, 0);
	rig.read_rc = 0;
	tick(1);
	assert_posted("1 2 3 4");
}

static void devices_keep_their_order_while_lanes_post_at_the_same_time(void **state)
{
	unsigned lanes = 0;

	rig.cfg.connections = LANES;
	begin();
	for (unsigned i = 0; i < 12; i++) {
		char endpoint[8];

		snprintf(endpoint, sizeof(endpoint), "d%u", i % 6);
		snprintf(rig.endpoints[++rig.last], 8, "%s", endpoint);
	}
	engine_wake(&rig.engine, rig.now);
	tick(20);
	for (unsigned i = 0; i < LANES; i++) {
		if (!rig.posts[i].under_way)
			continue;
		lanes++;
		// Both events of a device are in one lane.
		for (unsigned n = 1; n <= 6; n++) {
			char first[8], second[8];
			char padded[4100];

			snprintf(padded, sizeof(padded), " %.4000s ", rig.posts[i].keys);
			snprintf(first, sizeof(first), " %u ", n);
			snprintf(second, sizeof(second), " %u ", n + 6);
			if (strstr(padded, first) != NULL && rig.posts[i].events > 1)
				assert_true(strstr(padded, second) == NULL ||
					    strstr(padded, first) < strstr(padded, second));
		}
	}
	assert_true(lanes >= 2);
}

static void the_cursor_stays_below_the_lowest_that_is_not_accepted(void **state)
{
	unsigned first = LANES;
	uint64_t before;

	rig.cfg.connections = LANES;
	begin();
	for (unsigned i = 0; i < 8; i++)
		snprintf(rig.endpoints[++rig.last], 8, "d%u", i);
	engine_wake(&rig.engine, rig.now);
	tick(20);
	for (unsigned i = 0; i < LANES; i++)
		if (rig.posts[i].under_way && rig.posts[i].keys[0] == '1' &&
		    (rig.posts[i].keys[1] == ' ' || rig.posts[i].keys[1] == '\0'))
			first = i;
	assert_int_not_equal(first, LANES);
	for (unsigned i = 0; i < LANES; i++)
		if (i != first && rig.posts[i].under_way)
			answer_after(i, 200, 0);
	assert_int_equal(rig.moved, 0);
	before = rig.moved;
	answer_after(first, 200, 0);
	tick(20);
	for (unsigned i = 0; i < LANES; i++)
		if (rig.posts[i].under_way)
			answer_after(i, 200, 0);
	assert_true(rig.moved > before);
	assert_int_equal(rig.moved, 8);
}

static void a_lane_that_is_full_stops_the_reading_and_bounds_the_memory(void **state)
{
	unsigned reads;

	begin();
	happen(100, "a");
	assert_posted("1 2 3 4");
	assert_int_equal(rig.engine.read_key, 8);
	reads = rig.reads;
	happen(100, "a");
	assert_int_equal(rig.reads, reads);
	answer(200);
	assert_posted("5 6 7 8");
	assert_int_equal(rig.engine.read_key, 12);
}

static void what_is_dropped_is_counted_and_what_is_under_way_is_not(void **state)
{
	begin();
	happen(20, "a");
	assert_posted("1 2 3 4");
	assert_true(engine_drop(&rig.engine, 10, rig.now));
	assert_int_equal(rig.engine.counters.dropped, 6);
	assert_int_equal(rig.moved, 0);
	answer(200);
	assert_int_equal(rig.moved, 10);
	assert_posted("11 12 13 14");
	answer(500);
	assert_true(engine_drop(&rig.engine, 12, rig.now));
	assert_int_equal(rig.engine.counters.dropped, 8);
	assert_int_equal(rig.moved, 12);
	tick(10000);
	assert_posted("13 14");
	answer(200);
	assert_posted("15 16 17 18");
	answer(500);
	assert_true(engine_drop(&rig.engine, 20, rig.now));
	assert_int_equal(rig.moved, 20);
	assert_int_equal(rig.engine.counters.dropped, 14);
	tick(100000);
	assert_false(rig.posts[0].under_way);
	happen(4, "a");
	assert_posted("21 22 23 24");
}

static void dropping_while_paused_does_not_end_the_delivery(void **state)
{
	rig.cfg.retry.pause_after = 1;
	begin();
	happen(4, "a");
	answer(500);
	assert_int_equal(rig.engine.state, ENGINE_PAUSED);
	assert_true(engine_drop(&rig.engine, 4, rig.now));
	assert_int_equal(rig.moved, 4);
	happen(4, "a");
	tick(100000);
	tick(100000);
	assert_posted("5 6 7 8");
}

static void much_is_dropped_in_steps(void **state)
{
	unsigned steps = 1;

	begin();
	happen(10000, "a");
	assert_false(engine_drop(&rig.engine, 10000, rig.now));
	while (!engine_drop(&rig.engine, 10000, rig.now))
		steps++;
	assert_true(steps >= 2);
	assert_int_equal(rig.engine.counters.dropped, 10000 - 4);
}

static void the_rate_is_of_the_last_seconds(void **state)
{
	rig.cfg.batch.events = 10;
	begin();
	assert_true(engine_rate(&rig.engine, rig.now) == 0);
	for (unsigned i = 0; i < 20; i++) {
		happen(10, "a");
		answer(200);
		tick(1000);
	}
	assert_true(engine_rate(&rig.engine, rig.now) > 8);
	assert_true(engine_rate(&rig.engine, rig.now) < 12);
	assert_true(engine_rate(&rig.engine, rig.now + 30000) == 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(few_events_wait_for_company_and_a_full_batch_does_not),
		TEST(a_batch_ends_with_the_event_that_passes_its_bytes),
		TEST(what_the_filter_leaves_out_counts_as_done),
		TEST(a_long_outbox_is_read_in_turns),
		TEST(damaged_events_at_the_end_are_passed),
		TEST(a_store_that_cannot_be_read_is_tried_again),
		TEST(devices_keep_their_order_while_lanes_post_at_the_same_time),
		TEST(the_cursor_stays_below_the_lowest_that_is_not_accepted),
		TEST(a_lane_that_is_full_stops_the_reading_and_bounds_the_memory),
		TEST(what_is_dropped_is_counted_and_what_is_under_way_is_not),
		TEST(dropping_while_paused_does_not_end_the_delivery),
		TEST(much_is_dropped_in_steps),
		TEST(the_rate_is_of_the_last_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
