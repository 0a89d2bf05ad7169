// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("store");

uint64_t ctl_store_key_next(struct ctl_store *store)
{
	return store->key_next++;
}

void ctl_store_put(struct ctl_store *store, uint64_t key, const struct ctl_record *record)
{
	memcpy(store_put(store, STORE_REGISTRATIONS, key, record->bytes), record, record->bytes);
}

void ctl_store_delete(struct ctl_store *store, uint64_t key)
{
	store_delete(store, STORE_REGISTRATIONS, key);
}

// One device, one registration: of two, the newer counts.
static void older_remove(struct ctl_registry *registry, const struct ctl_record *record)
{
	struct ctl_reg *reg = ctl_registry_by_endpoint(registry, ctl_record_endpoint(record),
						       record->endpoint_len);

	if (reg == NULL)
		reg = ctl_registry_by_location(registry, record->location);
	if (reg == NULL)
		return;
	LOG(error, "registration %" PRIu64 " left out (a newer one has its endpoint or location)",
	    reg->key);
	ctl_registry_remove(registry, reg);
	older_remove(registry, record);
}

static int load_one(const MDB_val *k, const MDB_val *v, void *arg)
{
	struct ctl_registry *registry = arg;
	uint64_t key = store_key_number(k);
	struct ctl_record *record;

	if (key == 0 || ctl_record_check(v->mv_data, v->mv_size) != 0) {
		LOG(error, "registration %" PRIu64 " left out (damaged on disk)", key);
		return 0;
	}
	record = store_copy(v);
	if (record == NULL)
		return -ENOMEM;
	older_remove(registry, record);
	if (ctl_registry_add(registry, key, record) == NULL) {
		free(record);
		return -ENOMEM;
	}
	return 0;
}

int ctl_store_load(struct ctl_store *store, struct ctl_registry *registry)
{
	MDB_stat stat;
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_stat(txn, store->dbis[STORE_REGISTRATIONS], &stat);
	store_read_end(store, txn);
	if (rc != 0)
		return store_errno(rc);
	ctl_registry_reserve(registry, stat.ms_entries);
	return store_each(store, STORE_REGISTRATIONS, load_one, registry);
}
