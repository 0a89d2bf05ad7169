// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bench/libbench/runner.h"

static int run(const struct bench_instances *instances, const struct bench_flags *flags,
	       const char *executable, FILE *out_file)
{
	struct bench_report display = {
		.ops = bench_report_ops(flags->format),
		.out = stdout,
		.err = stderr,
		.color = flags->color == BENCH_COLOR_ON ||
			 (flags->color == BENCH_COLOR_AUTO && isatty(STDOUT_FILENO)),
		.tabular = flags->counters_tabular,
		.name_width = bench_report_name_width(instances, flags)};
	struct bench_report file = display;
	struct bench_context ctx;
	int rc;

	file.ops = bench_report_ops(flags->out_format);
	file.out = file.err = out_file;
	file.color = false;
	bench_context_read(&ctx, "", executable, flags);
	display.ops->begin(&display, &ctx);
	if (out_file)
		file.ops->begin(&file, &ctx);
	rc = bench_run(instances, flags, &bench_clock_system, &display, out_file ? &file : NULL);
	display.ops->end(&display);
	if (out_file)
		file.ops->end(&file);
	return rc;
}

static int run_and_close(const struct bench_instances *instances, const struct bench_flags *flags,
			 const char *executable)
{
	FILE *file = NULL;
	int rc;

	if (flags->out) {
		file = fopen(flags->out, "we");
		if (!file) {
			fprintf(stderr, "%s: %s: %s\n", executable, flags->out, strerror(errno));
			return 1;
		}
	}
	rc = run(instances, flags, executable, file);
	if (file && (ferror(file) | fclose(file)) != 0) {
		fprintf(stderr, "%s: %s could not be written\n", executable, flags->out);
		return 1;
	}
	if (rc != 0)
		fprintf(stderr, "%s: %s\n", executable, strerror(-rc));
	return rc != 0;
}

int bench_main(int argc, char **argv)
{
	struct bench_instances instances = {0};
	struct bench_flags flags;
	int status = 0;

	if (bench_flags_parse(&flags, argc, argv, stderr) != 0)
		return 1;
	if (flags.help) {
		bench_flags_help(stdout);
		return 0;
	}
	if (bench_instances_select(&instances, bench_families(), flags.filter, stderr) != 0)
		status = 1;
	else if (instances.count == 0)
		fprintf(stderr, "Failed to match any benchmarks against regex: %s\n", flags.filter);
	else if (flags.list_tests)
		for (size_t i = 0; i < instances.count; i++)
			printf("%s\n", instances.at[i].name);
	else
		status = run_and_close(&instances, &flags, argv[0]);
	bench_instances_free(&instances);
	return status;
}
