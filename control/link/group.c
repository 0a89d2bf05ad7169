// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/link/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/backend/backend.h"
#include "control/link/exchanges.h"
#include "control/observe/observations.h"
#include "control/registry.h"
#include "control/store/outbox.h"
#include "control/store/store.h"
#include "control/upkeep.h"

// The dataplane tells when an Update came by a clock that is off by up to one part in this many of
// the time since then: DPDK rounds what it measures of the TSC to 10 MHz.
#define DRIFT_PARTS 256u

// Deleting what back ends have accepted rides along, a few entries more than one event adds.
#define PRUNE_PER_COMMIT 4096u
#define AHEAD_EVENTS     4u
#define TEXT_KEPT_MAX    ((size_t)8 << 20) // bytes that a group may leave to the next one

struct group_event {
	struct ctl_event event;
	struct ctl_reg *reg;
	struct ctl_record *record;     // as of this event; not owned
	struct ctl_record *old_record; // owned: to be freed once told
	bool reg_gone;                 // reg is owned, too
	size_t text_at;                // event.json_len > 0: where in the group's text
};

struct ctl_group_batch {
	struct ctl_group_batch *next; // spare
	struct group_event *events;
	size_t count, cap;
	struct json_out text; // of events, until they are told
};

struct ctl_group {
	struct ctl *ctl;
	struct ctl_group_batch *batch; // what is collected
	struct ctl_group_batch *spare; // to be used again
	struct link_exchanges *exchanges;
};

static struct ctl_group_batch *batch_get(struct ctl_group *group)
{
	struct ctl_group_batch *batch = group->spare;

	if (batch == NULL)
		return calloc(1, sizeof(*batch));
	group->spare = batch->next;
	return batch;
}

static void batch_clear(struct ctl_group_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		free(batch->events[i].old_record);
		if (batch->events[i].reg_gone)
			ctl_reg_free(batch->events[i].reg);
	}
	batch->count = 0;
	if (batch->text.cap > TEXT_KEPT_MAX)
		json_out_free(&batch->text);
	batch->text.len = 0;
	batch->text.failed = false;
}

static void batch_free(struct ctl_group_batch *batch)
{
	batch_clear(batch);
	free(batch->events);
	json_out_free(&batch->text);
	free(batch);
}

struct ctl_group *ctl_group_new(struct ctl *ctl)
{
	struct ctl_group *group = calloc(1, sizeof(*group));

	if (group == NULL)
		return NULL;
	group->batch = batch_get(group);
	if (group->batch == NULL) {
		free(group);
		return NULL;
	}
	group->ctl = ctl;
	group->exchanges = link_exchanges_new(ctl->store, EXCHANGES_MAX, (uint32_t)time(NULL));
	if (group->exchanges == NULL) {
		batch_free(group->batch);
		free(group);
		return NULL;
	}
	return group;
}

void ctl_group_free(struct ctl_group *group)
{
	struct ctl_group_batch *batch;

	if (group == NULL)
		return;
	while ((batch = group->spare) != NULL) {
		group->spare = batch->next;
		batch_free(batch);
	}
	batch_free(group->batch);
	link_exchanges_free(group->exchanges);
	free(group);
}

static struct group_event *event_add(struct ctl_group *group, enum ctl_event_type type,
				     struct ctl_reg *reg, uint64_t wall_ms)
{
	struct ctl_group_batch *batch = group->batch;
	struct group_event *ev;

	if (batch->count == batch->cap) {
		size_t cap = batch->cap == 0 ? 256 : batch->cap * 2;
		struct group_event *events = realloc(batch->events, cap * sizeof(*events));

		if (events == NULL)
			return NULL;
		batch->events = events;
		batch->cap = cap;
	}
	ev = &batch->events[batch->count++];
	*ev = (struct group_event){
		.event = {.type = type, .reg = reg, .wall_ms = wall_ms},
		.reg = reg,
		.record = reg->record,
	};
	return ev;
}

struct link_exchanges *ctl_group_exchanges(struct ctl_group *group)
{
	return group->exchanges;
}

