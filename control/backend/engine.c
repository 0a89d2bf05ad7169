// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend/verdict.h"

// Reading goes on in the next turn after that many, so that the rest of control is not kept
// waiting.
#define READ_MAX          1024u
#define DROP_MAX          4096u
#define READ_RETRY_MS     1000u // after the store could not be read
#define RETRY_AFTER_MAX_S 3600u
#define PAUSE_DOUBLINGS   3u
#define RATE_WINDOW_MS    10000u

int engine_init(struct engine *engine, const struct config_backend *cfg, const char *uuid,
		uint64_t cursor, const struct engine_io *io, void *arg)
{
	*engine = (struct engine){
		.cfg = cfg,
		.io = io,
		.arg = arg,
		.uuid = uuid,
		.read_key = cursor,
		.cursor = cursor,
	};
	engine->lanes = calloc(cfg->connections, sizeof(*engine->lanes));
	if (engine->lanes == NULL || filter_init(&engine->filter, cfg) != 0) {
		free(engine->lanes);
		return -ENOMEM;
	}
	return 0;
}

void engine_fini(struct engine *engine)
{
	for (uint32_t i = 0; i < engine->cfg->connections; i++) {
		batch_free(&engine->lanes[i].filling);
		batch_free(&engine->lanes[i].flight);
	}
	free(engine->lanes);
	filter_fini(&engine->filter);
}

// FNV-1a, mixed once more: names that differ in their last digit differ in its low bits only.
static struct engine_lane *lane_of(const struct engine *engine, const char *endpoint, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (engine->cfg->connections == 1)
		return engine->lanes;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)endpoint[i]) * UINT64_C(0x100000001b3);
	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	return &engine->lanes[(hash >> 32) % engine->cfg->connections];
}

static bool is_full(const struct engine *engine, const struct batch *batch)
{
	return batch->count >= engine->cfg->batch.events ||
	       batch->out.len >= engine->cfg->batch.bytes;
}

static uint64_t unread(const struct engine *engine)
{
	uint64_t last = engine->io->last(engine->arg);

	return last > engine->read_key ? last - engine->read_key : 0;
}

static void cursor_tell(struct engine *engine)
{
	uint64_t lowest = engine->read_key + 1;

	for (uint32_t i = 0; i < engine->cfg->connections; i++) {
		const struct engine_lane *lane = &engine->lanes[i];
		const struct batch *first =
			lane->state != LANE_IDLE ? &lane->flight : &lane->filling;

		if (!batch_is_empty(first) && first->events[first->from].key < lowest)
			lowest = first->events[first->from].key;
	}
	if (lowest - 1 == engine->cursor)
		return;
	engine->cursor = lowest - 1;
	engine->io->moved(engine->arg, engine->cursor);
}

struct reading {
	struct engine *engine;
	uint64_t now_ms;
	uint32_t budget;
	bool stopped; // not at the end
	int rc;
};

static bool on_event(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	struct reading *reading = arg;
	struct engine *engine = reading->engine;
	struct batch *filling;

	reading->stopped = true;
	if (reading->budget-- == 0) {
		engine->more = true;
		return false;
	}
	if (!filter_passes(&engine->filter, view)) {
		engine->counters.filtered++;
		engine->read_key = key;
		reading->stopped = false;
		return true;
	}
	filling = &lane_of(engine, view->endpoint, view->endpoint_len)->filling;
	if (is_full(engine, filling)) {
		engine->blocked = true;
		return false;
	}
	if (filling->count == 0)
		filling->opened_ms = reading->now_ms;
	reading->rc = batch_add(filling, engine->uuid, key, view, engine->cfg->raw);
	if (reading->rc != 0)
		return false;
	engine->read_key = key;
	reading->stopped = false;
	return true;
}

static void linger(struct engine *engine, uint64_t now_ms, uint32_t ms)
{
	if (engine->linger_ms == 0)
		engine->linger_ms = now_ms + ms;
}

static void fill(struct engine *engine, uint64_t now_ms)
{
	struct reading reading = {.engine = engine, .now_ms = now_ms, .budget = READ_MAX};
	uint64_t last = engine->io->last(engine->arg);
	int rc;

	engine->more = false;
	if (engine->blocked)
		return;
	rc = engine->io->read(engine->arg, engine->read_key, on_event, &reading);
	if (rc != 0 || reading.rc != 0)
		linger(engine, now_ms, READ_RETRY_MS);
	else if (!reading.stopped && last > engine->read_key)
		engine->read_key = last; // what is left was damaged
	cursor_tell(engine);
}

static unsigned index_of(const struct engine *engine, const struct engine_lane *lane)
{
	return (unsigned)(lane - engine->lanes);
}

