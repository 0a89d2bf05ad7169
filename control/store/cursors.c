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
		if (store->backends[i].name != NULL &&
		    strlen(store->backends[i].name) == name->mv_size &&
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

// A free place with that name, in memory only. -ENOMEM.
static int place_take(struct ctl_store *store, const char *name, unsigned *index)
{
	unsigned i = 0;
	struct store_cursor *backends;

	while (i < store->backends_count && store->backends[i].name != NULL)
		i++;
	if (i == store->backends_count) {
		backends = realloc(store->backends, (i + 1) * sizeof(*backends));
		if (backends == NULL)
			return -ENOMEM;
		store->backends = backends;
		backends[i] = (struct store_cursor){0};
		store->backends_count++;
	}
	store->backends[i] = (struct store_cursor){.name = strdup(name)};
	if (store->backends[i].name == NULL)
		return -ENOMEM;
	store->backends_live++;
	*index = i;
	return 0;
}

static void place_free(struct ctl_store *store, unsigned index)
{
	free(store->backends[index].name);
	store->backends[index] = (struct store_cursor){0};
	store->backends_live--;
}

int ctl_outbox_configure(struct ctl_store *store, const char *const *names, unsigned count)
{
	unsigned index;
	int rc = 0;

	assert(store->backends == NULL);
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = place_take(store, names[i], &index);
	if (rc == 0)
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

int ctl_outbox_add(struct ctl_store *store, const char *name, unsigned *index)
{
	int rc = place_take(store, name, index);

	if (rc != 0)
		return rc;
	rc = ctl_store_begin(store);
	if (rc == 0) {
		rc = store_errno(place_find(store, &store->backends[*index]));
		if (rc == 0)
			rc = ctl_store_commit(store);
		else
			ctl_store_abort(store);
	}
	if (rc != 0)
		place_free(store, *index);
	return rc;
}

int ctl_outbox_remove(struct ctl_store *store, unsigned index)
{
	MDB_val k = {strlen(store->backends[index].name), store->backends[index].name};
	int rc = ctl_store_begin(store);

	if (rc != 0)
		return rc;
	rc = mdb_del(store->txn, store->cursors, &k, NULL);
	if (rc != 0 && rc != MDB_NOTFOUND) {
		ctl_store_abort(store);
		return store_errno(rc);
	}
	rc = ctl_store_commit(store);
	if (rc == 0)
		place_free(store, index);
	return rc;
}
