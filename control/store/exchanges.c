// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/exchanges.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("exchanges");

struct exchanges_head {
	uint32_t wall_s; // when they were committed, since 1970
	uint32_t count;
};
static_assert(sizeof(struct exchanges_head) == 8, "layout on disk; the hashes follow");

int store_exchanges_open(struct ctl_store *store, MDB_txn *txn)
{
	static char name[] = "exchange-key";
	MDB_val key = {sizeof(name) - 1, name}, val;
	int rc = mdb_get(txn, store->dbis[STORE_META], &key, &val);

	if (rc == 0 && val.mv_size == sizeof(store->exchange_key)) {
		memcpy(store->exchange_key, val.mv_data, sizeof(store->exchange_key));
		return 0;
	}
	if (rc != 0 && rc != MDB_NOTFOUND)
		return rc;
	if (getrandom(store->exchange_key, sizeof(store->exchange_key), 0) !=
	    sizeof(store->exchange_key))
		return EIO;
	val = (MDB_val){sizeof(store->exchange_key), store->exchange_key};
	return mdb_put(txn, store->dbis[STORE_META], &key, &val, 0);
}

const uint64_t *ctl_store_exchange_key(const struct ctl_store *store)
{
	return store->exchange_key;
}

void *ctl_store_exchanges_put(struct ctl_store *store, uint64_t first, uint32_t wall_s,
			      uint32_t count)
{
	struct exchanges_head head = {.wall_s = wall_s, .count = count};
	char *value =
		store_put(store, STORE_EXCHANGES, first, sizeof(head) + count * sizeof(uint64_t));

	memcpy(value, &head, sizeof(head));
	return value + sizeof(head);
}

void ctl_store_exchanges_delete(struct ctl_store *store, uint64_t first)
{
	store_delete(store, STORE_EXCHANGES, first);
}

struct load {
	ctl_store_exchanges_cb_t cb;
	void *arg;
};

static int load_one(const MDB_val *k, const MDB_val *v, void *arg)
{
	const struct load *load = arg;
	uint64_t first = store_key_number(k);
	struct exchanges_head head = {0};

	if (v->mv_size >= sizeof(head))
		memcpy(&head, v->mv_data, sizeof(head));
	if (first == 0 || head.count == 0 ||
	    v->mv_size != sizeof(head) + (size_t)head.count * sizeof(uint64_t)) {
		LOG(error, "exchanges from %" PRIu64 " on left out (damaged on disk)", first);
		return 0;
	}
	return load->cb(first, head.wall_s, (const char *)v->mv_data + sizeof(head), head.count,
			load->arg);
}

int ctl_store_exchanges_load(struct ctl_store *store, ctl_store_exchanges_cb_t cb, void *arg)
{
	return store_each(store, STORE_EXCHANGES, load_one, &(struct load){cb, arg});
}
