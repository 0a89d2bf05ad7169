// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/swarm/histogram.h"

static struct histogram h;

static int reset(void **state)
{
	h = (struct histogram){0};
	return 0;
}

static void an_empty_histogram_says_zero(void **state)
{
	assert_int_equal(histogram_at(&h, 0.5), 0);
}

static void values_below_64_are_exact(void **state)
{
	for (uint64_t v = 0; v < 64; v++)
		histogram_add(&h, v);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(histogram_at(&h, i / 64.0), i);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static void percentiles_are_at_most_a_64th_above_the_exact_ones(void **state)
{
	enum { COUNT = 20000 };
	static const double shares[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999};
	static uint64_t values[COUNT];
	uint64_t x = 88172645463325252u;

	for (int i = 0; i < COUNT; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		values[i] = (x >> 32) >> (x & 31); // every magnitude
		histogram_add(&h, values[i]);
	}
	qsort(values, COUNT, sizeof(values[0]), ascending);
	for (unsigned i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		uint64_t exact = values[(size_t)(COUNT * shares[i])];
		uint64_t got = histogram_at(&h, shares[i]);
		assert_in_range(got, exact, exact + exact / 64);
	}
	assert_int_equal(histogram_at(&h, 1), values[COUNT - 1]);
	assert_int_equal(h.max, values[COUNT - 1]);
}

static void a_value_beyond_all_buckets_counts_as_the_largest(void **state)
{
	histogram_add(&h, UINT64_MAX);
	assert_int_equal(h.count, 1);
	assert_int_equal(histogram_at(&h, 0.5), (1ull << 40) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_histogram_says_zero, reset),
		cmocka_unit_test_setup(values_below_64_are_exact, reset),
		cmocka_unit_test_setup(percentiles_are_at_most_a_64th_above_the_exact_ones, reset),
		cmocka_unit_test_setup(a_value_beyond_all_buckets_counts_as_the_largest, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
