// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "dataplane/state/dedup.h"
#include "tests/unit/support/prng.h"

#define LIFE 15076u // EXCHANGE_LIFETIME in ticks

static struct dp_dedup table;

static int set_up(void **state)
{
	return dp_dedup_init(&table, 64, 8);
}

static int tear_down(void **state)
{
	dp_dedup_fini(&table);
	return 0;
}

// The key that has this first and second line in a table of 16 lines, and is otherwise its own.
static uint64_t key_of(uint32_t first, uint32_t second, uint32_t unique)
{
	return (uint64_t)(unique << 4 | second) << 32 | 0x1000u | first;
}

static struct dp_dedup_entry *insert(uint64_t key, uint32_t now)
{
	bool evicted;
	struct dp_dedup_entry *entry = dp_dedup_insert(&table, key, now, now + LIFE, &evicted);

	assert_false(evicted);
	return entry;
}

static void sizes_are_rounded_up_to_powers_of_two(void **state)
{
	assert_int_equal(table.mask, 15);
	assert_int_equal(table.replies_mask, 7);
	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 65, 9), 0);
	assert_int_equal(table.mask, 31);
	assert_int_equal(table.replies_mask, 15);
	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 0, 0), 0);
	assert_int_equal(table.mask, 0);
}

static void what_was_inserted_is_found_until_its_end(void **state)
{
	struct dp_dedup_entry *entry = insert(77, 100);

	assert_ptr_equal(dp_dedup_find(&table, 77, 100), entry);
	assert_int_equal(dp_dedup_kind(entry), DP_DEDUP_NONE);
	assert_ptr_equal(dp_dedup_find(&table, 77, 100 + LIFE - 1), entry);
	assert_null(dp_dedup_find(&table, 77, 100 + LIFE));
	assert_null(dp_dedup_find(&table, 78, 100));
}

static void a_removed_entry_is_not_found(void **state)
{
	struct dp_dedup_entry *entry = insert(77, 100);

	dp_dedup_set(entry, DP_DEDUP_CODE, 68);
	dp_dedup_remove(entry);
	assert_null(dp_dedup_find(&table, 77, 100));
	// The next tenant starts anew.
	assert_int_equal(dp_dedup_kind(insert(77, 100)), DP_DEDUP_NONE);
}

static void kind_and_code_come_back(void **state)
{
	struct dp_dedup_entry *entry = insert(5, 1);

	dp_dedup_set(entry, DP_DEDUP_CODE, 0x44);
	assert_int_equal(dp_dedup_kind(entry), DP_DEDUP_CODE);
	assert_int_equal(dp_dedup_code(entry), 0x44);
	dp_dedup_set(entry, DP_DEDUP_STORED, 0xffffff);
	assert_int_equal(dp_dedup_kind(entry), DP_DEDUP_STORED);
	dp_dedup_set(entry, DP_DEDUP_SILENT, 0);
	assert_int_equal(dp_dedup_code(entry), 0);
}

