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

void store_changes_clear(struct store_changes *changes)
{
	uint8_t *ops = changes->cap <= OPS_KEPT_MAX ? changes->ops : NULL;
	size_t cap = ops != NULL ? changes->cap : 0;

	if (ops == NULL)
		free(changes->ops);
	*changes = (struct store_changes){.ops = ops, .cap = cap};
}

void store_changes_free(struct store_changes *changes)
{
	free(changes->ops);
	free(changes);
}

static struct op *op_add(struct store_changes *changes, enum op_kind kind, enum store_db db,
			 size_t bytes)
{
	size_t need = changes->len + sizeof(struct op) + padded(bytes);
	struct op *op;

	if (need > changes->cap) {
		size_t cap = changes->cap != 0 ? changes->cap : OPS_MIN;

		while (cap < need)
			cap *= 2;
		changes->ops = ctl_must_have(realloc(changes->ops, cap));
		changes->cap = cap;
	}
	op = (struct op *)(void *)(changes->ops + changes->len);
	*op = (struct op){.kind = (uint8_t)kind, .db = (uint8_t)db};
	changes->len = need;
	return op;
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

static int prune(const struct store_target *target, const struct op *op, uint64_t *first)
{
	uint32_t left = op->len;
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc = mdb_cursor_open(target->txn, target->dbis[op->db], &cursor);

	if (rc != 0)
		return rc;
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	while (rc == 0 && left-- > 0 && store_key_number(&k) <= op->key) {
		rc = mdb_cursor_del(cursor, 0);
		if (rc == 0)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	}
	if (rc == MDB_NOTFOUND)
		*first = op->key + 1;
	else if (rc == 0)
		*first = store_key_number(&k);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
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

// A set without operations has no memory.
static const uint8_t *end_of(const struct store_changes *changes)
{
	return changes->len > 0 ? changes->ops + changes->len : changes->ops;
}

int store_changes_apply(struct store_changes *changes, const struct store_target *target)
{
	const struct op *op = (const struct op *)(const void *)changes->ops;
	const uint8_t *end = end_of(changes);
	int rc = 0;

	for (; rc == 0 && (const uint8_t *)op != end; op = next(op))
		rc = apply(changes, op, target);
	return rc;
}

int store_changes_apply_prunes(struct store_changes *changes, const struct store_target *target)
{
	const struct op *op = (const struct op *)(const void *)changes->ops;
	const uint8_t *end = end_of(changes);
	int rc = 0;

	for (; rc == 0 && (const uint8_t *)op != end; op = next(op))
		if (op->kind == OP_PRUNE || op->db == STORE_CURSORS)
			rc = apply(changes, op, target);
	return rc;
}
