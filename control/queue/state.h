// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Inside of the queue: what its files share. Two clocks: windows are measured with the loop's
// (now_ms), expiry is a date (wall_ms), as it outlives the process.
#pragma once

#include <uv.h>

#include "control/hub.h"
#include "control/queue/awake.h"
#include "control/queue/queue.h"
#include "control/queue/waiting.h"

struct ctl_queue {
	struct ctl *ctl;
	struct awake awake;
	struct waiting waiting;
	struct waiting_op *adds, **adds_end; // STAGED, in order of id
	struct waiting_op *ends, **ends_end; // ENDED
	uv_timer_t tick;                     // the next window or operation to end
	uv_timer_t flush;                    // what is staged goes to disk
	uv_timer_t stall;                    // what could not be sent is tried again
	uint64_t tick_due_ms;
	unsigned handles;
	bool stopping;
};

// queue.c
uint64_t queue_wall_ms(void);
// Ends the windows and the operations that are over.
void queue_tick(struct ctl_queue *queue, uint64_t now_ms, uint64_t wall_ms);

// commit.c: adds and removals of one loop turn share a change set.
void queue_stage_add(struct ctl_queue *queue, struct waiting_op *op);
// The operation ends: with the response of the device, with an error message, or (both NULL)
// without a word.
void queue_stage_end(struct ctl_queue *queue, struct waiting_op *op, json_t *response,
		     const char *errormessage);
// Submits them; they are told once they are on disk.
void queue_flush(struct ctl_queue *queue);

// drain.c
// Sends the first operation when it is its time. Calls nobody back.
void queue_advance(struct ctl_queue *queue, struct waiting_endpoint *endpoint);
// An operation ends because of something other than its outcome.
void queue_doom(struct ctl_queue *queue, struct waiting_op *op, const char *errormessage);
void queue_unstall(struct ctl_queue *queue);

// told.c: the paths of an operation as one text. NULL when memory is out.
json_t *queue_paths_json(const struct ctl_operation *op);
