// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/flags.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int parse_bool(bool *to, const char *text)
{
	static const char *const yes[] = {"true", "yes", "on", "1", "t", "y"};
	static const char *const no[] = {"false", "no", "off", "0", "f", "n"};

	for (unsigned i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
			*to = strcasecmp(text, yes[i]) == 0;
			return 0;
		}
	}
	return -EINVAL;
}

// A finite number that is not negative, with nothing behind it but what *rest may take.
static int parse_seconds(double *to, const char *text, const char **rest)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || !(value >= 0) || value > 1e9)
		return -EINVAL;
	*to = value;
	*rest = end;
	return 0;
}

static int set_list_tests(struct bench_flags *flags, const char *value)
{
	return parse_bool(&flags->list_tests, value);
}

static int set_filter(struct bench_flags *flags, const char *value)
{
	flags->filter = value;
	return 0;
}

static int set_min_time(struct bench_flags *flags, const char *value)
{
	const char *rest;

	if (value[0] && value[strlen(value) - 1] == 'x') {
		char *end;
		unsigned long long count = strtoull(value, &end, 10);

		if (value[0] == '-' || count == 0 || strcmp(end, "x") != 0)
			return -EINVAL;
		flags->iterations = count;
		return 0;
	}
	if (parse_seconds(&flags->min_time_s, value, &rest) != 0 ||
	    (*rest && strcmp(rest, "s") != 0))
		return -EINVAL;
	flags->iterations = 0;
	return 0;
}

static int set_min_warmup_time(struct bench_flags *flags, const char *value)
{
	const char *rest;

	return parse_seconds(&flags->min_warmup_time_s, value, &rest) != 0 ||
			       (*rest && strcmp(rest, "s") != 0)
		       ? -EINVAL
		       : 0;
}

static int set_repetitions(struct bench_flags *flags, const char *value)
{
	char *end;
	long count = strtol(value, &end, 10);

	if (end == value || *end || count < 1 || count > 100000)
		return -EINVAL;
	flags->repetitions = (unsigned)count;
	return 0;
}

static int set_random_interleaving(struct bench_flags *flags, const char *value)
{
	return parse_bool(&flags->random_interleaving, value);
}

static int set_report_aggregates_only(struct bench_flags *flags, const char *value)
{
	return parse_bool(&flags->report_aggregates_only, value);
}

static int set_display_aggregates_only(struct bench_flags *flags, const char *value)
{
	return parse_bool(&flags->display_aggregates_only, value);
}

