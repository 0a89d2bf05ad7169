// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Where results go: a table for people, JSON and CSV as Google Benchmark writes them.
#pragma once

#include "bench/libbench/context.h"
#include "bench/libbench/result.h"

struct bench_report {
	const struct bench_report_ops *ops;
	FILE *out;
	FILE *err; // the context block of formats that have no place for it
	bool color;
	bool tabular;        // console: a column for each counter
	unsigned name_width; // console
	// Private to the format.
	bool started;
	struct bench_counters columns; // console: those of the last header
	struct bench_result *results;  // csv: kept until the end
	size_t results_count;
};

struct bench_report_ops {
	void (*begin)(struct bench_report *report, const struct bench_context *ctx);
	void (*results)(struct bench_report *report, const struct bench_result *results, size_t n);
	void (*end)(struct bench_report *report); // frees; the files stay open
};

extern const struct bench_report_ops bench_report_console;
extern const struct bench_report_ops bench_report_json;
extern const struct bench_report_ops bench_report_csv;

const struct bench_report_ops *bench_report_ops(enum bench_format format);
// What the name column must hold.
unsigned bench_report_name_width(const struct bench_instances *instances,
				 const struct bench_flags *flags);

// 1234567 with one_k 1000 is "1.23457M". Returns buf.
const char *bench_human_number(double value, double one_k, char buf[static 32]);
