// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Log lines to stderr, for people and for journald. Text is "noun, what failed (why)", without a
// newline. A file that logs says LOG_TYPE("link"); once, then LOG(info, "...") and so on. Any
// thread.
#pragma once

enum log_level { LOG_LEVEL_error, LOG_LEVEL_warning, LOG_LEVEL_info };

#define LOG_TYPE(name)  static const char log_type[] = name
#define LOG(level, ...) log_write(LOG_LEVEL_##level, log_type, __VA_ARGS__)

void log_write(enum log_level level, const char *type, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
