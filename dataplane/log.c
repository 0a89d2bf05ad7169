// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

void dp_log(enum log_level level, const char *type, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warning", "info"};
	struct timespec ts;
	struct tm tm;
	char when[32], text[512];
	va_list args;

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "%s.%03ld dataplane %s: %s: %s\n", when, ts.tv_nsec / 1000000, type,
		names[level], text);
}