static void outbox_append(struct ctl_group *group, const struct ctl_event *event,
			  const struct ctl_record *record)
{
	struct ctl_outbox_entry entry = {
		.type = event->type,
		.reason = event->reason,
		.update_params = event->update_params,
		.update_links = event->update_links,
		.version = CTL_OUTBOX_RECORD,
		.wall_ms = event->wall_ms,
	};

	ctl_outbox_append(group->ctl->store, &entry, record);
}

static uint32_t now_ms(const struct ctl_group *group)
{
	return (uint32_t)uv_now(group->ctl->loop);
}

int ctl_group_deregister(struct ctl_group *group, struct ctl_reg *reg, uint64_t wall_ms,
			 enum ctl_dereg_reason reason)
{
	struct group_event *ev = event_add(group, CTL_DEREGISTERED, reg, wall_ms);

	if (ev == NULL)
		return -ENOMEM;
	ev->event.reason = reason;
	ev->reg_gone = true;
	ctl_registry_unlink(group->ctl->registry, reg);
	ctl_observations_deregistered(group->ctl->observations, reg, reason);
	ctl_store_delete(group->ctl->store, reg->key);
	outbox_append(group, &ev->event, reg->record);
	return 0;
}

int ctl_group_register(struct ctl_group *group, struct ctl_record *record)
{
	struct ctl *ctl = group->ctl;
	struct ctl_reg *reg, *old;
	struct group_event *ev;
	int rc = 0;

	old = ctl_registry_by_endpoint(ctl->registry, ctl_record_endpoint(record),
				       record->endpoint_len);
	if (old != NULL)
		rc = ctl_group_deregister(group, old, record->updated_ms, CTL_REASON_REPLACED);
	if (rc != 0) {
		free(record);
		return rc;
	}
	reg = ctl_registry_add(ctl->registry, ctl_store_key_next(ctl->store), record);
	if (reg == NULL) {
		free(record);
		return -ENOMEM;
	}
	reg->heard_ms = now_ms(group);
	ev = event_add(group, CTL_REGISTERED, reg, record->updated_ms);
	if (ev == NULL)
		return -ENOMEM;
	ctl_store_put(ctl->store, reg->key, record);
	outbox_append(group, &ev->event, record);
	return 0;
}

int ctl_group_update(struct ctl_group *group, struct ctl_reg *reg, struct ctl_record *record,
		     uint16_t params, bool links)
{
	struct group_event *ev = event_add(group, CTL_UPDATED, reg, record->updated_ms);

	if (ev == NULL) {
		free(record);
		return -ENOMEM;
	}
	ev->event.update_params = params;
	ev->event.update_links = links;
	ev->record = record;
	ev->old_record = ctl_registry_swap(group->ctl->registry, reg, record);
	reg->dirty = false;
	reg->heard_ms = now_ms(group);
	ctl_store_put(group->ctl->store, reg->key, record);
	outbox_append(group, &ev->event, record);
	return 0;
}

// True when that is not the Update that is known already: a new one is as far from it as now is,
// but for the time it took to get here.
static bool is_update(const struct ctl_group *group, const struct ctl_reg *reg, uint64_t wall_ms)
{
	uint64_t apart_ms =
		wall_ms > reg->seen_ms ? wall_ms - reg->seen_ms : reg->seen_ms - wall_ms;
	uint32_t age_ms = reg->heard_ms != 0 ? now_ms(group) - reg->heard_ms : 0;

	return apart_ms > age_ms / DRIFT_PARTS;
}

int ctl_group_touch(struct ctl_group *group, struct ctl_reg *reg, const struct dp_peer *peer,
		    uint64_t wall_ms)
{
	bool moved = memcmp(&reg->record->peer, peer, sizeof(*peer)) != 0;
	bool updates = is_update(group, reg, wall_ms);

	if (moved)
		ctl_registry_move(group->ctl->registry, reg, peer);
	if (updates) {
		reg->seen_ms = reg->record->updated_ms = wall_ms;
		reg->heard_ms = now_ms(group);
	}
	ctl_upkeep_touched(group->ctl->upkeep, reg, moved);
	if (!updates)
		return 0;
	return event_add(group, CTL_UPDATED, reg, wall_ms) != NULL ? 0 : -ENOMEM;
}

