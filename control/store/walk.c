// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdlib.h>

#include "control/store/env.h"

int store_each(struct ctl_store *store, enum store_db db, store_each_cb_t cb, void *arg)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	MDB_val k, v;
	int told = 0, rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->dbis[db], &cursor);
	if (rc == 0) {
		rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
		while (rc == 0 && (told = cb(&k, &v, arg)) == 0)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
		mdb_cursor_close(cursor);
	}
	store_read_end(store, txn);
	return told != 0 ? told : rc == MDB_NOTFOUND ? 0 : store_errno(rc);
}

void *store_copy(const MDB_val *value)
{
	void *copy = malloc(value->mv_size);

	if (copy != NULL)
		memcpy(copy, value->mv_data, value->mv_size);
	return copy;
}
