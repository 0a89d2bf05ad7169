// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "bench/libbench/runner.h"

#define ASSERT_NEAR(a, b) \
	assert_true(fabs((double)(a) - (double)(b)) < 1e-9 * (1 + fabs((double)(b))))

// Time that only passes when a body says so.
static uint64_t real_ns, cpu_ns;

static uint64_t read_real(void *arg)
{
	return real_ns;
}

static uint64_t read_cpu(void *arg)
{
	return cpu_ns;
}

static const struct bench_clock fake = {.real_ns = read_real, .cpu_ns = read_cpu};

static void pass(uint64_t real, uint64_t cpu)
{
	real_ns += real;
	cpu_ns += cpu;
}

// What the bodies saw, and what was reported.
static uint64_t asked[64];
static unsigned runs, setups, teardowns;
static struct bench_result got[64];
static size_t got_count;

static void collect(struct bench_report *report, const struct bench_result *results, size_t n)
{
	for (size_t i = 0; i < n && got_count < 64; i++)
		got[got_count++] = results[i];
}

static const struct bench_report_ops collector = {.results = collect};

static const struct bench_flags defaults = {.min_time_s = 0.5, .repetitions = 1, .unit = BENCH_NS};

static void run_family(void (*body)(struct bench_state *), struct bench_options options,
		       const struct bench_flags *flags)
{
	struct bench_family family = {.name = "f", .run = body, .options = options};
	struct bench_instances instances = {0};
	struct bench_report report = {.ops = &collector};

	real_ns = cpu_ns = 1000;
	runs = setups = teardowns = 0;
	got_count = 0;
	assert_int_equal(bench_instances_select(&instances, &family, "", stderr), 0);
	assert_int_equal(bench_run(&instances, flags, &fake, &report, NULL), 0);
	bench_instances_free(&instances);
	// The instance is gone; nothing below looks at it.
}

static void note_run(struct bench_state *state)
{
	asked[runs++ % 64] = bench_iterations(state);
}

static void body_of_a_microsecond(struct bench_state *state)
{
	note_run(state);
	pass(777, 555); // not timed
	bench_loop (state)
		pass(2000, 1000);
	pass(777, 555);
	bench_items(state, 3 * bench_iterations(state));
}

static void the_next_count_is_predicted(void **test)
{
	assert_int_equal(bench_predict(1, 1e-6, 0.5), 10);     // too short to tell
	assert_int_equal(bench_predict(1000, 0.1, 0.5), 7000); // 1.4 x 5
	assert_int_equal(bench_predict(1000, 0.499, 0.5), 1403);
	assert_int_equal(bench_predict(1000, 0.05, 0.5), 10000); // just not significant
	assert_int_equal(bench_predict(1, 0.49, 0.5), 2);        // at least one more
	assert_int_equal(bench_predict(1000000000, 0.1, 0.5), 1000000000);
}

static void iterations_grow_until_the_time_is_reached(void **test)
{
	run_family(body_of_a_microsecond, (struct bench_options){0}, &defaults);
	// By CPU time: 1 us each, 0.5 s wanted; 100,000 take 0.1 s, which is significant.
	assert_int_equal(runs, 7);
	assert_int_equal(asked[0], 1);
	assert_int_equal(asked[4], 10000);
	assert_int_equal(asked[5], 100000);
	assert_int_equal(asked[6], 700000);
	assert_int_equal(got_count, 1);
	assert_int_equal(got[0].iterations, 700000);
	ASSERT_NEAR(got[0].real_s, 2e-6);
	ASSERT_NEAR(got[0].cpu_s, 1e-6);
	ASSERT_NEAR(got[0].counters.at[0].value, 3e6);
	assert_string_equal(got[0].counters.at[0].name, "items_per_second");
}

static void real_time_is_measured_by_the_wall_clock(void **test)
{
	run_family(body_of_a_microsecond, (struct bench_options){.real_time = true}, &defaults);
	assert_int_equal(got[0].iterations, 350000);
	ASSERT_NEAR(got[0].counters.at[0].value, 1.5e6);
}

static void a_fixed_count_runs_once(void **test)
{
	struct bench_flags flags = defaults;

	run_family(body_of_a_microsecond, (struct bench_options){.iterations = 12}, &defaults);
	assert_int_equal(runs, 1);
	assert_int_equal(got[0].iterations, 12);
	flags.iterations = 100;
	run_family(body_of_a_microsecond, (struct bench_options){0}, &flags);
	assert_int_equal(runs, 1);
	assert_int_equal(got[0].iterations, 100);
}

