// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Where an entry may be: its home, its second line, and the mark that leads there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "tests/unit/dataplane/state/dedup_table.h"
#include "tests/unit/support/prng.h"

static void every_line_is_somebodys_home_and_second(void **state)
{
	bool home[33] = {0}, second[33] = {0};
	struct prng random = {7};

	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 70, 1), 0);
	assert_int_equal(table.lines_count, 33); // no power of two
	for (int i = 0; i < 2000; i++) {
		uint64_t key = prng_next(&random) | 1;
		bool evicted;

		memset(table.lines, 0, 33 * sizeof(*table.lines));
		for (uint64_t k = 0; k < 5; k++) { // the same lines, to all but certainty
			struct dp_dedup_entry *entry =
				dp_dedup_insert(&table, key ^ k << 4, 1, 100, &evicted);
			size_t line = (size_t)(entry - table.lines[0].ways) / DP_DEDUP_WAYS;

			assert_true(line < 33);
			*(k < 4 ? &home[line] : &second[line]) = true;
		}
	}
	for (int i = 0; i < 33; i++)
		assert_true(home[i] && second[i]);
}

static void both_lines_of_a_key_are_in_one_page(void **state)
{
	static const uint64_t sizes[] = {200, 1000, 7000, 100000};
	struct prng random = {9};

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		dp_dedup_fini(&table);
		assert_int_equal(dp_dedup_init(&table, sizes[i], 1), 0);
		assert_int_equal((uintptr_t)table.lines % 4096, 0);
		for (int k = 0; k < 10000; k++) {
			uint64_t key = prng_next(&random);
			struct dp_dedup_line *home = dp_dedup_home(&table, key);
			struct dp_dedup_line *second = dp_dedup_second(&table, key);

			assert_ptr_not_equal(home, second);
			assert_int_equal((uintptr_t)home / 4096, (uintptr_t)second / 4096);
			assert_true(second < table.lines + table.lines_count);
		}
	}
}

static void the_fifth_of_a_line_goes_to_its_second_and_is_found_there(void **state)
{
	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(3, 9, i), 100);
	struct dp_dedup_entry *fifth = insert(key_of(3, 9, 4), 100);

	assert_true(is_in(fifth, 9));
	for (uint32_t i = 0; i < 5; i++)
		assert_non_null(dp_dedup_find(&table, key_of(3, 9, i), 100 + LIFE - 1));
	assert_null(dp_dedup_find(&table, key_of(3, 9, 4), 100 + LIFE));
}

static void a_key_whose_lines_are_the_same_has_two_nevertheless(void **state)
{
	for (uint32_t i = 0; i < 8; i++)
		insert(key_of(6, 6, i), 100);
	for (uint32_t i = 0; i < 8; i++)
		assert_non_null(dp_dedup_find(&table, key_of(6, 6, i), 100));
}

static void the_mark_survives_every_change_of_the_entries_of_its_line(void **state)
{
	struct dp_dedup_entry *entries[4];

	for (uint32_t i = 0; i < 4; i++)
		entries[i] = insert(key_of(3, 9, i), 100);
	insert(key_of(3, 9, 4), 100);
	for (int i = 0; i < 4; i++) {
		dp_dedup_set(entries[i], DP_DEDUP_CODE, 0xffffff);
		dp_dedup_store(&table, entries[i], "x", 1);
		dp_dedup_remove(entries[i]);
		assert_non_null(dp_dedup_find(&table, key_of(3, 9, 4), 200));
	}
	insert(key_of(3, 1, 5), 200); // a new tenant in front of the mark
	assert_non_null(dp_dedup_find(&table, key_of(3, 9, 4), 200));
}

// The entry elsewhere must be found to the last tick though marks count in units of 512.
static void the_mark_outlasts_the_entry_for_every_phase_of_its_unit(void **state)
{
	for (uint32_t now = 0xffffe000u; (int32_t)(now - 0x2000) < 0; now += 37) {
		memset(table.lines, 0, LINES * sizeof(*table.lines));
		for (uint32_t i = 0; i < 5; i++)
			insert(key_of(3, 9, i), now);
		assert_non_null(dp_dedup_find(&table, key_of(3, 9, 4), now + LIFE - 1));
	}
}

static void a_shorter_life_does_not_cut_the_mark_of_a_longer_one(void **state)
{
	bool evicted;

	for (uint32_t i = 0; i < 5; i++)
		insert(key_of(3, 9, i), 100);
	dp_dedup_insert(&table, key_of(3, 10, 5), 100, 100 + 600, &evicted);
	assert_non_null(dp_dedup_find(&table, key_of(3, 10, 5), 699));
	assert_non_null(dp_dedup_find(&table, key_of(3, 9, 4), 100 + LIFE - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(every_line_is_somebodys_home_and_second),
		T(both_lines_of_a_key_are_in_one_page),
		T(the_fifth_of_a_line_goes_to_its_second_and_is_found_there),
		T(a_key_whose_lines_are_the_same_has_two_nevertheless),
		T(the_mark_survives_every_change_of_the_entries_of_its_line),
		T(the_mark_outlasts_the_entry_for_every_phase_of_its_unit),
		T(a_shorter_life_does_not_cut_the_mark_of_a_longer_one),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
