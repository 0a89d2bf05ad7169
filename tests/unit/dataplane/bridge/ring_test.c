// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 2048u
#define TYPE  7

struct fixture {
	void *mem;
	struct bridge_ring producer, consumer;
};

static int ring_make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->mem = aligned_alloc(64, bridge_ring_bytes(SLOTS));
	memset(f->mem, 0, bridge_ring_bytes(SLOTS));
	bridge_ring_init(&f->producer, f->mem, SLOTS);
	bridge_ring_init(&f->consumer, f->mem, SLOTS);
	*state = f;
	return 0;
}

static int ring_drop(void **state)
{
	struct fixture *f = *state;

	free(f->mem);
	free(f);
	return 0;
}

static struct bridge_record *slot(struct fixture *f, uint32_t index)
{
	return (struct bridge_record *)(void *)(f->producer.slots + (size_t)index * BRIDGE_SLOT);
}

static void put(struct fixture *f, uint32_t len)
{
	assert_non_null(bridge_ring_reserve(&f->producer, TYPE, len));
	bridge_ring_publish(&f->producer);
}

static void take(struct fixture *f, uint32_t want)
{
	uint32_t len = 0;

	assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_int_equal(len, want);
	bridge_ring_release(&f->consumer);
}

// Moves both sides to a slot.
static void advance(struct fixture *f, uint32_t slots)
{
	for (uint32_t i = 0; i < slots; i++) {
		put(f, 64);
		take(f, 64);
	}
}

static void a_record_arrives_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	struct bridge_record *out = bridge_ring_reserve(&f->producer, TYPE, 100);
	const struct bridge_record *in;
	uint32_t len;

	assert_int_equal(out->len, 100);
	assert_int_equal(out->type, TYPE);
	assert_int_equal(out->flags, 0);
	assert_int_equal(out->seq, 0);
	out->seq = 42;
	memset(out + 1, 'x', 84);
	bridge_ring_publish(&f->producer);
	in = bridge_ring_peek(&f->consumer, &len);
	assert_ptr_equal(in, out);
	assert_int_equal(len, 100);
	assert_int_equal(in->seq, 42);
	assert_int_equal(((const char *)(in + 1))[83], 'x');
}

static void nothing_is_seen_before_it_is_published(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	bridge_ring_reserve(&f->producer, TYPE, 64);
	bridge_ring_reserve(&f->producer, TYPE, 65);
	assert_null(bridge_ring_peek(&f->consumer, &len));
	bridge_ring_publish(&f->producer);
	assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_int_equal(len, 64);
	assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_int_equal(len, 65);
	assert_null(bridge_ring_peek(&f->consumer, &len));
}

static void room_comes_back_only_with_the_release(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	for (uint32_t i = 0; i < SLOTS; i++)
		assert_non_null(bridge_ring_reserve(&f->producer, TYPE, 64));
	assert_null(bridge_ring_reserve(&f->producer, TYPE, 16));
	assert_int_equal(bridge_ring_room(&f->producer), 0);
	bridge_ring_publish(&f->producer);
	for (uint32_t i = 0; i < SLOTS; i++)
		assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_null(bridge_ring_peek(&f->consumer, &len));
	assert_null(bridge_ring_reserve(&f->producer, TYPE, 16));
	bridge_ring_release(&f->consumer);
	assert_int_equal(bridge_ring_room(&f->producer), SLOTS);
	assert_non_null(bridge_ring_reserve(&f->producer, TYPE, 16));
	assert_false(f->producer.broken);
	assert_false(f->consumer.broken);
}

static void a_length_that_no_record_has_is_not_reserved(void **state)
{
	struct fixture *f = *state;

	assert_null(bridge_ring_reserve(&f->producer, TYPE, 0));
	assert_null(bridge_ring_reserve(&f->producer, TYPE, 15));
	assert_null(bridge_ring_reserve(&f->producer, TYPE, BRIDGE_RECORD_MAX + 1));
	assert_null(bridge_ring_reserve(&f->producer, TYPE, UINT32_MAX));
	assert_int_equal(bridge_ring_room(&f->producer), SLOTS);
	assert_false(f->producer.broken);
}

static void the_largest_record_fits_from_every_position(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < SLOTS; i++) {
		put(f, BRIDGE_RECORD_MAX);
		take(f, BRIDGE_RECORD_MAX);
		advance(f, 1);
	}
}

