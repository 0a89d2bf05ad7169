// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <stdlib.h>

#include "control/queue/state.h"

static const char *const kinds[CTL_OPERATION_KINDS] = {
	[CTL_READ] = "read",
	[CTL_DISCOVER] = "discover",
	[CTL_WRITE_REPLACE] = "write",
	[CTL_WRITE_PARTIAL] = "write-partial",
	[CTL_WRITE_ATTRIBUTES] = "write-attributes",
	[CTL_EXECUTE] = "execute",
	[CTL_CREATE] = "create",
	[CTL_DELETE_INSTANCE] = "delete",
	[CTL_OBSERVE] = "observe",
	[CTL_OBSERVE_CANCEL] = "observe-cancel",
	[CTL_READ_COMPOSITE] = "read-composite",
	[CTL_WRITE_COMPOSITE] = "write-composite",
	[CTL_OBSERVE_COMPOSITE] = "observe-composite",
	[CTL_OBSERVE_COMPOSITE_CANCEL] = "observe-composite-cancel",
};

// NULL when memory is out; a JSON null for an operation that cannot be read.
static json_t *op_json(const struct ctl_queue *queue, const struct waiting_op *op)
{
	struct ctl_queue_block *block = NULL;
	struct ctl_operation operation;
	json_t *json;

	if (ctl_store_queue_get(queue->ctl->store, op->id, &block) != 0)
		return json_null();
	if (ctl_operation_unpack(&operation, block->operation, block->operation_len) != 0 ||
	    operation.kind >= CTL_OPERATION_KINDS)
		json = json_null();
	else
		json = json_pack("{s:I, s:o, s:s, s:I, s:I}", "requestId", (json_int_t)op->id,
				 "path", queue_paths_json(&operation), "operation",
				 kinds[operation.kind], "queued", (json_int_t)block->queued_ms,
				 "expires", (json_int_t)block->expires_ms);
	free(block);
	return json;
}

json_t *ctl_queue_json(const struct ctl_queue *queue, const char *endpoint, size_t len)
{
	const struct waiting_endpoint *found =
		queue != NULL ? waiting_find(&queue->waiting, endpoint, len) : NULL;
	json_t *list = json_array();

	for (const struct waiting_op *op = found != NULL ? found->first : NULL;
	     list != NULL && op != NULL; op = op->next) {
		json_t *json;

		if (op->state != WAITING_READY && op->state != WAITING_RUNNING)
			continue;
		json = op_json(queue, op);
		if (json_is_null(json))
			continue;
		if (json_array_append_new(list, json) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}
