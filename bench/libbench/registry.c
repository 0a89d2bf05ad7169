// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/registry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define RANGE_MAX 256u // values of one range: 2 x 63 powers, both ends, 0; more only for DENSE

static struct bench_family *registered;

void bench_register(struct bench_family *family)
{
	struct bench_family **at = &registered;
	struct bench_family **same_file = NULL;

	for (; *at; at = &(*at)->next)
		if (strcmp((*at)->file, family->file) == 0 && (*at)->line < family->line)
			same_file = &(*at)->next;
		else if (strcmp((*at)->file, family->file) == 0 && !same_file)
			same_file = at;
	at = same_file ? same_file : at;
	family->next = *at;
	*at = family;
}

void bench_register_args(struct bench_family *family, struct bench_args *args)
{
	struct bench_args **at = &family->args;

	while (*at && (*at)->line < args->line)
		at = &(*at)->next;
	args->next = *at;
	*at = args;
}

const struct bench_family *bench_families(void)
{
	return registered;
}

static void push(int64_t *out, size_t room, size_t *count, int64_t value)
{
	if (*count < room)
		out[*count] = value;
	(*count)++;
}

// The powers of multiplier in [lo, hi], both at least 1; negated and descending if so wanted.
static void push_powers(int64_t *out, size_t room, size_t *count, int64_t lo, int64_t hi,
			int64_t multiplier, bool negated)
{
	int64_t powers[64];
	unsigned n = 0;

	for (int64_t power = 1; power <= hi; power *= multiplier) {
		if (power >= lo)
			powers[n++] = power;
		if (power > INT64_MAX / multiplier)
			break;
	}
	for (unsigned i = 0; i < n; i++)
		push(out, room, count, negated ? -powers[n - 1 - i] : powers[i]);
}

size_t bench_range(int64_t *out, size_t room, int64_t lo, int64_t hi, int64_t multiplier)
{
	size_t count = 0;

	push(out, room, &count, lo);
	if (hi <= lo)
		return count;
	if (lo + 1 < hi) {
		int64_t first = lo + 1, last = hi - 1;

		if (first < 0)
			push_powers(out, room, &count, last < -1 ? -last : 1, -first, multiplier,
				    true);
		if (first <= 0 && last >= 0)
			push(out, room, &count, 0);
		if (last > 0)
			push_powers(out, room, &count, first > 1 ? first : 1, last, multiplier,
				    false);
	}
	push(out, room, &count, hi);
	return count;
}

__attribute__((format(printf, 2, 3))) static void append(char name[static BENCH_NAME_MAX],
							 const char *format, ...)
{
	size_t len = strlen(name);
	va_list ap;

	va_start(ap, format);
	vsnprintf(name + len, BENCH_NAME_MAX - len, format, ap);
	va_end(ap);
}

// Google Benchmark's naming, because names are what compare.py matches two files by.
static void name_instance(struct bench_instance *instance)
{
	const struct bench_options *options = &instance->family->options;

	instance->name[0] = 0;
	append(instance->name, "%s", options->name ? options->name : instance->family->name);
	for (unsigned i = 0; i < instance->args_count; i++)
		append(instance->name, "/%s%s%" PRId64,
		       options->arg_names[i] ? options->arg_names[i] : "",
		       options->arg_names[i] ? ":" : "", instance->args[i]);
	if (options->min_time_s > 0)
		append(instance->name, "/min_time:%0.3f", options->min_time_s);
	if (options->min_warmup_time_s > 0)
		append(instance->name, "/min_warmup_time:%0.3f", options->min_warmup_time_s);
	if (options->iterations > 0)
		append(instance->name, "/iterations:%" PRIu64, options->iterations);
	if (options->repetitions > 0)
		append(instance->name, "/repeats:%u", options->repetitions);
	if (options->manual_time)
		append(instance->name, "/manual_time");
	else if (options->real_time)
		append(instance->name, "/real_time");
}

