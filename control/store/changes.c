// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/changes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/memory.h"
#include "control/store/env.h"

#define OPS_MIN      4096u
#define OPS_KEPT_MAX ((size_t)8 << 20) // bytes that one set may leave to the next

enum op_kind { OP_PUT, OP_DELETE, OP_PRUNE };

struct op {
	uint64_t key;     // PRUNE: up to
	uint32_t len;     // of the value, which follows the text; PRUNE: entries at most
	uint16_t key_len; // of a key that is text, which follows; 0: key
	uint8_t kind;
	uint8_t db;
};
static_assert(sizeof(struct op) == 16, "keeps what follows aligned");

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

struct store_changes *store_changes_new(void)
{
	return ctl_must_have(calloc(1, sizeof(struct store_changes)));
}

static struct store_log log_cleared(struct store_log log)
{
	if (log.cap <= OPS_KEPT_MAX)
		return (struct store_log){.ops = log.ops, .cap = log.cap};
	free(log.ops);
	return (struct store_log){0};
}

void store_changes_clear(struct store_changes *changes)
{
	*changes = (struct store_changes){.log = log_cleared(changes->log),
					  .outbox = log_cleared(changes->outbox)};
}

void store_changes_free(struct store_changes *changes)
{
	free(changes->log.ops);
	free(changes->outbox.ops);
	free(changes);
}

size_t store_changes_bytes(const struct store_changes *changes)
{
	return changes->log.len + changes->outbox.len;
}

static struct op *op_at(const struct store_log *log, size_t at)
{
	return (struct op *)(void *)(log->ops + at);
}

static void log_grow(struct store_log *log, size_t len)
{
	size_t cap = log->cap != 0 ? log->cap : OPS_MIN;

	if (len <= log->cap)
		return;
	while (cap < len)
		cap *= 2;
	log->ops = ctl_must_have(realloc(log->ops, cap));
	log->cap = cap;
}

static struct op *log_add(struct store_log *log, enum op_kind kind, enum store_db db, size_t bytes)
{
	size_t need = log->len + sizeof(struct op) + padded(bytes);
	struct op *op;

	log_grow(log, need);
	op = op_at(log, log->len);
	*op = (struct op){.kind = (uint8_t)kind, .db = (uint8_t)db};
	log->last = log->len;
	log->len = need;
	return op;
}

static struct op *op_add(struct store_changes *changes, enum op_kind kind, enum store_db db,
			 size_t bytes)
{
	return log_add(&changes->log, kind, db, bytes);
}

void *store_changes_put(struct store_changes *changes, enum store_db db, uint64_t key, size_t len)
{
	struct op *op = op_add(changes, OP_PUT, db, len);

	op->key = key;
	op->len = (uint32_t)len;
	return op + 1;
}

void *store_changes_put_text(struct store_changes *changes, enum store_db db, const char *key,
			     size_t key_len, size_t len)
{
	struct op *op = op_add(changes, OP_PUT, db, padded(key_len) + len);

	op->key_len = (uint16_t)key_len;
	op->len = (uint32_t)len;
	memcpy(op + 1, key, key_len);
	return (uint8_t *)(op + 1) + padded(key_len);
}

void *store_changes_put_outbox(struct store_changes *changes, uint64_t key, size_t len)
{
	struct op *op = log_add(&changes->outbox, OP_PUT, STORE_OUTBOX, len);

	op->key = key;
	op->len = (uint32_t)len;
	return op + 1;
}

void *store_changes_last_outbox(const struct store_changes *changes, size_t *len)
{
	struct op *op;

	if (changes->outbox.len == 0)
		return NULL;
	op = op_at(&changes->outbox, changes->outbox.last);
	*len = op->len;
	return op + 1;
}

void *store_changes_extend_outbox(struct store_changes *changes, size_t more)
{
	struct store_log *log = &changes->outbox;
	struct op *op;

	log_grow(log, log->len + more);
	log->len += more;
	op = op_at(log, log->last);
	op->len += (uint32_t)more;
	return op + 1;
}

void store_changes_delete(struct store_changes *changes, enum store_db db, uint64_t key)
{
	op_add(changes, OP_DELETE, db, 0)->key = key;
}

