// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/outbox.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("outbox");

// An entry of that many bytes behind its head; NULL when nobody wants it.
static char *reserve(struct ctl_store *store, const struct ctl_outbox_entry *entry, size_t len)
{
	char *body;

	if (store->backends_live == 0)
		return NULL;
	body = store_put(store, STORE_OUTBOX, store->outbox_next++, sizeof(*entry) + len);
	memcpy(body, entry, sizeof(*entry));
	return body + sizeof(*entry);
}

void ctl_outbox_append(struct ctl_store *store, const struct ctl_outbox_entry *entry,
		       const struct ctl_record *record)
{
	char *body = reserve(store, entry, record->bytes);

	if (body != NULL)
		memcpy(body, record, record->bytes);
}

// memcpy may not be given NULL.
static char *copy(char *to, const void *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
	return to + len;
}

static void paths_copy(char *to, const struct ctl_outbox_parts *parts)
{
	for (uint32_t i = 0; i < parts->paths_count; i++) {
		const struct lwm2m_path *path = &parts->paths[i];
		struct ctl_outbox_path on_disk = {.depth = path->depth};

		memcpy(on_disk.ids, path->ids, path->depth * sizeof(path->ids[0]));
		to = copy(to, &on_disk, sizeof(on_disk));
	}
}

void ctl_outbox_append_data(struct ctl_store *store, const struct ctl_outbox_entry *entry,
			    const struct ctl_outbox_data *data,
			    const struct ctl_outbox_parts *parts)
{
	size_t len = sizeof(*data) + data->endpoint_len + data->json_len + data->raw_len +
		     parts->paths_count * sizeof(struct ctl_outbox_path);
	struct ctl_outbox_entry with_version = *entry;
	char *body;

	assert(parts->json[0].len + parts->json[1].len == data->json_len);
	assert(parts->paths_count <= CTL_OUTBOX_PATHS_MAX);
	with_version.version = CTL_OUTBOX_PATHS;
	body = reserve(store, &with_version, len);
	if (body == NULL)
		return;
	body = copy(body, data, sizeof(*data));
	body = copy(body, parts->endpoint, data->endpoint_len);
	body = copy(body, parts->json[0].text, parts->json[0].len);
	body = copy(body, parts->json[1].text, parts->json[1].len);
	body = copy(body, parts->raw, data->raw_len);
	paths_copy(body, parts);
}

void ctl_outbox_path(const struct ctl_outbox_view *view, uint32_t i, struct lwm2m_path *path)
{
	struct ctl_outbox_path on_disk;

	memcpy(&on_disk, view->paths + i * sizeof(on_disk), sizeof(on_disk));
	memcpy(path->ids, on_disk.ids, sizeof(path->ids));
	path->depth = on_disk.depth <= 4 ? (uint8_t)on_disk.depth : 4;
}

uint64_t ctl_outbox_last(const struct ctl_store *store)
{
	return store->outbox_stored - 1;
}

// A copy of the record, since what lies on a page need not be aligned. False when it is damaged, or
// (*rc) memory is out.
static bool record_view(struct ctl_outbox_view *view, const char *block, size_t len,
			struct ctl_record **record, int *rc)
{
	if (ctl_record_check(block, len) != 0 || view->entry.type > CTL_DEREGISTERED ||
	    view->entry.reason > CTL_REASON_REPLACED)
		return false;
	*record = malloc(len);
	if (*record == NULL) {
		*rc = ENOMEM;
		return false;
	}
	memcpy(*record, block, len);
	view->record = *record;
	view->endpoint = ctl_record_endpoint(*record);
	view->endpoint_len = (*record)->endpoint_len;
	return true;
}

static bool data_view(struct ctl_outbox_view *view, const char *block, size_t len)
{
	struct ctl_outbox_data *data = &view->data;
	uint64_t data_len;

	if (len < sizeof(*data) ||
	    (view->entry.type != CTL_NOTIFICATION && view->entry.type != CTL_SEND &&
	     view->entry.type != CTL_RESPONSE))
		return false;
	memcpy(data, block, sizeof(*data));
	data_len = (uint64_t)data->endpoint_len + data->json_len + data->raw_len;
	if (data_len > len - sizeof(*data) || data->json_len < 2)
		return false;
	view->endpoint = block + sizeof(*data);
	view->endpoint_len = data->endpoint_len;
	view->json = view->endpoint + data->endpoint_len;
	view->raw = (const uint8_t *)view->json + data->json_len;
	view->paths = (const char *)view->raw + data->raw_len;
	len -= sizeof(*data) + data_len;
	if (view->entry.version == CTL_OUTBOX_DATA)
		return len == 0;
	view->paths_count = (uint32_t)(len / sizeof(struct ctl_outbox_path));
	return len % sizeof(struct ctl_outbox_path) == 0;
}