static void the_fifth_of_a_line_goes_to_its_second_and_is_found_there(void **state)
{
	for (uint32_t i = 0; i < 4; i++)
		insert(key_of(3, 9, i), 100);
	struct dp_dedup_entry *fifth = insert(key_of(3, 9, 4), 100);

	assert_true(fifth >= table.lines[9].ways && fifth < table.lines[9].ways + 4);
	for (uint32_t i = 0; i < 5; i++)
		assert_non_null(dp_dedup_find(&table, key_of(3, 9, i), 100 + LIFE - 1));
	assert_null(dp_dedup_find(&table, key_of(3, 9, 4), 100 + LIFE));
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

// The displaced entry must be found to the last tick though marks count in units of 256.
static void the_mark_outlasts_the_entry_for_every_phase_of_its_unit(void **state)
{
	for (uint32_t now = 0xfffff000u; (int32_t)(now - 0x1000) < 0; now += 37) {
		memset(table.lines, 0, (table.mask + 1) * sizeof(*table.lines));
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

static void a_key_whose_lines_are_the_same_has_two_nevertheless(void **state)
{
	for (uint32_t i = 0; i < 8; i++)
		insert(key_of(6, 6, i), 100);
	for (uint32_t i = 0; i < 8; i++)
		assert_non_null(dp_dedup_find(&table, key_of(6, 6, i), 100));
}

static void the_one_nearest_its_end_goes_when_both_lines_are_full(void **state)
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

static void a_table_of_one_line_works(void **state)
{
	bool evicted;

	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 1, 1), 0);
	for (uint64_t key = 1; key <= 4; key++)
		insert(key, 10);
	dp_dedup_insert(&table, 5, 10, 20 + LIFE, &evicted);
	assert_true(evicted);
	assert_non_null(dp_dedup_find(&table, 5, 10));
}

static void stored_answers_come_back_until_overwritten_in_turn(void **state)
{
	struct dp_dedup_entry *entries[9];
	uint8_t bytes[DP_DEDUP_REPLY_MAX];

	for (uint8_t i = 0; i < 9; i++) {
		if (i == 8) // the circle is closed
			for (int k = 0; k < 8; k++)
				assert_non_null(dp_dedup_stored(&table, entries[k]));
		entries[i] = insert(1000u + i, 1);
		memset(bytes, i, sizeof(bytes));
		dp_dedup_store(&table, entries[i], bytes, i == 1 ? sizeof(bytes) : i);
		assert_int_equal(dp_dedup_kind(entries[i]), DP_DEDUP_STORED);
	}
	assert_null(dp_dedup_stored(&table, entries[0]));
	memset(bytes, 1, sizeof(bytes));
	assert_int_equal(dp_dedup_stored(&table, entries[1])->len, sizeof(bytes));
	assert_memory_equal(dp_dedup_stored(&table, entries[1])->bytes, bytes, sizeof(bytes));
	assert_int_equal(dp_dedup_stored(&table, entries[8])->len, 8);
}

static void ticks_wrap_at_32_bits(void **state)
{
	uint32_t now = 0xffffff00u;

	insert(42, now);
	assert_non_null(dp_dedup_find(&table, 42, now + LIFE - 1));
	assert_null(dp_dedup_find(&table, 42, now + LIFE));
}

// A gateway with little to do may not touch a line for years.
static void what_has_ended_stays_dead_for_years(void **state)
{
	insert(42, 1000);
	for (uint32_t ahead = LIFE; ahead < 0xfff00000u; ahead += 0x10000)
		assert_null(dp_dedup_find(&table, 42, 1000 + ahead));
}

#define MODEL_KEYS 4096

// No false hit, and nothing lost before its end unless it was counted as evicted.
static void random_use_agrees_with_a_model(void **state)
{
	static struct {
		uint64_t key;
		uint32_t expires;
		uint32_t code;
		bool present;
	} model[MODEL_KEYS];
	struct prng random = {0x5eed2};
	uint64_t lost = 0, evictions = 0, hits = 0;
	uint32_t now = 0xffff0000u; // wraps on the way

	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 1024, 64), 0);
	for (uint32_t i = 0; i < MODEL_KEYS; i++)
		model[i].key = prng_next(&random) | 1;
	for (int round = 0; round < 400000; round++) {
		uint32_t i = prng_below(&random, MODEL_KEYS);
		struct dp_dedup_entry *entry = dp_dedup_find(&table, model[i].key, now);
		bool live = model[i].present && (int32_t)(model[i].expires - now) > 0;
		bool evicted;

		if (entry) {
			hits++;
			assert_true(live);
			assert_int_equal(entry->expires, model[i].expires);
			assert_int_equal(entry->answer >> 4 & 0xffffff, model[i].code);
			if (prng_below(&random, 8) == 0) {
				dp_dedup_remove(entry);
				model[i].present = false;
			}
		} else {
			lost += live;
			model[i].present = true;
			model[i].expires = now + 1 + prng_below(&random, LIFE);
			model[i].code = prng_below(&random, 1u << 24);
			entry = dp_dedup_insert(&table, model[i].key, now, model[i].expires,
						&evicted);
			dp_dedup_set(entry, DP_DEDUP_CODE, model[i].code);
			evictions += evicted;
		}
		now += prng_below(&random, 16);
	}
	assert_true(hits > 10000);
	assert_true(evictions > 1000); // the table is a quarter of what would be needed
	assert_true(lost <= evictions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(sizes_are_rounded_up_to_powers_of_two),
		T(what_was_inserted_is_found_until_its_end),
		T(a_removed_entry_is_not_found),
		T(kind_and_code_come_back),
		T(the_fifth_of_a_line_goes_to_its_second_and_is_found_there),
		T(the_mark_survives_every_change_of_the_entries_of_its_line),
		T(the_mark_outlasts_the_entry_for_every_phase_of_its_unit),
		T(a_shorter_life_does_not_cut_the_mark_of_a_longer_one),
		T(a_key_whose_lines_are_the_same_has_two_nevertheless),
		T(the_one_nearest_its_end_goes_when_both_lines_are_full),
		T(a_table_of_one_line_works),
		T(stored_answers_come_back_until_overwritten_in_turn),
		T(ticks_wrap_at_32_bits),
		T(what_has_ended_stays_dead_for_years),
		T(random_use_agrees_with_a_model),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
