// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What an entry says, how long it lives, and the answers that are kept for it.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "tests/unit/dataplane/state/dedup_table.h"

static void an_entry_takes_at_most_32_bytes(void **state)
{
	assert_int_equal(table.lines_count, LINES);
	assert_int_equal(dp_dedup_slots(&table), 4 * LINES);
	for (uint64_t entries = 1000; entries <= 50 * 1000 * 1000; entries *= 7) {
		dp_dedup_fini(&table);
		assert_int_equal(dp_dedup_init(&table, entries, 9), 0);
		assert_true(dp_dedup_slots(&table) * sizeof(struct dp_dedup_entry) <= 32 * entries);
		assert_true(dp_dedup_slots(&table) > entries * 18 / 10);
	}
	assert_int_equal(table.replies_mask, 15);
	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 0, 0), 0);
	assert_int_equal(table.lines_count, 1);
}

static void a_table_too_large_is_refused(void **state)
{
	dp_dedup_fini(&table);
	assert_int_equal(dp_dedup_init(&table, 1ull << 32, 1), -ENOMEM);
	assert_null(table.lines);
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
		entries[i] = insert(key_of(i, 15, i), 1);
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

static void claim_finds_what_insert_made_and_inserts_what_is_new(void **state)
{
	bool known, evicted;

	for (uint32_t i = 0; i < 5; i++) { // the last one is not at home
		struct dp_dedup_entry *entry = insert(key_of(3, 9, i), 100);

		assert_ptr_equal(
			dp_dedup_claim(&table, key_of(3, 9, i), 200, 300, &known, &evicted), entry);
		assert_true(known);
		assert_false(evicted);
		assert_int_equal(entry->expires, 100 + LIFE);
	}
	struct dp_dedup_entry *entry =
		dp_dedup_claim(&table, key_of(3, 9, 5), 200, 300, &known, &evicted);
	assert_false(known);
	assert_int_equal(dp_dedup_kind(entry), DP_DEDUP_NONE);
	assert_ptr_equal(dp_dedup_find(&table, key_of(3, 9, 5), 299), entry);
	// Once the mark is past, a claim takes it off.
	dp_dedup_claim(&table, key_of(3, 9, 4), 100 + LIFE + 1024, 100 + 2 * LIFE, &known,
		       &evicted);
	assert_false(known);
	for (int i = 0; i < 4; i++)
		assert_int_equal(table.lines[3].ways[i].answer >> 28, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(an_entry_takes_at_most_32_bytes),
		T(a_table_too_large_is_refused),
		T(what_was_inserted_is_found_until_its_end),
		T(a_removed_entry_is_not_found),
		T(kind_and_code_come_back),
		T(a_table_of_one_line_works),
		T(stored_answers_come_back_until_overwritten_in_turn),
		T(ticks_wrap_at_32_bits),
		T(what_has_ended_stays_dead_for_years),
		T(claim_finds_what_insert_made_and_inserts_what_is_new),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
