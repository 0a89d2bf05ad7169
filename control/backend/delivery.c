// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/delivery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control/backend/cloudevents.h"
#include "control/log.h"
#include "control/metrics.h"
#include "control/store/outbox.h"

LOG_TYPE("backend");

#define BURIED_TOLD_MS 10000u // between two log lines about refused events

static uint64_t wall_ms(void)
{
	uv_timeval64_t now;

	uv_gettimeofday(&now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_usec / 1000;
}

static uint64_t now_ms(const struct delivery *delivery)
{
	return uv_now(delivery->ctl->loop);
}

static uint64_t behind(const struct delivery *delivery)
{
	return ctl_outbox_last(delivery->ctl->store) - delivery->engine.cursor;
}

static void state_tell(struct delivery *delivery)
{
	enum engine_state state = delivery->engine.state;
	const char *name = delivery->cfg->name;

	if (state == delivery->told)
		return;
	if (state == ENGINE_OK)
		LOG(info, "%s, accepts events again (%" PRIu64 " behind)", name, behind(delivery));
	else if (state == ENGINE_PAUSED)
		LOG(warning, "%s, paused after %" PRIu32 " failures in a row (%s)", name,
		    delivery->engine.failures, delivery->error);
	else if (delivery->told == ENGINE_OK)
		LOG(warning, "%s, does not accept events (%s); trying until it does", name,
		    delivery->error);
	delivery->told = state;
}

static void on_timer(uv_timer_t *timer);

// After everything that the engine was told.
static void settle(struct delivery *delivery)
{
	uint64_t due = engine_due(&delivery->engine), now = now_ms(delivery);

	state_tell(delivery);
	if (delivery->drop_key > delivery->engine.read_key)
		due = 0;
	if (due == UINT64_MAX)
		uv_timer_stop(&delivery->timer);
	else
		uv_timer_start(&delivery->timer, on_timer, due > now ? due - now : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct delivery *delivery = timer->data;

	if (delivery->drop_key > delivery->engine.read_key)
		engine_drop(&delivery->engine, delivery->drop_key, now_ms(delivery));
	engine_tick(&delivery->engine, now_ms(delivery));
	settle(delivery);
}

static int io_read(void *arg, uint64_t after, ctl_outbox_cb_t cb, void *cb_arg)
{
	struct delivery *delivery = arg;

	return ctl_outbox_read(delivery->ctl->store, after, cb, cb_arg);
}

static uint64_t io_last(void *arg)
{
	struct delivery *delivery = arg;

	return ctl_outbox_last(delivery->ctl->store);
}

static void io_post(void *arg, unsigned lane, struct batch_text body, uint32_t events)
{
	struct delivery *delivery = arg;

	request_post(delivery->lanes[lane].request, CLOUDEVENTS_CONTENT_TYPE, body);
}

static int io_bury(void *arg, unsigned lane, struct batch_text event)
{
	struct delivery *delivery = arg;

	return dead_letters_write(delivery->letters, lane, event.text, event.len);
}

static void io_moved(void *arg, uint64_t key)
{
	struct delivery *delivery = arg;

	ctl_outbox_advance(delivery->ctl->store, delivery->index, key);
}

static uint32_t io_random(void *arg)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return random;
}

static const struct engine_io io = {
	.read = io_read,
	.last = io_last,
	.post = io_post,
	.bury = io_bury,
	.moved = io_moved,
	.random = io_random,
};

static void on_result(const struct request_result *result, void *arg)
{
	struct delivery_lane *lane = arg;
	struct delivery *delivery = lane->delivery;
	struct engine_counters before = delivery->engine.counters;

	if (result->answer.status < 200 || result->answer.status >= 300) {
		snprintf(delivery->error, sizeof(delivery->error), "%s", result->answer.why);
		delivery->error_ms = wall_ms();
	} else {
		delivery->accepted_ms = wall_ms();
	}
	engine_done(&delivery->engine, lane->number, &result->answer, now_ms(delivery));
	ctl_counters.backend_batches += delivery->engine.counters.batches - before.batches;
	ctl_counters.backend_events += delivery->engine.counters.events - before.events;
	ctl_counters.backend_failures += delivery->engine.counters.failures - before.failures;
	settle(delivery);
}

static void buried_tell(struct delivery *delivery)
{
	uint64_t now = now_ms(delivery);

	if (delivery->buried_told_ms != 0 && now - delivery->buried_told_ms < BURIED_TOLD_MS)
		return;
	delivery->buried_told_ms = now;
	LOG(warning,
	    "%s, refused an event for good (%s): it is in dead-letter/%s.jsonl, %" PRIu64 " so far",
	    delivery->cfg->name, delivery->error, delivery->cfg->name,
	    delivery->engine.counters.refused);
}

static void on_buried(int rc, unsigned lane, void *arg)
{
	struct delivery *delivery = arg;

	if (rc != 0) {
		snprintf(delivery->error, sizeof(delivery->error),
			 "dead-letter file cannot be written (%s)", strerror(-rc));
		delivery->error_ms = wall_ms();
	}
	engine_buried(&delivery->engine, lane, rc == 0, now_ms(delivery));
	if (rc == 0)
		buried_tell(delivery);
	settle(delivery);
}

static int lanes_make(struct delivery *delivery, struct requests *requests, char why[static 160])
{
	for (unsigned i = 0; i < delivery->cfg->connections; i++) {
		struct delivery_lane *lane = &delivery->lanes[i];

		lane->delivery = delivery;
		lane->number = i;
		lane->request = request_new(requests, delivery->cfg, on_result, lane, why);
		if (lane->request == NULL)
			return -ENOMEM;
	}
	return 0;
}

int delivery_start(struct ctl *ctl, struct requests *requests, const struct config_backend *cfg,
		   unsigned index, struct delivery **out)
{
	struct delivery *delivery =
		calloc(1, sizeof(*delivery) + cfg->connections * sizeof(delivery->lanes[0]));
	char why[160];

	if (delivery == NULL)
		return -ENOMEM;
	delivery->ctl = ctl;
	delivery->cfg = cfg;
	delivery->index = index;
	if (engine_init(&delivery->engine, cfg, ctl_store_uuid(ctl->store),
			ctl_outbox_cursor(ctl->store, index), &io, delivery) != 0) {
		free(delivery);
		return -ENOMEM;
	}
	uv_timer_init(ctl->loop, &delivery->timer);
	delivery->timer.data = delivery;
	delivery->letters = dead_letters_new(ctl->loop, ctl->cfg->state, cfg->name,
					     cfg->dead_letter_bytes, on_buried, delivery);
	if (delivery->letters == NULL || lanes_make(delivery, requests, why) != 0) {
		delivery_stop(delivery);
		return -ENOMEM;
	}
	delivery_wake(delivery);
	*out = delivery;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void delivery_stop(struct delivery *delivery)
{
	for (unsigned i = 0; i < delivery->cfg->connections; i++)
		if (delivery->lanes[i].request != NULL)
			request_free(delivery->lanes[i].request);
	dead_letters_free(delivery->letters);
	engine_fini(&delivery->engine);
	uv_close((uv_handle_t *)&delivery->timer, on_closed);
}

void delivery_wake(struct delivery *delivery)
{
	engine_wake(&delivery->engine, now_ms(delivery));
	settle(delivery);
}

void delivery_drop(struct delivery *delivery, uint64_t up_to)
{
	if (up_to <= delivery->engine.cursor)
		return;
	delivery->drop_key = up_to;
	engine_drop(&delivery->engine, up_to, now_ms(delivery));
	settle(delivery);
}

static bool on_oldest(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	*(uint64_t *)arg = view->entry.wall_ms;
	return false;
}

void delivery_status(const struct delivery *delivery, struct ctl_backend_status *status)
{
	const struct engine *engine = &delivery->engine;
	uint64_t oldest_ms = 0, wall = wall_ms();

	*status = (struct ctl_backend_status){
		.cfg = delivery->cfg,
		.state = engine->state == ENGINE_OK         ? "ok"
			 : engine->state == ENGINE_RETRYING ? "retrying"
							    : "paused",
		.cursor = engine->cursor,
		.lag_events = behind(delivery),
		.rate = engine_rate(engine, now_ms(delivery)),
		.batches = engine->counters.batches,
		.events = engine->counters.events,
		.bytes = engine->counters.bytes,
		.filtered = engine->counters.filtered,
		.failures = engine->counters.failures,
		.refused = engine->counters.refused,
		.dropped = engine->counters.dropped,
		.pauses = engine->counters.pauses,
		.dead_letter_files_lost = dead_letters_lost_files(delivery->letters),
		.error = delivery->error_ms != 0 ? delivery->error : NULL,
		.error_ms = delivery->error_ms,
		.accepted_ms = delivery->accepted_ms,
	};
	if (status->lag_events > 0)
		ctl_outbox_read(delivery->ctl->store, engine->cursor, on_oldest, &oldest_ms);
	if (oldest_ms != 0 && oldest_ms < wall)
		status->lag_ms = wall - oldest_ms;
}
