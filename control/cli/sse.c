// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void data_append(struct sse *sse, const char *text, size_t len)
{
	size_t newline = sse->has_data ? 1 : 0;
	char *data = realloc(sse->data, sse->data_len + newline + len + 1);

	if (!data)
		abort();
	if (newline)
		data[sse->data_len] = '\n';
	memcpy(data + sse->data_len + newline, text, len);
	sse->data = data;
	sse->data_len += newline + len;
	data[sse->data_len] = '\0';
	sse->has_data = true;
}

static bool event_end(struct sse *sse)
{
	bool go_on = true;

	if (sse->has_data)
		go_on = sse->cb(sse->name[0] ? sse->name : "message", sse->data, sse->arg);
	sse->name[0] = '\0';
	sse->data_len = 0;
	sse->has_data = false;
	return go_on;
}

static bool line_end(struct sse *sse)
{
	const char *line = sse->line, *value;
	size_t len = sse->line_len;
	const char *colon;

	sse->line_len = 0;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return event_end(sse);
	colon = memchr(line, ':', len);
	if (!colon || colon == line)
		return true;
	value = colon + 1;
	if (value < line + len && *value == ' ')
		value++;
	if (colon - line == 5 && memcmp(line, "event", 5) == 0)
		snprintf(sse->name, sizeof(sse->name), "%.*s", (int)(line + len - value), value);
	else if (colon - line == 4 && memcmp(line, "data", 4) == 0)
		data_append(sse, value, (size_t)(line + len - value));
	return true;
}

bool sse_feed(struct sse *sse, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			if (!line_end(sse))
				return false;
			continue;
		}
		if (sse->line_len == sse->line_cap) {
			sse->line_cap = sse->line_cap ? sse->line_cap * 2 : 1024;
			sse->line = realloc(sse->line, sse->line_cap);
			if (!sse->line)
				abort();
		}
		sse->line[sse->line_len++] = bytes[i];
	}
	return true;
}

void sse_reset(struct sse *sse)
{
	sse->name[0] = '\0';
	sse->line_len = sse->data_len = 0;
	sse->has_data = false;
}

void sse_free(struct sse *sse)
{
	free(sse->line);
	free(sse->data);
	*sse = (struct sse){0};
}
