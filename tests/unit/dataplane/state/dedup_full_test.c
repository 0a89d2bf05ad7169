// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What happens when lines are full: entries move on, and the one nearest its end goes when none
// can.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "tests/unit/dataplane/state/dedup_table.h"
#include "tests/unit/support/prng.h"

static void a_table_in_use_displaces_next_to_nothing(void **state)
{
	const uint32_t entries = 20000;
	struct prng random = {11};
	uint32_t evictions = 0;

	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, entries, 1), 0);
	for (uint32_t i = 0; i < 10 * entries; i++) { // four in a tick
		bool evicted;

		dp_dedup_insert(&table, prng_next(&random) | 1, i / 4, (i + entries) / 4, &evicted);
		evictions += evicted;
	}
	assert_true(evictions <= 10 * entries / 100000);
}

static void an_entry_moves_on_when_both_lines_of_a_new_one_are_full(void **state)
{
	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(9, 5, 12 + i), 100);
	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(3, 9, i), 100);
	dp_dedup_set(dp_dedup_find(&table, key_of(9, 5, 12), 100), DP_DEDUP_CODE, 0x123456);
	assert_true(is_in(insert(key_of(3, 9, 4), 100), 9));
	for (uint32_t i = 0; i < 5; i++)
		assert_non_null(dp_dedup_find(&table, key_of(3, 9, i), 100 + LIFE - 1));
	for (uint32_t i = 0; i < 4; i++)
		assert_non_null(dp_dedup_find(&table, key_of(9, 5, 12 + i), 100 + LIFE - 1));
	// The first that may; what it says has moved with it.
	assert_true(is_in(dp_dedup_find(&table, key_of(9, 5, 12), 100), 5));
	assert_int_equal(dp_dedup_kind(dp_dedup_find(&table, key_of(9, 5, 12), 100)),
			 DP_DEDUP_CODE);
	assert_int_equal(dp_dedup_find(&table, key_of(9, 5, 12), 100)->answer >> 4 & 0xffffff,
			 0x123456);
	assert_null(dp_dedup_find(&table, key_of(9, 5, 12), 100 + LIFE));
	// The second one to move comes from a line that is marked by now, to one that is not.
	insert(key_of(3, 9, 5), 100);
	assert_true(is_in(dp_dedup_find(&table, key_of(9, 5, 13), 100), 5));
	for (int i = 0; i < 4; i++)
		assert_int_equal(table.lines[5].ways[i].answer >> 28, 0);
}

// Those of the second line cannot move, one of the home can.
static void an_entry_of_the_home_moves_on_when_none_of_the_second_line_can(void **state)
{
	for (uint32_t i = 0; i < 4; i++)
		dp_dedup_set(insert(key_of(9, 3, 8 + i), 100), DP_DEDUP_PENDING, 0);
	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(3, 5, i), 100);
	assert_true(is_in(insert(key_of(3, 9, 4), 100), 3));
	assert_true(is_in(dp_dedup_find(&table, key_of(3, 5, 0), 100), 5));
	for (uint32_t i = 0; i < 4; i++)
		assert_non_null(dp_dedup_find(&table, key_of(3, 5, i), 100 + LIFE - 1));
}

static void an_entry_away_from_home_moves_back(void **state)
{
	struct dp_dedup_entry *resident = insert(key_of(5, 9, 8), 100);

	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(5, 9, 9 + i), 100); // the last one goes to line 9
	for (uint32_t i = 0; i < 3; i++)
		insert(key_of(9, 9, i), 100);
	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(3, 9, i), 100);
	// Nobody in line 9 can move but the guest, once there is room at its home.
	for (unsigned i = 0; i < 4; i++)
		if (!is_in(dp_dedup_find(&table, table.lines[9].ways[i].key, 100), 9))
			fail();
	for (uint32_t i = 0; i < 3; i++)
		dp_dedup_set(dp_dedup_find(&table, key_of(9, 9, i), 100), DP_DEDUP_PENDING, 0);
	dp_dedup_remove(resident);
	assert_true(is_in(insert(key_of(3, 9, 4), 100), 9));
	assert_true(is_in(dp_dedup_find(&table, key_of(5, 9, 12), 100), 5));
}

// Whoever makes the answer holds a pointer to the entry.
static void an_entry_whose_answer_is_pending_stays_where_it_is(void **state)
{
	struct dp_dedup_entry *pending[3];

	for (uint32_t i = 0; i < 3; i++) {
		pending[i] = insert(key_of(9, 5, 8 + i), 100);
		dp_dedup_set(pending[i], DP_DEDUP_PENDING, 0);
	}
	insert(key_of(9, 5, 11), 100);
	for (uint32_t i = 0; i < 5; i++)
		insert(key_of(3, 9, i), 100);
	assert_true(is_in(dp_dedup_find(&table, key_of(9, 5, 11), 100), 5));
	for (uint32_t i = 0; i < 3; i++)
		assert_ptr_equal(dp_dedup_find(&table, key_of(9, 5, 8 + i), 100), pending[i]);
}

