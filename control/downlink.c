// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One queue per device with operations, hung on its registration. The first operation is the one
// under way; the queue goes with its last one. An operation keeps its place while its callback
// runs, which may send, cancel others, and go on with the same operation.
#include "control/downlink.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/ctl.h"
#include "control/hub.h"
#include "control/link/link.h"
#include "control/metrics.h"
#include "control/queue/queue.h"
#include "dataplane/bridge/proto.h"

#define STALL_MS 20u // a worker without room for a request is asked again after this time

struct op_queue {
	struct ctl_downlink *dl;
	struct ctl_reg *reg; // NULL: its operations are moving or ending
	struct ctl_op *first, *last;
	struct op_queue *prev, *next; // all queues
	bool stalled;                 // first was not taken by the dataplane yet
};

struct ctl_op {
	struct ctl_downlink *dl;
	struct op_queue *queue; // NULL: no device; the timer ends it
	struct ctl_op *prev, *next;
	uv_timer_t timer;
	uint64_t deadline_ms;
	uint64_t request_id; // 0: not under way
	enum ctl_op_result on_timer;
	bool again; // its callback gave it another request
	ctl_op_cb_t cb;
	void *arg;
	uint64_t token;
	size_t coap_len;
	uint8_t *coap;
};

struct ctl_downlink {
	struct ctl *ctl;
	struct op_queue *queues;
	struct op_queue *moving; // has no registration: its operations end, or wait for the new one
	uint64_t request_id;
	uv_timer_t stall;
};

static void queue_advance(struct op_queue *queue);

static void on_op_closed(uv_handle_t *handle)
{
	struct ctl_op *op = handle->data;

	free(op->coap);
	free(op);
}

static void queue_free(struct op_queue *queue)
{
	struct ctl_downlink *dl = queue->dl;

	*(queue->prev != NULL ? &queue->prev->next : &dl->queues) = queue->next;
	if (queue->next != NULL)
		queue->next->prev = queue->prev;
	if (queue->reg != NULL)
		queue->reg->ops = NULL;
	if (dl->moving == queue)
		dl->moving = NULL;
	free(queue);
}

// Takes an operation out of its queue, which may end with it.
static void op_unlink(struct ctl_op *op)
{
	struct op_queue *queue = op->queue;

	if (queue == NULL)
		return;
	*(op->prev != NULL ? &op->prev->next : &queue->first) = op->next;
	*(op->next != NULL ? &op->next->prev : &queue->last) = op->prev;
	op->queue = NULL;
	if (queue->first == NULL)
		queue_free(queue);
}

// Takes it out and lets the device's next one go.
static void op_leave(struct ctl_op *op)
{
	struct op_queue *queue = op->queue;
	bool was_first = queue != NULL && queue->first == op;
	bool last = queue != NULL && queue->first == queue->last;

	op_unlink(op);
	if (was_first && !last)
		queue_advance(queue);
}

static void op_end(struct ctl_op *op)
{
	uv_close((uv_handle_t *)&op->timer, on_op_closed);
}

// The dataplane need not go on with it.
static void op_recall(struct ctl_op *op)
{
	if (op->request_id != 0 && op->queue != NULL && op->queue->reg != NULL)
		ctl_link_cancel(op->dl->ctl->link, op->queue->reg->record->location,
				op->request_id);
	op->request_id = 0;
}

// The request ends; with it the operation, unless the callback has another one.
static void op_complete(struct ctl_op *op, const struct ctl_op_outcome *outcome)
{
	if (outcome->result == CTL_OP_ANSWERED)
		ctl_counters.requests_answered++;
	else
		ctl_counters.requests_failed++;
	uv_timer_stop(&op->timer);
	op->again = false;
	op->cb(op, outcome, op->arg);
	if (!op->again) {
		op_leave(op);
		op_end(op);
	} else if (op->queue != NULL && op->queue->first == op) {
		op->request_id = 0;
		queue_advance(op->queue);
	}
}

