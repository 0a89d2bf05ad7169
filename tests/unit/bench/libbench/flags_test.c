// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/libbench/flags.h"

static char said[512];

// Parses the arguments after the program's name; what was printed is in said.
static int parse(struct bench_flags *flags, const char *const *args)
{
	static char words[16][64]; // flags points into them
	char *argv[17] = {(char[]){"prog"}};
	FILE *err = fmemopen(said, sizeof(said), "w");
	int argc = 1, rc;

	for (; args[argc - 1]; argc++)
		argv[argc] = strcpy(words[argc - 1], args[argc - 1]);
	rc = bench_flags_parse(flags, argc, argv, err);
	fclose(err);
	return rc;
}

#define PARSE(flags, ...) parse(flags, (const char *const[]){__VA_ARGS__, NULL})

static void defaults_are_those_of_google_benchmark(void **test)
{
	struct bench_flags flags;

	assert_int_equal(parse(&flags, (const char *const[]){NULL}), 0);
	assert_true(flags.min_time_s == 0.5);
	assert_int_equal(flags.repetitions, 1);
	assert_int_equal(flags.format, BENCH_CONSOLE);
	assert_int_equal(flags.out_format, BENCH_JSON);
	assert_int_equal(flags.unit, BENCH_NS);
	assert_string_equal(flags.filter, "");
	assert_false(flags.list_tests);
}

static void min_time_is_seconds_or_a_count(void **test)
{
	struct bench_flags flags;

	assert_int_equal(PARSE(&flags, "--benchmark_min_time=0.25"), 0);
	assert_true(flags.min_time_s == 0.25);
	assert_int_equal(PARSE(&flags, "--benchmark_min_time=2s"), 0);
	assert_true(flags.min_time_s == 2);
	assert_int_equal(PARSE(&flags, "--benchmark_min_time=100x"), 0);
	assert_int_equal(flags.iterations, 100);
}

static void every_flag_is_taken(void **test)
{
	struct bench_flags flags;

	assert_int_equal(PARSE(&flags, "--benchmark_list_tests", "--benchmark_filter=-a.b",
			       "--benchmark_min_warmup_time=0.1", "--benchmark_repetitions=7",
			       "--benchmark_enable_random_interleaving=true",
			       "--benchmark_report_aggregates_only=1",
			       "--benchmark_display_aggregates_only=yes", "--benchmark_format=csv",
			       "--benchmark_out=file", "--benchmark_out_format=console",
			       "--benchmark_counters_tabular", "--benchmark_time_unit=ms",
			       "--benchmark_color=false", "--benchmark_context=a=b,c=d=e"),
			 0);
	assert_true(flags.list_tests && flags.random_interleaving && flags.report_aggregates_only &&
		    flags.display_aggregates_only && flags.counters_tabular);
	assert_string_equal(flags.filter, "-a.b");
	assert_int_equal(flags.repetitions, 7);
	assert_int_equal(flags.format, BENCH_CSV);
	assert_string_equal(flags.out, "file");
	assert_int_equal(flags.out_format, BENCH_CONSOLE);
	assert_int_equal(flags.unit, BENCH_MS);
	assert_int_equal(flags.color, BENCH_COLOR_OFF);
	assert_int_equal(flags.context_count, 2);
	assert_string_equal(flags.context[1].text, "c");
	assert_string_equal(flags.context[1].value, "d=e");
}

static void a_flag_of_unknown_name_is_an_error(void **test)
{
	struct bench_flags flags;

	assert_int_not_equal(PARSE(&flags, "--foo"), 0);
	assert_string_equal(said, "prog: error: unrecognized command-line flag: --foo\n");
	assert_int_not_equal(PARSE(&flags, "--benchmark_filters=x"), 0);
	assert_int_not_equal(PARSE(&flags, "word"), 0);
}

static void a_value_of_the_wrong_kind_is_an_error_that_says_what_is_taken(void **test)
{
	static const char *const wrong[] = {
		"--benchmark_min_time=abc",  "--benchmark_min_time=",
		"--benchmark_min_time=-1",   "--benchmark_min_time=0x",
		"--benchmark_min_time=-3x",  "--benchmark_min_time=1m",
		"--benchmark_min_time=nan",  "--benchmark_min_time",
		"--benchmark_repetitions=0", "--benchmark_repetitions=2a",
		"--benchmark_format=xml",    "--benchmark_time_unit=h",
		"--benchmark_list_tests=2",  "--benchmark_context=a",
		"--benchmark_context==a",    "--benchmark_out=",
		"--benchmark_filter",        "--benchmark_color=blue",
	};
	struct bench_flags flags;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_not_equal(PARSE(&flags, wrong[i]), 0);
		assert_non_null(strstr(said, " takes "));
	}
}

static void help_names_every_flag(void **test)
{
	char text[4096] = "";
	struct bench_flags flags;
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_int_equal(PARSE(&flags, "--help"), 0);
	assert_true(flags.help);
	bench_flags_help(out);
	fclose(out);
	assert_non_null(strstr(text, "benchmark [--benchmark_list_tests="));
	assert_non_null(strstr(text, "[--benchmark_time_unit={ns|us|ms|s}]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_google_benchmark),
		cmocka_unit_test(min_time_is_seconds_or_a_count),
		cmocka_unit_test(every_flag_is_taken),
		cmocka_unit_test(a_flag_of_unknown_name_is_an_error),
		cmocka_unit_test(a_value_of_the_wrong_kind_is_an_error_that_says_what_is_taken),
		cmocka_unit_test(help_names_every_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