static void post(struct engine *engine, struct engine_lane *lane)
{
	lane->state = LANE_POSTING;
	engine->io->post(engine->arg, index_of(engine, lane), batch_body(&lane->flight),
			 lane->flight.to - lane->flight.from);
}

static void take_off(struct engine *engine, struct engine_lane *lane)
{
	struct batch emptied = lane->flight;

	lane->flight = lane->filling;
	lane->filling = emptied;
	lane->tries = lane->refusals = lane->splits = 0;
	engine->blocked = false;
	post(engine, lane);
}

static void post_ready(struct engine *engine, bool flush)
{
	for (uint32_t i = 0; i < engine->cfg->connections; i++) {
		struct engine_lane *lane = &engine->lanes[i];

		if (lane->state == LANE_IDLE && !batch_is_empty(&lane->filling) &&
		    (flush || is_full(engine, &lane->filling)))
			take_off(engine, lane);
	}
}

static bool is_held(const struct engine *engine, uint64_t now_ms)
{
	return engine->state == ENGINE_PAUSED || engine->hold_ms > now_ms;
}

static bool has_company_to_wait_for(const struct engine *engine)
{
	for (uint32_t i = 0; i < engine->cfg->connections; i++)
		if (engine->lanes[i].state == LANE_IDLE &&
		    !batch_is_empty(&engine->lanes[i].filling))
			return true;
	return unread(engine) > 0 && !engine->blocked;
}

// A full batch is not kept waiting; few events are, for company.
static void go_on(struct engine *engine, uint64_t now_ms)
{
	if (is_held(engine, now_ms))
		return;
	do {
		if (unread(engine) >= engine->cfg->batch.events)
			fill(engine, now_ms);
		post_ready(engine, false);
	} while (!engine->blocked && !engine->more && engine->linger_ms == 0 &&
		 unread(engine) >= engine->cfg->batch.events);
	if (has_company_to_wait_for(engine))
		linger(engine, now_ms, engine->cfg->batch.linger_ms);
}

void engine_wake(struct engine *engine, uint64_t now_ms)
{
	if (unread(engine) > 0 && !engine->blocked && !engine->more)
		go_on(engine, now_ms);
}

uint64_t engine_due(const struct engine *engine)
{
	uint64_t due = engine->more ? 0 : UINT64_MAX;

	if (engine->state == ENGINE_PAUSED)
		return engine->probing ? UINT64_MAX : engine->hold_ms;
	if (engine->linger_ms != 0 && engine->linger_ms < due)
		due = engine->linger_ms;
	for (uint32_t i = 0; i < engine->cfg->connections; i++)
		if (engine->lanes[i].state == LANE_WAITING && engine->lanes[i].due_ms < due)
			due = engine->lanes[i].due_ms;
	if (engine->hold_ms != 0 && (due == UINT64_MAX || due < engine->hold_ms))
		due = engine->hold_ms;
	return due;
}

static void wait(struct engine *engine, struct engine_lane *lane, uint64_t now_ms)
{
	const struct config_retry *retry = &engine->cfg->retry;

	lane->state = LANE_WAITING;
	lane->due_ms = now_ms + verdict_backoff_ms(retry->min_ms, retry->max_ms, lane->tries++,
						   engine->io->random(engine->arg));
}

static void bury(struct engine *engine, struct engine_lane *lane, uint64_t now_ms)
{
	struct batch_text event = batch_event(&lane->flight, lane->flight.from);

	lane->state = LANE_BURYING;
	lane->unburied = engine->io->bury(engine->arg, index_of(engine, lane), event) != 0;
	if (lane->unburied)
		wait(engine, lane, now_ms);
}

static void again(struct engine *engine, struct engine_lane *lane, uint64_t now_ms)
{
	if (lane->unburied)
		bury(engine, lane, now_ms);
	else
		post(engine, lane);
}

// With what waits longest; a pause begins when something could not be posted, so there is
// something.
static void probe(struct engine *engine, uint64_t now_ms)
{
	struct engine_lane *oldest = NULL;

	for (uint32_t i = 0; i < engine->cfg->connections; i++) {
		struct engine_lane *lane = &engine->lanes[i];
		uint64_t key;

		if (lane->state != LANE_WAITING)
			continue;
		key = lane->flight.events[lane->flight.from].key;
		if (oldest == NULL || key < oldest->flight.events[oldest->flight.from].key)
			oldest = lane;
	}
	engine->probing = oldest != NULL;
	if (oldest != NULL)
		again(engine, oldest, now_ms);
	else
		engine->state = ENGINE_RETRYING; // its events were dropped
}

