// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_value_counts_where_it_is_not_above_the_bound(void **state)
{
	struct ctl_histogram histogram = {.bounds = {10, 100}};

	ctl_histogram_add(&histogram, 0, 1);
	ctl_histogram_add(&histogram, 10, 2);
	ctl_histogram_add(&histogram, 11, 1);
	ctl_histogram_add(&histogram, 101, 5);
	assert_int_equal(histogram.counts[0], 3);
	assert_int_equal(histogram.counts[1], 1);
	assert_int_equal(histogram.counts[2], 0);
	assert_int_equal(histogram.count, 9);
	assert_int_equal(histogram.sum, 0 + 20 + 11 + 505);
}

static void as_many_bounds_as_there_may_be_are_enough(void **state)
{
	struct ctl_histogram histogram = {0};

	for (unsigned i = 0; i < CTL_HISTOGRAM_BOUNDS_MAX; i++)
		histogram.bounds[i] = i + 1;
	ctl_histogram_add(&histogram, CTL_HISTOGRAM_BOUNDS_MAX, 1);
	ctl_histogram_add(&histogram, CTL_HISTOGRAM_BOUNDS_MAX + 1, 1);
	assert_int_equal(histogram.counts[CTL_HISTOGRAM_BOUNDS_MAX - 1], 1);
	assert_int_equal(histogram.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_counts_where_it_is_not_above_the_bound),
		cmocka_unit_test(as_many_bounds_as_there_may_be_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