void store_changes_delete_text(struct store_changes *changes, enum store_db db, const char *key,
			       size_t key_len)
{
	struct op *op = op_add(changes, OP_DELETE, db, key_len);

	op->key_len = (uint16_t)key_len;
	memcpy(op + 1, key, key_len);
}

void store_changes_prune(struct store_changes *changes, enum store_db db, uint64_t up_to,
			 uint32_t entries_max)
{
	struct op *op = op_add(changes, OP_PRUNE, db, 0);

	op->key = up_to;
	op->len = entries_max;
}

static int put(const struct store_target *target, const struct op *op, MDB_val *k)
{
	MDB_val v = {op->len, (uint8_t *)(uintptr_t)(op + 1) + padded(op->key_len)};
	int rc;

	if (op->key_len != 0 || op->key <= target->last[op->db])
		return mdb_put(target->txn, target->dbis[op->db], k, &v, 0);
	// LMDB fills pages better when it knows that a key is the last one. It is there already
	// when a commit reached the disk although it failed.
	target->last[op->db] = op->key;
	rc = mdb_put(target->txn, target->dbis[op->db], k, &v, MDB_APPEND);
	return rc == MDB_KEYEXIST ? mdb_put(target->txn, target->dbis[op->db], k, &v, 0) : rc;
}

// What is to be kept after it is the first that is left. A value that holds some of it stays as a
// whole.
static int prune_from(MDB_cursor *cursor, const struct op *op, uint64_t *first)
{
	uint32_t left = op->len;
	MDB_val k, v;
	int rc;

	while ((rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST)) == 0) {
		uint32_t count = op->db == STORE_OUTBOX ? store_outbox_count(&v) : 1;
		uint64_t key = store_key_number(&k);

		if (left == 0 || key > op->key || op->key - key < count - 1) {
			*first = left == 0 || key > op->key ? key : op->key + 1;
			return 0;
		}
		rc = mdb_cursor_del(cursor, 0);
		if (rc != 0)
			return rc;
		left -= count < left ? count : left;
	}
	*first = op->key + 1;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int prune(const struct store_target *target, const struct op *op, uint64_t *first)
{
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(target->txn, target->dbis[op->db], &cursor);

	if (rc != 0)
		return rc;
	rc = prune_from(cursor, op, first);
	mdb_cursor_close(cursor);
	return rc;
}

static int apply(struct store_changes *changes, const struct op *op,
		 const struct store_target *target)
{
	struct store_key number = store_key_of(op->key);
	MDB_val k = op->key_len == 0 ? store_key_val(&number)
				     : (MDB_val){op->key_len, (void *)(uintptr_t)(op + 1)};
	int rc;

	switch ((enum op_kind)op->kind) {
	case OP_PUT:
		return put(target, op, &k);
	case OP_DELETE:
		rc = mdb_del(target->txn, target->dbis[op->db], &k, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case OP_PRUNE:
		return prune(target, op, &changes->outbox_first);
	}
	return EINVAL;
}

static const struct op *next(const struct op *op)
{
	size_t bytes = op->kind == OP_PUT      ? padded(op->key_len) + padded(op->len)
		       : op->kind == OP_DELETE ? padded(op->key_len)
					       : 0;

	return (const struct op *)(const void *)((const uint8_t *)(op + 1) + bytes);
}

// What makes room, and nothing else.
static bool is_prune(const struct op *op)
{
	return op->kind == OP_PRUNE || op->db == STORE_CURSORS;
}

static int log_apply(struct store_changes *changes, const struct store_log *log,
		     const struct store_target *target, bool all)
{
	// A log without operations has no memory.
	const uint8_t *end = log->len > 0 ? log->ops + log->len : log->ops;
	const struct op *op = (const struct op *)(const void *)log->ops;
	int rc = 0;

	for (; rc == 0 && (const uint8_t *)op != end; op = next(op))
		if (all || is_prune(op))
			rc = apply(changes, op, target);
	return rc;
}

int store_changes_apply(struct store_changes *changes, const struct store_target *target)
{
	int rc = log_apply(changes, &changes->outbox, target, true);

	return rc != 0 ? rc : log_apply(changes, &changes->log, target, true);
}

int store_changes_apply_prunes(struct store_changes *changes, const struct store_target *target)
{
	return log_apply(changes, &changes->log, target, false);
}
