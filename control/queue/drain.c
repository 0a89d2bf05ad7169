// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One operation of a device at a time, in order: the next one is sent when the one before it is off
// the disk.
#include <errno.h>
#include <stdlib.h>

#include "control/link/link.h"
#include "control/metrics.h"
#include "control/observe/observations.h"
#include "control/queue/state.h"
#include "control/store/queue.h"

// RFC 7252 section 4.8.2: the last retransmission leaves MAX_TRANSMIT_SPAN = 45 s after the first
// transmission; a device that has not answered soon after it sleeps.
#define ATTEMPT_MS 50000u
#define STALL_MS   1000u

#define DAMAGED      "damaged on disk"
#define NOT_OBSERVED "too many observations, or none to cancel"

static void on_stall(uv_timer_t *timer)
{
	queue_unstall(timer->data);
}

static void endpoint_stall(struct ctl_queue *queue, struct waiting_endpoint *endpoint)
{
	endpoint->stalled = true;
	if (!uv_is_active((uv_handle_t *)&queue->stall))
		uv_timer_start(&queue->stall, on_stall, STALL_MS, 0);
}

void queue_unstall(struct ctl_queue *queue)
{
	struct waiting_endpoint *endpoint = waiting_next(&queue->waiting, NULL);

	for (; endpoint != NULL; endpoint = waiting_next(&queue->waiting, endpoint)) {
		if (!endpoint->stalled)
			continue;
		endpoint->stalled = false;
		queue_advance(queue, endpoint);
	}
}

// There is no outcome of the device's making: the operation stays where it is, unless it was doomed
// meanwhile.
static void op_return(struct ctl_queue *queue, struct waiting_op *op)
{
	free(op->block);
	op->block = NULL;
	op->state = WAITING_READY;
	if (op->doom != NULL)
		queue_stage_end(queue, op, NULL, op->doom);
}

static void on_outcome(const struct ctl_outcome *outcome, void *arg)
{
	struct waiting_op *op = arg;
	struct ctl_queue *queue = op->queue;
	struct waiting_endpoint *endpoint = op->endpoint;
	struct ctl_reg *reg =
		ctl_registry_by_endpoint(queue->ctl->registry, endpoint->name, endpoint->name_len);

	op->running = NULL;
	switch (outcome->result) {
	case CTL_OP_TIMEOUT:
		endpoint->parked = true;
		op_return(queue, op);
		if (reg != NULL)
			ctl_queue_silent(queue, reg);
		return;
	case CTL_OP_GONE:
	case CTL_OP_UNAVAILABLE:
		op_return(queue, op);
		endpoint_stall(queue, endpoint);
		return;
	case CTL_OP_ANSWERED:
		ctl_counters.queue_carried_out++;
		break;
	case CTL_OP_RESET:
	case CTL_OP_INVALID:
		break;
	}
	queue_stage_end(queue, op, outcome->http == 200 ? outcome->json : NULL,
			outcome->http == 200 ? NULL : outcome->text);
	if (reg != NULL && outcome->result != CTL_OP_INVALID)
		ctl_queue_heard(queue, reg);
}

// These are refused by the gateway itself when the device has too many observations, or has not the
// one to be cancelled.
static bool is_observe(uint8_t kind)
{
	return kind == CTL_OBSERVE || kind == CTL_OBSERVE_CANCEL || kind == CTL_OBSERVE_COMPOSITE ||
	       kind == CTL_OBSERVE_COMPOSITE_CANCEL;
}

// -ENOMEM: later. Others are final.
static int op_start(struct ctl_queue *queue, struct waiting_op *op, struct ctl_reg *reg)
{
	struct ctl_operation operation;
	int rc = ctl_store_queue_get(queue->ctl->store, op->id, &op->block);

	if (rc == 0)
		rc = ctl_operation_unpack(&operation, op->block->operation,
					  op->block->operation_len);
	if (rc != 0)
		return rc;
	op->queue = queue;
	op->running = ctl_observe_run(queue->ctl, reg, &operation, ATTEMPT_MS, on_outcome, op);
	if (op->running != NULL)
		return 0;
	return is_observe(operation.kind) ? -ESRCH : -ENOMEM;
}

void queue_advance(struct ctl_queue *queue, struct waiting_endpoint *endpoint)
{
	struct waiting_op *op = endpoint->first;
	struct ctl_reg *reg;
	int rc;

	if (queue->stopping || op->state != WAITING_READY || endpoint->parked ||
	    endpoint->stalled || ctl_link_state(queue->ctl->link) != CTL_LINK_READY)
		return;
	reg = ctl_registry_by_endpoint(queue->ctl->registry, endpoint->name, endpoint->name_len);
	if (reg == NULL || ctl_queue_asleep(queue, reg))
		return;
	rc = op_start(queue, op, reg);
	if (rc == 0) {
		op->state = WAITING_RUNNING;
	} else if (rc == -EBADMSG || rc == -ENOENT) {
		queue_stage_end(queue, op, NULL, DAMAGED);
	} else if (rc == -ESRCH) {
		queue_stage_end(queue, op, NULL, NOT_OBSERVED);
	} else {
		free(op->block);
		op->block = NULL;
		endpoint_stall(queue, endpoint);
	}
}

void queue_doom(struct ctl_queue *queue, struct waiting_op *op, const char *errormessage)
{
	if (op->state == WAITING_READY)
		queue_stage_end(queue, op, NULL, errormessage);
	else if (op->state != WAITING_ENDED)
		op->doom = errormessage;
}
