// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Operations that wait for sleeping devices, on disk: the database "queue", keyed by the id of the
// request. Ids grow and never come again, as clients were told of them. Loop thread only.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "control/store/store.h"

#define CTL_QUEUE_BLOCK_VERSION 1u

// One flat block, the same in memory and on disk.
struct ctl_queue_block {
	uint32_t version; // CTL_QUEUE_BLOCK_VERSION
	uint32_t bytes;   // of the whole block
	uint64_t id;
	uint64_t queued_ms; // since 1970
	uint64_t expires_ms;
	uint32_t operation_len;
	uint16_t endpoint_len;
	uint16_t reserved;
	uint8_t operation[]; // as ctl_operation_pack made it; the endpoint's name follows
};
static_assert(sizeof(struct ctl_queue_block) == 40, "layout on disk; operation is aligned to 8");

static inline const char *ctl_queue_block_endpoint(const struct ctl_queue_block *block)
{
	return (const char *)block->operation + block->operation_len;
}

// malloc'ed; NULL when memory is out.
struct ctl_queue_block *ctl_queue_block_new(const char *endpoint, size_t endpoint_len,
					    const void *operation, size_t operation_len);

// Used up even if it never reaches the disk.
uint64_t ctl_store_queue_id(struct ctl_store *store);
// Into the open change set.
void ctl_store_queue_put(struct ctl_store *store, const struct ctl_queue_block *block);
void ctl_store_queue_delete(struct ctl_store *store, uint64_t id);
// A copy to be freed. -ENOENT, -EBADMSG when it is damaged, -ENOMEM.
int ctl_store_queue_get(struct ctl_store *store, uint64_t id, struct ctl_queue_block **block);
// Every one of them, in order of id; the block is borrowed. What is damaged is logged and left out.
// The callback's result other than 0 ends it and is returned.
typedef int (*ctl_store_queue_cb_t)(const struct ctl_queue_block *block, void *arg);
int ctl_store_queue_load(struct ctl_store *store, ctl_store_queue_cb_t cb, void *arg);
