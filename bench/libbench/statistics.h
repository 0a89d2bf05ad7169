// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Mean, median, standard deviation (of a sample) and coefficient of variation.
#pragma once

#include "bench/libbench/result.h"

#define BENCH_AGGREGATES 4u

double bench_mean(const double *values, size_t n);
double bench_median(double *values, size_t n); // sorts them
double bench_stddev(const double *values, size_t n);
double bench_cv(const double *values, size_t n); // stddev over mean

// Aggregates the repetitions of one benchmark that did not fail. Returns how many were written:
// none when there are fewer than two such repetitions or no memory.
size_t bench_aggregate(struct bench_result out[static BENCH_AGGREGATES],
		       const struct bench_result *repetitions, size_t n);
