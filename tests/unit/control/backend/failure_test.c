// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What comes of answers that are not 2xx: repetition, pause, halving, dead letters.
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

static void the_same_bytes_come_again_after_a_pause_that_grows(void **state)
{
	static const long statuses[] = {0, 500, 503, 599, 301, 408, 425, 429, 401, 404};
	uint32_t pause = 200;
	char body[1 << 16];

	rig.cfg.retry.pause_after = 1000;
	begin();
	happen(4, "a");
	happen(3, "b");
	memcpy(body, rig.posts[0].body, rig.posts[0].len);
	for (unsigned i = 0; i < 10; i++) {
		answer(statuses[i]);
		assert_int_equal(rig.engine.state, ENGINE_RETRYING);
		tick(pause / 2 - 1);
		assert_false(rig.posts[0].under_way);
		tick(pause / 2 + 1);
		assert_posted("1 2 3 4");
		assert_memory_equal(rig.posts[0].body, body, rig.posts[0].len);
		pause = pause * 2 > 10000 ? 10000 : pause * 2;
	}
	answer(200);
	assert_int_equal(rig.engine.state, ENGINE_OK);
	assert_int_equal(rig.engine.counters.failures, 10);
	tick(20);
	assert_posted("5 6 7");
	answer(500);
	tick(200); // from the beginning
	assert_posted("5 6 7");
}

static void retry_after_is_honoured_by_all_lanes(void **state)
{
	unsigned failing = LANES, posted;

	rig.cfg.connections = LANES;
	rig.cfg.batch.events = 1;
	begin();
	for (unsigned i = 0; i < 8; i++)
		snprintf(rig.endpoints[++rig.last], 8, "d%u", i);
	engine_wake(&rig.engine, rig.now);
	for (unsigned i = 0; i < LANES; i++)
		if (rig.posts[i].under_way)
			failing = i;
	answer_after(failing, 503, 30);
	posted = rig.posted;
	for (unsigned i = 0; i < LANES; i++)
		if (rig.posts[i].under_way)
			answer_after(i, 500, 0);
	tick(29999);
	assert_int_equal(rig.posted, posted);
	tick(1);
	assert_true(rig.posted > posted);
}

static void after_failures_in_a_row_it_pauses_probes_and_resumes(void **state)
{
	unsigned posted;

	rig.cfg.retry.pause_after = 3;
	rig.cfg.retry.pause_s = 10;
	begin();
	happen(20, "a");
	for (unsigned i = 0; i < 3; i++) {
		answer(500);
		tick(i < 2 ? 10000 : 0);
	}
	assert_int_equal(rig.engine.state, ENGINE_PAUSED);
	posted = rig.posted;
	tick(4999);
	happen(20, "a");
	assert_int_equal(rig.posted, posted);
	tick(5001);
	assert_int_equal(rig.posted, posted + 1); // one probe
	assert_posted("1 2 3 4");
	answer(0);
	assert_int_equal(rig.engine.state, ENGINE_PAUSED);
	tick(9999); // twice as long now
	assert_int_equal(rig.posted, posted + 1);
	tick(10001);
	assert_int_equal(rig.posted, posted + 2);
	answer(200);
	assert_int_equal(rig.engine.state, ENGINE_OK);
	assert_posted("5 6 7 8");
	assert_int_equal(rig.engine.counters.pauses, 2);
}

static void a_batch_that_fails_between_others_does_not_pause_them(void **state)
{
	unsigned bad, good;
	char name[8];

	rig.cfg.connections = 2;
	rig.cfg.batch.events = 1;
	rig.cfg.retry.pause_after = 2;
	for (unsigned i = 1;; i++) { // two devices of different lanes
		begin();
		happen(1, "d0");
		bad = rig.posts[0].under_way ? 0 : 1;
		good = 1 - bad;
		snprintf(name, sizeof(name), "d%u", i);
		happen(1, name);
		if (rig.posts[good].under_way)
			break;
		engine_fini(&rig.engine);
		rig.last = 0;
		rig.posts[bad].under_way = false;
	}
	happen(10, name);
	for (unsigned i = 0; i < 5; i++) {
		answer_after(bad, 500, 0);
		assert_int_equal(rig.engine.state, ENGINE_RETRYING);
		answer_after(good, 200, 0);
		tick(10000);
	}
	assert_int_equal(rig.moved, 0);
	answer_after(bad, 500, 0);
	tick(10000);
	answer_after(bad, 500, 0); // and nothing else went well
	assert_int_equal(rig.engine.state, ENGINE_PAUSED);
}

static void one_event_that_is_refused_takes_no_other_with_it(void **state)
{
	unsigned guard = 0;

	rig.cfg.batch.events = 100;
	begin();
	happen(100, "a");
	while (rig.moved < 100 && guard++ < 1000) {
		char padded[4100];

		if (rig.burying > 0) {
			rig.burying = 0;
			assert_true(rig.moved < 37);
			engine_buried(&rig.engine, rig.bury_lane, true, rig.now);
			continue;
		}
		if (!rig.posts[0].under_way) {
			tick(10000);
			continue;
		}
		snprintf(padded, sizeof(padded), " %.4000s ", rig.posts[0].keys);
		answer(strstr(padded, " 37 ") != NULL ? 400 : 200);
	}
	assert_int_equal(rig.moved, 100);
	assert_string_equal(rig.buried, "37;");
	assert_int_equal(rig.engine.counters.events, 99);
	assert_int_equal(rig.engine.counters.refused, 1);
	assert_true(rig.posted < 3 + 2 * 8);
	assert_int_equal(rig.engine.state, ENGINE_OK);
}

static void a_refusal_is_final_only_when_it_is_repeated(void **state)
{
	begin();
	happen(4, "a");
	answer(422);
	tick(10000);
	assert_posted("1 2 3 4");
	answer(422);
	tick(10000);
	assert_posted("1 2 3 4");
	answer(422);
	assert_posted("1 2");
	answer(200);
	assert_posted("3 4");
	answer(200);
	assert_int_equal(rig.moved, 4);
	assert_string_equal(rig.buried, "");
}

static void a_batch_that_is_too_large_is_halved_at_once(void **state)
{
	begin();
	happen(4, "a");
	answer(413);
	assert_posted("1 2");
	answer(413);
	assert_posted("1");
	answer(200);
	assert_posted("2");
	answer(200);
	assert_posted("3 4");
	answer(200);
	assert_int_equal(rig.moved, 4);
}

static void what_cannot_be_buried_stays(void **state)
{
	rig.cfg.retry.refuse_after = 1;
	rig.bury_rc = -ENOMEM;
	begin();
	happen(1, "a");
	tick(20);
	answer(400);
	rig.bury_rc = 0;
	tick(10000);
	assert_int_equal(rig.burying, 1);
	engine_buried(&rig.engine, 0, false, rig.now); // the disk is full
	assert_int_equal(rig.moved, 0);
	tick(10000);
	assert_int_equal(rig.burying, 2);
	engine_buried(&rig.engine, 0, true, rig.now);
	assert_int_equal(rig.moved, 1);
	assert_int_equal(rig.engine.counters.refused, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_same_bytes_come_again_after_a_pause_that_grows),
		TEST(retry_after_is_honoured_by_all_lanes),
		TEST(after_failures_in_a_row_it_pauses_probes_and_resumes),
		TEST(a_batch_that_fails_between_others_does_not_pause_them),
		TEST(one_event_that_is_refused_takes_no_other_with_it),
		TEST(a_refusal_is_final_only_when_it_is_repeated),
		TEST(a_batch_that_is_too_large_is_halved_at_once),
		TEST(what_cannot_be_buried_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
