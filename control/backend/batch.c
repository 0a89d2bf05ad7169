// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/backend/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend/cloudevents.h"

struct filling {
	struct batch *batch;
	const char *uuid;
	int rc;
};

static int append(struct batch *batch, const char *text, size_t len)
{
	if (batch->len + len > batch->cap) {
		size_t cap = (batch->len + len) * 2;
		char *grown = realloc(batch->text, cap);

		if (grown == NULL)
			return -ENOMEM;
		batch->text = grown;
		batch->cap = cap;
	}
	memcpy(batch->text + batch->len, text, len);
	batch->len += len;
	return 0;
}

static bool on_entry(uint64_t key, const struct ctl_outbox_entry *entry,
		     const struct ctl_record *record, void *arg)
{
	struct filling *filling = arg;
	struct batch *batch = filling->batch;
	char *text = cloudevent_text(filling->uuid, key, entry, record);

	if (text == NULL)
		filling->rc = -ENOMEM;
	if (filling->rc == 0)
		filling->rc = append(batch, batch->events == 0 ? "[" : ",", 1);
	if (filling->rc == 0)
		filling->rc = append(batch, text, strlen(text));
	free(text);
	if (filling->rc != 0)
		return false;
	batch->events++;
	batch->last_key = key;
	return batch->events < BATCH_EVENTS_MAX && batch->len < BATCH_BYTES_MAX;
}

int batch_fill(struct batch *batch, struct ctl_store *store, uint64_t after)
{
	struct filling filling = {.batch = batch, .uuid = ctl_store_uuid(store)};
	int rc;

	batch->len = 0;
	batch->events = 0;
	batch->last_key = after;
	rc = ctl_outbox_read(store, after, on_entry, &filling);
	if (rc == 0)
		rc = filling.rc;
	if (rc == 0 && batch->events > 0)
		rc = append(batch, "]", 1);
	if (rc != 0)
		batch->events = 0;
	return rc;
}

void batch_clear(struct batch *batch)
{
	free(batch->text);
	*batch = (struct batch){0};
}
