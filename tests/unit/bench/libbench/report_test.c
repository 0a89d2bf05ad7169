// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include <jansson.h>

#include "bench/libbench/report.h"

static void body(struct bench_state *state)
{
}

static const struct bench_family family = {.name = "parse", .run = body};
static const struct bench_instance instance = {
	.family = &family, .family_index = 2, .index_in_family = 1, .name = "parse/8"};

static struct bench_result result(void)
{
	struct bench_result r = {.instance = &instance,
				 .unit = BENCH_US,
				 .repetitions = 2,
				 .repetition_index = 1,
				 .iterations = 1000,
				 .real_s = 12.5e-6,
				 .cpu_s = 2.5e-6};

	bench_counters_set(&r.counters, "bytes_per_second", 3.0 * (1 << 20),
			   BENCH_IS_RATE | BENCH_1024);
	bench_counters_set(&r.counters, "hits \"L1\"", 2500, 0);
	snprintf(r.label, sizeof(r.label), "a \"b\", c\\\n");
	return r;
}

static struct bench_result cv(void)
{
	struct bench_result r = result();

	r.aggregate = "cv";
	r.percentage = true;
	r.iterations = 2;
	r.real_s = 0.125;
	r.cpu_s = 0.5;
	r.counters.at[0].value = 0.25;
	return r;
}

static struct bench_result failure(void)
{
	return (struct bench_result){.instance = &instance,
				     .unit = BENCH_NS,
				     .repetitions = 1,
				     .iterations = 1,
				     .failed = true,
				     .error = "no \"memory\""};
}

static const struct bench_context context = {
	.date = "2026-01-02T03:04:05+00:00",
	.host = "host",
	.executable = "./x \"y\"",
	.cpus = 2,
	.mhz = 2400,
	.caches = {{"Data", 1, 32768, 1}, {"Unified", 3, 1 << 20, 2}},
	.caches_count = 2,
	.load = {0.5, 1, 2},
	.loads = 3,
	.lines = {{"git_commit", "abc"}},
	.lines_count = 1};

// Everything a report writes; on both streams.
static char *render(const struct bench_report_ops *ops, bool tabular, bool color,
		    const struct bench_result *results, size_t n)
{
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct bench_report report = {.ops = ops,
				      .out = out,
				      .err = out,
				      .tabular = tabular,
				      .color = color,
				      .name_width = 12};

	ops->begin(&report, &context);
	ops->results(&report, results, n);
	ops->end(&report);
	fclose(out);
	return strdup(text);
}

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static const char *string(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_string(value));
	return json_string_value(value);
}

static json_t *render_json(const struct bench_result *results, size_t n)
{
	char *text = render(&bench_report_json, false, false, results, n);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(root);
	free(text);
	return root;
}

static void json_has_the_context_block(void **test)
{
	json_t *root = render_json(NULL, 0);
	json_t *ctx = json_object_get(root, "context");

	assert_string_equal(string(ctx, "date"), "2026-01-02T03:04:05+00:00");
	assert_string_equal(string(ctx, "host_name"), "host");
	assert_string_equal(string(ctx, "executable"), "./x \"y\"");
	assert_true(number(ctx, "num_cpus") == 2);
	assert_true(number(ctx, "mhz_per_cpu") == 2400);
	assert_true(json_is_false(json_object_get(ctx, "cpu_scaling_enabled")));
	assert_int_equal(json_array_size(json_object_get(ctx, "caches")), 2);
	assert_true(number(json_array_get(json_object_get(ctx, "caches"), 1), "num_sharing") == 2);
	assert_int_equal(json_array_size(json_object_get(ctx, "load_avg")), 3);
	assert_string_equal(string(ctx, "git_commit"), "abc");
	string(ctx, "library_build_type");
	assert_int_equal(json_array_size(json_object_get(root, "benchmarks")), 0);
	json_decref(root);
}

static void json_has_a_repetition(void **test)
{
	struct bench_result r = result();
	json_t *root = render_json(&r, 1);
	json_t *run = json_array_get(json_object_get(root, "benchmarks"), 0);

	assert_string_equal(string(run, "name"), "parse/8");
	assert_string_equal(string(run, "run_name"), "parse/8");
	assert_string_equal(string(run, "run_type"), "iteration");
	assert_true(number(run, "family_index") == 2);
	assert_true(number(run, "per_family_instance_index") == 1);
	assert_true(number(run, "repetitions") == 2);
	assert_true(number(run, "repetition_index") == 1);
	assert_true(number(run, "threads") == 1);
	assert_true(number(run, "iterations") == 1000);
	assert_true(fabs(number(run, "real_time") - 12.5) < 1e-9);
	assert_true(fabs(number(run, "cpu_time") - 2.5) < 1e-9);
	assert_string_equal(string(run, "time_unit"), "us");
	assert_true(number(run, "hits \"L1\"") == 2500);
	assert_string_equal(string(run, "label"), "a \"b\", c\\\n");
	assert_null(json_object_get(run, "aggregate_name"));
	assert_null(json_object_get(run, "error_occurred"));
	json_decref(root);
}

static void json_has_aggregates_and_errors(void **test)
{
	struct bench_result both[] = {cv(), failure()};
	json_t *root = render_json(both, 2);
	json_t *runs = json_object_get(root, "benchmarks");
	json_t *run = json_array_get(runs, 0);

	assert_string_equal(string(run, "name"), "parse/8_cv");
	assert_string_equal(string(run, "run_name"), "parse/8");
	assert_string_equal(string(run, "run_type"), "aggregate");
	assert_string_equal(string(run, "aggregate_name"), "cv");
	assert_string_equal(string(run, "aggregate_unit"), "percentage");
	assert_true(number(run, "real_time") == 0.125); // a ratio has no unit to be scaled to
	assert_null(json_object_get(run, "repetition_index"));
	run = json_array_get(runs, 1);
	assert_true(json_is_true(json_object_get(run, "error_occurred")));
	assert_string_equal(string(run, "error_message"), "no \"memory\"");
	json_decref(root);
}

