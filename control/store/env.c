// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The LMDB environment: opened at the start and, after a commit whose fsync failed, again. LMDB
// then trusts nothing that it has in memory any more (MDB_PANIC), and the kernel may have dropped
// what it could not write.
#include "control/store/env.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define MAP_BYTES_MIN ((size_t)16 << 20)
#define DATABASES     16 // room for those to come

static const char *const names[STORE_DB_COUNT] = {
#define X(id, name) [STORE_##id] = name,
	STORE_DBS(X)
#undef X
};

static int env_open(struct ctl_store *store)
{
	int rc;

	for (;; store->map_bytes /= 2) {
		rc = mdb_env_create(&store->env);
		if (rc != 0)
			return rc;
		rc = mdb_env_set_mapsize(store->env, store->map_bytes);
		if (rc == 0)
			rc = mdb_env_set_maxdbs(store->env, DATABASES);
		if (rc == 0)
			rc = mdb_env_open(store->env, store->path, store->flags, 0600);
		if (rc == 0)
			return 0;
		mdb_env_close(store->env);
		store->env = NULL;
		if (rc != ENOMEM || store->map_bytes / 2 < MAP_BYTES_MIN)
			return rc;
	}
}

static int dbis_open(struct ctl_store *store, MDB_txn *txn)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < STORE_DB_COUNT; i++) {
		rc = mdb_dbi_open(txn, names[i], MDB_CREATE, &store->dbis[i]);
		if (rc == 0)
			rc = store_key_last(txn, store->dbis[i], &store->writer.last[i]);
	}
	return rc;
}

static int databases_open(struct ctl_store *store, bool first, char why[static 160])
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->env, NULL, 0, &txn);

	if (rc != 0)
		return rc;
	rc = dbis_open(store, txn);
	if (rc == 0 && first)
		rc = store_exchanges_open(store, txn);
	if (rc == 0 && first)
		rc = store_dtls_open(store, txn);
	if (rc == 0 && first)
		rc = store_meta_open(store, txn, why);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

// An empty file is no new store: that has none.
static int file_check(struct ctl_store *store, char why[static 160])
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/data.mdb", store->path) >= (int)sizeof(path))
		return ENAMETOOLONG;
	if (stat(path, &st) != 0)
		return errno == ENOENT ? 0 : errno;
	if (st.st_size > 0)
		return 0;
	snprintf(why, 160, "it is empty");
	return MDB_INVALID;
}

int store_env_open(struct ctl_store *store, char why[static 160])
{
	int rc = file_check(store, why);

	if (rc == 0)
		rc = env_open(store);
	return rc == 0 ? databases_open(store, true, why) : rc;
}

int store_env_reopen(struct ctl_store *store)
{
	char why[160] = "";
	int rc;

	pthread_rwlock_wrlock(&store->env_lock);
	if (store->env != NULL)
		mdb_env_close(store->env);
	store->env = NULL;
	rc = file_check(store, why);
	if (rc == 0)
		rc = env_open(store);
	if (rc == 0)
		rc = databases_open(store, false, why);
	if (rc != 0 && store->env != NULL) {
		mdb_env_close(store->env);
		store->env = NULL;
	}
	pthread_rwlock_unlock(&store->env_lock);
	return rc;
}

int store_read_begin(struct ctl_store *store, MDB_txn **txn)
{
	int rc = pthread_rwlock_tryrdlock(&store->env_lock);

	if (rc != 0)
		return rc;
	rc = store->env != NULL ? mdb_txn_begin(store->env, NULL, MDB_RDONLY, txn) : EIO;
	if (rc != 0)
		pthread_rwlock_unlock(&store->env_lock);
	return rc;
}

void store_read_end(struct ctl_store *store, MDB_txn *txn)
{
	mdb_txn_abort(txn);
	pthread_rwlock_unlock(&store->env_lock);
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
