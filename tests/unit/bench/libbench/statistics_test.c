// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "bench/libbench/statistics.h"

#define ASSERT_NEAR(a, b) \
	assert_true(fabs((double)(a) - (double)(b)) < 1e-12 * (1 + fabs((double)(b))))

// By hand: sum 40, mean 5; squared distances 9 1 1 1 0 0 4 16 = 32; 32 / 7.
static void figures_of_eight_numbers(void **test)
{
	double values[] = {9, 4, 4, 2, 5, 5, 7, 4};

	ASSERT_NEAR(bench_mean(values, 8), 5);
	ASSERT_NEAR(bench_stddev(values, 8), sqrt(32.0 / 7));
	ASSERT_NEAR(bench_cv(values, 8), sqrt(32.0 / 7) / 5);
	ASSERT_NEAR(bench_median(values, 8), 4.5);
}

static void the_median_of_an_odd_count_is_the_middle_one(void **test)
{
	double values[] = {30, 10, 20};

	ASSERT_NEAR(bench_median(values, 3), 20);
}

static void few_or_no_numbers_have_no_spread(void **test)
{
	double one[] = {3};

	ASSERT_NEAR(bench_mean(one, 0), 0);
	ASSERT_NEAR(bench_median(one, 0), 0);
	ASSERT_NEAR(bench_stddev(one, 1), 0);
	ASSERT_NEAR(bench_cv(one, 1), 0);
	one[0] = 0;
	ASSERT_NEAR(bench_cv(one, 1), 0);
}

static struct bench_result repetition(double real_s, double cpu_s, double counter,
				      const char *label)
{
	struct bench_result result = {
		.real_s = real_s, .cpu_s = cpu_s, .repetitions = 3, .unit = BENCH_US};

	bench_counters_set(&result.counters, "c", counter, BENCH_IS_RATE);
	snprintf(result.label, sizeof(result.label), "%s", label);
	return result;
}

static void repetitions_become_four_aggregates(void **test)
{
	struct bench_result in[] = {repetition(1, 10, 100, "l"), repetition(2, 20, 300, "l"),
				    repetition(6, 30, 200, "l")};
	struct bench_result out[BENCH_AGGREGATES];

	assert_int_equal(bench_aggregate(out, in, 3), 4);
	assert_string_equal(out[0].aggregate, "mean");
	ASSERT_NEAR(out[0].real_s, 3);
	ASSERT_NEAR(out[0].cpu_s, 20);
	ASSERT_NEAR(out[0].counters.at[0].value, 200);
	assert_string_equal(out[1].aggregate, "median");
	ASSERT_NEAR(out[1].real_s, 2);
	assert_string_equal(out[2].aggregate, "stddev");
	ASSERT_NEAR(out[2].real_s, sqrt(7)); // (4 + 1 + 9) / 2
	ASSERT_NEAR(out[2].counters.at[0].value, 100);
	assert_string_equal(out[3].aggregate, "cv");
	assert_true(out[3].percentage && !out[0].percentage);
	ASSERT_NEAR(out[3].cpu_s, 0.5);
	assert_int_equal(out[0].iterations, 3);
	assert_int_equal(out[0].unit, BENCH_US);
	assert_string_equal(out[0].label, "l");
	assert_int_equal(out[0].counters.at[0].flags, BENCH_IS_RATE);
}

static void a_failed_repetition_does_not_count(void **test)
{
	struct bench_result in[] = {repetition(1, 1, 1, "a"), repetition(99, 99, 99, "x"),
				    repetition(3, 3, 3, "b")};
	struct bench_result out[BENCH_AGGREGATES];

	in[1].failed = true;
	assert_int_equal(bench_aggregate(out, in, 3), 4);
	ASSERT_NEAR(out[0].real_s, 2);
	assert_int_equal(out[0].iterations, 2);
	assert_string_equal(out[0].label, ""); // they differ
}

static void one_good_repetition_gives_no_aggregates(void **test)
{
	struct bench_result in[] = {repetition(1, 1, 1, ""), repetition(2, 2, 2, "")};
	struct bench_result out[BENCH_AGGREGATES];

	in[0].failed = true;
	assert_int_equal(bench_aggregate(out, in, 2), 0);
	assert_int_equal(bench_aggregate(out, in, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_of_eight_numbers),
		cmocka_unit_test(the_median_of_an_odd_count_is_the_middle_one),
		cmocka_unit_test(few_or_no_numbers_have_no_spread),
		cmocka_unit_test(repetitions_become_four_aggregates),
		cmocka_unit_test(a_failed_repetition_does_not_count),
		cmocka_unit_test(one_good_repetition_gives_no_aggregates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
