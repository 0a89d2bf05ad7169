// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend/backend.h"
#include "control/log.h"
#include "control/memory.h"
#include "control/metrics.h"
#include "control/queue/state.h"
#include "control/store/outbox.h"
#include "control/store/queue.h"
#include "control/store/store.h"

LOG_TYPE("queue");

static void on_flush(uv_timer_t *timer)
{
	queue_flush(timer->data);
}

// A timer that is due ends the loop's turn without waiting: what else this turn brings joins.
static void flush_soon(struct ctl_queue *queue)
{
	uv_timer_start(&queue->flush, on_flush, 0, 0);
}

void queue_stage_add(struct ctl_queue *queue, struct waiting_op *op)
{
	op->staged_next = NULL;
	*queue->adds_end = op;
	queue->adds_end = &op->staged_next;
	flush_soon(queue);
}

// For back ends that want to hear of some paths only. Without memory they hear of it, too.
static void paths_keep(struct waiting_op *op, const struct ctl_operation *operation)
{
	size_t bytes = operation->paths_count * sizeof(op->paths[0]);

	op->paths = bytes > 0 ? malloc(bytes) : NULL;
	if (op->paths == NULL)
		return;
	memcpy(op->paths, operation->paths, bytes);
	op->paths_count = operation->paths_count;
}