void engine_tick(struct engine *engine, uint64_t now_ms)
{
	bool flush = engine->linger_ms != 0 && engine->linger_ms <= now_ms;

	if (engine->hold_ms > now_ms)
		return;
	engine->hold_ms = 0;
	if (engine->state == ENGINE_PAUSED && !engine->probing)
		probe(engine, now_ms);
	if (engine->state == ENGINE_PAUSED)
		return;
	for (uint32_t i = 0; i < engine->cfg->connections; i++)
		if (engine->lanes[i].state == LANE_WAITING && engine->lanes[i].due_ms <= now_ms)
			again(engine, &engine->lanes[i], now_ms);
	if (flush) {
		engine->linger_ms = 0;
		fill(engine, now_ms);
		post_ready(engine, true);
	} else if (engine->more) {
		fill(engine, now_ms);
	}
	go_on(engine, now_ms);
}

static void rate_add(struct engine *engine, uint64_t now_ms, uint32_t events)
{
	uint64_t passed = now_ms - engine->rate_ms;

	if (engine->rate_ms == 0 || passed >= RATE_WINDOW_MS) {
		engine->rate_events[0] = passed < 2 * RATE_WINDOW_MS ? engine->rate_events[1] : 0;
		engine->rate_events[1] = 0;
		engine->rate_ms = now_ms;
	}
	engine->rate_events[1] += events;
}

double engine_rate(const struct engine *engine, uint64_t now_ms)
{
	uint64_t passed = now_ms - engine->rate_ms;

	if (engine->rate_ms == 0 || passed >= 2 * RATE_WINDOW_MS)
		return 0;
	if (passed >= RATE_WINDOW_MS)
		return (double)engine->rate_events[1] * 1000 / (double)passed;
	return ((double)engine->rate_events[0] * (double)(RATE_WINDOW_MS - passed) /
			RATE_WINDOW_MS +
		(double)engine->rate_events[1]) *
	       1000 / RATE_WINDOW_MS;
}

// The part is done with: on with the next part, or with the next batch.
static void part_end(struct engine *engine, struct engine_lane *lane)
{
	struct batch *flight = &lane->flight;

	flight->from = flight->to;
	while (lane->splits > 0 && flight->from >= flight->to)
		flight->to = lane->ends[--lane->splits];
	if (flight->from >= flight->to) {
		batch_clear(flight);
		lane->state = LANE_IDLE;
	}
	cursor_tell(engine);
}

static void part_go_on(struct engine *engine, struct engine_lane *lane, uint64_t now_ms)
{
	part_end(engine, lane);
	if (lane->state != LANE_IDLE) {
		lane->due_ms = now_ms;
		lane->state = LANE_WAITING;
		if (!is_held(engine, now_ms))
			post(engine, lane);
	} else if (!is_held(engine, now_ms) && is_full(engine, &lane->filling)) {
		take_off(engine, lane);
	}
	go_on(engine, now_ms);
}

// It takes batches (or looks at them, at least): who waited for that need not any longer.
static void is_back(struct engine *engine, uint64_t now_ms)
{
	engine->failures = engine->pauses = 0;
	engine->probing = false;
	engine->hold_ms = 0;
	if (engine->state == ENGINE_PAUSED)
		for (uint32_t i = 0; i < engine->cfg->connections; i++)
			engine->lanes[i].due_ms = now_ms;
	engine->state = ENGINE_OK;
}

static void accepted(struct engine *engine, struct engine_lane *lane, uint64_t now_ms)
{
	uint32_t events = lane->flight.to - lane->flight.from;

	is_back(engine, now_ms);
	engine->counters.batches++;
	engine->counters.events += events;
	engine->counters.bytes += batch_body(&lane->flight).len;
	rate_add(engine, now_ms, events);
	lane->tries = 0;
	part_go_on(engine, lane, now_ms);
}

static void pause(struct engine *engine, uint64_t now_ms)
{
	uint32_t doublings = engine->pauses < PAUSE_DOUBLINGS ? engine->pauses : PAUSE_DOUBLINGS;
	uint32_t ms = engine->cfg->retry.pause_s * 1000;

	engine->state = ENGINE_PAUSED;
	engine->probing = false;
	engine->pauses++;
	engine->counters.pauses++;
	ms = verdict_backoff_ms(ms, ms << doublings, doublings, engine->io->random(engine->arg));
	if (engine->hold_ms < now_ms + ms)
		engine->hold_ms = now_ms + ms;
}

