// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Inside of the store: what its files share. The loop collects changes and reads; write
// transactions are begun by the store's thread alone.
#pragma once

#include <string.h>

#include <lmdb.h>
#include <uv.h>

#include "control/hold.h"
#include "control/store/changes.h"
#include "control/store/outbox.h"
#include "control/store/store.h"
#include "control/store/writer.h"

struct store_cursor {
	char *name;      // NULL: there is no such back end
	uint64_t key;    // delivered up to here, in memory
	uint64_t staged; // in a change set, which may be on disk already
};

struct store_dataplane {
	uint64_t id;
	uint64_t count;   // of those that came, this one included
	uint64_t first;   // sessions that were written when fewer had come are not good
	uint8_t boot[16]; // of the machine, while commits do not survive it; else 0
};

struct ctl_store {
	// Settled when it is opened; the environment is replaced by the thread, with env_lock.
	MDB_env *env; // NULL: could not be opened again
	MDB_dbi dbis[STORE_DB_COUNT];
	pthread_rwlock_t env_lock; // read: while a read transaction is open
	char *path;
	size_t map_bytes;
	unsigned flags; // of mdb_env_open
	int lock_fd;
	char uuid[37];
	bool has_lock, has_writer;

	// Loop.
	struct store_changes *open;  // what comes next
	struct store_changes *spare; // to be used again
	unsigned in_flight;          // sets submitted and not called back for
	size_t in_flight_bytes;
	uint64_t key_next;
	uint64_t observation_next;
	uint64_t outbox_next;
	uint64_t outbox_staged; // outbox_next as the newest change set has it
	uint64_t outbox_stored; // as it is on disk
	uint64_t outbox_first;  // no entry below this one
	uint64_t queue_next;
	uint64_t queue_staged;
	uint64_t credential_next;
	uint64_t credential_staged;
	struct store_cursor *backends;
	unsigned backends_count; // places, of which
	unsigned backends_live;  // are taken
	uint64_t exchange_key[2];
	struct store_dataplane dataplane; // the last one that came; on disk, or in a change set
	uv_async_t async;                 // from the thread
	struct ctl_holds *holds;
	bool started;

	struct store_writer writer;
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

// Into the open change set: len bytes to be filled in before the next of these.
static inline void *store_put(struct ctl_store *store, enum store_db db, uint64_t key, size_t len)
{
	return store_changes_put(store->open, db, key, len);
}

static inline void *store_put_text(struct ctl_store *store, enum store_db db, const char *key,
				   size_t len)
{
	return store_changes_put_text(store->open, db, key, strlen(key), len);
}

static inline void store_delete(struct ctl_store *store, enum store_db db, uint64_t key)
{
	store_changes_delete(store->open, db, key);
}

static inline void store_delete_text(struct ctl_store *store, enum store_db db, const char *key,
				     size_t key_len)
{
	store_changes_delete_text(store->open, db, key, key_len);
}

// How many entries are in a value of the outbox; 1 when it is damaged.
uint32_t store_outbox_count(const MDB_val *value);

// A read transaction of the loop: sees what is on disk. 0, LMDB's code, or EBUSY while the
// environment is opened anew.
int store_read_begin(struct ctl_store *store, MDB_txn **txn);
void store_read_end(struct ctl_store *store, MDB_txn *txn);

// walk.c: all that is in a database, in the order of its keys, until the callback returns something
// other than 0, which is returned then. 0 or -errno.
typedef int (*store_each_cb_t)(const MDB_val *key, const MDB_val *value, void *arg);
int store_each(struct ctl_store *store, enum store_db db, store_each_cb_t cb, void *arg);
// An aligned copy, as what lies on a page need not be. The caller frees it; NULL: out of memory.
void *store_copy(const MDB_val *value);

// LMDB's own codes have no errno; those that can happen get the nearest one.
int store_errno(int rc);
// Last key of a database, 0 when it is empty.
int store_key_last(MDB_txn *txn, MDB_dbi dbi, uint64_t *number);
// exchanges.c: reads or makes the key of the exchanges' hashes. 0 or LMDB's code.
int store_exchanges_open(struct ctl_store *store, MDB_txn *txn);
// dtls_sessions.c: reads which dataplane came last. 0 or LMDB's code.
int store_dtls_open(struct ctl_store *store, MDB_txn *txn);

// env.c: opens what store->path holds, with all databases and the meta entries. 0 or LMDB's code,
// with the reason in why where it has one of its own. Thread: again after the disk failed.
int store_env_open(struct ctl_store *store, char why[static 160]);
int store_env_reopen(struct ctl_store *store);

// meta.c: what a change set must carry along: the next keys of outbox, queue and credentials.
void store_meta_stage(struct ctl_store *store);
int store_meta_open(struct ctl_store *store, MDB_txn *txn, char why[static 160]);