static void a_record_that_would_wrap_starts_at_the_ring_s_beginning(void **state)
{
	struct fixture *f = *state;
	struct bridge_record *rec;
	uint32_t len;

	advance(f, SLOTS - 1);
	rec = bridge_ring_reserve(&f->producer, TYPE, 65);
	assert_ptr_equal(rec, slot(f, 0));
	assert_int_equal(slot(f, SLOTS - 1)->type, 0);
	assert_int_equal(slot(f, SLOTS - 1)->len, BRIDGE_SLOT);
	bridge_ring_publish(&f->producer);
	assert_ptr_equal(bridge_ring_peek(&f->consumer, &len), rec);
	assert_int_equal(len, 65);
	bridge_ring_release(&f->consumer);
	assert_int_equal(bridge_ring_room(&f->producer), SLOTS);
	assert_int_equal(f->consumer.pos, SLOTS + 2);
}

static void a_record_that_ends_with_the_ring_needs_no_padding(void **state)
{
	struct fixture *f = *state;

	advance(f, SLOTS - 2);
	assert_ptr_equal(bridge_ring_reserve(&f->producer, TYPE, 128), slot(f, SLOTS - 2));
	assert_ptr_equal(bridge_ring_reserve(&f->producer, TYPE, 128), slot(f, 0));
}

static void padding_is_not_written_without_room_for_the_record_behind_it(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	advance(f, SLOTS / 2);
	for (uint32_t i = 0; i < SLOTS - 2; i++)
		put(f, 64);
	assert_null(bridge_ring_reserve(&f->producer, TYPE, 129));
	assert_non_null(bridge_ring_reserve(&f->producer, TYPE, 128));
	bridge_ring_publish(&f->producer);
	for (uint32_t i = 0; i < SLOTS - 1; i++)
		assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_int_equal(len, 128);
}

static void the_indices_may_pass_the_64_bit_limit(void **state)
{
	struct fixture *f = *state;
	uint64_t start = UINT64_MAX - 3 * SLOTS + 1;

	f->producer.pos = f->producer.other = f->consumer.pos = f->consumer.other = start;
	atomic_store(&f->producer.shm->head, start);
	atomic_store(&f->producer.shm->tail, start);
	for (uint32_t i = 0; i < 8 * SLOTS; i++) {
		put(f, 16 + i % 1000);
		take(f, 16 + i % 1000);
	}
}

static void a_head_out_of_range_breaks_the_ring_for_good(void **state)
{
	static const int64_t moves[] = {-1, SLOTS + 1, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		struct fixture *f = *state;
		uint32_t len;

		ring_drop(state);
		ring_make(state);
		f = *state;
		advance(f, 10);
		atomic_store(&f->consumer.shm->head, 10 + (uint64_t)moves[i]);
		assert_null(bridge_ring_peek(&f->consumer, &len));
		assert_true(f->consumer.broken);
		atomic_store(&f->consumer.shm->head, 11);
		assert_null(bridge_ring_peek(&f->consumer, &len));
		assert_false(bridge_ring_sleep(&f->consumer));
		assert_true(f->consumer.broken);
	}
}

static void a_head_that_moves_back_breaks_the_ring(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	put(f, 64);
	put(f, 64);
	assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_non_null(bridge_ring_peek(&f->consumer, &len));
	atomic_store(&f->consumer.shm->head, 1);
	assert_null(bridge_ring_peek(&f->consumer, &len));
	assert_true(f->consumer.broken);
}

static void a_tail_out_of_range_breaks_the_ring_for_good(void **state)
{
	static const int64_t moves[] = {-1, SLOTS + 1, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		struct fixture *f;

		ring_drop(state);
		ring_make(state);
		f = *state;
		for (uint32_t n = 0; n < SLOTS; n++)
			put(f, 64);
		atomic_store(&f->producer.shm->tail, (uint64_t)moves[i]);
		assert_null(bridge_ring_reserve(&f->producer, TYPE, 64));
		assert_true(f->producer.broken);
		atomic_store(&f->producer.shm->tail, SLOTS);
		atomic_store(&f->producer.shm->asleep, 1);
		assert_null(bridge_ring_reserve(&f->producer, TYPE, 64));
		assert_int_equal(bridge_ring_room(&f->producer), 0);
		assert_false(bridge_ring_publish(&f->producer));
	}
}

