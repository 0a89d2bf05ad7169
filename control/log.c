// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One write per line, so that lines of threads do not mix.
#include "control/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

void log_write(enum log_level level, const char *type, const char *format, ...)
{
	static const char *const names[] = {"error", "warning", "info"};
	char line[LINE_MAX_BYTES];
	struct timespec now;
	struct tm tm;
	va_list args;
	size_t len;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(line, sizeof(line), "%Y-%m-%d %H:%M:%S", &tm);
	len += (size_t)snprintf(line + len, sizeof(line) - len,
				".%03ld control %s: %s: ", now.tv_nsec / 1000000, type,
				names[level]);
	va_start(args, format);
	n = vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	va_end(args);
	if (n > 0)
		len += (size_t)n < sizeof(line) - len - 1 ? (size_t)n : sizeof(line) - len - 2;
	line[len++] = '\n';
	// A log that cannot be written is nothing to stop for.
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}
