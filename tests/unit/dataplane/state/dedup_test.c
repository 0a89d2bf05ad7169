// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
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

// Of the fewest entries that make a table of LINES lines.
#define LINES   16u
#define ENTRIES (LINES * DP_DEDUP_LINES_DEN / DP_DEDUP_LINES_NUM)

static struct dp_dedup table;

static int set_up(void **state)
{
	return dp_dedup_init(&table, ENTRIES, 8);
}

static int tear_down(void **state)
{
	dp_dedup_fini(&table);
	return 0;
}

// The key that has this home and this second line in a table of 16 lines, and is otherwise its own:
// those of eight successive unique are told apart by a mark.
static uint64_t key_of(uint32_t home, uint32_t second, uint32_t unique)
{
	return (uint64_t)(second << 28 | unique) << 32 | home << 28 | 0x1000u | unique;
}

static bool is_in(const struct dp_dedup_entry *entry, unsigned line)
{
	return entry >= table.lines[line].ways && entry < table.lines[line].ways + 4;
}

static struct dp_dedup_entry *insert(uint64_t key, uint32_t now)
{
	bool evicted;
	struct dp_dedup_entry *entry = dp_dedup_insert(&table, key, now, now + LIFE, &evicted);

	assert_false(evicted);
	return entry;
}

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

	assert_true(is_in(fifth, 9));
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

static void a_key_whose_lines_are_the_same_has_two_nevertheless(void **state)
{
	for (uint32_t i = 0; i < 8; i++)
		insert(key_of(6, 6, i), 100);
	for (uint32_t i = 0; i < 8; i++)
		assert_non_null(dp_dedup_find(&table, key_of(6, 6, i), 100));
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

#define MODEL_KEYS   512u
#define MODEL_ROUNDS 40000

struct model {
	uint64_t key;
	uint32_t expires;
	uint32_t code;
	bool present;
};

// What a find must say of an entry the model knows.
static void check(const struct dp_dedup_entry *entry, const struct model *model, uint32_t now)
{
	if (!model->present || (int32_t)(model->expires - now) <= 0 ||
	    entry->expires != model->expires || (entry->answer >> 4 & 0xffffff) != model->code)
		fail_msg("key %llx at tick %u", (unsigned long long)model->key, now);
}

// No false hit, and nothing lost before its end unless it was counted as evicted. step: ticks that
// pass between two look-ups, at most.
static void random_use(uint32_t step, uint64_t *hits, uint64_t *evictions, uint64_t *moves)
{
	static struct model models[MODEL_KEYS];
	struct prng random = {0x5eed2};
	uint32_t now = 0xffff0000u; // wraps on the way
	uint64_t lost = 0;

	memset(models, 0, sizeof(models));
	memset(table.lines, 0, LINES * sizeof(*table.lines));
	*hits = *evictions = *moves = 0;
	for (uint32_t i = 0; i < MODEL_KEYS; i++)
		models[i].key = prng_next(&random) | 1;
	for (int round = 0; round < MODEL_ROUNDS; round++) {
		struct model *model = &models[prng_below(&random, MODEL_KEYS)];
		struct dp_dedup_entry *entry = dp_dedup_find(&table, model->key, now);
		bool evicted;

		if (entry) {
			(*hits)++;
			check(entry, model, now);
			if (prng_below(&random, 8) == 0) {
				dp_dedup_remove(entry);
				model->present = false;
			}
		} else {
			uint64_t bystander = models[prng_below(&random, MODEL_KEYS)].key;
			struct dp_dedup_entry *other = dp_dedup_find(&table, bystander, now);

			lost += model->present && (int32_t)(model->expires - now) > 0;
			*model = (struct model){.key = model->key,
						.expires = now + 1 + prng_below(&random, LIFE),
						.code = prng_below(&random, 1u << 24),
						.present = true};
			entry = dp_dedup_insert(&table, model->key, now, model->expires, &evicted);
			dp_dedup_set(entry, DP_DEDUP_CODE, model->code);
			*evictions += evicted;
			*moves += other && other->key != bystander &&
				  dp_dedup_find(&table, bystander, now);
		}
		now += prng_below(&random, step);
	}
	assert_true(lost <= *evictions);
}

static void random_use_agrees_with_a_model(void **state)
{
	uint64_t hits, evictions, moves;

	random_use(900, &hits, &evictions, &moves); // a quarter full
	assert_true(hits > 1000);
	assert_int_equal(evictions, 0);
	random_use(300, &hits, &evictions, &moves); // nearly full
	assert_true(hits > 1000);
	assert_true(moves > 0);
	assert_true(evictions < 4000);
	random_use(16, &hits, &evictions, &moves); // a multiple of what there is room for
	assert_true(hits > 1000);
	assert_true(evictions > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(an_entry_takes_at_most_32_bytes),
		T(a_table_too_large_is_refused),
		T(every_line_is_somebodys_home_and_second),
		T(both_lines_of_a_key_are_in_one_page),
		T(a_table_in_use_displaces_next_to_nothing),
		T(what_was_inserted_is_found_until_its_end),
		T(a_removed_entry_is_not_found),
		T(kind_and_code_come_back),
		T(the_fifth_of_a_line_goes_to_its_second_and_is_found_there),
		T(the_mark_survives_every_change_of_the_entries_of_its_line),
		T(the_mark_outlasts_the_entry_for_every_phase_of_its_unit),
		T(a_shorter_life_does_not_cut_the_mark_of_a_longer_one),
		T(a_key_whose_lines_are_the_same_has_two_nevertheless),
		T(an_entry_moves_on_when_both_lines_of_a_new_one_are_full),
		T(an_entry_of_the_home_moves_on_when_none_of_the_second_line_can),
		T(an_entry_away_from_home_moves_back),
		T(an_entry_whose_answer_is_pending_stays_where_it_is),
		T(the_one_nearest_its_end_goes_when_none_can_move),
		T(looking_for_room_goes_on_while_some_is_found),
		T(what_has_ended_does_not_hide_its_successor),
		T(a_saturated_table_reads_one_line_and_keeps_the_newest),
		T(a_table_of_one_line_works),
		T(stored_answers_come_back_until_overwritten_in_turn),
		T(ticks_wrap_at_32_bits),
		T(what_has_ended_stays_dead_for_years),
		T(claim_finds_what_insert_made_and_inserts_what_is_new),
		T(random_use_agrees_with_a_model),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