struct json_out *ctl_group_text(struct ctl_group *group)
{
	return &group->batch->text;
}

// The stream's object without its closing brace, and the rest with one.
static void values_append(struct ctl_group *group, const struct ctl_group_values *values)
{
	const struct ctl_record *record = values->reg->record;
	const struct json_out *out = &group->batch->text;
	const char *text = out->text + values->start;
	size_t head = values->middle - values->start - 1;
	size_t tail = out->len - values->middle;
	struct ctl_outbox_entry entry = {.type = values->type, .wall_ms = values->wall_ms};
	struct ctl_outbox_parts parts = {
		.endpoint = ctl_record_endpoint(record),
		.json = {{text, head}, {text + head + 1, tail}},
		.raw = values->raw,
		.paths = values->paths,
		.paths_count = values->paths_count,
	};
	struct ctl_backends *backends = group->ctl->backends;
	struct ctl_outbox_data data = {
		.endpoint_len = record->endpoint_len,
		.json_len = (uint32_t)(head + tail),
		.raw_len =
			backends != NULL && ctl_backends_want_raw(backends) ? values->raw_len : 0,
		.format = values->format,
	};

	ctl_outbox_append_data(group->ctl->store, &entry, &data, &parts);
}

int ctl_group_values(struct ctl_group *group, const struct ctl_group_values *values)
{
	struct group_event *ev;

	if (group->batch->text.failed)
		return -ENOMEM;
	ev = event_add(group, values->type, values->reg, values->wall_ms);
	if (ev == NULL)
		return -ENOMEM;
	ev->text_at = values->start;
	ev->event.json_len = values->middle - values->start;
	ev->event.late = values->late;
	if (values->type != CTL_COAPLOG)
		values_append(group, values);
	return 0;
}

struct ctl_group_batch *ctl_group_seal(struct ctl_group *group)
{
	struct ctl_group_batch *sealed = group->batch, *batch = batch_get(group);

	if (batch == NULL)
		return NULL;
	ctl_outbox_stage(group->ctl->store, PRUNE_PER_COMMIT);
	link_exchanges_stage(group->exchanges, (uint32_t)time(NULL));
	group->batch = batch;
	return sealed;
}

bool ctl_group_empty(const struct ctl_group *group)
{
	return group->batch->count == 0;
}

static void batch_put(struct ctl_group *group, struct ctl_group_batch *batch)
{
	batch_clear(batch);
	batch->next = group->spare;
	group->spare = batch;
}

// What telling of the events to come looks at: link/ahead.h says why.
static void look_ahead(const struct ctl_group *group, const struct group_event *ev, size_t left)
{
	size_t distance = (CTL_OBSERVATION_STEPS + 1) * AHEAD_EVENTS;

	if (distance < left) {
		__builtin_prefetch(ev[distance].reg);
		__builtin_prefetch(&ev[distance].reg->endpoint_hash);
	}
	for (unsigned step = 0; step < CTL_OBSERVATION_STEPS; step++) {
		distance -= AHEAD_EVENTS;
		if (distance < left)
			ctl_observations_prefetch(group->ctl->observations, ev[distance].reg, step);
	}
}

static void event_publish(struct ctl_group *group, struct group_event *ev, const char *text)
{
	struct ctl_record *latest = ev->reg->record;

	if (ev->event.json_len > 0)
		ev->event.json = text + ev->text_at;
	// Later events may have changed the record again.
	ev->reg->record = ev->record;
	ctl_hub_publish(group->ctl->hub, &ev->event);
	ev->reg->record = latest;
}

void ctl_group_publish(struct ctl_group *group, struct ctl_group_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		look_ahead(group, &batch->events[i], batch->count - i);
		event_publish(group, &batch->events[i], batch->text.text);
	}
	batch_put(group, batch);
	if (group->ctl->backends != NULL)
		ctl_backends_wake(group->ctl->backends);
}

void ctl_group_drop(struct ctl_group *group, struct ctl_group_batch *batch)
{
	batch_put(group, batch);
}