static void op_fail(struct ctl_op *op, enum ctl_op_result result)
{
	struct ctl_op_outcome outcome = {.result = result};

	op_complete(op, &outcome);
}

static void on_op_timer(uv_timer_t *timer)
{
	struct ctl_op *op = timer->data;

	// Of a request that never had its turn the device knows nothing.
	if (op->request_id != 0 && op->on_timer == CTL_OP_TIMEOUT && op->queue != NULL &&
	    op->queue->reg != NULL)
		ctl_queue_silent(op->dl->ctl->queue, op->queue->reg);
	op_recall(op);
	op_fail(op, op->on_timer);
}

// Ends the operation from the loop: its owner may not know it yet.
static void op_fail_soon(struct ctl_op *op, enum ctl_op_result result)
{
	op->on_timer = result;
	uv_timer_start(&op->timer, on_op_timer, 0, 0);
}

static void on_stall(uv_timer_t *timer)
{
	struct ctl_downlink *dl = timer->data;
	struct op_queue *next;

	for (struct op_queue *queue = dl->queues; queue != NULL; queue = next) {
		next = queue->next;
		if (queue->stalled)
			queue_advance(queue); // calls nobody back
	}
}

static void queue_stall(struct op_queue *queue)
{
	queue->stalled = true;
	if (!uv_is_active((uv_handle_t *)&queue->dl->stall))
		uv_timer_start(&queue->dl->stall, on_stall, STALL_MS, 0);
}

// The token of an observation is of one registration; what waited for the device's turn while it
// registered again cannot be sent under it.
static bool token_holds(uint64_t token, uint64_t location)
{
	return !BRIDGE_TOKEN_OBSERVES(token) ||
	       token == BRIDGE_OBSERVE_TOKEN(location, token >> 24);
}

// Sends the first operation unless it is under way. Calls nobody back.
static void queue_advance(struct op_queue *queue)
{
	struct ctl_downlink *dl = queue->dl;
	struct ctl_op *op = queue->first;
	uint64_t now_ms = uv_now(dl->ctl->loop);
	uint32_t left_ms;
	int rc;

	queue->stalled = false;
	if (op->request_id != 0 || queue->reg == NULL)
		return;
	if (!token_holds(op->token, queue->reg->record->location)) {
		op_fail_soon(op, CTL_OP_GONE);
		return;
	}
	left_ms = op->deadline_ms > now_ms ? (uint32_t)(op->deadline_ms - now_ms) : 1;
	op->request_id = ++dl->request_id;
	rc = op->coap_len == 0
		     ? -EMSGSIZE
		     : ctl_link_request(dl->ctl->link, queue->reg->record->location, op->request_id,
					left_ms, op->token, op->coap, op->coap_len);
	if (rc == 0) {
		ctl_counters.requests++;
		return;
	}
	op->request_id = 0;
	if (rc == -EAGAIN)
		queue_stall(queue);
	else if (rc == -EMSGSIZE)
		op_fail_soon(op, CTL_OP_INVALID);
	// Else the link is restoring: ctl_downlink_on_ready sends it, or on_detached ends it.
}

static struct op_queue *queue_of(struct ctl_downlink *dl, struct ctl_reg *reg)
{
	struct op_queue *queue = reg->ops;

	if (queue != NULL)
		return queue;
	queue = calloc(1, sizeof(*queue));
	if (queue == NULL)
		return NULL;
	queue->dl = dl;
	queue->reg = reg;
	queue->next = dl->queues;
	if (dl->queues != NULL)
		dl->queues->prev = queue;
	dl->queues = queue;
	reg->ops = queue;
	return queue;
}

