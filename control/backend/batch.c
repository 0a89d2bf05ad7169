// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/batch.h"

#include <errno.h>
#include <stdlib.h>

#include "control/backend/cloudevents.h"

#define TEXT_KEPT_MAX ((size_t)4 << 20) // one large event does not hold its memory for ever

void batch_clear(struct batch *batch)
{
	if (batch->out.cap > TEXT_KEPT_MAX)
		json_out_free(&batch->out);
	batch->out.len = 0;
	batch->out.failed = false;
	batch->count = batch->from = batch->to = 0;
}

void batch_free(struct batch *batch)
{
	json_out_free(&batch->out);
	free(batch->events);
	*batch = (struct batch){0};
}

static bool events_grow(struct batch *batch)
{
	uint32_t cap = batch->cap == 0 ? 64 : batch->cap * 2;
	struct batch_event *events = realloc(batch->events, cap * sizeof(*events));

	if (events == NULL)
		return false;
	batch->events = events;
	batch->cap = cap;
	return true;
}

// Each event is followed by one byte that separates it from the next, or ends the array.
int batch_add(struct batch *batch, const char *uuid, uint64_t key,
	      const struct ctl_outbox_view *view, bool raw)
{
	size_t before = batch->out.len;

	if (batch->count == batch->cap && !events_grow(batch))
		return -ENOMEM;
	if (batch->count == 0)
		json_out_literal(&batch->out, "[");
	batch->events[batch->count] = (struct batch_event){key, batch->out.len};
	cloudevent_out(&batch->out, uuid, key, view, raw);
	json_out_literal(&batch->out, ",");
	if (batch->out.failed) {
		batch->out.len = before;
		batch->out.failed = false;
		return -ENOMEM;
	}
	batch->to = ++batch->count;
	return 0;
}

static size_t end_of(const struct batch *batch, uint32_t i)
{
	return (i + 1 < batch->count ? batch->events[i + 1].at : batch->out.len) - 1;
}

struct batch_text batch_body(struct batch *batch)
{
	size_t begin = batch->events[batch->from].at - 1;
	size_t end = end_of(batch, batch->to - 1);

	batch->out.text[begin] = '[';
	batch->out.text[end] = ']';
	return (struct batch_text){batch->out.text + begin, end + 1 - begin};
}

struct batch_text batch_event(const struct batch *batch, uint32_t i)
{
	size_t begin = batch->events[i].at;

	return (struct batch_text){batch->out.text + begin, end_of(batch, i) - begin};
}
