// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The rules of delivery, with events from a list, answers by hand and a clock that stands still.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/backend/engine.h"

#define EVENTS_MAX 20000u
#define LANES      4u

struct post {
	bool under_way;
	char keys[4096]; // "1 2 3" of the body's ids
	uint32_t events;
	char body[1 << 16];
	size_t len;
};

static struct {
	struct engine engine;
	struct config_backend cfg;
	uint64_t last;
	char endpoints[EVENTS_MAX + 1][8]; // by key; empty: damaged, is not called back with
	struct post posts[LANES];
	unsigned posted; // in all
	char buried[1024];
	unsigned burying, bury_lane;
	int bury_rc, read_rc;
	unsigned reads;
	uint64_t moved;
	uint64_t now;
} rig;

static int io_read(void *arg, uint64_t after, ctl_outbox_cb_t cb, void *cb_arg)
{
	rig.reads++;
	for (uint64_t key = after + 1; rig.read_rc == 0 && key <= rig.last; key++) {
		struct ctl_outbox_view view = {
			.entry = {.type = rig.endpoints[key][0] == 'r' ? CTL_RESPONSE : CTL_SEND},
			.endpoint = rig.endpoints[key],
			.endpoint_len = strlen(rig.endpoints[key]),
			.data = {.json_len = 2},
			.json = "{}",
		};

		if (view.endpoint_len > 0 && !cb(key, &view, cb_arg))
			break;
	}
	return rig.read_rc;
}

static uint64_t io_last(void *arg)
{
	return rig.last;
}

// The keys are in the ids.
static void keys_of(char *keys, const char *text, size_t len)
{
	const char *end = text + len, *id = text;

	keys[0] = '\0';
	while ((id = memmem(id, (size_t)(end - id), "\"id\":\"u-", 8)) != NULL) {
		size_t digits = strspn(id + 8, "0123456789");

		if (keys[0] != '\0')
			strcat(keys, " ");
		strncat(keys, id + 8, digits);
		id += 8;
	}
}

static void io_post(void *arg, unsigned lane, struct batch_text body, uint32_t events)
{
	struct post *post = &rig.posts[lane];

	assert_false(post->under_way);
	assert_true(body.len < sizeof(post->body));
	assert_int_equal(body.text[0], '[');
	assert_int_equal(body.text[body.len - 1], ']');
	post->under_way = true;
	post->events = events;
	post->len = body.len;
	memcpy(post->body, body.text, body.len);
	keys_of(post->keys, body.text, body.len);
	rig.posted++;
}

static int io_bury(void *arg, unsigned lane, struct batch_text event)
{
	char key[32];

	if (rig.bury_rc != 0)
		return rig.bury_rc;
	assert_int_equal(event.text[0], '{');
	assert_int_equal(event.text[event.len - 1], '}');
	keys_of(key, event.text, event.len);
	strcat(strcat(rig.buried, key), ";");
	rig.burying++;
	rig.bury_lane = lane;
	return 0;
}

static void io_moved(void *arg, uint64_t key)
{
	assert_true(key > rig.moved);
	rig.moved = key;
}

static uint32_t io_random(void *arg)
{
	return UINT32_MAX; // backoff takes it modulo
}

static const struct engine_io io = {io_read, io_last, io_post, io_bury, io_moved, io_random};

static int setup(void **state)
{
	memset(&rig, 0, sizeof(rig));
	config_backend_defaults(&rig.cfg);
	rig.cfg.batch.events = 4;
	rig.now = 1000;
	return 0;
}

static void begin(void)
{
	assert_int_equal(engine_init(&rig.engine, &rig.cfg, "u", 0, &io, NULL), 0);
}

static int teardown(void **state)
{
	engine_fini(&rig.engine);
	return 0;
}

static void happen(unsigned count, const char *endpoint)
{
	for (unsigned i = 0; i < count; i++)
		snprintf(rig.endpoints[++rig.last], sizeof(rig.endpoints[0]), "%s", endpoint);
	engine_wake(&rig.engine, rig.now);
}

static void tick(uint64_t ms)
{
	rig.now += ms;
	while (engine_due(&rig.engine) <= rig.now)
		engine_tick(&rig.engine, rig.now);
}

static void answer_after(unsigned lane, long status, uint32_t retry_after_s)
{
	struct engine_answer answer = {status, retry_after_s, "why"};

	assert_true(rig.posts[lane].under_way);
	rig.posts[lane].under_way = false;
	engine_done(&rig.engine, lane, &answer, rig.now);
}

static void answer(long status)
{
	answer_after(0, status, 0);
}

static void assert_posted(const char *keys)
{
	assert_true(rig.posts[0].under_way);
	assert_string_equal(rig.posts[0].keys, keys);
}

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
		TEST(the_same_bytes_come_again_after_a_pause_that_grows),
		TEST(retry_after_is_honoured_by_all_lanes),
		TEST(after_failures_in_a_row_it_pauses_probes_and_resumes),
		TEST(a_batch_that_fails_between_others_does_not_pause_them),
		TEST(one_event_that_is_refused_takes_no_other_with_it),
		TEST(a_refusal_is_final_only_when_it_is_repeated),
		TEST(a_batch_that_is_too_large_is_halved_at_once),
		TEST(what_cannot_be_buried_stays),
		TEST(what_is_dropped_is_counted_and_what_is_under_way_is_not),
		TEST(dropping_while_paused_does_not_end_the_delivery),
		TEST(much_is_dropped_in_steps),
		TEST(the_rate_is_of_the_last_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