// What the operation asks next, and how long it may take.
static int op_set(struct ctl_op *op, uint64_t token, const void *coap, size_t coap_len,
		  uint32_t timeout_ms)
{
	uint8_t *copy = malloc(coap_len > 0 ? coap_len : 1);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, coap, coap_len);
	free(op->coap);
	op->coap = copy;
	op->coap_len = coap_len;
	op->token = token;
	op->on_timer = CTL_OP_TIMEOUT;
	op->deadline_ms = uv_now(op->dl->ctl->loop) + timeout_ms;
	uv_timer_start(&op->timer, on_op_timer, timeout_ms, 0);
	return 0;
}

static struct ctl_op *op_new(struct ctl_downlink *dl, ctl_op_cb_t cb, void *arg)
{
	struct ctl_op *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return NULL;
	op->dl = dl;
	op->cb = cb;
	op->arg = arg;
	uv_timer_init(dl->ctl->loop, &op->timer);
	op->timer.data = op;
	return op;
}

int ctl_op_again(struct ctl_op *op, uint64_t token, const void *coap, size_t coap_len,
		 uint32_t timeout_ms)
{
	int err = op_set(op, token, coap, coap_len, timeout_ms);

	if (err == 0)
		op->again = true;
	return err;
}

struct ctl_op *ctl_downlink_send(struct ctl_downlink *dl, struct ctl_reg *reg, uint64_t token,
				 const void *coap, size_t coap_len, uint32_t timeout_ms,
				 ctl_op_cb_t cb, void *arg)
{
	struct ctl_op *op = op_new(dl, cb, arg);
	struct op_queue *queue;

	if (op == NULL)
		return NULL;
	if (op_set(op, token, coap, coap_len, timeout_ms) != 0) {
		op_end(op);
		return NULL;
	}
	if (ctl_link_state(dl->ctl->link) == CTL_LINK_DETACHED) {
		op_fail_soon(op, CTL_OP_UNAVAILABLE);
		return op;
	}
	// An event may be telling of a registration that has already gone.
	if (ctl_registry_by_location(dl->ctl->registry, reg->record->location) != reg) {
		op_fail_soon(op, CTL_OP_GONE);
		return op;
	}
	queue = queue_of(dl, reg);
	if (queue == NULL) {
		op_end(op);
		return NULL;
	}
	op->queue = queue;
	op->prev = queue->last;
	*(queue->last != NULL ? &queue->last->next : &queue->first) = op;
	queue->last = op;
	if (queue->first == op)
		queue_advance(queue);
	return op;
}

void ctl_op_cancel(struct ctl_op *op)
{
	op_recall(op);
	op_leave(op);
	op_end(op);
}

static void answered(struct ctl_op *op, const uint8_t *coap, size_t coap_len)
{
	struct ctl_op_outcome outcome = {.result = CTL_OP_ANSWERED};

	if (coap_msg_parse(&outcome.response, coap, coap_len) != COAP_OK) {
		ctl_counters.bridge_errors++;
		outcome.result = CTL_OP_UNAVAILABLE;
	}
	op_complete(op, &outcome);
}

void ctl_downlink_on_response(struct ctl_downlink *dl, uint64_t location, uint64_t request_id,
			      uint32_t result, const uint8_t *coap, size_t coap_len)
{
	struct ctl_reg *reg = ctl_registry_by_location(dl->ctl->registry, location);
	struct op_queue *queue = reg != NULL ? reg->ops : NULL;
	struct ctl_op *op = queue != NULL ? queue->first : NULL;

	// What was cancelled or sent anew may still be answered.
	if (op == NULL || op->request_id != request_id)
		return;
	op->request_id = 0;
	switch ((enum bridge_result)result) {
	case BRIDGE_ANSWERED:
		ctl_queue_heard(dl->ctl->queue, reg);
		answered(op, coap, coap_len);
		break;
	case BRIDGE_TIMEOUT:
		ctl_queue_silent(dl->ctl->queue, reg);
		op_fail(op, CTL_OP_TIMEOUT);
		break;
	case BRIDGE_RESET:
		ctl_queue_heard(dl->ctl->queue, reg);
		op_fail(op, CTL_OP_RESET);
		break;
	case BRIDGE_GONE:
		op_fail(op, CTL_OP_GONE);
		break;
	case BRIDGE_BUSY:
		queue_stall(queue);
		break;
	case BRIDGE_INVALID:
		op_fail(op, CTL_OP_INVALID);
		break;
	}
}