static void later_repetitions_take_the_first_ones_count(void **test)
{
	struct bench_flags flags = defaults;

	flags.repetitions = 3;
	run_family(body_of_a_microsecond, (struct bench_options){.unit = BENCH_US}, &flags);
	assert_int_equal(runs, 9);
	assert_int_equal(asked[8], 700000);
	assert_int_equal(got_count, 3 + 4);
	assert_int_equal(got[2].repetition_index, 2);
	assert_string_equal(got[3].aggregate, "mean");
	ASSERT_NEAR(bench_result_time(&got[3], got[3].real_s), 2);
	ASSERT_NEAR(got[5].real_s, 0);
}

static void aggregates_alone_when_wanted(void **test)
{
	struct bench_flags flags = defaults;

	flags.report_aggregates_only = true;
	flags.repetitions = 2;
	run_family(body_of_a_microsecond, (struct bench_options){0}, &flags);
	assert_int_equal(got_count, 4);
	flags.repetitions = 1; // there are none
	run_family(body_of_a_microsecond, (struct bench_options){0}, &flags);
	assert_int_equal(got_count, 1);
}

static void warm_up_comes_first(void **test)
{
	struct bench_flags flags = defaults;

	flags.min_warmup_time_s = 0.01;
	run_family(body_of_a_microsecond, (struct bench_options){.iterations = 5}, &flags);
	// 1 10 100 1000 10000 iterations make 10 ms; then the measured run.
	assert_int_equal(runs, 6);
	assert_int_equal(asked[4], 10000);
	assert_int_equal(asked[5], 5);
}

static void body_that_pauses(struct bench_state *state)
{
	bench_loop (state) {
		pass(1000, 1000);
		bench_pause(state);
		pass(50000, 50000);
		bench_resume(state);
		pass(1000, 1000);
	}
}

static void paused_time_does_not_count(void **test)
{
	run_family(body_that_pauses, (struct bench_options){.iterations = 10}, &defaults);
	ASSERT_NEAR(got[0].real_s, 2e-6);
	ASSERT_NEAR(got[0].cpu_s, 2e-6);
}

static void body_timed_by_hand(struct bench_state *state)
{
	bench_loop (state) {
		pass(10, 10);
		bench_set_iteration_time(state, 0.001);
	}
	bench_items(state, bench_iterations(state));
}

static void manual_time_decides(void **test)
{
	run_family(body_timed_by_hand, (struct bench_options){.manual_time = true}, &defaults);
	assert_int_equal(got[0].iterations, 700); // 1, 10, 100 (0.1 s), 700
	ASSERT_NEAR(got[0].real_s, 0.001);
	ASSERT_NEAR(got[0].counters.at[0].value, 1000);
}

static void body_that_waits(struct bench_state *state)
{
	note_run(state);
	bench_loop (state)
		pass(1000000, 1);
}

static void a_body_that_waits_ends_by_the_wall_clock(void **test)
{
	run_family(body_that_waits, (struct bench_options){0}, &defaults);
	assert_int_equal(got[0].iterations, 10000); // 10 s of wall time, 10 us of CPU
}

static void body_in_batches(struct bench_state *state)
{
	uint64_t seen = 0;

	while (bench_next_batch(state, 64)) {
		pass(64, 64);
		seen += 64;
	}
	assert_int_equal(seen, bench_iterations(state));
}

static void batches_round_the_count_up(void **test)
{
	run_family(body_in_batches, (struct bench_options){.iterations = 100}, &defaults);
	assert_int_equal(got[0].iterations, 128);
	ASSERT_NEAR(got[0].real_s, 1e-9);
	run_family(body_in_batches, (struct bench_options){.iterations = 64}, &defaults);
	assert_int_equal(got[0].iterations, 64);
}

static void body_that_cannot(struct bench_state *state)
{
	bench_skip(state, "no room");
	bench_loop (state)
		fail();
	while (bench_next_batch(state, 2))
		fail();
}

static void body_that_breaks(struct bench_state *state)
{
	bench_loop (state)
		break;
}

static void body_that_breaks_with_a_reason(struct bench_state *state)
{
	bench_loop (state) {
		bench_skip(state, "went wrong");
		break;
	}
}

static void body_without_a_loop(struct bench_state *state)
{
}

static void an_error_is_a_result(void **test)
{
	struct bench_flags flags = defaults;

	flags.repetitions = 2;
	run_family(body_that_cannot, (struct bench_options){0}, &flags);
	assert_int_equal(got_count, 2);
	assert_true(got[0].failed);
	assert_string_equal(got[0].error, "no room");
	run_family(body_that_breaks, (struct bench_options){0}, &defaults);
	assert_string_equal(got[0].error, "the measured loop was left early");
	run_family(body_that_breaks_with_a_reason, (struct bench_options){0}, &defaults);
	assert_string_equal(got[0].error, "went wrong");
	run_family(body_without_a_loop, (struct bench_options){0}, &defaults);
	assert_string_equal(got[0].error, "the benchmark has no measured loop");
}

