// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/libbench/registry.h"

static void body(struct bench_state *state)
{
}

static void assert_range(int64_t lo, int64_t hi, int64_t multiplier, const int64_t *want, size_t n)
{
	int64_t got[64];

	assert_int_equal(bench_range(got, 64, lo, hi, multiplier), n);
	assert_memory_equal(got, want, n * sizeof(*want));
}

#define RANGE(lo, hi, multiplier, ...)                             \
	assert_range(lo, hi, multiplier, (int64_t[]){__VA_ARGS__}, \
		     sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

// As Google Benchmark's Range does it: the ends as they are, between them powers of the multiplier.
static void a_range_is_its_ends_and_the_powers_between(void **test)
{
	RANGE(8, 8 << 10, 8, 8, 64, 512, 4096, 8192);
	RANGE(1, 1000, 8, 1, 8, 64, 512, 1000);
	RANGE(1, 512, 8, 1, 8, 64, 512);
	RANGE(0, 8, 8, 0, 1, 8);
	RANGE(7, 7, 8, 7);
	RANGE(7, 8, 8, 7, 8);
	RANGE(1, 10, 2, 1, 2, 4, 8, 10);
	RANGE(10000, 10000000, 10, 10000, 100000, 1000000, 10000000);
}

static void a_range_takes_negative_numbers(void **test)
{
	RANGE(-64, 8, 8, -64, -8, -1, 0, 1, 8);
	RANGE(-100, -3, 8, -100, -64, -8, -3);
}

static void a_range_up_to_the_largest_number_ends(void **test)
{
	int64_t got[128];
	size_t n = bench_range(got, 128, 1, INT64_MAX, 2);

	assert_int_equal(n, 64);
	assert_true(got[62] == (int64_t)1 << 62);
	assert_true(got[63] == INT64_MAX);
}

static void a_range_longer_than_the_room_is_counted_and_cut(void **test)
{
	int64_t got[3] = {0, 0, -1};

	assert_int_equal(bench_range(got, 2, 8, 8192, 8), 5);
	assert_int_equal(got[1], 64);
	assert_int_equal(got[2], -1);
}

static struct bench_args two = {.values = {1, 2}, .count = 2, .line = 1};
static struct bench_args eight = {.values = {8}, .count = 1, .next = &two};
static struct bench_family plain = {.name = "plain", .run = body};
static struct bench_family busy = {.next = &plain,
				   .name = "busy",
				   .run = body,
				   .args = &eight,
				   .options = {.arg_names = {"n"},
					       .min_time_s = 0.1,
					       .min_warmup_time_s = 0.25,
					       .iterations = 10,
					       .repetitions = 2,
					       .real_time = true}};

static struct bench_instances select_ok(const struct bench_family *families, const char *filter)
{
	struct bench_instances got = {0};

	assert_int_equal(bench_instances_select(&got, families, filter, stderr), 0);
	return got;
}

static void names_carry_arguments_and_options(void **test)
{
	struct bench_instances got = select_ok(&busy, "");

	assert_int_equal(got.count, 3);
	assert_string_equal(
		got.at[0].name,
		"busy/n:8/min_time:0.100/min_warmup_time:0.250/iterations:10/repeats:2/real_time");
	assert_string_equal(got.at[1].name, "busy/n:1/2/min_time:0.100/min_warmup_time:0.250/"
					    "iterations:10/repeats:2/real_time");
	assert_string_equal(got.at[2].name, "plain");
	bench_instances_free(&got);
}

static void indices_count_what_is_selected(void **test)
{
	struct bench_instances got = select_ok(&busy, "n:1/|plain");

	assert_int_equal(got.count, 2);
	assert_int_equal(got.at[0].family_index, 0);
	assert_int_equal(got.at[0].index_in_family, 0);
	assert_int_equal(got.at[1].family_index, 1);
	bench_instances_free(&got);
	got = select_ok(&busy, "all");
	assert_int_equal(got.at[1].index_in_family, 1);
	assert_int_equal(got.at[2].family_index, 1);
	bench_instances_free(&got);
}

static void a_filter_with_a_minus_takes_the_others(void **test)
{
	struct bench_instances got = select_ok(&busy, "-^busy");

	assert_int_equal(got.count, 1);
	assert_string_equal(got.at[0].name, "plain");
	bench_instances_free(&got);
}

static void a_filter_that_is_no_expression_is_an_error(void **test)
{
	struct bench_instances got = {0};
	char *text = NULL;
	size_t len;
	FILE *err = open_memstream(&text, &len);

	assert_int_not_equal(bench_instances_select(&got, &busy, "(", err), 0);
	fclose(err);
	assert_non_null(strstr(text, "Could not compile benchmark re"));
	free(text);
}

static void options_name_and_multiply(void **test)
{
	struct bench_args range = {.values = {1, 100}, .count = 2, .kind = BENCH_ARGS_RANGE};
	struct bench_args dense = {
		.values = {5, 9, 2}, .count = 3, .kind = BENCH_ARGS_DENSE, .line = 2};
	struct bench_family family = {
		.name = "x", .run = body, .options = {.name = "shown", .range_multiplier = 10}};
	struct bench_instances got;

	bench_register_args(&family, &dense); // in any order: the source's counts
	bench_register_args(&family, &range);
	got = select_ok(&family, "");
	assert_int_equal(got.count, 6);
	assert_string_equal(got.at[1].name, "shown/10");
	assert_string_equal(got.at[2].name, "shown/100");
	assert_string_equal(got.at[3].name, "shown/5");
	assert_string_equal(got.at[5].name, "shown/9");
	bench_instances_free(&got);
}

static void families_are_in_the_order_of_the_source(void **test)
{
	static struct bench_family a9 = {.file = "a.c", .line = 9}, a3 = {.file = "a.c", .line = 3},
				   b5 = {.file = "b.c", .line = 5}, a7 = {.file = "a.c", .line = 7};
	const struct bench_family *f;

	bench_register(&a9);
	bench_register(&b5);
	bench_register(&a3);
	bench_register(&a7);
	f = bench_families();
	assert_ptr_equal(f, &a3);
	assert_ptr_equal(f->next, &a7);
	assert_ptr_equal(f->next->next, &a9);
	assert_ptr_equal(f->next->next->next, &b5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_its_ends_and_the_powers_between),
		cmocka_unit_test(a_range_takes_negative_numbers),
		cmocka_unit_test(a_range_up_to_the_largest_number_ends),
		cmocka_unit_test(a_range_longer_than_the_room_is_counted_and_cut),
		cmocka_unit_test(names_carry_arguments_and_options),
		cmocka_unit_test(indices_count_what_is_selected),
		cmocka_unit_test(a_filter_with_a_minus_takes_the_others),
		cmocka_unit_test(a_filter_that_is_no_expression_is_an_error),
		cmocka_unit_test(options_name_and_multiply),
		cmocka_unit_test(families_are_in_the_order_of_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
