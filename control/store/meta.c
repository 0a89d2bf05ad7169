// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The store's own facts: its format, its name, and the next keys of the outbox, the queue and the
// credentials (which must never come again, not even after those were emptied: others were told of
// them).
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "control/store/env.h"

struct meta_format {
	uint32_t format;
	char uuid[36];
};

static MDB_val text_val(const char *text)
{
	return (MDB_val){strlen(text), (void *)(uintptr_t)text};
}

// RFC 9562 section 5.4: 122 random bits.
static int uuid_make(char text[static 37])
{
	uint8_t r[16];

	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		return EIO;
	r[6] = (r[6] & 0x0f) | 0x40;
	r[8] = (r[8] & 0x3f) | 0x80;
	snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12],
		 r[13], r[14], r[15]);
	return 0;
}

static int format_create(struct ctl_store *store, MDB_txn *txn)
{
	struct meta_format meta = {.format = CTL_STORE_FORMAT};
	MDB_val key = text_val("format"), val = {sizeof(meta), &meta};
	int rc = uuid_make(store->uuid);

	if (rc != 0)
		return rc;
	memcpy(meta.uuid, store->uuid, sizeof(meta.uuid));
	return mdb_put(txn, store->dbis[STORE_META], &key, &val, 0);
}

// An older sluice would not understand what this one writes: from here on it is told so.
static int format_raise(struct ctl_store *store, MDB_txn *txn, struct meta_format *meta)
{
	MDB_val key = text_val("format"), val = {sizeof(*meta), meta};

	meta->format = CTL_STORE_FORMAT;
	return mdb_put(txn, store->dbis[STORE_META], &key, &val, 0);
}

static int format_check(struct ctl_store *store, MDB_txn *txn, const MDB_val *val,
			char why[static 160])
{
	struct meta_format meta;

	if (val->mv_size != sizeof(meta)) {
		snprintf(why, 160, "store, its format entry is damaged");
		return EINVAL;
	}
	memcpy(&meta, val->mv_data, sizeof(meta));
	if (meta.format == 0 || meta.format > CTL_STORE_FORMAT) {
		snprintf(why, 160,
			 "store, format %" PRIu32 " is newer than this program's %u (upgrade "
			 "sluice)",
			 meta.format, CTL_STORE_FORMAT);
		return EINVAL;
	}
	memcpy(store->uuid, meta.uuid, sizeof(meta.uuid));
	store->uuid[sizeof(meta.uuid)] = '\0';
	return meta.format == CTL_STORE_FORMAT ? 0 : format_raise(store, txn, &meta);
}

static int next_read(struct ctl_store *store, MDB_txn *txn, const char *name, MDB_dbi dbi,
		     uint64_t *next)
{
	MDB_val key = text_val(name), val;
	uint64_t last;
	int rc = mdb_get(txn, store->dbis[STORE_META], &key, &val);

	*next = 1;
	if (rc == 0 && val.mv_size == sizeof(*next))
		memcpy(next, val.mv_data, sizeof(*next));
	else if (rc != 0 && rc != MDB_NOTFOUND)
		return rc;
	rc = store_key_last(txn, dbi, &last);
	if (rc == 0 && last >= *next)
		*next = last + 1;
	return rc;
}

static void next_write(struct ctl_store *store, const char *name, uint64_t next, uint64_t *staged)
{
	if (next == *staged)
		return;
	memcpy(store_put_text(store, STORE_META, name, sizeof(next)), &next, sizeof(next));
	*staged = next;
}

int store_meta_open(struct ctl_store *store, MDB_txn *txn, char why[static 160])
{
	MDB_val key = text_val("format"), val;
	uint64_t last, last_observation;
	int rc = mdb_get(txn, store->dbis[STORE_META], &key, &val);

	if (rc == MDB_NOTFOUND)
		rc = format_create(store, txn);
	else if (rc == 0)
		rc = format_check(store, txn, &val, why);
	if (rc == 0)
		rc = next_read(store, txn, "outbox", store->dbis[STORE_OUTBOX],
			       &store->outbox_next);
	if (rc == 0)
		rc = next_read(store, txn, "queue", store->dbis[STORE_QUEUE], &store->queue_next);
	if (rc == 0)
		rc = next_read(store, txn, "credential", store->dbis[STORE_CREDENTIALS],
			       &store->credential_next);
	if (rc == 0)
		rc = store_key_last(txn, store->dbis[STORE_REGISTRATIONS], &last);
	if (rc == 0)
		rc = store_key_last(txn, store->dbis[STORE_OBSERVATIONS], &last_observation);
	if (rc != 0)
		return rc;
	store->key_next = last + 1;
	store->observation_next = last_observation + 1;
	store->outbox_staged = store->outbox_stored = store->outbox_next;
	store->queue_staged = store->queue_next;
	store->credential_staged = store->credential_next;
	return 0;
}

void store_meta_stage(struct ctl_store *store)
{
	next_write(store, "outbox", store->outbox_next, &store->outbox_staged);
	next_write(store, "queue", store->queue_next, &store->queue_staged);
	next_write(store, "credential", store->credential_next, &store->credential_staged);
}
