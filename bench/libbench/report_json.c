// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <inttypes.h>
#include <math.h>

#include "bench/libbench/report.h"

static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void put_member(FILE *out, const char *indent, const char *key, const char *value)
{
	fprintf(out, ",\n%s", indent);
	put_string(out, key);
	fputs(": ", out);
	put_string(out, value);
}

// JSON has no word for these; Python's reader, and with it compare.py, takes the ones Google
// writes.
static void put_number(FILE *out, const char *key, double value)
{
	fputs(",\n      ", out);
	put_string(out, key);
	if (isnan(value))
		fprintf(out, ": %sNaN", signbit(value) ? "-" : "");
	else if (isinf(value))
		fprintf(out, ": %sInfinity", value < 0 ? "-" : "");
	else
		fprintf(out, ": %.16e", value);
}

static void put_caches(FILE *out, const struct bench_context *ctx)
{
	fputs(",\n    \"caches\": [", out);
	for (unsigned i = 0; i < ctx->caches_count; i++) {
		const struct bench_cache *cache = &ctx->caches[i];

		fprintf(out, "%s\n      {\n        \"type\": ", i ? "," : "");
		put_string(out, cache->type);
		fprintf(out,
			",\n        \"level\": %u,\n        \"size\": %lu,\n"
			"        \"num_sharing\": %u\n      }",
			cache->level, cache->size, cache->sharing);
	}
	fputs("\n    ]", out);
}

static void begin(struct bench_report *report, const struct bench_context *ctx)
{
	FILE *out = report->out;

	fputs("{\n  \"context\": {\n    \"date\": ", out);
	put_string(out, ctx->date);
	put_member(out, "    ", "host_name", ctx->host);
	put_member(out, "    ", "executable", ctx->executable);
	fprintf(out,
		",\n    \"num_cpus\": %u,\n    \"mhz_per_cpu\": %u,\n    \"cpu_scaling_enabled\": "
		"%s",
		ctx->cpus, ctx->mhz, ctx->scaling ? "true" : "false");
	put_caches(out, ctx);
	fputs(",\n    \"load_avg\": [", out);
	for (int i = 0; i < ctx->loads; i++)
		fprintf(out, "%s%g", i ? "," : "", ctx->load[i]);
	fputs("]", out);
	put_member(out, "    ", "library_build_type", bench_build_type());
	for (unsigned i = 0; i < ctx->lines_count; i++)
		put_member(out, "    ", ctx->lines[i].key, ctx->lines[i].value);
	fputs("\n  },\n  \"benchmarks\": [", out);
}

static void put_result(FILE *out, const struct bench_result *result)
{
	const struct bench_instance *instance = result->instance;
	char name[BENCH_NAME_MAX + 16];

	fputs("\n    {\n      \"name\": ", out);
	put_string(out, bench_result_name(result, name));
	fprintf(out, ",\n      \"family_index\": %u,\n      \"per_family_instance_index\": %u",
		instance->family_index, instance->index_in_family);
	put_member(out, "      ", "run_name", instance->name);
	put_member(out, "      ", "run_type", result->aggregate ? "aggregate" : "iteration");
	fprintf(out, ",\n      \"repetitions\": %u", result->repetitions);
	if (!result->aggregate)
		fprintf(out, ",\n      \"repetition_index\": %u", result->repetition_index);
	fputs(",\n      \"threads\": 1", out);
	if (result->aggregate) {
		put_member(out, "      ", "aggregate_name", result->aggregate);
		put_member(out, "      ", "aggregate_unit",
			   result->percentage ? "percentage" : "time");
	}
	if (result->failed) {
		fputs(",\n      \"error_occurred\": true", out);
		put_member(out, "      ", "error_message", result->error);
	}
	fprintf(out, ",\n      \"iterations\": %" PRIu64, result->iterations);
	put_number(out, "real_time", bench_result_time(result, result->real_s));
	put_number(out, "cpu_time", bench_result_time(result, result->cpu_s));
	put_member(out, "      ", "time_unit", bench_unit_name(result->unit));
	for (unsigned i = 0; i < result->counters.count; i++)
		put_number(out, result->counters.at[i].name, result->counters.at[i].value);
	if (result->label[0])
		put_member(out, "      ", "label", result->label);
	fputs("\n    }", out);
}

static void results(struct bench_report *report, const struct bench_result *runs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (report->started)
			fputc(',', report->out);
		report->started = true;
		put_result(report->out, &runs[i]);
	}
	fflush(report->out);
}

static void end(struct bench_report *report)
{
	fputs("\n  ]\n}\n", report->out);
}

const struct bench_report_ops bench_report_json = {begin, results, end};