static int parse_format(enum bench_format *to, const char *value)
{
	static const char *const names[] = {
		[BENCH_CONSOLE] = "console", [BENCH_JSON] = "json", [BENCH_CSV] = "csv"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0) {
			*to = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_format(struct bench_flags *flags, const char *value)
{
	return parse_format(&flags->format, value);
}

static int set_out(struct bench_flags *flags, const char *value)
{
	flags->out = value;
	return value[0] ? 0 : -EINVAL;
}

static int set_out_format(struct bench_flags *flags, const char *value)
{
	return parse_format(&flags->out_format, value);
}

static int set_color(struct bench_flags *flags, const char *value)
{
	bool on;

	flags->color = BENCH_COLOR_AUTO;
	if (strcmp(value, "auto") == 0)
		return 0;
	if (parse_bool(&on, value) != 0)
		return -EINVAL;
	flags->color = on ? BENCH_COLOR_ON : BENCH_COLOR_OFF;
	return 0;
}

static int set_counters_tabular(struct bench_flags *flags, const char *value)
{
	return parse_bool(&flags->counters_tabular, value);
}

static int set_context(struct bench_flags *flags, const char *value)
{
	while (*value) {
		size_t len = strcspn(value, ",");
		const char *equals = memchr(value, '=', len);
		char *text;

		if (!equals || equals == value || len >= BENCH_TEXT_MAX ||
		    flags->context_count == BENCH_CONTEXT_MAX)
			return -EINVAL;
		text = flags->context[flags->context_count].text;
		memcpy(text, value, len);
		text[len] = 0;
		text[equals - value] = 0;
		flags->context[flags->context_count++].value = text + (equals - value) + 1;
		value += len + (value[len] == ',');
	}
	return 0;
}

static int set_time_unit(struct bench_flags *flags, const char *value)
{
	static const char *const names[] = {
		[BENCH_NS] = "ns", [BENCH_US] = "us", [BENCH_MS] = "ms", [BENCH_S] = "s"};

	for (unsigned i = BENCH_NS; i <= BENCH_S; i++) {
		if (strcmp(value, names[i]) == 0) {
			flags->unit = i;
			return 0;
		}
	}
	return -EINVAL;
}

static const struct flag {
	const char *name;
	int (*set)(struct bench_flags *flags, const char *value);
	const char *takes;
	const char *bare; // what the name alone means; NULL: it needs a value
} known[] = {
	{"benchmark_list_tests", set_list_tests, "{true|false}", "true"},
	{"benchmark_filter", set_filter, "<regex>", NULL},
	{"benchmark_min_time", set_min_time, "{<seconds>|<seconds>s|<iterations>x}", NULL},
	{"benchmark_min_warmup_time", set_min_warmup_time, "<seconds>", NULL},
	{"benchmark_repetitions", set_repetitions, "<num_repetitions>", NULL},
	{"benchmark_enable_random_interleaving", set_random_interleaving, "{true|false}", "true"},
	{"benchmark_report_aggregates_only", set_report_aggregates_only, "{true|false}", "true"},
	{"benchmark_display_aggregates_only", set_display_aggregates_only, "{true|false}", "true"},
	{"benchmark_format", set_format, "<console|json|csv>", NULL},
	{"benchmark_out", set_out, "<filename>", NULL},
	{"benchmark_out_format", set_out_format, "<json|console|csv>", NULL},
	{"benchmark_color", set_color, "{auto|true|false}", "true"},
	{"benchmark_counters_tabular", set_counters_tabular, "{true|false}", "true"},
	{"benchmark_context", set_context, "<key>=<value>,...", NULL},
	{"benchmark_time_unit", set_time_unit, "{ns|us|ms|s}", NULL},
};
#define FLAGS_COUNT (sizeof(known) / sizeof(known[0]))

static const struct flag *find(const char *arg, const char **value)
{
	for (unsigned i = 0; strncmp(arg, "--", 2) == 0 && i < FLAGS_COUNT; i++) {
		size_t len = strlen(known[i].name);

		if (strncmp(arg + 2, known[i].name, len) != 0)
			continue;
		if (arg[2 + len] == '=')
			*value = arg + 2 + len + 1;
		else if (arg[2 + len] == 0)
			*value = known[i].bare;
		else
			continue;
		return &known[i];
	}
	return NULL;
}

int bench_flags_parse(struct bench_flags *flags, int argc, char *const *argv, FILE *err)
{
	*flags = (struct bench_flags){.filter = "",
				      .min_time_s = 0.5,
				      .repetitions = 1,
				      .out_format = BENCH_JSON,
				      .unit = BENCH_NS};
	for (int i = 1; i < argc; i++) {
		const char *value = NULL;
		const struct flag *flag = find(argv[i], &value);

		if (strcmp(argv[i], "--help") == 0) {
			flags->help = true;
			continue;
		}
		if (!flag) {
			fprintf(err, "%s: error: unrecognized command-line flag: %s\n", argv[0],
				argv[i]);
			return -EINVAL;
		}
		if (!value || flag->set(flags, value) != 0) {
			fprintf(err, "%s: error: --%s takes %s, not \"%s\"\n", argv[0], flag->name,
				flag->takes, value ? value : "");
			return -EINVAL;
		}
	}
	return 0;
}

void bench_flags_help(FILE *out)
{
	for (unsigned i = 0; i < FLAGS_COUNT; i++)
		fprintf(out, "%s[--%s=%s]\n", i == 0 ? "benchmark " : "          ", known[i].name,
			known[i].takes);
}
