// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/libbench/context.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct bench_context_line added[BENCH_CONTEXT_MAX];
static unsigned added_count;

void bench_context_add(const char *key, const char *value)
{
	if (added_count < BENCH_CONTEXT_MAX)
		added[added_count++] = (struct bench_context_line){key, value};
}

const char *bench_build_type(void)
{
#ifdef __has_feature // clang says it this way
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return "debug";
#endif
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return "debug";
#else
	return "release";
#endif
}

// The file's first line without its end. False when there is none.
__attribute__((format(printf, 3, 4))) static bool first_line(char *buf, size_t size,
							     const char *path_format, ...)
{
	char path[PATH_MAX];
	va_list ap;
	FILE *file;
	bool ok;

	va_start(ap, path_format);
	vsnprintf(path, sizeof(path), path_format, ap);
	va_end(ap);
	file = fopen(path, "re");
	if (!file)
		return false;
	ok = fgets(buf, (int)size, file) != NULL;
	if (ok)
		buf[strcspn(buf, "\n")] = 0;
	fclose(file);
	return ok;
}

static void read_date(char date[static 32])
{
	time_t now = time(NULL);
	struct tm tm;
	size_t len;

	localtime_r(&now, &tm);
	len = strftime(date, 31, "%Y-%m-%dT%H:%M:%S%z", &tm);
	if (len > 2) { // +0000 to +00:00
		memmove(date + len - 1, date + len - 2, 3);
		date[len - 2] = ':';
	}
}

static unsigned read_mhz(const char *root)
{
	char line[512], path[PATH_MAX];
	double mhz = 0;
	FILE *cpuinfo;

	if (first_line(line, sizeof(line),
		       "%s/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", root))
		return (unsigned)(strtoul(line, NULL, 10) / 1000);
	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	cpuinfo = fopen(path, "re");
	while (cpuinfo && mhz == 0 && fgets(line, sizeof(line), cpuinfo))
		if (strncmp(line, "cpu MHz", 7) == 0 && strchr(line, ':'))
			mhz = strtod(strchr(line, ':') + 1, NULL);
	if (cpuinfo)
		fclose(cpuinfo);
	return (unsigned)mhz;
}

static bool read_scaling(const char *root, unsigned cpus)
{
	char governor[64];

	for (unsigned cpu = 0; cpu < cpus; cpu++)
		if (first_line(governor, sizeof(governor),
			       "%s/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", root,
			       cpu) &&
		    strcmp(governor, "performance") != 0)
			return true;
	return false;
}

static unsigned bits_in_hex(const char *text)
{
	unsigned bits = 0;

	for (; *text; text++) {
		char digit[2] = {*text};

		bits += (unsigned)__builtin_popcountl(strtoul(digit, NULL, 16));
	}
	return bits;
}

static bool read_cache(struct bench_cache *cache, const char *root, unsigned index)
{
	static const char dir[] = "/sys/devices/system/cpu/cpu0/cache/index";
	char text[256], *unit;

	if (!first_line(cache->type, sizeof(cache->type), "%s%s%u/type", root, dir, index) ||
	    !first_line(text, sizeof(text), "%s%s%u/size", root, dir, index))
		return false;
	cache->size = strtoul(text, &unit, 10);
	cache->size *= *unit == 'K' ? 1024 : *unit == 'M' ? 1024 * 1024 : 1;
	cache->level = 0;
	if (first_line(text, sizeof(text), "%s%s%u/level", root, dir, index))
		cache->level = (unsigned)strtoul(text, NULL, 10);
	cache->sharing = 0;
	if (first_line(text, sizeof(text), "%s%s%u/shared_cpu_map", root, dir, index))
		cache->sharing = bits_in_hex(text);
	return true;
}

void bench_context_read(struct bench_context *ctx, const char *root, const char *executable,
			const struct bench_flags *flags)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*ctx = (struct bench_context){.executable = executable,
				      .cpus = cpus > 0 ? (unsigned)cpus : 1};
	read_date(ctx->date);
	gethostname(ctx->host, sizeof(ctx->host) - 1);
	ctx->mhz = read_mhz(root);
	ctx->scaling = read_scaling(root, ctx->cpus);
	while (ctx->caches_count < BENCH_CACHES_MAX &&
	       read_cache(&ctx->caches[ctx->caches_count], root, ctx->caches_count))
		ctx->caches_count++;
	ctx->loads = getloadavg(ctx->load, 3);
	for (unsigned i = 0; i < added_count; i++)
		ctx->lines[ctx->lines_count++] = added[i];
	for (unsigned i = 0; i < flags->context_count; i++)
		ctx->lines[ctx->lines_count++] = (struct bench_context_line){
			flags->context[i].text, flags->context[i].value};
}

void bench_context_print(const struct bench_context *ctx, FILE *out)
{
	fprintf(out, "%s\nRunning %s\nRun on (%u X %u MHz CPU%s)\n", ctx->date, ctx->executable,
		ctx->cpus, ctx->mhz, ctx->cpus > 1 ? "s" : "");
	if (ctx->caches_count > 0)
		fprintf(out, "CPU Caches:\n");
	for (unsigned i = 0; i < ctx->caches_count; i++) {
		const struct bench_cache *cache = &ctx->caches[i];

		fprintf(out, "  L%u %s %lu KiB", cache->level, cache->type, cache->size / 1024);
		if (cache->sharing > 0)
			fprintf(out, " (x%u)", ctx->cpus / cache->sharing);
		fprintf(out, "\n");
	}
	for (int i = 0; i < ctx->loads; i++)
		fprintf(out, "%s%.2f%s", i == 0 ? "Load Average: " : ", ", ctx->load[i],
			i == ctx->loads - 1 ? "\n" : "");
	for (unsigned i = 0; i < ctx->lines_count; i++)
		fprintf(out, "%s: %s\n", ctx->lines[i].key, ctx->lines[i].value);
	if (ctx->scaling)
		fprintf(out, "***WARNING*** CPU scaling is enabled, the benchmark real time "
			     "measurements "
			     "may be noisy and will incur extra overhead.\n");
	if (strcmp(bench_build_type(), "debug") == 0)
		fprintf(out,
			"***WARNING*** Library was built as DEBUG. Timings may be affected.\n");
}
