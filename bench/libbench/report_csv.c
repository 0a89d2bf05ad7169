// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/libbench/report.h"

// The header names every counter of every benchmark, so nothing can be written before the end.
static void results(struct bench_report *report, const struct bench_result *runs, size_t n)
{
	struct bench_result *kept =
		reallocarray(report->results, report->results_count + n, sizeof(*kept));

	if (!kept) {
		fprintf(report->err, "csv: no memory for %zu results\n", n);
		return;
	}
	memcpy(kept + report->results_count, runs, n * sizeof(*runs));
	report->results = kept;
	report->results_count += n;
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < runs[i].counters.count; c++)
			bench_counters_set(&report->columns, runs[i].counters.at[c].name, 0, 0);
}

static void begin(struct bench_report *report, const struct bench_context *ctx)
{
	bench_context_print(ctx, report->err);
}

static void put_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

// These two have columns of their own.
static bool is_rate_column(const char *name)
{
	return strcmp(name, "bytes_per_second") == 0 || strcmp(name, "items_per_second") == 0;
}

static void put_header(struct bench_report *report)
{
	fputs("name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,"
	      "label,"
	      "error_occurred,error_message",
	      report->out);
	for (unsigned i = 0; i < report->columns.count; i++) {
		if (is_rate_column(report->columns.at[i].name))
			continue;
		fputc(',', report->out);
		put_quoted(report->out, report->columns.at[i].name);
	}
	fputc('\n', report->out);
}

static void put_counter(FILE *out, const struct bench_result *result, const char *name)
{
	const struct bench_counter *counter = bench_counters_find(&result->counters, name);

	fputc(',', out);
	if (counter)
		fprintf(out, "%g", counter->value);
}

static void put_result(struct bench_report *report, const struct bench_result *result)
{
	char name[BENCH_NAME_MAX + 16];
	FILE *out = report->out;

	put_quoted(out, bench_result_name(result, name));
	if (result->failed) {
		fputs(",,,,,,,,true,", out);
		put_quoted(out, result->error);
	} else {
		fprintf(out, ",%" PRIu64 ",%g,%g,%s", result->iterations,
			bench_result_time(result, result->real_s),
			bench_result_time(result, result->cpu_s),
			result->percentage ? "" : bench_unit_name(result->unit));
		put_counter(out, result, "bytes_per_second");
		put_counter(out, result, "items_per_second");
		fputc(',', out);
		if (result->label[0])
			put_quoted(out, result->label);
		fputs(",,", out);
	}
	for (unsigned i = 0; i < report->columns.count; i++)
		if (!is_rate_column(report->columns.at[i].name))
			put_counter(out, result, report->columns.at[i].name);
	fputc('\n', out);
}

static void end(struct bench_report *report)
{
	put_header(report);
	for (size_t i = 0; i < report->results_count; i++)
		put_result(report, &report->results[i]);
	free(report->results);
	report->results = NULL;
	report->results_count = 0;
}

const struct bench_report_ops bench_report_csv = {begin, results, end};
