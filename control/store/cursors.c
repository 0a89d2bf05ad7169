// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Back ends come and go with the configuration.
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("outbox");

static bool is_configured(const struct ctl_store *store, const MDB_val *name)
{
	for (unsigned i = 0; i < store->backends_count; i++)
		if (strlen(store->backends[i].name) == name->mv_size &&
		    memcmp(store->backends[i].name, name->mv_data, name->mv_size) == 0)
			return true;
	return false;
}

static int others_delete(struct ctl_store *store)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc = mdb_cursor_open(store->txn, store->cursors, &cursor);

	if (rc != 0)
		return rc;
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	while (rc == 0) {
		if (!is_configured(store, &k)) {
			LOG(info, "back end %.*s is no longer configured, its place is forgotten",
			    (int)k.mv_size, (const char *)k.mv_data);
			rc = mdb_cursor_del(cursor, 0);
		}
		if (rc == 0)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int place_find(struct ctl_store *store, struct store_cursor *backend)
{
	MDB_val k = {strlen(backend->name), backend->name};
	MDB_val v = {sizeof(backend->key), &backend->key};
	int rc = mdb_get(store->txn, store->cursors, &k, &v);

	if (rc == 0 && v.mv_size == sizeof(backend->key)) {
		memcpy(&backend->key, v.mv_data, sizeof(backend->key));
		backend->stored = backend->staged = backend->key;
		return 0;
	}
	if (rc != 0 && rc != MDB_NOTFOUND)
		return rc;
	backend->key = backend->staged = ctl_outbox_last(store);
	v = (MDB_val){sizeof(backend->key), &backend->key};
	return mdb_put(store->txn, store->cursors, &k, &v, 0);
}

int ctl_outbox_configure(struct ctl_store *store, const char *const *names, unsigned count)
{
	int rc;

	assert(store->backends == NULL);
	store->backends = calloc(count > 0 ? count : 1, sizeof(*store->backends));
	if (store->backends == NULL)
		return -ENOMEM;
	for (; store->backends_count < count; store->backends_count++) {
		char *name = strdup(names[store->backends_count]);

		if (name == NULL)
			return -ENOMEM;
		store->backends[store->backends_count].name = name;
	}
	rc = ctl_store_begin(store);
	if (rc != 0)
		return rc;
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = place_find(store, &store->backends[i]);
	if (rc == 0)
		rc = others_delete(store);
	if (rc != 0) {
		ctl_store_abort(store);
		return store_errno(rc);
	}
	return ctl_store_commit(store);
}
