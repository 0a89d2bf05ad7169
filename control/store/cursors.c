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

static int others_delete(struct ctl_store *store, MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc = mdb_cursor_open(txn, store->dbis[STORE_CURSORS], &cursor);

	if (rc != 0)
		return rc;
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	while (rc == 0) {
		if (!is_configured(store, &k)) {
			LOG(info, "back end %.*s is no longer configured, its place is forgotten",
			    (int)k.mv_size, (const char *)k.mv_data);
			store_delete_text(store, STORE_CURSORS, k.mv_data, k.mv_size);
		}
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static void place_begin(struct ctl_store *store, struct store_cursor *backend)
{
	backend->key = backend->staged = ctl_outbox_last(store);
	memcpy(store_put_text(store, STORE_CURSORS, backend->name, sizeof(backend->key)),
	       &backend->key, sizeof(backend->key));
}

static int place_find(struct ctl_store *store, MDB_txn *txn, struct store_cursor *backend)
{
	MDB_val k = {strlen(backend->name), backend->name}, v;
	int rc = mdb_get(txn, store->dbis[STORE_CURSORS], &k, &v);

	if (rc == 0 && v.mv_size == sizeof(backend->key)) {
		memcpy(&backend->key, v.mv_data, sizeof(backend->key));
		backend->staged = backend->key;
		return 0;
	}
	if (rc != 0 && rc != MDB_NOTFOUND)
		return rc;
	place_begin(store, backend);
	return 0;
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
	MDB_txn *txn;
	unsigned index;
	int rc = 0;

	assert(store->backends == NULL);
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = place_take(store, names[i], &index);
	if (rc != 0)
		return rc;
	rc = store_read_begin(store, &txn);
	if (rc != 0)
		return store_errno(rc);
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = place_find(store, txn, &store->backends[i]);
	if (rc == 0)
		rc = others_delete(store, txn);
	store_read_end(store, txn);
	return rc != 0 ? store_errno(rc) : ctl_store_commit(store);
}

// What it hears of first is what is submitted from now on: the events of a change set that is
// already under way have keys below outbox_next, but are not on disk yet, and it hears of them too.
int ctl_outbox_add(struct ctl_store *store, const char *name, unsigned *index)
{
	int rc = place_take(store, name, index);

	if (rc != 0)
		return rc;
	place_begin(store, &store->backends[*index]);
	ctl_store_submit(store, NULL, NULL);
	return 0;
}

int ctl_outbox_remove(struct ctl_store *store, unsigned index)
{
	store_delete_text(store, STORE_CURSORS, store->backends[index].name,
			  strlen(store->backends[index].name));
	place_free(store, index);
	ctl_store_submit(store, NULL, NULL);
	return 0;
}
