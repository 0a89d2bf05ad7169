// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The body of a POST under construction: a JSON array of events. A part of it, from one event to
// another, is an array as well, in the same memory, so that a batch which is refused can be posted
// in halves. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/json/json_out.h"
#include "control/store/outbox.h"

struct batch_event {
	uint64_t key;
	size_t at; // in the text
};

struct batch {
	struct json_out out;
	struct batch_event *events;
	uint32_t count, cap;
	uint32_t from, to;  // the part that body() is of
	uint64_t opened_ms; // when the first event came in
};

struct batch_text {
	const char *text;
	size_t len;
};

void batch_clear(struct batch *batch); // keeps the memory
void batch_free(struct batch *batch);
// Appends an event; raw: with what the device sent. -ENOMEM and as before when memory is out.
int batch_add(struct batch *batch, const char *uuid, uint64_t key,
	      const struct ctl_outbox_view *view, bool raw);
// The part [from, to), not empty: an array. Good until another part is made or an event is added.
struct batch_text batch_body(struct batch *batch);
// The event at that place, as it stands in the array.
struct batch_text batch_event(const struct batch *batch, uint32_t i);

static inline bool batch_is_empty(const struct batch *batch)
{
	return batch->from == batch->count;
}
