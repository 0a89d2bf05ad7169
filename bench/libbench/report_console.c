// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "bench/libbench/report.h"

enum color { DEFAULT = 0, RED = 31, GREEN = 32, YELLOW = 33, BLUE = 34, CYAN = 36 };

__attribute__((format(printf, 3, 4))) static void put(struct bench_report *report, enum color color,
						      const char *format, ...)
{
	va_list ap;

	if (report->color && color != DEFAULT)
		fprintf(report->out, "\033[0;%dm", color);
	va_start(ap, format);
	vfprintf(report->out, format, ap);
	va_end(ap);
	if (report->color && color != DEFAULT)
		fputs("\033[m", report->out);
}

const struct bench_report_ops *bench_report_ops(enum bench_format format)
{
	return format == BENCH_JSON  ? &bench_report_json
	       : format == BENCH_CSV ? &bench_report_csv
				     : &bench_report_console;
}

unsigned bench_report_name_width(const struct bench_instances *instances,
				 const struct bench_flags *flags)
{
	size_t width = 10;
	bool aggregates = flags->repetitions > 1;

	for (size_t i = 0; i < instances->count; i++) {
		const struct bench_instance *instance = &instances->at[i];

		if (strlen(instance->name) > width)
			width = strlen(instance->name);
		aggregates |= instance->family->options.repetitions > 1;
	}
	return (unsigned)(width + (aggregates ? strlen("_stddev") : 0));
}

const char *bench_human_number(double value, double one_k, char buf[static 32])
{
	static const char large[] = "kMGTPEZY", small[] = "munpfazy";
	double size = fabs(value);
	char unit[2] = "";

	if (size > one_k) {
		for (unsigned i = 0; large[i] && size > one_k; i++) {
			size /= one_k;
			unit[0] = large[i];
		}
	} else if (size > 0 && size < 0.01) { // 0.01 to 1 are read more easily as they are
		for (unsigned i = 0; small[i] && size < 1; i++) {
			size *= one_k;
			unit[0] = small[i];
		}
	}
	snprintf(buf, 32, "%s%g%s", value < 0 ? "-" : "", size, unit);
	return buf;
}

static void put_header(struct bench_report *report, const struct bench_result *result)
{
	const struct bench_counters *counters = &result->counters;
	char line[2048];
	int len = snprintf(line, sizeof(line), "%-*s %13s %15s %12s", (int)report->name_width,
			   "Benchmark", "Time", "CPU", "Iterations");

	if (counters->count > 0 && !report->tabular)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " UserCounters...");
	for (unsigned i = 0; report->tabular && i < counters->count; i++) {
		if ((size_t)len + BENCH_TEXT_MAX + 16 > sizeof(line))
			break;
		len += snprintf(line + len, sizeof(line) - (size_t)len, " %10s",
				counters->at[i].name);
	}
	for (int i = 0; i < len; i++)
		fputc('-', report->out);
	fprintf(report->out, "\n%s\n", line);
	for (int i = 0; i < len; i++)
		fputc('-', report->out);
	fputc('\n', report->out);
	report->columns = *counters;
}

static bool same_columns(const struct bench_counters *a, const struct bench_counters *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->at[i].name, b->at[i].name) != 0)
			return false;
	return true;
}

static const char *time_text(double time, char buf[static 32])
{
	if (time < 1)
		snprintf(buf, 32, "%10.3f", time);
	else if (time < 10)
		snprintf(buf, 32, "%10.2f", time);
	else if (time < 100)
		snprintf(buf, 32, "%10.1f", time);
	else if (time > 9999999999.0) // ten columns
		snprintf(buf, 32, "%1.4e", time);
	else
		snprintf(buf, 32, "%10.0f", time);
	return buf;
}

static void put_counter(struct bench_report *report, const struct bench_result *result,
			const struct bench_counter *counter)
{
	size_t width = strlen(counter->name) > 10 ? strlen(counter->name) : 10;
	const char *unit = "";
	char value[32];

	if (result->percentage) {
		snprintf(value, sizeof(value), "%.2f", 100 * counter->value);
		unit = "%";
	} else {
		bench_human_number(counter->value, counter->flags & BENCH_1024 ? 1024 : 1000,
				   value);
		if (counter->flags & BENCH_IS_RATE)
			unit = counter->flags & BENCH_INVERT ? "s" : "/s";
	}
	if (report->tabular)
		put(report, DEFAULT, " %*s%s", (int)(width - strlen(unit)), value, unit);
	else
		put(report, DEFAULT, " %s=%s%s", counter->name, value, unit);
}

static void put_result(struct bench_report *report, const struct bench_result *result)
{
	char name[BENCH_NAME_MAX + 16], real[32], cpu[32];

	put(report, result->aggregate ? BLUE : GREEN, "%-*s ", (int)report->name_width,
	    bench_result_name(result, name));
	if (result->failed) {
		put(report, RED, "ERROR OCCURRED: '%s'", result->error);
		fputc('\n', report->out);
		return;
	}
	if (result->percentage)
		put(report, YELLOW, "%10.2f %-4s %10.2f %-4s ", 100 * result->real_s, "%",
		    100 * result->cpu_s, "%");
	else
		put(report, YELLOW, "%s %-4s %s %-4s ",
		    time_text(bench_result_time(result, result->real_s), real),
		    bench_unit_name(result->unit),
		    time_text(bench_result_time(result, result->cpu_s), cpu),
		    bench_unit_name(result->unit));
	put(report, CYAN, "%10" PRIu64, result->iterations);
	for (unsigned i = 0; i < result->counters.count; i++)
		put_counter(report, result, &result->counters.at[i]);
	if (result->label[0])
		put(report, DEFAULT, " %s", result->label);
	fputc('\n', report->out);
}

static void begin(struct bench_report *report, const struct bench_context *ctx)
{
	bench_context_print(ctx, report->err);
}

static void results(struct bench_report *report, const struct bench_result *runs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!report->started ||
		    (report->tabular && !same_columns(&report->columns, &runs[i].counters)))
			put_header(report, &runs[i]);
		report->started = true;
		put_result(report, &runs[i]);
	}
	fflush(report->out);
}

static void end(struct bench_report *report)
{
	fflush(report->out);
}

const struct bench_report_ops bench_report_console = {begin, results, end};
