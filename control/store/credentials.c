// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/credentials.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("store");

uint64_t ctl_store_credential_id(struct ctl_store *store)
{
	return store->credential_next++;
}

int ctl_store_credential_put(struct ctl_store *store, uint64_t id,
			     const struct ctl_credential_record *record)
{
	struct store_key bytes = store_key_of(id);
	MDB_val k = store_key_val(&bytes), v = {record->bytes, (void *)(uintptr_t)record};
	unsigned append = id + 1 == store->credential_next ? MDB_APPEND : 0;
	int rc;

	assert(store->txn != NULL);
	rc = mdb_put(store->txn, store->credentials, &k, &v, append);
	if (rc == MDB_KEYEXIST && append != 0) // the newest, removed
		rc = mdb_put(store->txn, store->credentials, &k, &v, 0);
	return store_errno(rc);
}

int ctl_store_credential_delete(struct ctl_store *store, uint64_t id)
{
	struct store_key bytes = store_key_of(id);
	MDB_val k = store_key_val(&bytes);
	int rc;

	assert(store->txn != NULL);
	rc = mdb_del(store->txn, store->credentials, &k, NULL);
	return rc == MDB_NOTFOUND ? 0 : store_errno(rc);
}

static bool is_sound(const MDB_val *v)
{
	struct ctl_credential_record head;

	if (v->mv_size < sizeof(head))
		return false;
	memcpy(&head, v->mv_data, sizeof(head));
	if (head.version != CTL_CREDENTIAL_VERSION || head.bytes != v->mv_size)
		return false;
	return head.mode == 0 ? head.bytes == sizeof(head)
			      : head.bytes > sizeof(head) + head.endpoint_len + head.identity_len +
						     head.key_len;
}

// A copy, since what lies on a page need not be aligned.
static int load_one(const MDB_val *k, const MDB_val *v, ctl_credential_cb_t cb, void *arg)
{
	uint64_t id = store_key_number(k);
	struct ctl_credential_record *record;
	int rc;

	if (id == 0 || !is_sound(v)) {
		LOG(error, "credential %" PRIu64 " left out (damaged on disk)", id);
		return 0;
	}
	record = malloc(v->mv_size);
	if (record == NULL)
		return -ENOMEM;
	memcpy(record, v->mv_data, v->mv_size);
	rc = cb(id, record, arg);
	free(record);
	return rc;
}

int ctl_store_credentials_load(struct ctl_store *store, ctl_credential_cb_t cb, void *arg)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	MDB_val k, v;
	int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn), told = 0;

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->credentials, &cursor);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return store_errno(rc);
	}
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	while (rc == 0 && told == 0) {
		told = load_one(&k, &v, cb, arg);
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	return told != 0 ? told : rc == MDB_NOTFOUND ? 0 : store_errno(rc);
}

static MDB_val proof_key(void)
{
	static char name[] = "credentials_proof";

	return (MDB_val){sizeof(name) - 1, name};
}

int ctl_store_credentials_proof_get(struct ctl_store *store,
				    uint8_t proof[static CTL_CREDENTIALS_PROOF_MAX], size_t *len)
{
	MDB_val k = proof_key(), v;
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_get(txn, store->meta, &k, &v);
	if (rc == 0 && v.mv_size > CTL_CREDENTIALS_PROOF_MAX)
		rc = MDB_CORRUPTED;
	if (rc == 0) {
		memcpy(proof, v.mv_data, v.mv_size);
		*len = v.mv_size;
	}
	mdb_txn_abort(txn);
	return store_errno(rc);
}

int ctl_store_credentials_proof_put(struct ctl_store *store, const void *proof, size_t len)
{
	MDB_val k = proof_key(), v = {len, (void *)(uintptr_t)proof};

	assert(store->txn != NULL);
	return store_errno(mdb_put(store->txn, store->meta, &k, &v, 0));
}
