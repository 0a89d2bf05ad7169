// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Server-sent events (HTML standard, section 9.2) out of bytes as they come: lines end with LF or
// CR LF, comments are skipped, several data lines are one text. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SSE_NAME_MAX 64

// False: no more, please.
typedef bool (*sse_cb_t)(const char *name, const char *data, void *arg);

struct sse {
	sse_cb_t cb;
	void *arg;
	char name[SSE_NAME_MAX];
	char *line, *data; // grow as needed
	size_t line_len, line_cap;
	size_t data_len;
	bool has_data;
};

// False when the callback said so. Ends the program when memory is out.
bool sse_feed(struct sse *sse, const char *bytes, size_t len);
// Forgets a half event, for a new connection.
void sse_reset(struct sse *sse);
void sse_free(struct sse *sse);
