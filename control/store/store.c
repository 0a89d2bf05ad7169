// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/store/env.h"

#define MAP_BYTES_MIN ((size_t)16 << 20)
#define DATABASES     16 // room for those to come

int store_errno(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_KEYEXIST:
		return -EEXIST;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return -ENOSPC;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return -EBADMSG;
	default:
		return rc > 0 ? -rc : -EIO;
	}
}

int store_key_last(MDB_txn *txn, MDB_dbi dbi, uint64_t *number)
{
	MDB_val key, val;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn, dbi, &cursor);

	*number = 0;
	if (rc != 0)
		return rc;
	rc = mdb_cursor_get(cursor, &key, &val, MDB_LAST);
	if (rc == 0)
		*number = store_key_number(&key);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

// The lock lasts as long as the process; its file stays.
static int lock_take(const char *state, char why[static 160])
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/control.lock", state) >= (int)sizeof(path)) {
		snprintf(why, 160, "state directory, its path is too long");
		return -ENAMETOOLONG;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(why, 160, "%.100s, cannot be opened (%s)", path, strerror(errno));
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(why, 160, "state directory %.80s, another sluice-control is using it",
			 state);
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static int directory_make(const char *path, char why[static 160])
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	snprintf(why, 160, "%.100s, cannot be made (%s)", path, strerror(errno));
	return -errno;
}

static int env_open(struct ctl_store *store, const char *path, size_t map_bytes, unsigned flags)
{
	int rc;

	for (;; map_bytes /= 2) {
		rc = mdb_env_create(&store->env);
		if (rc != 0)
			return rc;
		rc = mdb_env_set_mapsize(store->env, map_bytes);
		if (rc == 0)
			rc = mdb_env_set_maxdbs(store->env, DATABASES);
		if (rc == 0)
			rc = mdb_env_open(store->env, path, flags, 0600);
		if (rc == 0)
			return 0;
		mdb_env_close(store->env);
		store->env = NULL;
		if (rc != ENOMEM || map_bytes / 2 < MAP_BYTES_MIN)
			return rc;
	}
}

static int databases_open(struct ctl_store *store, char why[static 160])
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->env, NULL, 0, &txn);

	if (rc != 0)
		return rc;
	rc = mdb_dbi_open(txn, "meta", MDB_CREATE, &store->meta);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "registrations", MDB_CREATE, &store->registrations);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "observations", MDB_CREATE, &store->observations);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "outbox", MDB_CREATE, &store->outbox);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "cursors", MDB_CREATE, &store->cursors);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "queue", MDB_CREATE, &store->queue);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "credentials", MDB_CREATE, &store->credentials);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "backends", MDB_CREATE, &store->definitions);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "exchanges", MDB_CREATE, &store->exchanges);
	if (rc == 0)
		rc = store_exchanges_open(store, txn);
	if (rc == 0)
		rc = store_meta_open(store, txn, why);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

struct ctl_store *ctl_store_open(const char *state, size_t map_bytes, bool sync,
				 char why[static 160])
{
	struct ctl_store *store = calloc(1, sizeof(*store));
	char path[4096];
	int rc;

	why[0] = '\0';
	if (store == NULL) {
		snprintf(why, 160, "store, out of memory");
		return NULL;
	}
	store->lock_fd = -1;
	if (directory_make(state, why) != 0)
		goto err;
	store->lock_fd = lock_take(state, why);
	if (store->lock_fd < 0)
		goto err;
	snprintf(path, sizeof(path), "%s/store", state);
	if (directory_make(path, why) != 0)
		goto err;
	// No read-ahead: the store is larger than what is read of it. Reads and writes share a
	// thread.
	rc = env_open(store, path, map_bytes, MDB_NORDAHEAD | MDB_NOTLS | (sync ? 0 : MDB_NOSYNC));
	if (rc == 0)
		rc = databases_open(store, why);
	if (rc == 0)
		return store;
	if (why[0] == '\0')
		snprintf(why, 160, "store %.80s, cannot be opened (%.40s)", path, mdb_strerror(rc));
err:
	ctl_store_close(store);
	return NULL;
}

void ctl_store_close(struct ctl_store *store)
{
	if (store == NULL)
		return;
	ctl_store_abort(store);
	if (store->env != NULL) {
		mdb_env_sync(store->env, 1);
		mdb_env_close(store->env);
	}
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	for (unsigned i = 0; i < store->backends_count; i++)
		free(store->backends[i].name);
	free(store->backends);
	free(store);
}

const char *ctl_store_uuid(const struct ctl_store *store)
{
	return store->uuid;
}

int ctl_store_begin(struct ctl_store *store)
{
	return store_errno(mdb_txn_begin(store->env, NULL, 0, &store->txn));
}

int ctl_store_commit(struct ctl_store *store)
{
	int rc = store_meta_stage(store);

	if (rc != 0) {
		ctl_store_abort(store);
		return store_errno(rc);
	}
	rc = mdb_txn_commit(store->txn); // frees it either way
	store->txn = NULL;
	if (rc != 0) {
		ctl_store_abort(store);
		return store_errno(rc);
	}
	store->outbox_stored = store->outbox_next;
	store->queue_stored = store->queue_next;
	store->credential_stored = store->credential_next;
	for (unsigned i = 0; i < store->backends_count; i++)
		store->backends[i].stored = store->backends[i].staged;
	return 0;
}

void ctl_store_abort(struct ctl_store *store)
{
	if (store->txn != NULL)
		mdb_txn_abort(store->txn);
	store->txn = NULL;
	for (unsigned i = 0; i < store->backends_count; i++)
		store->backends[i].staged = store->backends[i].stored;
}

void ctl_store_sync(struct ctl_store *store)
{
	mdb_env_sync(store->env, 1);
}
