// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Log lines of the main thread, to standard error: "2026-11-22 20:31:05.123 dataplane bridge: info:
// text". The text is "noun, what failed (why)". Workers do not log; they count.
#pragma once

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO };

#define LOG_TYPE(name)       static const char log_type[] = name;
#define LOG(level, fmt, ...) dp_log(LOG_##level, log_type, fmt __VA_OPT__(, ) __VA_ARGS__)

void dp_log(enum log_level level, const char *type, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
