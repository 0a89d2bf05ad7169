// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/definitions.h"

#include <string.h>

#include "control/store/env.h"

int ctl_definition_put(struct ctl_store *store, const char *name, const char *json, size_t len)
{
	memcpy(store_put_text(store, STORE_DEFINITIONS, name, len), json, len);
	ctl_store_submit(store, NULL, NULL);
	return 0;
}

int ctl_definition_delete(struct ctl_store *store, const char *name)
{
	store_delete_text(store, STORE_DEFINITIONS, name, strlen(name));
	ctl_store_submit(store, NULL, NULL);
	return 0;
}

int ctl_definitions_read(struct ctl_store *store, ctl_definition_cb_t cb, void *arg)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	MDB_txn *txn;
	int called = 0, rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->dbis[STORE_DEFINITIONS], &cursor);
	if (rc == 0) {
		rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
		while (rc == 0 && called == 0) {
			called = cb(k.mv_data, k.mv_size, v.mv_data, v.mv_size, arg);
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
		}
		mdb_cursor_close(cursor);
	}
	store_read_end(store, txn);
	return called != 0 ? called : rc == MDB_NOTFOUND ? 0 : store_errno(rc);
}
