// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/state/session.h"
#include "tests/unit/support/prng.h"

#define MAX 100

static struct dp_sessions sessions;

static int set_up(void **state)
{
	return dp_sessions_init(&sessions, MAX, 0, 1);
}

static int tear_down(void **state)
{
	dp_sessions_fini(&sessions);
	return 0;
}

static struct dp_session *live(uint64_t location)
{
	struct dp_session *s = dp_session_slot(&sessions, location);

	return s && s->location == location && s->state != DP_SESSION_FREE ? s : NULL;
}

static void a_new_session_is_found_by_its_location_alone(void **state)
{
	struct dp_session *s = dp_session_new(&sessions, 200, 0x3ffffff);

	assert_int_equal(s->state, DP_SESSION_PROVISIONAL);
	assert_int_equal(BRIDGE_LOCATION_VSHARD(s->location), 200);
	assert_int_equal(BRIDGE_LOCATION_SLOT(s->location), 0);
	assert_int_equal(BRIDGE_LOCATION_GEN(s->location), 0x3ffffff);
	assert_ptr_equal(live(s->location), s);
	assert_null(live(s->location ^ 1));          // another shard
	assert_null(live(s->location ^ 1u << 8));    // another slot
	assert_null(live(s->location ^ 1ull << 28)); // another generation
	assert_null(dp_session_slot(&sessions, 0));  // a shard that never had any
	assert_int_equal(sessions.count, 1);
}

static void a_freed_slot_is_used_again_under_another_location(void **state)
{
	struct dp_session *s = dp_session_new(&sessions, 7, 1);
	uint64_t old = s->location;

	s->lifetime_s = 60;
	dp_session_rest(&sessions, s)->exchange = (struct dp_exchange *)s;
	s->flags = DP_SESSION_F_QUEUE;
	dp_session_free(&sessions, s);
	assert_int_equal(sessions.count, 0);
	assert_null(live(old));
	assert_ptr_equal(dp_session_new(&sessions, 7, 2), s);
	assert_null(live(old));
	assert_int_equal(s->lifetime_s, 0);
	assert_int_equal(s->flags, 0);
	const struct dp_session_rest *rest = dp_session_rest(&sessions, s);
	assert_null(rest->exchange);
	assert_null(rest->timer.pprev); // or the wheel would take it for armed
}

static void sessions_run_out_at_max_and_come_back(void **state)
{
	struct dp_session *all[MAX];

	for (uint32_t i = 0; i < MAX; i++)
		assert_non_null(all[i] = dp_session_new(&sessions, i % 256, 1));
	assert_null(dp_session_new(&sessions, 1, 1));
	assert_null(dp_session_new_at(&sessions, BRIDGE_LOCATION(1, 50, 1)));
	dp_session_free(&sessions, all[3]);
	assert_non_null(dp_session_new(&sessions, 1, 2));
	assert_null(dp_session_new(&sessions, 1, 3));
}

static void a_location_can_be_had_back_at_its_slot(void **state)
{
	uint64_t location = BRIDGE_LOCATION(9, 5, 77);
	struct dp_session *s = dp_session_new_at(&sessions, location);

	assert_ptr_equal(live(location), s);
	assert_int_equal(s->location, location);
	assert_null(dp_session_new_at(&sessions, location)); // taken
	assert_null(dp_session_new_at(&sessions, BRIDGE_LOCATION(9, 5, 78)));
	// The slots below it are free, each once.
	for (uint32_t i = 0; i < 5; i++) {
		struct dp_session *other = dp_session_new(&sessions, 9, 1);

		assert_true(BRIDGE_LOCATION_SLOT(other->location) < 5);
	}
	assert_int_equal(BRIDGE_LOCATION_SLOT(dp_session_new(&sessions, 9, 1)->location), 6);
}

static void a_slot_in_the_middle_of_the_free_list_can_be_taken(void **state)
{
	struct dp_session *s[5];

	for (int i = 0; i < 5; i++)
		s[i] = dp_session_new(&sessions, 9, 1);
	for (int i = 0; i < 5; i++)
		dp_session_free(&sessions, s[i]);
	assert_ptr_equal(dp_session_new_at(&sessions, BRIDGE_LOCATION(9, 2, 5)), s[2]);
	assert_ptr_equal(dp_session_new_at(&sessions, BRIDGE_LOCATION(9, 4, 5)), s[4]); // the head
	assert_ptr_equal(dp_session_new_at(&sessions, BRIDGE_LOCATION(9, 0, 5)), s[0]); // the tail
	assert_ptr_equal(dp_session_new(&sessions, 9, 6), s[3]);
	assert_ptr_equal(dp_session_new(&sessions, 9, 6), s[1]);
	assert_int_equal(BRIDGE_LOCATION_SLOT(dp_session_new(&sessions, 9, 6)->location), 5);
}

static void a_location_beyond_all_memory_is_refused(void **state)
{
	// A virtual shard has room for its part of 100 sessions and some more, not for a million.
	assert_null(dp_session_new_at(&sessions, BRIDGE_LOCATION(9, 0xfffff, 5)));
	assert_int_equal(sessions.count, 0);
	assert_non_null(dp_session_new(&sessions, 9, 1)); // what was reached is usable
}

static void set_endpoint(struct dp_session *s, uint64_t lo, uint64_t hi)
{
	dp_session_rest(&sessions, s)->endpoint = (struct dp_endpoint_hash){lo, hi};
	dp_sessions_insert(&sessions, s);
}