void ctl_downlink_on_ready(struct ctl_downlink *dl)
{
	struct op_queue *next;

	for (struct op_queue *queue = dl->queues; queue != NULL; queue = next) {
		next = queue->next;
		queue_advance(queue);
	}
}

// Detached from its registration, a queue sends nothing; what callbacks send meanwhile goes
// elsewhere.
static void queue_detach(struct op_queue *queue)
{
	if (queue->reg != NULL)
		queue->reg->ops = NULL;
	queue->reg = NULL;
	queue->stalled = false;
}

// Ends every operation of a queue. Callbacks may cancel others of them, even the last one: whoever
// frees the queue says so by resetting moving.
static void queue_end(struct op_queue *queue, enum ctl_op_result result)
{
	struct ctl_downlink *dl = queue->dl;

	assert(dl->moving == NULL);
	queue_detach(queue);
	dl->moving = queue;
	while (dl->moving == queue)
		op_fail(queue->first, result);
}

void ctl_downlink_on_detached(struct ctl_downlink *dl)
{
	while (dl->queues != NULL)
		queue_end(dl->queues, CTL_OP_UNAVAILABLE);
}

// The new registration has operations already: an event before this one brought them, when it was
// in the registry and nobody had been told. What waited goes before those that are not under way.
static void queue_join(struct op_queue *queue, struct op_queue *there)
{
	struct ctl_op *under_way = there->first->request_id != 0 ? there->first : NULL;
	struct ctl_op *behind = under_way != NULL ? under_way->next : there->first;

	for (struct ctl_op *op = queue->first; op != NULL; op = op->next)
		op->queue = there;
	queue->first->prev = under_way;
	queue->last->next = behind;
	*(under_way != NULL ? &under_way->next : &there->first) = queue->first;
	*(behind != NULL ? &behind->prev : &there->last) = queue->last;
	queue_free(queue);
	queue_advance(there);
}

// The device registered again: what waits goes to its new registration, what was under way is sent
// again.
static void queue_move(struct op_queue *queue, struct ctl_reg *reg)
{
	queue->dl->moving = NULL;
	queue->first->request_id = 0;
	if (reg->ops != NULL) {
		queue_join(queue, reg->ops);
		return;
	}
	queue->reg = reg;
	reg->ops = queue;
	queue_advance(queue);
}

static void on_event(const struct ctl_event *event, void *arg)
{
	struct ctl_downlink *dl = arg;
	struct ctl_reg *reg = (struct ctl_reg *)(uintptr_t)event->reg;
	struct op_queue *queue = reg->ops;

	if (event->type == CTL_REGISTERED && dl->moving != NULL)
		queue_move(dl->moving, reg);
	if (event->type != CTL_DEREGISTERED || queue == NULL)
		return;
	if (event->reason == CTL_REASON_REPLACED) {
		queue_detach(queue);
		dl->moving = queue;
	} else {
		queue_end(queue, CTL_OP_GONE);
	}
}

struct ctl_downlink *ctl_downlink_new(struct ctl *ctl)
{
	struct ctl_downlink *dl = calloc(1, sizeof(*dl));

	if (dl == NULL)
		return NULL;
	dl->ctl = ctl;
	if (ctl_hub_subscribe(ctl->hub, on_event, dl) != 0) {
		free(dl);
		return NULL;
	}
	uv_timer_init(ctl->loop, &dl->stall);
	dl->stall.data = dl;
	return dl;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void ctl_downlink_free(struct ctl_downlink *dl)
{
	assert(dl->queues == NULL);
	uv_close((uv_handle_t *)&dl->stall, on_closed);
}
