// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/libbench/statistics.h"

struct runner { // one instance
	const struct bench_instance *instance;
	struct bench_result *results; // [repetitions]
	unsigned repetitions;
	unsigned done;
	uint64_t iterations; // what the first repetition found to be enough
};

uint64_t bench_predict(uint64_t iterations, double seconds, double min_time_s)
{
	double factor = 10, next;

	if (seconds / min_time_s > 0.1)
		factor = min_time_s * 1.4 / (seconds > 1e-9 ? seconds : 1e-9);
	next = factor * (double)iterations;
	if (next < (double)iterations + 1)
		next = (double)iterations + 1;
	return next < BENCH_ITERATIONS_MAX ? (uint64_t)(next + 0.5) : BENCH_ITERATIONS_MAX;
}

static void run_once(struct bench_state *state, const struct bench_instance *instance,
		     uint64_t iterations, const struct bench_clock *clock)
{
	*state = (struct bench_state){.clock = clock,
				      .args = instance->args,
				      .args_count = instance->args_count,
				      .iterations = iterations};
	bench_state_run(state, instance->family);
}

static double seconds_of(const struct bench_state *state, const struct bench_options *options)
{
	if (options->manual_time)
		return state->manual_s;
	return (double)(options->real_time ? state->real_ns : state->cpu_ns) * 1e-9;
}

static bool is_enough(const struct bench_state *state, const struct bench_options *options,
		      double min_time_s)
{
	return state->failed || state->iterations >= BENCH_ITERATIONS_MAX ||
	       seconds_of(state, options) >= min_time_s ||
	       // A body that mostly waits would never reach it in CPU time.
	       (!options->manual_time && (double)state->real_ns * 1e-9 >= 5 * min_time_s);
}

// Runs with more and more iterations until the time is reached. Returns how many that took.
static uint64_t run_for(struct bench_state *state, const struct bench_instance *instance,
			uint64_t iterations, double min_time_s, const struct bench_clock *clock)
{
	const struct bench_options *options = &instance->family->options;

	for (;;) {
		run_once(state, instance, iterations, clock);
		if (is_enough(state, options, min_time_s))
			return state->iterations;
		iterations =
			bench_predict(state->iterations, seconds_of(state, options), min_time_s);
	}
}

static void run_first(struct runner *runner, struct bench_state *state,
		      const struct bench_flags *flags, const struct bench_clock *clock)
{
	const struct bench_options *options = &runner->instance->family->options;
	double min_time_s = options->min_time_s > 0 ? options->min_time_s : flags->min_time_s;
	double warmup_s = options->min_warmup_time_s > 0 ? options->min_warmup_time_s
							 : flags->min_warmup_time_s;
	uint64_t fixed = options->iterations ? options->iterations : flags->iterations;
	uint64_t iterations = 1;

	if (warmup_s > 0)
		iterations = run_for(state, runner->instance, iterations, warmup_s, clock);
	if (fixed > 0) {
		run_once(state, runner->instance, fixed, clock);
		runner->iterations = fixed;
	} else {
		runner->iterations =
			run_for(state, runner->instance, iterations, min_time_s, clock);
	}
}

static void fill_result(struct bench_result *result, const struct bench_state *state)
{
	const struct bench_options *options = &result->instance->family->options;
	double iterations = (double)state->iterations;

	memcpy(result->label, state->label, sizeof(result->label));
	if (state->failed) {
		result->failed = true;
		memcpy(result->error, state->error, sizeof(result->error));
		return;
	}
	result->real_s = (options->manual_time ? state->manual_s : (double)state->real_ns * 1e-9) /
			 iterations;
	result->cpu_s = (double)state->cpu_ns * 1e-9 / iterations;
	for (unsigned i = 0; i < state->counters.count; i++) {
		const struct bench_counter *counter = &state->counters.at[i];

		bench_counters_set(&result->counters, counter->name,
				   bench_counter_finish(counter, state->iterations,
							seconds_of(state, options)),
				   counter->flags);
	}
}

static void run_repetition(struct runner *runner, const struct bench_flags *flags,
			   const struct bench_clock *clock)
{
	enum bench_unit unit = runner->instance->family->options.unit;
	struct bench_result *result = &runner->results[runner->done];
	struct bench_state state;

	if (runner->done == 0)
		run_first(runner, &state, flags, clock);
	else
		run_once(&state, runner->instance, runner->iterations, clock);
	*result = (struct bench_result){.instance = runner->instance,
					.unit = unit != BENCH_UNIT_DEFAULT ? unit : flags->unit,
					.repetitions = runner->repetitions,
					.repetition_index = runner->done++,
					.iterations = state.iterations};
	fill_result(result, &state);
}

static void report(const struct runner *runner, const struct bench_flags *flags,
		   struct bench_report *display, struct bench_report *file)
{
	struct bench_result aggregates[BENCH_AGGREGATES];
	size_t count = 0;

	if (runner->repetitions > 1)
		count = bench_aggregate(aggregates, runner->results, runner->repetitions);
	// Where there is nothing to aggregate, errors above all, the single results are shown after
	// all.
	if (count == 0 || !(flags->report_aggregates_only || flags->display_aggregates_only))
		display->ops->results(display, runner->results, runner->repetitions);
	if (count > 0)
		display->ops->results(display, aggregates, count);
	if (!file)
		return;
	if (count == 0 || !flags->report_aggregates_only)
		file->ops->results(file, runner->results, runner->repetitions);
	if (count > 0)
		file->ops->results(file, aggregates, count);
}

static uint64_t random_below(uint64_t *state, uint64_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % n;
}

// Fisher and Yates.
static void shuffle(struct runner **order, size_t n, uint64_t seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = random_below(&seed, i);
		struct runner *swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}

static int run_in_order(struct runner *runners, const struct bench_instances *instances,
			size_t total, const struct bench_flags *flags,
			const struct bench_clock *clock, struct bench_report *display,
			struct bench_report *file)
{
	struct runner **order = calloc(total, sizeof(struct runner *));
	size_t next = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < instances->count; i++)
		for (unsigned r = 0; r < runners[i].repetitions; r++)
			order[next++] = &runners[i];
	if (flags->random_interleaving)
		shuffle(order, total, clock->real_ns(clock->arg));
	for (next = 0; next < total; next++) {
		run_repetition(order[next], flags, clock);
		if (order[next]->done == order[next]->repetitions)
			report(order[next], flags, display, file);
	}
	free(order);
	return 0;
}

int bench_run(const struct bench_instances *instances, const struct bench_flags *flags,
	      const struct bench_clock *clock, struct bench_report *display,
	      struct bench_report *file)
{
	struct runner *runners = calloc(instances->count + 1, sizeof(*runners));
	struct bench_result *results = NULL;
	size_t total = 0, used = 0;
	int rc = -ENOMEM;

	if (!runners)
		return -ENOMEM;
	for (size_t i = 0; i < instances->count; i++) {
		unsigned own = instances->at[i].family->options.repetitions;

		runners[i].instance = &instances->at[i];
		runners[i].repetitions = own > 0 ? own : flags->repetitions;
		total += runners[i].repetitions;
	}
	results = calloc(total + 1, sizeof(*results));
	for (size_t i = 0; results && i < instances->count; i++) {
		runners[i].results = &results[used];
		used += runners[i].repetitions;
	}
	if (results && total > 0)
		rc = run_in_order(runners, instances, total, flags, clock, display, file);
	else if (results)
		rc = 0;
	free(results);
	free(runners);
	return rc;
}
