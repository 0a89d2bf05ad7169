// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/result.h"

#include <stdio.h>

const char *bench_unit_name(enum bench_unit unit)
{
	switch (unit) {
	case BENCH_US:
		return "us";
	case BENCH_MS:
		return "ms";
	case BENCH_S:
		return "s";
	default:
		return "ns";
	}
}

double bench_unit_per_second(enum bench_unit unit)
{
	switch (unit) {
	case BENCH_US:
		return 1e6;
	case BENCH_MS:
		return 1e3;
	case BENCH_S:
		return 1;
	default:
		return 1e9;
	}
}

double bench_result_time(const struct bench_result *result, double seconds)
{
	return result->percentage ? seconds : seconds * bench_unit_per_second(result->unit);
}

const char *bench_result_name(const struct bench_result *result,
			      char buf[static BENCH_NAME_MAX + 16])
{
	snprintf(buf, BENCH_NAME_MAX + 16, "%s%s%s", result->instance->name,
		 result->aggregate ? "_" : "", result->aggregate ? result->aggregate : "");
	return buf;
}