static void body_with_counters(struct bench_state *state)
{
	bench_loop (state)
		pass(100000000, 100000000);
	bench_counter(state, "z_plain", 7, 0);
	bench_counter(state, "rate", 50, BENCH_IS_RATE);
	bench_counter(state, "average", 50, BENCH_AVG_ITERATIONS);
	bench_counter(state, "times", 50, BENCH_ITERATION_INVARIANT);
	bench_counter(state, "per_item", 50, BENCH_IS_RATE | BENCH_INVERT);
	bench_counter(state, "rate", 40, BENCH_IS_RATE); // again
	bench_bytes(state, 1024);
}

static double counter(const char *name)
{
	const struct bench_counter *found = bench_counters_find(&got[0].counters, name);

	assert_non_null(found);
	return found->value;
}

static void counters_are_finished_by_their_flags(void **test)
{
	run_family(body_with_counters, (struct bench_options){.iterations = 20}, &defaults); // 2 s
	ASSERT_NEAR(counter("z_plain"), 7);
	ASSERT_NEAR(counter("rate"), 20);
	ASSERT_NEAR(counter("average"), 2.5);
	ASSERT_NEAR(counter("times"), 1000);
	ASSERT_NEAR(counter("per_item"), 0.04);
	ASSERT_NEAR(counter("bytes_per_second"), 512);
	assert_int_equal(got[0].counters.count, 6);
	assert_string_equal(got[0].counters.at[0].name, "average");
	assert_string_equal(got[0].counters.at[5].name, "z_plain");
}

static void body_with_too_many_counters(struct bench_state *state)
{
	char name[] = "a";

	bench_loop (state)
		pass(1, 1);
	for (unsigned i = 0; i <= BENCH_COUNTERS_MAX; i++, name[0]++)
		bench_counter(state, name, 1, 0);
}

static void more_counters_than_there_is_room_for_are_an_error(void **test)
{
	run_family(body_with_too_many_counters, (struct bench_options){.iterations = 1}, &defaults);
	assert_string_equal(got[0].error, "too many counters");
}

static void count_setup(struct bench_state *state)
{
	setups++;
	pass(1000000000, 1000000000);
}

static void count_teardown(struct bench_state *state)
{
	teardowns++;
}

static void fail_setup(struct bench_state *state)
{
	bench_skip(state, "setup failed");
}

static void setup_and_teardown_surround_every_run(void **test)
{
	struct bench_options options = {.setup = count_setup, .teardown = count_teardown};

	run_family(body_of_a_microsecond, options, &defaults);
	assert_int_equal(setups, runs);
	assert_int_equal(teardowns, runs);
	ASSERT_NEAR(got[0].cpu_s, 1e-6);
	options.setup = fail_setup;
	run_family(body_of_a_microsecond, options, &defaults);
	assert_int_equal(runs, 0);
	assert_int_equal(teardowns, 1);
	assert_string_equal(got[0].error, "setup failed");
}

static void interleaved_repetitions_are_all_run(void **test)
{
	struct bench_flags flags = defaults;

	flags.random_interleaving = true;
	flags.repetitions = 5;
	run_family(body_of_a_microsecond, (struct bench_options){.iterations = 3}, &flags);
	assert_int_equal(runs, 5);
	assert_int_equal(got_count, 5 + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_count_is_predicted),
		cmocka_unit_test(iterations_grow_until_the_time_is_reached),
		cmocka_unit_test(real_time_is_measured_by_the_wall_clock),
		cmocka_unit_test(a_fixed_count_runs_once),
		cmocka_unit_test(later_repetitions_take_the_first_ones_count),
		cmocka_unit_test(aggregates_alone_when_wanted),
		cmocka_unit_test(warm_up_comes_first),
		cmocka_unit_test(paused_time_does_not_count),
		cmocka_unit_test(manual_time_decides),
		cmocka_unit_test(a_body_that_waits_ends_by_the_wall_clock),
		cmocka_unit_test(batches_round_the_count_up),
		cmocka_unit_test(an_error_is_a_result),
		cmocka_unit_test(counters_are_finished_by_their_flags),
		cmocka_unit_test(more_counters_than_there_is_room_for_are_an_error),
		cmocka_unit_test(setup_and_teardown_surround_every_run),
		cmocka_unit_test(interleaved_repetitions_are_all_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
