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
#include "control/metrics.h"
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
#define TEXT_KEPT_MAX    ((size_t)8 << 20) // bytes that a group may leave to the next one

struct group_event {
	struct ctl_event event;
	struct ctl_reg *reg;
	struct ctl_record *record;     // as of this event; not owned
	struct ctl_record *old_record; // owned: to be freed once told
	bool reg_gone;                 // reg is owned, too
	size_t text_at;                // event.json_len > 0: where in the group's text
};

struct ctl_group {
	struct ctl *ctl;
	struct group_event *events;
	size_t count, cap;
	bool open;            // a transaction is
	struct json_out text; // of events, until they are told
	struct link_exchanges *exchanges;
};

struct ctl_group *ctl_group_new(struct ctl *ctl)
{
	struct ctl_group *group = calloc(1, sizeof(*group));

	if (group == NULL)
		return NULL;
	group->ctl = ctl;
	group->exchanges = link_exchanges_new(ctl->store, EXCHANGES_MAX, (uint32_t)time(NULL));
	if (group->exchanges == NULL) {
		free(group);
		return NULL;
	}
	return group;
}

static void events_clear(struct ctl_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		free(group->events[i].old_record);
		if (group->events[i].reg_gone)
			ctl_reg_free(group->events[i].reg);
	}
	group->count = 0;
	if (group->text.cap > TEXT_KEPT_MAX)
		json_out_free(&group->text);
	group->text.len = 0;
	group->text.failed = false;
}

void ctl_group_free(struct ctl_group *group)
{
	if (group == NULL)
		return;
	events_clear(group);
	free(group->events);
	json_out_free(&group->text);
	link_exchanges_free(group->exchanges);
	free(group);
}

static struct group_event *event_add(struct ctl_group *group, enum ctl_event_type type,
				     struct ctl_reg *reg, uint64_t wall_ms)
{
	struct group_event *ev;

	if (group->count == group->cap) {
		size_t cap = group->cap == 0 ? 256 : group->cap * 2;
		struct group_event *events = realloc(group->events, cap * sizeof(*events));

		if (events == NULL)
			return NULL;
		group->events = events;
		group->cap = cap;
	}
	ev = &group->events[group->count++];
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

int ctl_group_open(struct ctl_group *group)
{
	int rc;

	if (group->open)
		return 0;
	rc = ctl_store_begin(group->ctl->store);
	group->open = rc == 0;
	return rc;
}

static int outbox_append(struct ctl_group *group, const struct ctl_event *event,
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

	return ctl_outbox_append(group->ctl->store, &entry, record);
}

static uint32_t now_ms(const struct ctl_group *group)
{
	return (uint32_t)uv_now(group->ctl->loop);
}

int ctl_group_deregister(struct ctl_group *group, struct ctl_reg *reg, uint64_t wall_ms,
			 enum ctl_dereg_reason reason)
{
	struct group_event *ev;
	int rc = ctl_group_open(group);

