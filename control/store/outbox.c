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

// A value that fills whole pages of LMDB's, but for the head of the first: entries go on and off
// the disk in pieces of this size, at a fraction of what single ones cost.
#define BLOCK_MAX (65536u - 16u)

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

// So many bytes at the end of the block that is being filled, or of a new one.
static char *block_add(struct ctl_store *store, size_t len)
{
	struct ctl_outbox_block *block;
	size_t before;

	block = store_changes_last_outbox(store->open, &before);
	if (block != NULL && before + len <= BLOCK_MAX) {
		block = store_changes_extend_outbox(store->open, len);
	} else {
		before = sizeof(*block);
		block = store_changes_put_outbox(store->open, store->outbox_next, before + len);
		*block = (struct ctl_outbox_block){.version = CTL_OUTBOX_BLOCK};
	}
	block->count++;
	store->outbox_next++;
	return (char *)block + before;
}

// An entry of that many bytes behind its head; NULL when nobody wants it.
static char *reserve(struct ctl_store *store, const struct ctl_outbox_entry *entry, size_t len)
{
	struct ctl_outbox_item item = {.len = (uint32_t)(sizeof(*entry) + len)};
	size_t bytes = sizeof(item) + padded(item.len);
	char *body;

	if (store->backends_live == 0)
		return NULL;
	body = block_add(store, bytes);
	memset(body + bytes - 8, 0, 8); // padding
	memcpy(body, &item, sizeof(item));
	memcpy(body + sizeof(item), entry, sizeof(*entry));
	return body + sizeof(item) + sizeof(*entry);
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

// False when it is damaged, or (*rc) memory is out.
static bool entry_view(struct ctl_outbox_view *view, const char *bytes, size_t len,
		       struct ctl_record **record, int *rc)
{
	const char *body = bytes + sizeof(view->entry);

	*view = (struct ctl_outbox_view){0};
	*record = NULL;
	if (len < sizeof(view->entry))
		return false;
	memcpy(&view->entry, bytes, sizeof(view->entry));
	len -= sizeof(view->entry);
	if (view->entry.version == CTL_OUTBOX_RECORD)
		return record_view(view, body, len, record, rc);
	return (view->entry.version == CTL_OUTBOX_DATA ||
		view->entry.version == CTL_OUTBOX_PATHS) &&
	       data_view(view, body, len);
}

struct reader {
	uint64_t after;
	ctl_outbox_cb_t cb;
	void *arg;
	bool more;
	int rc; // ENOMEM
};

static void entry_read(struct reader *reader, uint64_t key, const char *bytes, size_t len)
{
	struct ctl_outbox_view view;
	struct ctl_record *record;

	if (entry_view(&view, bytes, len, &record, &reader->rc))
		reader->more = reader->cb(key, &view, reader->arg);
	else if (reader->rc == 0)
		LOG(error, "event %" PRIu64 " left out (damaged on disk)", key);
	free(record);
}

static bool block_head(const MDB_val *v, struct ctl_outbox_block *head)
{
	if (v->mv_size < sizeof(*head))
		return false;
	memcpy(head, v->mv_data, sizeof(*head));
	return head->version == CTL_OUTBOX_BLOCK && head->count > 0;
}

uint32_t store_outbox_count(const MDB_val *value)
{
	struct ctl_outbox_block head;

	return block_head(value, &head) ? head.count : 1;
}

static void block_read(struct reader *reader, uint64_t key, uint32_t count, const MDB_val *v)
{
	const char *at = (const char *)v->mv_data + sizeof(struct ctl_outbox_block);
	const char *end = (const char *)v->mv_data + v->mv_size;

	for (; count > 0 && reader->more && reader->rc == 0; count--, key++) {
		struct ctl_outbox_item item;

		if ((size_t)(end - at) < sizeof(item))
			break;
		memcpy(&item, at, sizeof(item));
		at += sizeof(item);
		if (padded(item.len) > (size_t)(end - at))
			break;
		if (key > reader->after)
			entry_read(reader, key, at, item.len);
		at += padded(item.len);
	}
	if (count > 0 && reader->more && reader->rc == 0)
		LOG(error, "events from %" PRIu64 " to %" PRIu64 " left out (damaged on disk)", key,
		    key + count - 1);
}

static void value_read(struct reader *reader, const MDB_val *k, const MDB_val *v)
{
	uint64_t key = store_key_number(k);
	struct ctl_outbox_block head;

	if (block_head(v, &head))
		block_read(reader, key, head.count, v);
	else if (key > reader->after)
		entry_read(reader, key, v->mv_data, v->mv_size);
}

// To the value that has the entry, or else would come next.
static int seek(MDB_cursor *cursor, uint64_t number, MDB_val *k, MDB_val *v)
{
	struct store_key bytes = store_key_of(number);
	int rc;

	*k = store_key_val(&bytes);
	rc = mdb_cursor_get(cursor, k, v, MDB_SET_RANGE);
	if (rc == 0 && store_key_number(k) == number)
		return 0;
	if (rc != 0 && rc != MDB_NOTFOUND)
		return rc;
	// It may be inside of the value before.
	rc = mdb_cursor_get(cursor, k, v, rc == 0 ? MDB_PREV : MDB_LAST);
	return rc == MDB_NOTFOUND ? mdb_cursor_get(cursor, k, v, MDB_FIRST) : rc;
}

static int read_from(MDB_cursor *cursor, struct reader *reader)
{
	MDB_val k, v;
	int rc = seek(cursor, reader->after + 1, &k, &v);

	while (rc == 0 && reader->more) {
		value_read(reader, &k, &v);
		rc = reader->rc;
		if (rc == 0 && reader->more)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int ctl_outbox_read(struct ctl_store *store, uint64_t after, ctl_outbox_cb_t cb, void *arg)
{
	struct reader reader = {.after = after, .cb = cb, .arg = arg, .more = true};
	MDB_cursor *cursor;
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->dbis[STORE_OUTBOX], &cursor);
	if (rc == 0) {
		rc = read_from(cursor, &reader);
		mdb_cursor_close(cursor);
	}
	store_read_end(store, txn);
	return store_errno(rc);
}

static int usage_read(struct ctl_store *store, MDB_txn *txn, struct ctl_outbox_usage *usage)
{
	MDB_dbi dbi = store->dbis[STORE_OUTBOX];
	MDB_cursor *cursor;
	MDB_stat stat;
	MDB_val k, v;
	int rc = mdb_stat(txn, dbi, &stat);

	if (rc == 0)
		rc = mdb_cursor_open(txn, dbi, &cursor);
	if (rc != 0)
		return rc;
	usage->bytes = (uint64_t)stat.ms_psize *
		       (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
	usage->entries = 0;
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	if (rc == 0 && store_key_number(&k) < store->outbox_stored)
		usage->entries = store->outbox_stored - store_key_number(&k);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int ctl_outbox_usage(struct ctl_store *store, struct ctl_outbox_usage *usage)
{
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = usage_read(store, txn, usage);
	store_read_end(store, txn);
	return store_errno(rc);
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
