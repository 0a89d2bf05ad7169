// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/histogram.h"

static void an_empty_histogram_is_zero_everywhere(void **state)
{
	struct histogram h = {0};
	assert_int_equal(histogram_at(&h, 0.5), 0);
	assert_int_equal(histogram_at(&h, 1.0), 0);
}

static void small_values_are_exact(void **state)
{
	struct histogram h = {0};
	for (uint32_t v = 0; v < 10; v++)
		histogram_add(&h, v);
	assert_int_equal(histogram_at(&h, 0.5), 5);
	assert_int_equal(histogram_at(&h, 1.0), 9);
}

static void large_values_are_within_a_sixteenth(void **state)
{
	for (uint64_t v = 16; v < UINT32_MAX; v = v * 3 / 2 + 1) {
		struct histogram h = {0};
		histogram_add(&h, v);
		histogram_add(&h, UINT32_MAX);
		assert_in_range(histogram_at(&h, 0.0), v, v + v / 16);
	}
}

static void values_beyond_the_range_count_as_its_end(void **state)
{
	struct histogram h = {0};
	histogram_add(&h, UINT64_MAX);
	assert_int_equal(h.max, UINT32_MAX);
	assert_int_equal(histogram_at(&h, 0.99), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_histogram_is_zero_everywhere),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(large_values_are_within_a_sixteenth),
		cmocka_unit_test(values_beyond_the_range_count_as_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
