// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/upkeep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/registry.h"
#include "control/store/outbox.h"
#include "control/store/store.h"

LOG_TYPE("upkeep");

// Little and often: each device written may dirty a page of its own, and what is acknowledged waits
// behind it.
#define TICK_MS     125u
#define DELAY_MS    10000u // from a touch that is to be written until it is, with those between
#define STALE_PARTS 8u     // so large a part of its lifetime may a device be off on disk
#define SYNC_MS     1000u  // durability: memory
#define TOUCHES_MAX 512u   // per step
#define PRUNE_MAX   2048u  // per step

struct touch {
	uint64_t key;
	uint64_t at_ms;
};

struct ctl_upkeep {
	struct ctl *ctl;
	uv_timer_t timer;
	struct touch *touches; // ring, oldest first
	size_t head, tail, mask;
	uint64_t synced_ms;
	bool writing; // a step is on its way to disk
	int failed;   // when stopping: the last one
};

static bool touches_grow(struct ctl_upkeep *upkeep)
{
	size_t cap = upkeep->touches == NULL ? 1024 : (upkeep->mask + 1) * 2;
	struct touch *touches = malloc(cap * sizeof(*touches));
	size_t count = upkeep->tail - upkeep->head;

	if (touches == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		touches[i] = upkeep->touches[(upkeep->head + i) & upkeep->mask];
	free(upkeep->touches);
	upkeep->touches = touches;
	upkeep->head = 0;
	upkeep->tail = count;
	upkeep->mask = cap - 1;
	return true;
}

static bool is_stale(const struct ctl_reg *reg)
{
	uint64_t lifetime_ms = (uint64_t)reg->record->lifetime_s * 1000;

	return reg->record->queue_mode || reg->seen_ms < reg->stored_ms ||
	       reg->seen_ms - reg->stored_ms >= lifetime_ms / STALE_PARTS;
}

void ctl_upkeep_touched(struct ctl_upkeep *upkeep, struct ctl_reg *reg, bool moved)
{
	if (reg->dirty || (!moved && !is_stale(reg)))
		return;
	// Without memory the disk stays behind; the next Update tries again.
	if ((upkeep->touches == NULL || upkeep->tail - upkeep->head > upkeep->mask) &&
	    !touches_grow(upkeep))
		return;
	reg->dirty = true;
	upkeep->touches[upkeep->tail++ & upkeep->mask] =
		(struct touch){reg->key, uv_now(upkeep->ctl->loop)};
}

static bool touch_is_due(const struct ctl_upkeep *upkeep, uint64_t seen_before_ms)
{
	return upkeep->head != upkeep->tail &&
	       upkeep->touches[upkeep->head & upkeep->mask].at_ms <= seen_before_ms;
}

static void touches_stage(struct ctl_upkeep *upkeep, uint64_t seen_before_ms)
{
	for (unsigned i = 0; i < TOUCHES_MAX && touch_is_due(upkeep, seen_before_ms); i++) {
		uint64_t key = upkeep->touches[upkeep->head++ & upkeep->mask].key;
		struct ctl_reg *reg = ctl_registry_by_key(upkeep->ctl->registry, key);

		if (reg == NULL || !reg->dirty)
			continue;
		reg->dirty = false;
		reg->stored_ms = reg->seen_ms;
		ctl_store_put(upkeep->ctl->store, key, reg->record);
	}
}

static void on_written(int err, void *arg)
{
	struct ctl_upkeep *upkeep = arg;

	upkeep->writing = false;
	upkeep->failed = err;
}

static void step(struct ctl_upkeep *upkeep, uint64_t seen_before_ms)
{
	touches_stage(upkeep, seen_before_ms);
	ctl_outbox_stage(upkeep->ctl->store, PRUNE_MAX);
	upkeep->writing = true;
	ctl_store_submit(upkeep->ctl->store, on_written, upkeep);
}

static bool is_due(const struct ctl_upkeep *upkeep, uint64_t seen_before_ms)
{
	return touch_is_due(upkeep, seen_before_ms) || ctl_outbox_dirty(upkeep->ctl->store);
}

static void on_tick(uv_timer_t *timer)
{
	struct ctl_upkeep *upkeep = timer->data;
	uint64_t now_ms = uv_now(upkeep->ctl->loop);
	uint64_t seen_before_ms = now_ms > DELAY_MS ? now_ms - DELAY_MS : 0;

	if (!upkeep->writing && is_due(upkeep, seen_before_ms))
		step(upkeep, seen_before_ms);
	if (config_all_memory(upkeep->ctl->cfg) && now_ms - upkeep->synced_ms >= SYNC_MS) {
		ctl_store_sync(upkeep->ctl->store);
		upkeep->synced_ms = now_ms;
	}
}

int ctl_upkeep_start(struct ctl *ctl, struct ctl_upkeep **out)
{
	struct ctl_upkeep *upkeep = calloc(1, sizeof(*upkeep));

	if (upkeep == NULL)
		return -ENOMEM;
	upkeep->ctl = ctl;
	uv_timer_init(ctl->loop, &upkeep->timer);
	upkeep->timer.data = upkeep;
	uv_timer_start(&upkeep->timer, on_tick, TICK_MS, TICK_MS);
	*out = upkeep;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct ctl_upkeep *upkeep = handle->data;

	free(upkeep->touches);
	free(upkeep);
}

void ctl_upkeep_stop(struct ctl_upkeep *upkeep)
{
	while (upkeep->failed == 0 && is_due(upkeep, UINT64_MAX)) {
		step(upkeep, UINT64_MAX);
		ctl_store_flush(upkeep->ctl->store);
	}
	if (upkeep->failed != 0)
		LOG(error, "store, last changes not written (%s)", strerror(-upkeep->failed));
	uv_close((uv_handle_t *)&upkeep->timer, on_closed);
}