static void failed(struct engine *engine, struct engine_lane *lane,
		   const struct engine_answer *answer, uint64_t now_ms)
{
	uint64_t after_s = answer->retry_after_s < RETRY_AFTER_MAX_S ? answer->retry_after_s
								     : RETRY_AFTER_MAX_S;
	bool was_probe = engine->probing;

	engine->failures++;
	wait(engine, lane, now_ms);
	if (after_s != 0 && engine->hold_ms < now_ms + after_s * 1000)
		engine->hold_ms = now_ms + after_s * 1000;
	if (engine->state == ENGINE_PAUSED) {
		if (was_probe)
			pause(engine, now_ms);
		return;
	}
	engine->state = ENGINE_RETRYING;
	// Not because of one batch that fails between others that do not.
	if (engine->failures >= engine->cfg->retry.pause_after &&
	    lane->tries >= engine->cfg->retry.pause_after)
		pause(engine, now_ms);
}

// What was refused as a whole need not be refused as often again in pieces.
static void refused(struct engine *engine, struct engine_lane *lane, bool too_large,
		    uint64_t now_ms)
{
	struct batch *flight = &lane->flight;

	is_back(engine, now_ms);
	engine->state = ENGINE_RETRYING;
	if (too_large || lane->refusals >= engine->cfg->retry.refuse_after)
		lane->refusals = engine->cfg->retry.refuse_after;
	else
		lane->refusals++;
	if (lane->refusals < engine->cfg->retry.refuse_after) {
		wait(engine, lane, now_ms);
	} else if (flight->to - flight->from > 1) {
		lane->ends[lane->splits++] = flight->to;
		flight->to = flight->from + (flight->to - flight->from) / 2;
		post(engine, lane);
	} else {
		bury(engine, lane, now_ms);
	}
}

void engine_done(struct engine *engine, unsigned lane, const struct engine_answer *answer,
		 uint64_t now_ms)
{
	enum verdict verdict = verdict_of(answer->status);

	if (verdict != VERDICT_ACCEPTED)
		engine->counters.failures++;
	switch (verdict) {
	case VERDICT_ACCEPTED:
		accepted(engine, &engine->lanes[lane], now_ms);
		break;
	case VERDICT_RETRY:
		failed(engine, &engine->lanes[lane], answer, now_ms);
		break;
	case VERDICT_REFUSED:
	case VERDICT_TOO_LARGE:
		refused(engine, &engine->lanes[lane], verdict == VERDICT_TOO_LARGE, now_ms);
		break;
	}
}

void engine_buried(struct engine *engine, unsigned lane, bool written, uint64_t now_ms)
{
	struct engine_lane *at = &engine->lanes[lane];

	if (!written) {
		wait(engine, at, now_ms);
		at->unburied = true;
		return;
	}
	engine->counters.refused++;
	at->tries = 0;
	part_go_on(engine, at, now_ms);
}

struct dropping {
	struct engine *engine;
	uint64_t up_to;
	uint32_t budget;
};

static bool on_drop(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	struct dropping *dropping = arg;
	struct engine *engine = dropping->engine;

	if (key > dropping->up_to || dropping->budget-- == 0)
		return false;
	if (filter_passes(&engine->filter, view))
		engine->counters.dropped++;
	else
		engine->counters.filtered++;
	engine->read_key = key;
	return true;
}

static void batch_drop(struct engine *engine, struct batch *batch, uint64_t up_to)
{
	while (batch->from < batch->count && batch->events[batch->from].key <= up_to) {
		batch->from++;
		engine->counters.dropped++;
	}
}

static void lane_drop(struct engine *engine, struct engine_lane *lane, uint64_t up_to)
{
	struct batch *flight = &lane->flight;

	if (lane->state == LANE_WAITING) {
		batch_drop(engine, flight, up_to);
		while (lane->splits > 0 && flight->from >= flight->to)
			flight->to = lane->ends[--lane->splits];
		if (flight->from >= flight->to) {
			batch_clear(flight);
			lane->state = LANE_IDLE;
			lane->unburied = false;
		}
	}
	batch_drop(engine, &lane->filling, up_to);
	if (batch_is_empty(&lane->filling))
		batch_clear(&lane->filling);
}

bool engine_drop(struct engine *engine, uint64_t up_to, uint64_t now_ms)
{
	struct dropping dropping = {.engine = engine, .up_to = up_to, .budget = DROP_MAX};

	for (uint32_t i = 0; i < engine->cfg->connections; i++)
		lane_drop(engine, &engine->lanes[i], up_to);
	engine->blocked = false;
	if (engine->read_key < up_to)
		engine->io->read(engine->arg, engine->read_key, on_drop, &dropping);
	cursor_tell(engine);
	go_on(engine, now_ms);
	return engine->read_key >= up_to;
}
