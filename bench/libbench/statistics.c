// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double bench_mean(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return n ? sum / (double)n : 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t n)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double bench_stddev(const double *values, size_t n)
{
	double mean = bench_mean(values, n), squares = 0;

	if (n < 2)
		return 0;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return sqrt(squares / (double)(n - 1));
}

double bench_cv(const double *values, size_t n)
{
	double mean = bench_mean(values, n);

	return mean != 0 ? bench_stddev(values, n) / mean : 0;
}

static void all_of(struct bench_result out[static BENCH_AGGREGATES], double *values, size_t n,
		   void (*set)(struct bench_result *result, double value, const void *arg),
		   const void *arg)
{
	set(&out[0], bench_mean(values, n), arg);
	set(&out[2], bench_stddev(values, n), arg);
	set(&out[3], bench_cv(values, n), arg);
	set(&out[1], bench_median(values, n), arg); // last: it sorts
}

static void set_real(struct bench_result *result, double value, const void *arg)
{
	result->real_s = value;
}

static void set_cpu(struct bench_result *result, double value, const void *arg)
{
	result->cpu_s = value;
}

static void set_counter(struct bench_result *result, double value, const void *arg)
{
	const struct bench_counter *counter = arg;

	bench_counters_set(&result->counters, counter->name, value, counter->flags);
}

// The counters of the first good repetition; another that lacks one does not count for it.
static void aggregate_counters(struct bench_result out[static BENCH_AGGREGATES],
			       const struct bench_result *repetitions, size_t n,
			       const struct bench_result *first, double *values)
{
	for (unsigned c = 0; c < first->counters.count; c++) {
		const struct bench_counter *counter = &first->counters.at[c];
		size_t count = 0;

		for (size_t i = 0; i < n; i++) {
			const struct bench_counter *other =
				bench_counters_find(&repetitions[i].counters, counter->name);

			if (!repetitions[i].failed && other)
				values[count++] = other->value;
		}
		all_of(out, values, count, set_counter, counter);
	}
}

static void describe(struct bench_result out[static BENCH_AGGREGATES],
		     const struct bench_result *repetitions, size_t n,
		     const struct bench_result *first, size_t good)
{
	static const char *const names[BENCH_AGGREGATES] = {"mean", "median", "stddev", "cv"};
	bool same_label = true;

	for (size_t i = 0; i < n; i++)
		if (!repetitions[i].failed && strcmp(repetitions[i].label, first->label) != 0)
			same_label = false;
	for (unsigned a = 0; a < BENCH_AGGREGATES; a++) {
		out[a] = (struct bench_result){.instance = first->instance,
					       .aggregate = names[a],
					       .percentage = a == 3,
					       .unit = first->unit,
					       .repetitions = first->repetitions,
					       .iterations = good};
		if (same_label)
			memcpy(out[a].label, first->label, sizeof(out[a].label));
	}
}

size_t bench_aggregate(struct bench_result out[static BENCH_AGGREGATES],
		       const struct bench_result *repetitions, size_t n)
{
	const struct bench_result *first = NULL;
	double *real = calloc(n + 1, sizeof(*real));
	double *cpu = calloc(n + 1, sizeof(*cpu));
	size_t good = 0;

	for (size_t i = 0; real && cpu && i < n; i++) {
		if (repetitions[i].failed)
			continue;
		first = first ? first : &repetitions[i];
		real[good] = repetitions[i].real_s;
		cpu[good++] = repetitions[i].cpu_s;
	}
	if (good >= 2) {
		describe(out, repetitions, n, first, good);
		all_of(out, real, good, set_real, NULL);
		all_of(out, cpu, good, set_cpu, NULL);
		aggregate_counters(out, repetitions, n, first, real);
	}
	free(real);
	free(cpu);
	return good >= 2 ? BENCH_AGGREGATES : 0;
}