	if (rc != 0)
		return rc;
	ev = event_add(group, CTL_DEREGISTERED, reg, wall_ms);
	if (ev == NULL)
		return -ENOMEM;
	ev->event.reason = reason;
	ev->reg_gone = true;
	ctl_registry_unlink(group->ctl->registry, reg);
	rc = ctl_observations_deregistered(group->ctl->observations, reg, reason);
	if (rc != 0)
		return rc;
	rc = ctl_store_delete(group->ctl->store, reg->key);
	return rc != 0 ? rc : outbox_append(group, &ev->event, reg->record);
}

int ctl_group_register(struct ctl_group *group, struct ctl_record *record)
{
	struct ctl *ctl = group->ctl;
	struct ctl_reg *reg, *old;
	struct group_event *ev;
	int rc = ctl_group_open(group);

	old = ctl_registry_by_endpoint(ctl->registry, ctl_record_endpoint(record),
				       record->endpoint_len);
	if (rc == 0 && old != NULL)
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
	rc = ctl_store_put(ctl->store, reg->key, record);
	return rc != 0 ? rc : outbox_append(group, &ev->event, record);
}

int ctl_group_update(struct ctl_group *group, struct ctl_reg *reg, struct ctl_record *record,
		     uint16_t params, bool links)
{
	struct group_event *ev;
	int rc = ctl_group_open(group);

	ev = rc == 0 ? event_add(group, CTL_UPDATED, reg, record->updated_ms) : NULL;
	if (ev == NULL) {
		free(record);
		return rc != 0 ? rc : -ENOMEM;
	}
	ev->event.update_params = params;
	ev->event.update_links = links;
	ev->record = record;
	ev->old_record = ctl_registry_swap(group->ctl->registry, reg, record);
	reg->dirty = false;
	reg->heard_ms = now_ms(group);
	rc = ctl_store_put(group->ctl->store, reg->key, record);
	return rc != 0 ? rc : outbox_append(group, &ev->event, record);
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
	ctl_registry_move(group->ctl->registry, reg, peer);
	ctl_upkeep_touched(group->ctl->upkeep, reg);
	if (!is_update(group, reg, wall_ms))
		return 0;
	reg->seen_ms = reg->record->updated_ms = wall_ms;
	reg->heard_ms = now_ms(group);
	return event_add(group, CTL_UPDATED, reg, wall_ms) != NULL ? 0 : -ENOMEM;
}

struct json_out *ctl_group_text(struct ctl_group *group)
{
	return &group->text;
}

// The stream's object without its closing brace, and the rest with one.
static int values_append(struct ctl_group *group, const struct ctl_group_values *values)
{
	const struct ctl_record *record = values->reg->record;
	const char *text = group->text.text + values->start;
	size_t head = values->middle - values->start - 1;
	size_t tail = group->text.len - values->middle;
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

	return ctl_outbox_append_data(group->ctl->store, &entry, &data, &parts);
}

int ctl_group_values(struct ctl_group *group, const struct ctl_group_values *values)
{
	struct group_event *ev;
	int rc = group->text.failed ? -ENOMEM : 0;

	if (rc == 0 && values->type != CTL_COAPLOG)
		rc = ctl_group_open(group);
	if (rc != 0)
		return rc;
	ev = event_add(group, values->type, values->reg, values->wall_ms);
	if (ev == NULL)
		return -ENOMEM;
	ev->text_at = values->start;
	ev->event.json_len = values->middle - values->start;
	ev->event.late = values->late;
	return values->type == CTL_COAPLOG ? 0 : values_append(group, values);
}

int ctl_group_commit(struct ctl_group *group)
{
	uint64_t started_ns = uv_hrtime();
	int rc;

	if (!group->open)
		return 0;
	rc = ctl_outbox_stage(group->ctl->store, PRUNE_PER_COMMIT);
	if (rc == 0)
		rc = link_exchanges_stage(group->exchanges, (uint32_t)time(NULL));
	if (rc != 0)
		return rc;
	group->open = false;
	rc = ctl_store_commit(group->ctl->store);
	if (rc != 0)
		return rc;
	link_exchanges_committed(group->exchanges);
	ctl_counters.commits++;
	ctl_counters.commit_microseconds += (uv_hrtime() - started_ns) / 1000;
	return 0;
}

int ctl_group_abort(struct ctl_group *group)
{
	struct ctl *ctl = group->ctl;
	int rc;

	ctl_counters.commit_failures++;
	ctl_store_abort(ctl->store);
	link_exchanges_aborted(group->exchanges);
	group->open = false;
	events_clear(group);
	ctl_registry_clear(ctl->registry);
	rc = ctl_store_load(ctl->store, ctl->registry);
	if (rc == 0)
		rc = ctl_observations_reload(ctl->observations);
	if (rc != 0)
		ctl_registry_clear(ctl->registry);
	return rc;
}

void ctl_group_publish(struct ctl_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		struct group_event *ev = &group->events[i];
		struct ctl_record *latest = ev->reg->record;

		if (ev->event.json_len > 0)
			ev->event.json = group->text.text + ev->text_at;
		// Later events of the group may have changed the record again.
		ev->reg->record = ev->record;
		ctl_hub_publish(group->ctl->hub, &ev->event);
		ev->reg->record = latest;
	}
	events_clear(group);
	if (group->ctl->backends != NULL)
		ctl_backends_wake(group->ctl->backends);
}