static void the_one_nearest_its_end_goes_when_none_can_move(void **state)
{
	bool evicted = false;

	for (uint32_t i = 0; i < 4; i++)
		dp_dedup_insert(&table, key_of(3, 9, i), 100, 1000 + i, &evicted);
	for (uint32_t i = 0; i < 4; i++)
		dp_dedup_insert(&table, key_of(9, 3, i), 100, 2000 - i, &evicted);
	assert_false(evicted);
	dp_dedup_insert(&table, key_of(9, 3, 9), 100, 3000, &evicted);
	assert_true(evicted);
	assert_null(dp_dedup_find(&table, key_of(3, 9, 0), 100));
	assert_non_null(dp_dedup_find(&table, key_of(9, 3, 9), 2999));
	dp_dedup_insert(&table, key_of(3, 9, 9), 100, 4000, &evicted);
	assert_true(evicted);
	assert_null(dp_dedup_find(&table, key_of(3, 9, 1), 100));
	assert_non_null(dp_dedup_find(&table, key_of(3, 9, 9), 3999));
	// Nothing is evicted once something has ended.
	dp_dedup_insert(&table, key_of(9, 3, 10), 1002, 4000, &evicted);
	assert_false(evicted);
}

static void looking_for_room_goes_on_while_some_is_found(void **state)
{
	bool evicted;

	for (uint32_t i = 0; i < 4; i++) {
		insert(key_of(3, 9, i), 100);
		insert(key_of(9, 3, i), 100);
	}
	for (uint32_t i = 0; i < 27; i++) { // one more, and second lines are not looked at
		dp_dedup_insert(&table, key_of(3, 9, 4 + i), 100, 101 + LIFE + i, &evicted);
		assert_true(evicted);
	}
	dp_dedup_remove(&table.lines[9].ways[2]);
	assert_true(is_in(insert(key_of(3, 9, 40), 100), 9));
	dp_dedup_insert(&table, key_of(3, 9, 41), 100, 200 + LIFE, &evicted);
	assert_true(evicted);
	dp_dedup_remove(&table.lines[9].ways[2]);
	assert_true(is_in(insert(key_of(3, 9, 42), 100), 9));
}

// A saturated table may have forgotten where an entry is, and entered its message again.
static void what_has_ended_does_not_hide_its_successor(void **state)
{
	struct dp_dedup_entry *old = insert(key_of(3, 9, 1), 100);
	struct dp_dedup_entry *entry = insert(key_of(3, 9, 2), 200);

	entry->key = old->key;
	assert_ptr_equal(dp_dedup_find(&table, old->key, 100 + LIFE), entry);
}

static void claim(uint64_t key, uint32_t now, bool *evicted)
{
	bool known;

	dp_dedup_claim(&table, key, now, now + LIFE, &known, evicted);
	assert_false(known);
}

// A table that is full of what is live takes new entries at home, forgets the oldest first, and
// loses its marks: nothing sends a look-up to a second line any more.
static void a_saturated_table_reads_one_line_and_keeps_the_newest(void **state)
{
	struct prng random = {3};
	uint64_t keys[64 * LINES];
	unsigned kept = 0;
	bool evicted;

	for (int turn = 0; turn < 8; turn++) {
		for (unsigned i = 0; i < 64 * LINES; i++) {
			keys[i] = prng_next(&random) | 1;
			claim(keys[i], 1000 + (uint32_t)turn * 1024 + i, &evicted);
			assert_true(evicted || turn == 0);
		}
	}
	// One in 256 looks again, and may leave a mark until its home has taken four more.
	unsigned marked = 0;
	for (unsigned i = 0; i < LINES; i++)
		marked +=
			(table.lines[i].ways[0].answer | table.lines[i].ways[1].answer) >> 28 != 0;
	assert_true(marked <= 4);
	for (unsigned i = 0; i < LINES; i++) // a quarter of what there is room for
		kept += dp_dedup_find(&table, keys[64 * LINES - 1 - i], 9192) != NULL;
	assert_true(kept >= LINES - 2);
	// And recovers: what it holds ends, and soon nothing is displaced any more.
	for (uint32_t turn = 1; turn <= 4; turn++) {
		for (unsigned i = 0; i < 2 * LINES; i++) {
			claim(prng_next(&random) | 1, 9192 + turn * LIFE, &evicted);
			assert_false(evicted && turn > 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_table_in_use_displaces_next_to_nothing),
		T(an_entry_moves_on_when_both_lines_of_a_new_one_are_full),
		T(an_entry_of_the_home_moves_on_when_none_of_the_second_line_can),
		T(an_entry_away_from_home_moves_back),
		T(an_entry_whose_answer_is_pending_stays_where_it_is),
		T(the_one_nearest_its_end_goes_when_none_can_move),
		T(looking_for_room_goes_on_while_some_is_found),
		T(what_has_ended_does_not_hide_its_successor),
		T(a_saturated_table_reads_one_line_and_keeps_the_newest),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
