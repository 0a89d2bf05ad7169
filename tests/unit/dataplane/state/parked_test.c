// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/state/parked.h"

static struct dp_parked parked;

static int set_up(void **state)
{
	dp_parked_init(&parked, 1);
	return 0;
}

static void entries_leave_in_the_order_they_came(void **state)
{
	assert_null(dp_parked_pop(&parked));
	for (uint64_t i = 1; i <= 3; i++)
		dp_parked_push(&parked)->location = i;
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(dp_parked_pop(&parked)->location, i);
	assert_null(dp_parked_pop(&parked));
}

static void only_what_is_parked_is_found_by_sequence_number(void **state)
{
	dp_parked_push(&parked)->location = 10;
	dp_parked_push(&parked)->location = 20;
	assert_null(dp_parked_find(&parked, 0));
	assert_int_equal(dp_parked_find(&parked, 1)->location, 10);
	assert_int_equal(dp_parked_find(&parked, 2)->location, 20);
	assert_null(dp_parked_find(&parked, 3));
	assert_null(dp_parked_find(&parked, UINT64_MAX));
	dp_parked_pop(&parked);
	assert_null(dp_parked_find(&parked, 1));
	// The number whose place entry 2 has, one round on.
	assert_null(dp_parked_find(&parked, 2 + DP_PARKED_MAX));
}

static void it_is_full_at_its_size_and_goes_round(void **state)
{
	for (uint64_t i = 1; i <= DP_PARKED_MAX; i++) {
		assert_false(dp_parked_full(&parked));
		dp_parked_push(&parked)->location = i;
	}
	assert_true(dp_parked_full(&parked));
	assert_int_equal(dp_parked_pop(&parked)->location, 1);
	assert_false(dp_parked_full(&parked));
	dp_parked_push(&parked)->location = DP_PARKED_MAX + 1;
	for (uint64_t seq = 2; seq <= DP_PARKED_MAX + 1; seq++)
		assert_int_equal(dp_parked_find(&parked, seq)->location, seq);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(entries_leave_in_the_order_they_came, set_up),
		cmocka_unit_test_setup(only_what_is_parked_is_found_by_sequence_number, set_up),
		cmocka_unit_test_setup(it_is_full_at_its_size_and_goes_round, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