struct filter {
	regex_t regex;
	bool negative;
};

static bool filter_takes(const struct filter *filter, const char *name)
{
	return (regexec(&filter->regex, name, 0, NULL, 0) == 0) != filter->negative;
}

static int filter_compile(struct filter *filter, const char *text, FILE *err)
{
	char why[160];
	int rc;

	filter->negative = text[0] == '-';
	if (filter->negative)
		text++;
	if (strcmp(text, "all") == 0)
		text = "";
	rc = regcomp(&filter->regex, text, REG_EXTENDED | REG_NOSUB);
	if (rc == 0)
		return 0;
	regerror(rc, &filter->regex, why, sizeof(why));
	fprintf(err, "Could not compile benchmark re: %s\n", why);
	return -EINVAL;
}

// The indices count what is taken: a family none of whose runs is wanted has none.
static int add(struct bench_instances *out, const struct filter *filter,
	       const struct bench_instance *instance)
{
	struct bench_instance *slot;
	const struct bench_instance *last = out->count ? &out->at[out->count - 1] : NULL;

	if (!filter_takes(filter, instance->name))
		return 0;
	if (out->count == out->room) {
		size_t room = out->room ? 2 * out->room : 64;
		struct bench_instance *at = reallocarray(out->at, room, sizeof(*at));

		if (!at)
			return -ENOMEM;
		out->at = at;
		out->room = room;
		last = out->count ? &out->at[out->count - 1] : NULL;
	}
	slot = &out->at[out->count++];
	*slot = *instance;
	if (last && last->family == slot->family) {
		slot->family_index = last->family_index;
		slot->index_in_family = last->index_in_family + 1;
	} else {
		slot->family_index = last ? last->family_index + 1 : 0;
		slot->index_in_family = 0;
	}
	return 0;
}

static int add_with(struct bench_instances *out, const struct filter *filter,
		    const struct bench_family *family, const int64_t *values, unsigned count)
{
	struct bench_instance instance = {.family = family, .args_count = count};

	memcpy(instance.args, values, count * sizeof(*values));
	name_instance(&instance);
	return add(out, filter, &instance);
}

static int add_args(struct bench_instances *out, const struct filter *filter,
		    const struct bench_family *family, const struct bench_args *args)
{
	int64_t values[RANGE_MAX];
	int64_t multiplier = family->options.range_multiplier;
	size_t count;
	int rc = 0;

	if (args->kind == BENCH_ARGS_LIST)
		return add_with(out, filter, family, args->values, args->count);
	if (args->kind == BENCH_ARGS_DENSE) {
		int64_t step = args->values[2] > 0 ? args->values[2] : 1;

		for (int64_t v = args->values[0]; rc == 0 && v <= args->values[1]; v += step)
			rc = add_with(out, filter, family, &v, 1);
		return rc;
	}
	count = bench_range(values, RANGE_MAX, args->values[0], args->values[1],
			    multiplier > 1 ? multiplier : 8);
	for (size_t i = 0; rc == 0 && i < count && i < RANGE_MAX; i++)
		rc = add_with(out, filter, family, &values[i], 1);
	return rc;
}

int bench_instances_select(struct bench_instances *out, const struct bench_family *families,
			   const char *filter_text, FILE *err)
{
	struct filter filter;
	int rc = filter_compile(&filter, filter_text, err);

	if (rc != 0)
		return rc;
	for (const struct bench_family *f = families; rc == 0 && f; f = f->next) {
		if (!f->args)
			rc = add_with(out, &filter, f, (int64_t[]){0}, 0);
		for (const struct bench_args *args = f->args; rc == 0 && args; args = args->next)
			rc = add_args(out, &filter, f, args);
	}
	regfree(&filter.regex);
	return rc;
}

void bench_instances_free(struct bench_instances *instances)
{
	free(instances->at);
	*instances = (struct bench_instances){0};
}
