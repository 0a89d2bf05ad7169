// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/credentials.h"

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

void ctl_store_credential_put(struct ctl_store *store, uint64_t id,
			      const struct ctl_credential_record *record)
{
	memcpy(store_put(store, STORE_CREDENTIALS, id, record->bytes), record, record->bytes);
}

void ctl_store_credential_delete(struct ctl_store *store, uint64_t id)
{
	store_delete(store, STORE_CREDENTIALS, id);
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

struct load {
	ctl_credential_cb_t cb;
	void *arg;
};

static int load_one(const MDB_val *k, const MDB_val *v, void *arg)
{
	const struct load *load = arg;
	uint64_t id = store_key_number(k);
	struct ctl_credential_record *record;
	int rc;

	if (id == 0 || !is_sound(v)) {
		LOG(error, "credential %" PRIu64 " left out (damaged on disk)", id);
		return 0;
	}
	record = store_copy(v);
	if (record == NULL)
		return -ENOMEM;
	rc = load->cb(id, record, load->arg);
	free(record);
	return rc;
}

int ctl_store_credentials_load(struct ctl_store *store, ctl_credential_cb_t cb, void *arg)
{
	return store_each(store, STORE_CREDENTIALS, load_one, &(struct load){cb, arg});
}

static const char proof_key[] = "credentials_proof";

int ctl_store_credentials_proof_get(struct ctl_store *store,
				    uint8_t proof[static CTL_CREDENTIALS_PROOF_MAX], size_t *len)
{
	MDB_val k = {sizeof(proof_key) - 1, (void *)(uintptr_t)proof_key}, v;
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_get(txn, store->dbis[STORE_META], &k, &v);
	if (rc == 0 && v.mv_size > CTL_CREDENTIALS_PROOF_MAX)
		rc = MDB_CORRUPTED;
	if (rc == 0) {
		memcpy(proof, v.mv_data, v.mv_size);
		*len = v.mv_size;
	}
	store_read_end(store, txn);
	return store_errno(rc);
}

void ctl_store_credentials_proof_put(struct ctl_store *store, const void *proof, size_t len)
{
	memcpy(store_put_text(store, STORE_META, proof_key, len), proof, len);
}