static bool entry_view(struct ctl_outbox_view *view, const MDB_val *v, struct ctl_record **record,
		       int *rc)
{
	const char *block = (const char *)v->mv_data + sizeof(view->entry);
	size_t len = v->mv_size - sizeof(view->entry);

	*view = (struct ctl_outbox_view){0};
	*record = NULL;
	if (v->mv_size < sizeof(view->entry))
		return false;
	memcpy(&view->entry, v->mv_data, sizeof(view->entry));
	if (view->entry.version == CTL_OUTBOX_RECORD)
		return record_view(view, block, len, record, rc);
	return (view->entry.version == CTL_OUTBOX_DATA ||
		view->entry.version == CTL_OUTBOX_PATHS) &&
	       data_view(view, block, len);
}

static int read_from(MDB_cursor *cursor, uint64_t after, ctl_outbox_cb_t cb, void *arg)
{
	struct store_key bytes = store_key_of(after + 1);
	MDB_val k = store_key_val(&bytes), v;
	int rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	bool more = true;

	while (rc == 0 && more) {
		struct ctl_outbox_view view;
		struct ctl_record *record;

		if (entry_view(&view, &v, &record, &rc))
			more = cb(store_key_number(&k), &view, arg);
		else if (rc == 0)
			LOG(error, "event %" PRIu64 " left out (damaged on disk)",
			    store_key_number(&k));
		free(record);
		if (rc == 0 && more)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int ctl_outbox_read(struct ctl_store *store, uint64_t after, ctl_outbox_cb_t cb, void *arg)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->dbis[STORE_OUTBOX], &cursor);
	if (rc == 0) {
		rc = read_from(cursor, after, cb, arg);
		mdb_cursor_close(cursor);
	}
	store_read_end(store, txn);
	return store_errno(rc);
}

int ctl_outbox_usage(struct ctl_store *store, struct ctl_outbox_usage *usage)
{
	MDB_stat stat;
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_stat(txn, store->dbis[STORE_OUTBOX], &stat);
	store_read_end(store, txn);
	if (rc != 0)
		return store_errno(rc);
	usage->bytes = (uint64_t)stat.ms_psize *
		       (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
	usage->entries = stat.ms_entries;
	return 0;
}

uint64_t ctl_outbox_cursor(const struct ctl_store *store, unsigned backend)
{
	return store->backends[backend].key;
}

void ctl_outbox_advance(struct ctl_store *store, unsigned backend, uint64_t key)
{
	assert(key >= store->backends[backend].key);
	store->backends[backend].key = key;
}

// Every entry up to here may go.
static uint64_t passed(const struct ctl_store *store)
{
	uint64_t key = ctl_outbox_last(store);

	for (unsigned i = 0; i < store->backends_count; i++)
		if (store->backends[i].name != NULL && store->backends[i].key < key)
			key = store->backends[i].key;
	return key;
}

bool ctl_outbox_dirty(const struct ctl_store *store)
{
	for (unsigned i = 0; i < store->backends_count; i++)
		if (store->backends[i].name != NULL &&
		    store->backends[i].key != store->backends[i].staged)
			return true;
	return store->outbox_first <= passed(store);
}

static void cursors_stage(struct ctl_store *store)
{
	for (unsigned i = 0; i < store->backends_count; i++) {
		struct store_cursor *backend = &store->backends[i];

		if (backend->name == NULL || backend->key == backend->staged)
			continue;
		memcpy(store_put_text(store, STORE_CURSORS, backend->name, sizeof(backend->key)),
		       &backend->key, sizeof(backend->key));
		backend->staged = backend->key;
	}
}

void ctl_outbox_stage(struct ctl_store *store, unsigned entries_max)
{
	uint64_t up_to = passed(store);

	cursors_stage(store);
	// Only what was committed is passed, so that nothing of this change set is deleted here.
	if (store->outbox_first <= up_to)
		store_changes_prune(store->open, STORE_OUTBOX, up_to, entries_max);
}
