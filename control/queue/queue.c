// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/queue/queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "control/log.h"
#include "control/metrics.h"
#include "control/queue/state.h"
#include "control/store/queue.h"

LOG_TYPE("queue");

#define TICK_MAX_MS 60000u // the wall clock may be set meanwhile
#define EXPIRE_MAX  1024u  // per tick; each is read from the disk

#define EXPIRED      "expired in the queue"
#define DEREGISTERED "device de-registered"

uint64_t queue_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_tick(uv_timer_t *timer)
{
	struct ctl_queue *queue = timer->data;

	queue->tick_due_ms = UINT64_MAX;
	queue_tick(queue, uv_now(queue->ctl->loop), queue_wall_ms());
}

// The timer may be early, which costs a look, but never late.
static void tick_arm(struct ctl_queue *queue)
{
	uint64_t now_ms = uv_now(queue->ctl->loop), due_ms = awake_next_ms(&queue->awake);
	uint64_t expires_ms = waiting_next_ms(&queue->waiting);

	if (expires_ms != UINT64_MAX) {
		uint64_t wall_ms = queue_wall_ms();
		uint64_t left_ms = expires_ms > wall_ms ? expires_ms - wall_ms : 0;

		left_ms = left_ms < TICK_MAX_MS ? left_ms : TICK_MAX_MS;
		due_ms = now_ms + left_ms < due_ms ? now_ms + left_ms : due_ms;
	}
	if (due_ms >= queue->tick_due_ms || queue->stopping)
		return;
	queue->tick_due_ms = due_ms;
	uv_timer_start(&queue->tick, on_tick, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void presence_publish(struct ctl_queue *queue, enum ctl_event_type type,
			     const struct ctl_reg *reg)
{
	struct ctl_event event = {.type = type, .reg = reg, .wall_ms = queue_wall_ms()};

	ctl_hub_publish(queue->ctl->hub, &event);
}

void queue_tick(struct ctl_queue *queue, uint64_t now_ms, uint64_t wall_ms)
{
	const struct ctl_reg *reg;
	struct waiting_op *op;

	while ((reg = awake_take_due(&queue->awake, now_ms)) != NULL)
		presence_publish(queue, CTL_SLEEPING, reg);
	for (unsigned i = 0; i < EXPIRE_MAX; i++) {
		op = waiting_expired(&queue->waiting, wall_ms);
		if (op == NULL)
			break;
		ctl_counters.queue_expired++;
		queue_doom(queue, op, EXPIRED);
	}
	tick_arm(queue);
}

bool ctl_queue_asleep(const struct ctl_queue *queue, const struct ctl_reg *reg)
{
	return queue != NULL && reg->record->queue_mode && !awake_has(reg);
}

static struct waiting_endpoint *endpoint_of(const struct ctl_queue *queue,
					    const struct ctl_reg *reg)
{
	if (queue->waiting.endpoints == 0) // spares most gateways the hash
		return NULL;
	return waiting_find(&queue->waiting, ctl_record_endpoint(reg->record),
			    reg->record->endpoint_len);
}

bool ctl_queue_must_wait(const struct ctl_queue *queue, const struct ctl_reg *reg)
{
	return queue != NULL && (ctl_queue_asleep(queue, reg) || endpoint_of(queue, reg) != NULL);
}

// When it was heard, by the loop's clock.
static uint64_t heard_at(const struct ctl_queue *queue, uint64_t wall_ms)
{
	uint64_t now_ms = uv_now(queue->ctl->loop), wall_now_ms = queue_wall_ms();
	uint64_t age_ms = wall_now_ms > wall_ms ? wall_now_ms - wall_ms : 0;

	return now_ms > age_ms ? now_ms - age_ms : 0;
}

static void heard(struct ctl_queue *queue, struct ctl_reg *reg, uint64_t wall_ms, bool anew)
{
	struct waiting_endpoint *endpoint;

	if (!reg->record->queue_mode)
		awake_end(&queue->awake, reg); // it may have been until now
	else if (awake_heard(&queue->awake, reg, heard_at(queue, wall_ms)) == 1 || anew)
		presence_publish(queue, CTL_AWAKE, reg);
	endpoint = endpoint_of(queue, reg);
	if (endpoint != NULL) {
		endpoint->parked = false;
		queue_advance(queue, endpoint);
	}
	tick_arm(queue);
}

void ctl_queue_heard(struct ctl_queue *queue, struct ctl_reg *reg)
{
	if (queue != NULL)
		heard(queue, reg, queue_wall_ms(), false);
}

void ctl_queue_silent(struct ctl_queue *queue, struct ctl_reg *reg)
{
	struct waiting_endpoint *endpoint;

	if (queue == NULL || !reg->record->queue_mode)
		return;
	endpoint = endpoint_of(queue, reg);
	if (endpoint != NULL)
		endpoint->parked = true;
	if (awake_end(&queue->awake, reg))
		presence_publish(queue, CTL_SLEEPING, reg);
}

// Nobody will come for it. What is under way may still be answered, or not.
static void deregistered(struct ctl_queue *queue, const struct ctl_reg *reg)
{
	struct waiting_endpoint *endpoint = endpoint_of(queue, reg);

	for (struct waiting_op *op = endpoint != NULL ? endpoint->first : NULL; op != NULL;
	     op = op->next) {
		if (op->state == WAITING_RUNNING) {
			ctl_operation_cancel(op->running);
			op->running = NULL;
			op->state = WAITING_READY;
		}
		queue_doom(queue, op, DEREGISTERED);
	}
}

static void on_event(const struct ctl_event *event, void *arg)
{
	struct ctl_queue *queue = arg;
	struct ctl_reg *reg = (struct ctl_reg *)(uintptr_t)event->reg;

	switch (event->type) {
	case CTL_REGISTERED:
	case CTL_UPDATED:
	case CTL_NOTIFICATION:
	case CTL_SEND:
		if (!event->late)
			heard(queue, reg, event->wall_ms, event->type == CTL_REGISTERED);
		break;
	case CTL_DEREGISTERED:
		awake_end(&queue->awake, reg);
		if (event->reason == CTL_REASON_DEREGISTERED)
			deregistered(queue, reg);
		break;
	case CTL_AWAKE:
	case CTL_SLEEPING:
	case CTL_RESPONSE:
	case CTL_COAPLOG:
		break;
	}
}

static struct ctl_queue_block *block_of(const struct ctl_reg *reg, const struct ctl_operation *op)
{
	struct ctl_queue_block *block = NULL;
	size_t bytes;
	void *packed = ctl_operation_pack(op, &bytes);

	if (packed != NULL)
		block = ctl_queue_block_new(ctl_record_endpoint(reg->record),
					    reg->record->endpoint_len, packed, bytes);
	free(packed);
	return block;
}

int ctl_queue_add(struct ctl_queue *queue, struct ctl_reg *reg, const struct ctl_operation *op,
		  uint64_t ttl_ms, ctl_queue_cb_t cb, void *arg)
{
	struct waiting_endpoint *endpoint = endpoint_of(queue, reg);
	struct ctl_queue_block *block;
	struct waiting_op *waiting;

	if (endpoint != NULL && endpoint->count >= queue->ctl->cfg->lwm2m.queue_max) {
		ctl_counters.queue_refused++;
		return -EDQUOT;
	}
	if (ctl_hold_why(&queue->ctl->holds, CTL_HOLD_STORE) != NULL)
		return -EROFS;
	block = block_of(reg, op);
	if (block == NULL)
		return -ENOMEM;
	block->id = ctl_store_queue_id(queue->ctl->store);
	block->queued_ms = queue_wall_ms();
	block->expires_ms = block->queued_ms + ttl_ms;
	waiting = waiting_add(&queue->waiting, ctl_record_endpoint(reg->record),
			      reg->record->endpoint_len, block->id, block->expires_ms);
	if (waiting == NULL) {
		free(block);
		return -ENOMEM;
	}
	waiting->block = block;
	waiting->cb = cb;
	waiting->arg = arg;
	queue_stage_add(queue, waiting);
	tick_arm(queue);
	return 0;
}

bool ctl_queue_remove(struct ctl_queue *queue, const char *endpoint, size_t len, uint64_t id)
{
	struct waiting_endpoint *found =
		queue != NULL ? waiting_find(&queue->waiting, endpoint, len) : NULL;
	struct waiting_op *op = found != NULL ? found->first : NULL;

	while (op != NULL && op->id != id)
		op = op->next;
	if (op == NULL || op->state != WAITING_READY)
		return false;
	queue_stage_end(queue, op, NULL, NULL);
	return true;
}

size_t ctl_queue_count(const struct ctl_queue *queue)
{
	return queue != NULL ? queue->waiting.count : 0;
}

void ctl_queue_on_ready(struct ctl_queue *queue)
{
	struct waiting_endpoint *endpoint =
		queue != NULL ? waiting_next(&queue->waiting, NULL) : NULL;

	for (; endpoint != NULL; endpoint = waiting_next(&queue->waiting, endpoint))
		queue_advance(queue, endpoint);
}

static int load_one(const struct ctl_queue_block *block, void *arg)
{
	struct ctl_queue *queue = arg;
	struct waiting_op *op = waiting_add(&queue->waiting, ctl_queue_block_endpoint(block),
					    block->endpoint_len, block->id, block->expires_ms);

	if (op == NULL)
		return -ENOMEM;
	op->state = WAITING_READY;
	return 0;
}

static int by_seen(const void *a, const void *b)
{
	const struct ctl_reg *one = *(struct ctl_reg *const *)a,
			     *other = *(struct ctl_reg *const *)b;

	return (one->seen_ms > other->seen_ms) - (one->seen_ms < other->seen_ms);
}

// Those whose window was not over yet when control went down are awake still. Nobody is told, as
// nobody was told of anything else.
static int awake_load(struct ctl_queue *queue, uint64_t wall_ms)
{
	struct ctl_registry *registry = queue->ctl->registry;
	struct ctl_reg **regs = calloc(ctl_registry_count(registry) + 1, sizeof(*regs));
	size_t count = 0;
	int rc = 0;

	if (regs == NULL)
		return -ENOMEM;
	for (struct ctl_reg *reg = ctl_registry_next(registry, NULL); reg != NULL;
	     reg = ctl_registry_next(registry, reg))
		if (reg->record->queue_mode && reg->seen_ms + queue->awake.window_ms > wall_ms)
			regs[count++] = reg;
	qsort(regs, count, sizeof(struct ctl_reg *), by_seen);
	for (size_t i = 0; rc >= 0 && i < count; i++)
		rc = awake_heard(&queue->awake, regs[i], heard_at(queue, regs[i]->seen_ms));
	free(regs);
	return rc < 0 ? rc : 0;
}

static void timers_init(struct ctl_queue *queue)
{
	uv_timer_t *timers[] = {&queue->tick, &queue->flush, &queue->stall};

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		uv_timer_init(queue->ctl->loop, timers[i]);
		timers[i]->data = queue;
		queue->handles++;
	}
}

int ctl_queue_new(struct ctl *ctl, struct ctl_queue **out)
{
	struct ctl_queue *queue = calloc(1, sizeof(*queue));
	int rc;

	if (queue == NULL)
		return -ENOMEM;
	queue->ctl = ctl;
	queue->tick_due_ms = UINT64_MAX;
	queue->adds_end = &queue->adds;
	queue->ends_end = &queue->ends;
	awake_init(&queue->awake, (uint64_t)ctl->cfg->lwm2m.awake_s * 1000);
	rc = waiting_init(&queue->waiting);
	if (rc == 0)
		rc = ctl_store_queue_load(ctl->store, load_one, queue);
	if (rc == 0)
		rc = awake_load(queue, queue_wall_ms());
	if (rc == 0)
		rc = ctl_hub_subscribe(ctl->hub, on_event, queue);
	if (rc != 0) {
		waiting_fini(&queue->waiting);
		awake_fini(&queue->awake);
		free(queue);
		return rc;
	}
	if (queue->waiting.count > 0)
		LOG(info, "%zu operation%s for sleeping devices", queue->waiting.count,
		    queue->waiting.count == 1 ? "" : "s");
	timers_init(queue);
	tick_arm(queue);
	ctl->queue = *out = queue;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct ctl_queue *queue = handle->data;

	if (--queue->handles == 0)
		free(queue);
}

void ctl_queue_free(struct ctl_queue *queue)
{
	struct waiting_endpoint *endpoint;

	queue->stopping = true;
	for (endpoint = waiting_next(&queue->waiting, NULL); endpoint != NULL;
	     endpoint = waiting_next(&queue->waiting, endpoint))
		if (endpoint->first->state == WAITING_RUNNING)
			ctl_operation_cancel(endpoint->first->running);
	queue_flush(queue);
	ctl_store_flush(queue->ctl->store);
	queue->ctl->queue = NULL;
	for (struct ctl_reg *reg = ctl_registry_next(queue->ctl->registry, NULL); reg != NULL;
	     reg = ctl_registry_next(queue->ctl->registry, reg))
		reg->awake = NULL;
	awake_fini(&queue->awake);
	waiting_fini(&queue->waiting);
	uv_close((uv_handle_t *)&queue->tick, on_closed);
	uv_close((uv_handle_t *)&queue->flush, on_closed);
	uv_close((uv_handle_t *)&queue->stall, on_closed);
}