static struct dp_session *find(uint64_t lo, uint64_t hi)
{
	return dp_sessions_find(&sessions, (struct dp_endpoint_hash){lo, hi});
}

static void endpoints_that_agree_in_part_are_kept_apart(void **state)
{
	struct dp_session *a = dp_session_new(&sessions, 1, 1),
			  *b = dp_session_new(&sessions, 1, 1);
	struct dp_session *c = dp_session_new(&sessions, 2, 1);

	set_endpoint(a, 5, 100);
	set_endpoint(b, 5, 101);              // the whole tag is the same
	set_endpoint(c, 5 | 1ull << 40, 100); // differs above the bits the index keeps
	assert_ptr_equal(find(5, 100), a);
	assert_ptr_equal(find(5, 101), b);
	assert_ptr_equal(find(5 | 1ull << 40, 100), c);
	assert_null(find(5, 102));
	dp_sessions_remove(&sessions, a);
	dp_sessions_remove(&sessions, a); // no longer there: nothing happens
	assert_null(find(5, 100));
	assert_ptr_equal(find(5, 101), b);
	assert_ptr_equal(find(5 | 1ull << 40, 100), c);
}

static void an_index_full_to_max_wraps_and_finds_everything(void **state)
{
	struct dp_session *all[MAX];
	uint64_t last = sessions.index_mask - 2; // homes at the very end of the table

	for (uint32_t i = 0; i < MAX; i++) {
		all[i] = dp_session_new(&sessions, i % 256, 1);
		set_endpoint(all[i], last, i);
	}
	for (uint32_t i = 0; i < MAX; i += 2)
		dp_sessions_remove(&sessions, all[i]);
	for (uint32_t i = 0; i < MAX; i++)
		assert_ptr_equal(find(last, i), i % 2 ? all[i] : NULL);
}

static void random_use_of_the_index_agrees_with_a_model(void **state)
{
	static struct dp_session *model[300];
	static struct dp_endpoint_hash names[300];
	struct prng random = {0x5eed3};

	for (int i = 0; i < 300; i++) // few homes, near both ends of the table
		names[i] = (struct dp_endpoint_hash){
			prng_next(&random) << 40 |
				(((prng_next(&random) % 24) - 12) & sessions.index_mask),
			prng_next(&random)};
	for (int round = 0; round < 50000; round++) {
		int i = (int)prng_below(&random, 300);

		if (model[i]) {
			dp_sessions_remove(&sessions, model[i]);
			dp_session_free(&sessions, model[i]);
			model[i] = NULL;
		} else if ((model[i] = dp_session_new(&sessions, prng_below(&random, 256),
						      1 + prng_below(&random, 1000)))) {
			dp_session_rest(&sessions, model[i])->endpoint = names[i];
			dp_sessions_insert(&sessions, model[i]);
		} else {
			assert_int_equal(sessions.count, MAX);
		}
		i = (int)prng_below(&random, 300);
		assert_ptr_equal(dp_sessions_find(&sessions, names[i]), model[i]);
	}
	memset(model, 0, sizeof(model));
}

static void a_session_is_in_the_touch_list_once(void **state)
{
	struct dp_session *s = dp_session_new(&sessions, 1, 1);

	dp_session_touch(&sessions, s);
	dp_session_touch(&sessions, s);
	assert_int_equal(sessions.touched_head - sessions.touched_tail, 1);
	dp_session_free(&sessions, s);
	assert_ptr_equal(dp_session_new(&sessions, 1, 2), s);
	dp_session_touch(&sessions, s); // the slot's entry still stands
	assert_int_equal(sessions.touched_head - sessions.touched_tail, 1);
}

// Slots of one shard are no use to another, so that more may be waiting than there can be sessions.
static void every_slot_fits_the_touch_list_whatever_became_of_its_session(void **state)
{
	const uint32_t each = sessions.slots;

	assert_true(each <= MAX);
	for (uint32_t shard = 0; shard < 256; shard++) {
		struct dp_session *own[MAX];

		for (uint32_t i = 0; i < each; i++) {
			own[i] = dp_session_new(&sessions, shard, 1);
			dp_session_touch(&sessions, own[i]);
		}
		for (uint32_t i = 0; i < each; i++)
			dp_session_free(&sessions, own[i]);
	}
	assert_int_equal(sessions.touched_head - sessions.touched_tail, 256 * each);
	assert_true(sessions.touched_head - sessions.touched_tail <= sessions.touched_mask + 1);
	while (sessions.touched_tail != sessions.touched_head) {
		struct dp_session *s = dp_session_touched(&sessions, 0);

		sessions.touched_tail++;
		assert_true(s->flags & DP_SESSION_F_TOUCHED);
		s->flags = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_new_session_is_found_by_its_location_alone),
		T(a_freed_slot_is_used_again_under_another_location),
		T(sessions_run_out_at_max_and_come_back),
		T(a_location_can_be_had_back_at_its_slot),
		T(a_slot_in_the_middle_of_the_free_list_can_be_taken),
		T(a_location_beyond_all_memory_is_refused),
		T(endpoints_that_agree_in_part_are_kept_apart),
		T(an_index_full_to_max_wraps_and_finds_everything),
		T(random_use_of_the_index_agrees_with_a_model),
		T(a_session_is_in_the_touch_list_once),
		T(every_slot_fits_the_touch_list_whatever_became_of_its_session),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
