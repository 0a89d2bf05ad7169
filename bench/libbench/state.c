// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t system_real_ns(void *arg)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t system_cpu_ns(void *arg)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

const struct bench_clock bench_clock_system = {.real_ns = system_real_ns, .cpu_ns = system_cpu_ns};

// The wall clock is read last when time starts and first when it stops: reading the CPU clock is a
// system call.
static void time_start(struct bench_state *state)
{
	state->phase = BENCH_RUNNING;
	state->cpu_since_ns = state->clock->cpu_ns(state->clock->arg);
	state->real_since_ns = state->clock->real_ns(state->clock->arg);
}

static void time_stop(struct bench_state *state, enum bench_phase phase)
{
	state->real_ns += state->clock->real_ns(state->clock->arg) - state->real_since_ns;
	state->cpu_ns += state->clock->cpu_ns(state->clock->arg) - state->cpu_since_ns;
	state->phase = phase;
}

uint64_t bench_begin(struct bench_state *state)
{
	if (state->failed)
		return 0;
	assert(state->phase == BENCH_BEFORE && "one bench_loop in a body");
	time_start(state);
	return state->iterations;
}

bool bench_end(struct bench_state *state)
{
	if (state->phase == BENCH_RUNNING)
		time_stop(state, BENCH_AFTER);
	else if (state->phase == BENCH_PAUSED)
		state->phase = BENCH_AFTER;
	return false;
}

bool bench_next_batch(struct bench_state *state, uint64_t n)
{
	if (__builtin_expect(state->left >= n, 1)) {
		state->left -= n;
		return true;
	}
	if (state->phase == BENCH_BEFORE) {
		if (bench_begin(state) == 0)
			return false;
		// Rounded up to whole batches, so that the count is what was done.
		state->iterations = (state->iterations + n - 1) / n * n;
		state->left = state->iterations - n;
		return true;
	}
	return bench_end(state);
}

void bench_pause(struct bench_state *state)
{
	assert(state->phase == BENCH_RUNNING);
	time_stop(state, BENCH_PAUSED);
}

void bench_resume(struct bench_state *state)
{
	assert(state->phase == BENCH_PAUSED);
	time_start(state);
}

void bench_set_iteration_time(struct bench_state *state, double seconds)
{
	state->manual_s += seconds;
}

void bench_skip(struct bench_state *state, const char *why)
{
	state->failed = true;
	state->left = 0;
	snprintf(state->error, sizeof(state->error), "%s", why);
}

void bench_label(struct bench_state *state, const char *label)
{
	snprintf(state->label, sizeof(state->label), "%s", label);
}

int64_t bench_arg(const struct bench_state *state, unsigned index)
{
	assert(index < state->args_count && "the benchmark was not given so many arguments");
	return state->args[index];
}

uint64_t bench_iterations(const struct bench_state *state)
{
	return state->iterations;
}

struct bench_counter *bench_counters_find(const struct bench_counters *counters, const char *name)
{
	for (unsigned i = 0; i < counters->count; i++)
		if (strcmp(counters->at[i].name, name) == 0)
			return (struct bench_counter *)(uintptr_t)&counters->at[i];
	return NULL;
}

bool bench_counters_set(struct bench_counters *counters, const char *name, double value,
			unsigned flags)
{
	struct bench_counter *counter = bench_counters_find(counters, name);
	unsigned at = 0;

	if (!counter) {
		if (counters->count == BENCH_COUNTERS_MAX)
			return false;
		while (at < counters->count && strcmp(counters->at[at].name, name) < 0)
			at++;
		counter = &counters->at[at];
		memmove(counter + 1, counter, (counters->count - at) * sizeof(*counter));
		counters->count++;
		snprintf(counter->name, sizeof(counter->name), "%s", name);
	}
	counter->value = value;
	counter->flags = flags;
	return true;
}

double bench_counter_finish(const struct bench_counter *counter, uint64_t iterations,
			    double seconds)
{
	double value = counter->value;

	if (counter->flags & BENCH_IS_RATE)
		value /= seconds;
	if (counter->flags & BENCH_ITERATION_INVARIANT)
		value *= (double)iterations;
	if (counter->flags & BENCH_AVG_ITERATIONS)
		value /= (double)iterations;
	if (counter->flags & BENCH_INVERT)
		value = 1 / value;
	return value;
}

void bench_counter(struct bench_state *state, const char *name, double value, unsigned flags)
{
	if (!bench_counters_set(&state->counters, name, value, flags))
		bench_skip(state, "too many counters");
}

void bench_items(struct bench_state *state, uint64_t items)
{
	bench_counter(state, "items_per_second", (double)items, BENCH_IS_RATE);
}

void bench_bytes(struct bench_state *state, uint64_t bytes)
{
	bench_counter(state, "bytes_per_second", (double)bytes, BENCH_IS_RATE | BENCH_1024);
}

void bench_state_run(struct bench_state *state, const struct bench_family *family)
{
	if (family->options.setup)
		family->options.setup(state);
	if (!state->failed)
		family->run(state);
	if (!state->failed && state->phase != BENCH_AFTER)
		bench_skip(state, state->phase == BENCH_BEFORE
					  ? "the benchmark has no measured loop"
					  : "the measured loop was left early");
	bench_end(state);
	if (family->options.teardown)
		family->options.teardown(state);
}
