// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A change set: what is to happen to the store in one step, as a flat log of operations in the
// order they were asked for. Putting and deleting twice comes to the same, so that a set can be
// applied again. Made by the loop, applied by the store's thread; never by both at a time.
//
// The outbox has a log of its own, applied first: what is put there next to each other, whatever
// else is put in between, can share one value.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <lmdb.h>

#include "control/store/store.h"

// Databases: enum and name. A new one is a new line, at the end.
#define STORE_DBS(X)                      \
	X(META, "meta")                   \
	X(REGISTRATIONS, "registrations") \
	X(OBSERVATIONS, "observations")   \
	X(OUTBOX, "outbox")               \
	X(CURSORS, "cursors")             \
	X(QUEUE, "queue")                 \
	X(CREDENTIALS, "credentials")     \
	X(DEFINITIONS, "backends")        \
	X(EXCHANGES, "exchanges")         \
	X(DTLS_SESSIONS, "dtls_sessions")

enum store_db {
#define X(id, name) STORE_##id,
	STORE_DBS(X)
#undef X
		STORE_DB_COUNT
};

struct store_log {
	uint8_t *ops;
	size_t len, cap;
	size_t last; // where the newest operation is
};

struct store_changes {
	struct store_changes *next;
	struct store_log log, outbox;
	uint64_t outbox_next;  // as it is once this is on disk
	uint64_t outbox_first; // store's thread: what pruning left, 0: nothing was pruned
	ctl_store_cb_t cb;
	void *arg;
	int err; // store's thread: not 0, it will never be on disk
};

struct store_changes *store_changes_new(void); // out of memory ends the process
void store_changes_clear(struct store_changes *changes);
void store_changes_free(struct store_changes *changes);
size_t store_changes_bytes(const struct store_changes *changes); // 0: nothing is to happen

// len bytes to be filled in, aligned to 8, until the next call.
void *store_changes_put(struct store_changes *changes, enum store_db db, uint64_t key, size_t len);
void *store_changes_put_text(struct store_changes *changes, enum store_db db, const char *key,
			     size_t key_len, size_t len);
// A value of the outbox; the one put last, NULL when there is none; and that one with so many bytes
// more at its end. Lengths are multiples of 8.
void *store_changes_put_outbox(struct store_changes *changes, uint64_t key, size_t len);
void *store_changes_last_outbox(const struct store_changes *changes, size_t *len);
void *store_changes_extend_outbox(struct store_changes *changes, size_t more);
void store_changes_delete(struct store_changes *changes, enum store_db db, uint64_t key);
void store_changes_delete_text(struct store_changes *changes, enum store_db db, const char *key,
			       size_t key_len);
// Deletes from the first entry on, up to that key, about that many at most.
void store_changes_prune(struct store_changes *changes, enum store_db db, uint64_t up_to,
			 uint32_t entries_max);

// Where applying goes. last: the highest key of each database; puts beyond it are quicker.
struct store_target {
	MDB_txn *txn;
	const MDB_dbi *dbis;
	uint64_t *last;
};

// 0 or LMDB's code; then the transaction is to be aborted.
int store_changes_apply(struct store_changes *changes, const struct store_target *target);
// Only what makes room.
int store_changes_apply_prunes(struct store_changes *changes, const struct store_target *target);
