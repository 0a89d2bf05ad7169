// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/definitions.h"

#include <string.h>

#include "control/store/env.h"

static int finish(struct ctl_store *store, int rc)
{
	if (rc == 0)
		return ctl_store_commit(store);
	ctl_store_abort(store);
	return store_errno(rc);
}

int ctl_definition_put(struct ctl_store *store, const char *name, const char *json, size_t len)
{
	MDB_val k = {strlen(name), (void *)(uintptr_t)name};
	MDB_val v = {len, (void *)(uintptr_t)json};
	int rc = ctl_store_begin(store);

	return rc != 0 ? rc : finish(store, mdb_put(store->txn, store->definitions, &k, &v, 0));
}

int ctl_definition_delete(struct ctl_store *store, const char *name)
{
	MDB_val k = {strlen(name), (void *)(uintptr_t)name};
	int rc = ctl_store_begin(store);

	if (rc != 0)
		return rc;
	rc = mdb_del(store->txn, store->definitions, &k, NULL);
	return finish(store, rc == MDB_NOTFOUND ? 0 : rc);
}

int ctl_definitions_read(struct ctl_store *store, ctl_definition_cb_t cb, void *arg)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	MDB_txn *txn;
	int called = 0, rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->definitions, &cursor);
	if (rc == 0) {
		rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
		while (rc == 0 && called == 0) {
			called = cb(k.mv_data, k.mv_size, v.mv_data, v.mv_size, arg);
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return called != 0 ? called : rc == MDB_NOTFOUND ? 0 : store_errno(rc);
}