static void nonsense_in_a_record_header_breaks_the_ring_for_good(void **state)
{
	static const struct {
		uint32_t at, len;
		uint16_t type;
	} cases[] = {
		{0, 0, TYPE},
		{0, 15, TYPE},
		{0, BRIDGE_RECORD_MAX + 1, TYPE},
		{0, UINT32_MAX, TYPE},
		{0, 65, TYPE},         // reaches past what is published
		{0, 64, 0},            // padding before the end
		{SLOTS - 1, 63, 0},    // padding that stops short of the end
		{SLOTS - 1, 16, 0},    // and shorter
		{SLOTS - 1, 128, 0},   // padding past the end
		{SLOTS - 1, 65, TYPE}, // record past the end
		{SLOTS - 2, 64, 0},    // padding that leaves a slot
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f;
		uint32_t len;

		ring_drop(state);
		ring_make(state);
		f = *state;
		advance(f, cases[i].at);
		put(f, 64);
		slot(f, cases[i].at)->len = cases[i].len;
		slot(f, cases[i].at)->type = cases[i].type;
		assert_null(bridge_ring_peek(&f->consumer, &len));
		assert_true(f->consumer.broken);
		slot(f, cases[i].at)->len = 64;
		slot(f, cases[i].at)->type = TYPE;
		assert_null(bridge_ring_peek(&f->consumer, &len));
	}
}

static void padding_that_is_published_alone_breaks_nothing(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	advance(f, SLOTS - 1);
	put(f, 64);
	slot(f, SLOTS - 1)->type = 0;
	assert_null(bridge_ring_peek(&f->consumer, &len));
	assert_false(f->consumer.broken);
	bridge_ring_release(&f->consumer);
	put(f, 64);
	take(f, 64);
}

static void only_a_sleeping_consumer_is_rung_and_only_once(void **state)
{
	struct fixture *f = *state;

	bridge_ring_reserve(&f->producer, TYPE, 64);
	assert_false(bridge_ring_publish(&f->producer));
	take(f, 64);
	assert_true(bridge_ring_sleep(&f->consumer));
	assert_false(bridge_ring_publish(&f->producer)); // nothing was reserved
	bridge_ring_reserve(&f->producer, TYPE, 64);
	assert_true(bridge_ring_publish(&f->producer));
	bridge_ring_reserve(&f->producer, TYPE, 64);
	assert_false(bridge_ring_publish(&f->producer));
	bridge_ring_wake(&f->consumer);
	take(f, 64);
	take(f, 64);
}

static void a_consumer_that_woke_by_itself_is_not_rung(void **state)
{
	struct fixture *f = *state;

	assert_true(bridge_ring_sleep(&f->consumer));
	bridge_ring_wake(&f->consumer);
	bridge_ring_reserve(&f->producer, TYPE, 64);
	assert_false(bridge_ring_publish(&f->producer));
}

static void nobody_goes_to_sleep_over_a_published_record(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	put(f, 64);
	assert_false(bridge_ring_sleep(&f->consumer));
	assert_int_equal(atomic_load(&f->consumer.shm->asleep), 0);
	// What was peeked is not new, even before it is released.
	assert_non_null(bridge_ring_peek(&f->consumer, &len));
	assert_true(bridge_ring_sleep(&f->consumer));
}

#define RING_TEST(f) cmocka_unit_test_setup_teardown(f, ring_make, ring_drop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RING_TEST(a_record_arrives_as_it_was_written),
		RING_TEST(nothing_is_seen_before_it_is_published),
		RING_TEST(room_comes_back_only_with_the_release),
		RING_TEST(a_length_that_no_record_has_is_not_reserved),
		RING_TEST(the_largest_record_fits_from_every_position),
		RING_TEST(a_record_that_would_wrap_starts_at_the_ring_s_beginning),
		RING_TEST(a_record_that_ends_with_the_ring_needs_no_padding),
		RING_TEST(padding_is_not_written_without_room_for_the_record_behind_it),
		RING_TEST(the_indices_may_pass_the_64_bit_limit),
		RING_TEST(a_head_out_of_range_breaks_the_ring_for_good),
		RING_TEST(a_head_that_moves_back_breaks_the_ring),
		RING_TEST(a_tail_out_of_range_breaks_the_ring_for_good),
		RING_TEST(nonsense_in_a_record_header_breaks_the_ring_for_good),
		RING_TEST(padding_that_is_published_alone_breaks_nothing),
		RING_TEST(only_a_sleeping_consumer_is_rung_and_only_once),
		RING_TEST(a_consumer_that_woke_by_itself_is_not_rung),
		RING_TEST(nobody_goes_to_sleep_over_a_published_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
