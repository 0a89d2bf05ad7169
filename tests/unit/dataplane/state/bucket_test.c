// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/state/bucket.h"

#define S 1000000000ull

static void a_burst_is_taken_then_what_the_rate_gives(void **state)
{
	struct dp_rate rate = dp_rate_of(10, 5);
	uint64_t full = 0, now = 100 * S;

	for (int i = 0; i < 5; i++)
		assert_true(dp_bucket_take(&full, &rate, now, 1));
	assert_false(dp_bucket_take(&full, &rate, now, 1));
	assert_false(dp_bucket_take(&full, &rate, now + S / 10 - 1, 1));
	assert_true(dp_bucket_take(&full, &rate, now + S / 10, 1));
	assert_false(dp_bucket_take(&full, &rate, now + S / 10, 1));
}

static void what_is_refused_costs_nothing(void **state)
{
	struct dp_rate rate = dp_rate_of(10, 1);
	uint64_t full = 0, now = S;

	assert_true(dp_bucket_take(&full, &rate, now, 1));
	for (int i = 0; i < 1000; i++)
		assert_false(dp_bucket_take(&full, &rate, now, 1));
	assert_true(dp_bucket_take(&full, &rate, now + S / 10, 1));
}

static void more_than_fit_come_from_a_full_bucket_only(void **state)
{
	struct dp_rate rate = dp_rate_of(10, 4);
	uint64_t full = 0;

	assert_true(dp_bucket_take(&full, &rate, S, 16));
	assert_false(dp_bucket_take(&full, &rate, 2 * S, 16));
	assert_true(dp_bucket_take(&full, &rate, S + 16 * S / 10, 16));
}

static void a_bucket_is_low_when_half_of_it_is_gone(void **state)
{
	struct dp_rate rate = dp_rate_of(10, 10);
	uint64_t full = 0;

	assert_true(dp_bucket_take(&full, &rate, S, 5));
	assert_false(dp_bucket_is_low(full, &rate, S));
	assert_true(dp_bucket_take(&full, &rate, S, 1));
	assert_true(dp_bucket_is_low(full, &rate, S));
	assert_false(dp_bucket_is_low(full, &rate, S + S / 10));
}

static void a_rate_of_0_is_no_limit(void **state)
{
	struct dp_rate rate = dp_rate_of(0, 0);
	uint64_t full = 5;

	for (int i = 0; i < 1000; i++)
		assert_true(dp_bucket_take(&full, &rate, 1, 100));
	assert_false(dp_bucket_is_low(full, &rate, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_taken_then_what_the_rate_gives),
		cmocka_unit_test(what_is_refused_costs_nothing),
		cmocka_unit_test(more_than_fit_come_from_a_full_bucket_only),
		cmocka_unit_test(a_bucket_is_low_when_half_of_it_is_gone),
		cmocka_unit_test(a_rate_of_0_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
