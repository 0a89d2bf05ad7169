// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/support/prng.h"

#define SECOND 1000000ull

// A device that is heard at times of its own.
struct heard {
	struct dp_recent recent;
	uint64_t seen_us;
};

// True when it is a repetition.
static bool hear(struct heard *h, uint16_t mid, uint64_t now_us, bool moved)
{
	dp_recent_hear(&h->recent, now_us - h->seen_us);
	if (dp_recent_find(&h->recent, mid, now_us, moved))
		return true;
	if (moved)
		dp_recent_move(&h->recent);
	dp_recent_add(&h->recent, mid, now_us);
	h->seen_us = now_us;
	return false;
}

static void a_repetition_is_known_for_the_exchange_lifetime_and_new_after_it(void **state)
{
	for (uint64_t start = 0; start < 600; start += 7) {
		struct heard h = {.seen_us = start * SECOND};

		assert_false(hear(&h, 0, start * SECOND, false));
		assert_true(hear(&h, 0, (start + 1) * SECOND, false));
		assert_true(hear(&h, 0, (start + 247) * SECOND, false));
		assert_false(hear(&h, 0, (start + 252) * SECOND, false));
	}
}

static void another_message_id_is_new(void **state)
{
	struct heard h = {.seen_us = 1000 * SECOND};

	assert_false(hear(&h, 0, 1000 * SECOND, false));
	assert_false(hear(&h, 0x8000, 1000 * SECOND, false));
	assert_false(hear(&h, 1, 1000 * SECOND, false));
	assert_true(hear(&h, 0x8000, 1001 * SECOND, false));
	assert_true(hear(&h, 1, 1001 * SECOND, false));
	assert_true(hear(&h, 0, 1001 * SECOND, false));
}

static void the_fourth_within_the_lifetime_makes_the_first_forgotten(void **state)
{
	struct dp_recent recent = {0};

	for (uint16_t mid = 0; mid < DP_RECENT_MAX; mid++)
		assert_false(dp_recent_add(&recent, mid, (1000 + 10 * mid) * SECOND));
	assert_true(dp_recent_add(&recent, 3, 1040 * SECOND));
	assert_false(dp_recent_find(&recent, 0, 1040 * SECOND, false));
	for (uint16_t mid = 1; mid <= DP_RECENT_MAX; mid++)
		assert_true(dp_recent_find(&recent, mid, 1040 * SECOND, false));
}

static void the_same_id_from_a_new_address_is_new_and_from_the_former_one_is_not(void **state)
{
	struct heard h = {.seen_us = 1000 * SECOND};

	assert_false(hear(&h, 7, 1000 * SECOND, false));
	assert_false(hear(&h, 7, 1001 * SECOND, true)); // moved
	assert_true(hear(&h, 7, 1002 * SECOND, false));
	assert_true(hear(&h, 7, 1003 * SECOND, true));  // a late one from where it was
	assert_false(hear(&h, 8, 1004 * SECOND, true)); // really back
}

// Some 1,074 s after it came, its time reads as just now again.
static void what_wrapped_around_is_not_taken_for_recent(void **state)
{
	for (unsigned gap = 150; gap <= 247; gap++) {
		struct heard h = {.seen_us = 0};
		uint64_t now = 0;

		assert_false(hear(&h, 7, 0, false));
		for (uint16_t mid = 8; now < 1000 * SECOND; mid++)
			assert_false(hear(&h, mid, now += gap * SECOND, false));
		assert_false(hear(&h, 7, 1076 * SECOND, false));
	}
	for (unsigned gap = 100; gap <= 247; gap++) { // other messages in between
		struct heard h = {.seen_us = 0};
		uint64_t now = 0;

		assert_false(hear(&h, 7, 0, false));
		while (now < 1000 * SECOND) {
			now += gap * SECOND;
			dp_recent_age(&h.recent, now, now - h.seen_us);
			h.seen_us = now;
		}
		assert_false(hear(&h, 7, 1076 * SECOND, false));
	}
	struct heard silent = {.seen_us = 0};
	assert_false(hear(&silent, 7, 0, false));
	assert_false(hear(&silent, 7, 1076 * SECOND, false));
}

// The same as a plain list of what came when would say.
static void random_arrivals_are_judged_as_by_a_list(void **state)
{
	struct prng random = {1};
	uint64_t now = 0;
	struct heard h = {0};
	struct {
		uint64_t at;
		uint16_t mid;
	} list[DP_RECENT_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < 200000; i++) {
		uint16_t mid = (uint16_t)(prng_below(&random, 6));
		uint64_t unit;
		bool known = false;

		now += (5 + (uint64_t)prng_below(&random, i % 3 ? 60 : 300)) * SECOND;
		unit = now >> DP_RECENT_SHIFT;
		for (unsigned k = 0; k < count;) {
			if (unit - (list[k].at >> DP_RECENT_SHIFT) > DP_RECENT_LIFE ||
			    now - h.seen_us > (uint64_t)DP_RECENT_LIFE << DP_RECENT_SHIFT) {
				memmove(&list[k], &list[k + 1], (--count - k) * sizeof(list[0]));
				continue;
			}
			known |= list[k++].mid == mid;
		}
		assert_int_equal(hear(&h, mid, now, false), known);
		if (known)
			continue;
		if (count == DP_RECENT_MAX)
			memmove(&list[0], &list[1], --count * sizeof(list[0]));
		list[count].at = now;
		list[count++].mid = mid;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repetition_is_known_for_the_exchange_lifetime_and_new_after_it),
		cmocka_unit_test(another_message_id_is_new),
		cmocka_unit_test(the_fourth_within_the_lifetime_makes_the_first_forgotten),
		cmocka_unit_test(
			the_same_id_from_a_new_address_is_new_and_from_the_former_one_is_not),
		cmocka_unit_test(what_wrapped_around_is_not_taken_for_recent),
		cmocka_unit_test(random_arrivals_are_judged_as_by_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
