// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/backend/batch.h"

#include <errno.h>

#include "control/backend/cloudevents.h"

struct filling {
	struct batch *batch;
	const char *uuid;
	bool raw;
};

static bool on_entry(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	struct filling *filling = arg;
	struct batch *batch = filling->batch;

	json_out_bytes(&batch->out, batch->events == 0 ? "[" : ",", 1);
	cloudevent_out(&batch->out, filling->uuid, key, view, filling->raw);
	if (batch->out.failed)
		return false;
	batch->events++;
	batch->last_key = key;
	return batch->events < BATCH_EVENTS_MAX && batch->out.len < BATCH_BYTES_MAX;
}

int batch_fill(struct batch *batch, struct ctl_store *store, uint64_t after, bool raw)
{
	struct filling filling = {.batch = batch, .uuid = ctl_store_uuid(store), .raw = raw};
	int rc;

	batch->out.len = 0;
	batch->out.failed = false;
	batch->events = 0;
	batch->last_key = after;
	rc = ctl_outbox_read(store, after, on_entry, &filling);
	if (batch->events > 0)
		json_out_literal(&batch->out, "]");
	if (rc == 0 && batch->out.failed)
		rc = -ENOMEM;
	if (rc != 0)
		batch->events = 0;
	return rc;
}

void batch_clear(struct batch *batch)
{
	json_out_free(&batch->out);
	batch->events = 0;
}
