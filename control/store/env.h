// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Inside of the store: what its files share.
#pragma once

#include <lmdb.h>

#include "control/store/outbox.h"
#include "control/store/store.h"

struct store_cursor {
	char *name;      // NULL: there is no such back end
	uint64_t key;    // delivered up to here, in memory
	uint64_t staged; // in the open transaction
	uint64_t stored; // on disk
};

struct ctl_store {
	MDB_env *env;
	MDB_dbi meta, registrations, observations, outbox, cursors, queue, credentials, definitions,
		exchanges;
	MDB_txn *txn; // the open write transaction
	int lock_fd;
	char uuid[37];
	uint64_t key_next;
	uint64_t observation_next;
	uint64_t outbox_next;
	uint64_t outbox_stored; // outbox_next as it is on disk
	uint64_t outbox_first;  // no entry below this one
	uint64_t queue_next;
	uint64_t queue_stored; // queue_next as it is on disk
	uint64_t credential_next;
	uint64_t credential_stored; // credential_next as it is on disk
	struct store_cursor *backends;
	unsigned backends_count; // places, of which
	unsigned backends_live;  // are taken
	uint64_t exchange_key[2];
};

// A 64-bit number as a database key.
struct store_key {
	uint8_t bytes[8];
};

static inline struct store_key store_key_of(uint64_t number)
{
	struct store_key key;

	number = __builtin_bswap64(number);
	__builtin_memcpy(key.bytes, &number, sizeof(number));
	return key;
}

static inline MDB_val store_key_val(struct store_key *key)
{
	return (MDB_val){sizeof(key->bytes), key->bytes};
}

// 0 when it is no such key.
static inline uint64_t store_key_number(const MDB_val *val)
{
	uint64_t number;

	if (val->mv_size != sizeof(number))
		return 0;
	__builtin_memcpy(&number, val->mv_data, sizeof(number));
	return __builtin_bswap64(number);
}

// LMDB's own codes have no errno; those that can happen get the nearest one.
int store_errno(int rc);
// Last key of a database, 0 when it is empty.
int store_key_last(MDB_txn *txn, MDB_dbi dbi, uint64_t *number);
// Writes what a commit must carry along: the next keys of outbox, queue and credentials.
int store_meta_stage(struct ctl_store *store);
// Reads or makes the key of the exchanges' hashes. 0 or LMDB's code.
int store_exchanges_open(struct ctl_store *store, MDB_txn *txn);
int store_meta_open(struct ctl_store *store, MDB_txn *txn, char why[static 160]);