// What a RESPONSE event says. The operation is read again if it is not at hand; one that cannot be
// read has no path.
static char *response_text(struct ctl_queue *queue, struct waiting_op *op, json_t *response,
			   const char *errormessage)
{
	const struct waiting_endpoint *endpoint = op->endpoint;
	struct ctl_operation operation = {0};
	char *text = NULL;
	json_t *json;
	int rc = 0;

	if (op->block == NULL)
		ctl_store_queue_get(queue->ctl->store, op->id, &op->block);
	if (op->block == NULL ||
	    ctl_operation_unpack(&operation, op->block->operation, op->block->operation_len) != 0)
		operation.paths_count = 0;
	paths_keep(op, &operation);
	json = ctl_queue_told_json(endpoint->name, endpoint->name_len, &operation, op->id);
	if (json != NULL && response != NULL)
		rc = json_object_set(json, "response", response);
	else if (json != NULL)
		rc = json_object_set_new(json, "errormessage", json_string(errormessage));
	if (rc == 0 && json != NULL)
		text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

void queue_stage_end(struct ctl_queue *queue, struct waiting_op *op, json_t *response,
		     const char *errormessage)
{
	waiting_end(&queue->waiting, op);
	if (response != NULL || errormessage != NULL) {
		op->response = response_text(queue, op, response, errormessage);
		if (op->response == NULL)
			LOG(error, "operation %" PRIu64 ", its end is not told (out of memory)",
			    op->id);
	}
	free(op->block);
	op->block = NULL;
	op->staged_next = NULL;
	*queue->ends_end = op;
	queue->ends_end = &op->staged_next;
	flush_soon(queue);
}

// Back ends hear of it, too: in the change set that takes the operation off the disk.
static void end_put(struct ctl_store *store, const struct waiting_op *op)
{
	struct ctl_outbox_entry entry = {.type = CTL_RESPONSE, .wall_ms = queue_wall_ms()};
	struct ctl_outbox_parts parts = {
		.endpoint = op->endpoint->name,
		.json = {{op->response, 0}},
		.paths = op->paths,
		.paths_count = op->paths_count,
	};
	struct ctl_outbox_data data = {
		.endpoint_len = op->endpoint->name_len,
		.format = CTL_OUTBOX_NO_FORMAT,
	};

	ctl_store_queue_delete(store, op->id);
	if (op->response == NULL)
		return;
	parts.json[0].len = strlen(op->response);
	data.json_len = (uint32_t)parts.json[0].len;
	ctl_outbox_append_data(store, &entry, &data, &parts);
}

static struct waiting_op *take(struct waiting_op **list, struct waiting_op ***end)
{
	struct waiting_op *op = *list;

	*list = NULL;
	*end = list;
	return op;
}

static void adds_tell(struct ctl_queue *queue, struct waiting_op *op, int err)
{
	struct waiting_op *next;

	for (; op != NULL; op = next) {
		ctl_queue_cb_t cb = op->cb;
		void *arg = op->arg;
		uint64_t id = err == 0 ? op->id : 0;

		next = op->staged_next;
		if (err != 0) {
			waiting_remove(&queue->waiting, op);
			cb(id, err, arg);
			continue;
		}
		free(op->block);
		op->block = NULL;
		op->state = WAITING_READY;
		ctl_counters.queue_added++;
		cb(id, 0, arg);
		if (op->state == WAITING_READY && op->doom != NULL)
			queue_stage_end(queue, op, NULL, op->doom);
		else
			queue_advance(queue, op->endpoint);
	}
}

// Who listens wants a registration. A device that has none any more gets one of its name only.
static void response_publish(struct ctl_queue *queue, const struct waiting_op *op)
{
	const struct waiting_endpoint *endpoint = op->endpoint;
	struct ctl_reg *reg =
		ctl_registry_by_endpoint(queue->ctl->registry, endpoint->name, endpoint->name_len);
	size_t bytes = sizeof(struct ctl_record) + endpoint->name_len;
	struct ctl_record *record = NULL;
	struct ctl_reg nobody = {0};
	struct ctl_event event = {
		.type = CTL_RESPONSE,
		.reg = reg,
		.wall_ms = queue_wall_ms(),
		.json = op->response,
		.json_len = strlen(op->response),
	};

	if (reg == NULL) {
		record = calloc(1, bytes);
		if (record == NULL)
			return;
		record->version = CTL_RECORD_VERSION;
		record->bytes = (uint32_t)bytes;
		record->endpoint_len = endpoint->name_len;
		memcpy(record->text, endpoint->name, endpoint->name_len);
		nobody.record = record;
		event.reg = &nobody;
	}
	ctl_hub_publish(queue->ctl->hub, &event);
	free(record);
}

static void ends_tell(struct ctl_queue *queue, struct waiting_op *op)
{
	struct waiting_op *next;

	for (; op != NULL; op = next) {
		struct waiting_endpoint *endpoint = op->endpoint;
		bool last;

		next = op->staged_next;
		if (op->response != NULL)
			response_publish(queue, op);
		last = endpoint->first == endpoint->last;
		waiting_remove(&queue->waiting, op);
		if (!last)
			queue_advance(queue, endpoint);
	}
}

struct flight {
	struct ctl_queue *queue;
	struct waiting_op *adds, *ends;
};

// What will never be on disk is refused (adds), or still there after the next start (removals).
static void on_written(int err, void *arg)
{
	struct flight *flight = arg;
	struct ctl_queue *queue = flight->queue;

	if (err == 0 && flight->ends != NULL && queue->ctl->backends != NULL)
		ctl_backends_wake(queue->ctl->backends);
	if (err == 0)
		ends_tell(queue, flight->ends);
	adds_tell(queue, flight->adds, err);
	free(flight);
}

void queue_flush(struct ctl_queue *queue)
{
	struct ctl_store *store = queue->ctl->store;
	struct flight *flight;

	if (queue->adds == NULL && queue->ends == NULL)
		return;
	flight = ctl_must_have(malloc(sizeof(*flight)));
	flight->queue = queue;
	flight->ends = take(&queue->ends, &queue->ends_end);
	flight->adds = take(&queue->adds, &queue->adds_end);
	for (struct waiting_op *op = flight->ends; op != NULL; op = op->staged_next)
		end_put(store, op);
	for (struct waiting_op *op = flight->adds; op != NULL; op = op->staged_next)
		ctl_store_queue_put(store, op->block);
	ctl_store_submit(store, on_written, flight);
}