static void json_writes_numbers_that_are_none_as_google_does(void **test)
{
	struct bench_result r = result();
	char *text;

	r.counters.at[0].value = INFINITY;
	r.counters.at[1].value = NAN;
	text = render(&bench_report_json, false, false, &r, 1);
	assert_non_null(strstr(text, "\"bytes_per_second\": Infinity,"));
	assert_non_null(strstr(text, "NaN,"));
	free(text);
}

static void csv_quotes_and_has_a_column_for_every_counter(void **test)
{
	struct bench_result all[] = {result(), cv(), failure(), result()};
	char *text, *table;

	bench_counters_set(&all[3].counters, "extra", 1, 0);
	text = render(&bench_report_csv, false, false, all, 4);
	table = strstr(text, "name,iterations,");
	assert_non_null(table);
	assert_string_equal(
		table,
		"name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,"
		"label,"
		"error_occurred,error_message,\"extra\",\"hits \"\"L1\"\"\"\n"
		"\"parse/8\",1000,12.5,2.5,us,3.14573e+06,,\"a \"\"b\"\", c\\\n\",,,,2500\n"
		"\"parse/8_cv\",2,0.125,0.5,,0.25,,\"a \"\"b\"\", c\\\n\",,,,2500\n"
		"\"parse/8\",,,,,,,,true,\"no \"\"memory\"\"\",,\n"
		"\"parse/8\",1000,12.5,2.5,us,3.14573e+06,,\"a \"\"b\"\", c\\\n\",,,1,2500\n");
	free(text);
}

static void the_console_has_googles_columns(void **test)
{
	struct bench_result all[] = {result(), cv(), failure()};
	char *text, *table;

	all[0].label[0] = all[1].label[0] = 0;
	all[1].counters.count = 1;
	text = render(&bench_report_console, false, false, all, 3);
	assert_non_null(strstr(text, "Run on (2 X 2400 MHz CPUs)\n"));
	assert_non_null(strstr(text, "  L1 Data 32 KiB (x2)\n"));
	assert_non_null(strstr(text, "Load Average: 0.50, 1.00, 2.00\n"));
	table = strstr(text, "---");
	assert_non_null(strstr(table, "Benchmark             Time             CPU   Iterations "
				      "UserCounters...\n"));
	assert_non_null(strstr(table, "parse/8            12.5 us         2.50 us         1000 "
				      "bytes_per_second=3M/s hits \"L1\"=2.5k\n"));
	assert_non_null(strstr(table, "parse/8_cv        12.50 %         50.00 %             2 "
				      "bytes_per_second=25.00%\n"));
	assert_non_null(strstr(table, "parse/8      ERROR OCCURRED: 'no \"memory\"'\n"));
	assert_null(strchr(table, '\033'));
	free(text);
}

static void tabular_counters_get_a_header_each_time_they_change(void **test)
{
	struct bench_result all[] = {result(), result(), failure()};
	char *text, *second;

	text = render(&bench_report_console, true, true, all, 3);
	assert_non_null(strstr(text, "Iterations bytes_per_second  hits \"L1\"\n"));
	assert_non_null(strstr(text, "           3M/s       2.5k"));
	assert_non_null(strchr(text, '\033'));
	second = strstr(text, "Iterations bytes");
	second = strstr(second + 1, "Iterations");
	assert_non_null(second); // for the failure, which has none
	assert_null(strstr(second + 1, "Iterations"));
	free(text);
}

static void numbers_for_people(void **test)
{
	char buf[32];

	assert_string_equal(bench_human_number(0, 1000, buf), "0");
	assert_string_equal(bench_human_number(999, 1000, buf), "999");
	assert_string_equal(bench_human_number(1234567, 1000, buf), "1.23457M");
	assert_string_equal(bench_human_number(-2500, 1000, buf), "-2.5k");
	assert_string_equal(bench_human_number(3.0 * (1 << 30), 1024, buf), "3G");
	assert_string_equal(bench_human_number(0.5, 1000, buf), "0.5");
	assert_string_equal(bench_human_number(0.0025, 1000, buf), "2.5m");
	assert_string_equal(bench_human_number(2.5e-8, 1000, buf), "25n");
	assert_string_equal(bench_human_number(INFINITY, 1000, buf), "infY");
}

static void the_name_column_has_room_for_aggregates(void **test)
{
	struct bench_instance named = {.family = &family, .name = "a_name_of_twenty_one_"};
	struct bench_instances instances = {.at = &named, .count = 1};
	struct bench_flags flags = {.repetitions = 1};

	assert_int_equal(bench_report_name_width(&instances, &flags), 21);
	flags.repetitions = 2;
	assert_int_equal(bench_report_name_width(&instances, &flags), 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_the_context_block),
		cmocka_unit_test(json_has_a_repetition),
		cmocka_unit_test(json_has_aggregates_and_errors),
		cmocka_unit_test(json_writes_numbers_that_are_none_as_google_does),
		cmocka_unit_test(csv_quotes_and_has_a_column_for_every_counter),
		cmocka_unit_test(the_console_has_googles_columns),
		cmocka_unit_test(tabular_counters_get_a_header_each_time_they_change),
		cmocka_unit_test(numbers_for_people),
		cmocka_unit_test(the_name_column_has_room_for_aggregates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
