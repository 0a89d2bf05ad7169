// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What decides for one back end which events are posted, when, and what becomes of them. It knows
// no HTTP, no disk and no clock: it asks for them through struct engine_io, and is told the time
// (milliseconds of any clock that does not jump).
//
// Events are read in order and dealt out to lanes, by a hash of the endpoint, so that what one
// device did stays in order while lanes post at the same time. A lane has one batch under way and
// one that is being filled; when the next event belongs to a lane that is full, reading waits: that
// bounds the memory. The cursor is below the lowest event that was not accepted; events that the
// filter leaves out count as accepted.
//
//   accepted (2xx)   on with the next
//   cannot take it   the same bytes again, after a pause that grows, not before Retry-After is
//   over;
//                    after pause_after failures in a row all lanes stop for pause_s (up to eight
//                    times as long), then one batch is posted as a probe
//   refused          again, refuse_after times in all; then in halves, and those again, until the
//                    event is found that is refused alone: that one is buried. 413: at once
#pragma once

#include "control/backend/batch.h"
#include "control/backend/filter.h"

enum engine_state {
	ENGINE_OK,
	ENGINE_RETRYING, // the last answer was not what we want
	ENGINE_PAUSED,
};

// How a POST ended.
struct engine_answer {
	long status;            // of HTTP; 0: none came
	uint32_t retry_after_s; // 0: not said
	const char *why;        // it is not accepted: for people
};

struct engine_io {
	// Calls back with events above the key, as ctl_outbox_read does. 0 or -errno.
	int (*read)(void *arg, uint64_t after, ctl_outbox_cb_t cb, void *cb_arg);
	uint64_t (*last)(void *arg); // key of the last event that may be read
	// Begins a POST; engine_done follows, not before this has returned. The body stays until
	// then.
	void (*post)(void *arg, unsigned lane, struct batch_text body, uint32_t events);
	// Begins to write an event to where a person can look at it: 0, engine_buried follows, not
	// before this has returned; or -errno.
	int (*bury)(void *arg, unsigned lane, struct batch_text event);
	void (*moved)(void *arg, uint64_t key); // everything up to there is done with
	uint32_t (*random)(void *arg);
};

struct engine_counters {
	uint64_t batches;  // accepted
	uint64_t events;   // accepted
	uint64_t bytes;    // of accepted bodies, unpacked
	uint64_t filtered; // left out by the filter
	uint64_t failures; // batches that were not accepted, each time
	uint64_t refused;  // events that were buried
	uint64_t dropped;  // events that the bounds of the outbox took away
	uint64_t pauses;
};

enum lane_state {
	LANE_IDLE,
	LANE_POSTING,
	LANE_WAITING, // until due_ms: to post the same again
	LANE_BURYING,
};

#define ENGINE_SPLITS_MAX 16 // halving 10,000 events

struct engine_lane {
	enum lane_state state;
	struct batch filling, flight; // flight: unless IDLE
	uint32_t tries, refusals;     // of what is in flight
	uint64_t due_ms;
	bool unburied;                    // WAITING: the event could not be written
	uint32_t ends[ENGINE_SPLITS_MAX]; // of the parts that come after this one, nearest last
	uint32_t splits;
};

struct engine {
	const struct config_backend *cfg;
	const struct engine_io *io;
	void *arg;
	const char *uuid;
	struct filter filter;
	struct engine_lane *lanes;
	uint64_t read_key; // everything up to here was read
	uint64_t cursor;
	bool blocked; // the next event's lane is full
	bool more;    // reading stopped to let others work
	enum engine_state state;
	uint32_t failures; // in a row
	uint32_t pauses;   // in a row
	bool probing;
	uint64_t hold_ms;   // nothing is posted before; 0: no such
	uint64_t linger_ms; // what came in is posted then; 0: no such
	struct engine_counters counters;
	uint64_t rate_ms;        // when rate_events[1] began
	uint64_t rate_events[2]; // accepted in the last full window, and in this one
};

// Borrows everything; cursor: where it is. 0 or -ENOMEM.
int engine_init(struct engine *engine, const struct config_backend *cfg, const char *uuid,
		uint64_t cursor, const struct engine_io *io, void *arg);
void engine_fini(struct engine *engine); // with nothing under way any more

void engine_wake(struct engine *engine, uint64_t now_ms); // there may be more events
// When engine_tick is due; UINT64_MAX: not before something else happens.
uint64_t engine_due(const struct engine *engine);
void engine_tick(struct engine *engine, uint64_t now_ms);
void engine_done(struct engine *engine, unsigned lane, const struct engine_answer *answer,
		 uint64_t now_ms);
void engine_buried(struct engine *engine, unsigned lane, bool written, uint64_t now_ms);

// Gives up what is not accepted up to that key and not under way; at most some thousand events a
// call: true when that was all.
bool engine_drop(struct engine *engine, uint64_t up_to, uint64_t now_ms);

// Events accepted a second, over the last ten to twenty.
double engine_rate(const struct engine *engine, uint64_t now_ms);
