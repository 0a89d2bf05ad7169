// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("queue");

struct ctl_queue_block *ctl_queue_block_new(const char *endpoint, size_t endpoint_len,
					    const void *operation, size_t operation_len)
{
	size_t bytes = sizeof(struct ctl_queue_block) + operation_len + endpoint_len;
	struct ctl_queue_block *block;

	assert(endpoint_len <= UINT16_MAX && operation_len <= UINT32_MAX / 2);
	block = calloc(1, bytes);
	if (block == NULL)
		return NULL;
	block->version = CTL_QUEUE_BLOCK_VERSION;
	block->bytes = (uint32_t)bytes;
	block->operation_len = (uint32_t)operation_len;
	block->endpoint_len = (uint16_t)endpoint_len;
	memcpy(block->operation, operation, operation_len);
	memcpy(block->operation + operation_len, endpoint, endpoint_len);
	return block;
}

uint64_t ctl_store_queue_id(struct ctl_store *store)
{
	return store->queue_next++;
}

void ctl_store_queue_put(struct ctl_store *store, const struct ctl_queue_block *block)
{
	memcpy(store_put(store, STORE_QUEUE, block->id, block->bytes), block, block->bytes);
}

void ctl_store_queue_delete(struct ctl_store *store, uint64_t id)
{
	store_delete(store, STORE_QUEUE, id);
}

static int block_copy(const MDB_val *v, uint64_t id, struct ctl_queue_block **copy)
{
	struct ctl_queue_block *block;

	if (v->mv_size < sizeof(*block) || v->mv_size > UINT32_MAX)
		return -EBADMSG;
	block = store_copy(v);
	if (block == NULL)
		return -ENOMEM;
	if (block->version != CTL_QUEUE_BLOCK_VERSION || block->bytes != v->mv_size ||
	    block->id != id || block->endpoint_len == 0 ||
	    block->operation_len > block->bytes - sizeof(*block) ||
	    block->endpoint_len != block->bytes - sizeof(*block) - block->operation_len) {
		free(block);
		return -EBADMSG;
	}
	*copy = block;
	return 0;
}

int ctl_store_queue_get(struct ctl_store *store, uint64_t id, struct ctl_queue_block **block)
{
	struct store_key bytes = store_key_of(id);
	MDB_val k = store_key_val(&bytes), v;
	MDB_txn *txn;
	int rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_get(txn, store->dbis[STORE_QUEUE], &k, &v);
	rc = rc != 0 ? store_errno(rc) : block_copy(&v, id, block);
	store_read_end(store, txn);
	return rc;
}

struct load {
	ctl_store_queue_cb_t cb;
	void *arg;
};

static int load_one(const MDB_val *k, const MDB_val *v, void *arg)
{
	const struct load *load = arg;
	uint64_t id = store_key_number(k);
	struct ctl_queue_block *block;
	int rc = block_copy(v, id, &block);

	if (rc == -EBADMSG) {
		LOG(error, "operation %" PRIu64 " left out (damaged on disk)", id);
		return 0;
	}
	if (rc != 0)
		return rc;
	rc = load->cb(block, load->arg);
	free(block);
	return rc;
}

int ctl_store_queue_load(struct ctl_store *store, ctl_store_queue_cb_t cb, void *arg)
{
	return store_each(store, STORE_QUEUE, load_one, &(struct load){cb, arg});
}
