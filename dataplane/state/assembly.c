// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/assembly.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/state/region.h"

#define POOL_BYTES (DP_TRANSFERS_MAX * sizeof(struct dp_transfer))

int dp_assembly_init(struct dp_assembly *assembly, uint32_t body_max)
{
	assert(sizeof(struct bridge_uplink) + DP_ASSEMBLY_HEAD_MAX + body_max <= BRIDGE_RECORD_MAX);
	memset(assembly, 0, sizeof(*assembly));
	assembly->body_max = body_max;
	assembly->slot_bytes = DP_ASSEMBLY_HEAD_MAX + (((size_t)body_max + 63) & ~(size_t)63);
	assembly->pool = dp_region_alloc(POOL_BYTES);
	assembly->buffers = dp_region_alloc(DP_TRANSFERS_MAX * assembly->slot_bytes);
	if (!assembly->pool || !assembly->buffers) {
		dp_assembly_fini(assembly);
		return -ENOMEM;
	}
	return 0;
}

void dp_assembly_fini(struct dp_assembly *assembly)
{
	dp_region_free(assembly->pool, POOL_BYTES);
	dp_region_free(assembly->buffers, DP_TRANSFERS_MAX * assembly->slot_bytes);
	memset(assembly, 0, sizeof(*assembly));
}

static uint32_t bucket_of(uint64_t key)
{
	return key & (DP_TRANSFER_BUCKETS - 1); // keys are hashes
}

struct dp_transfer *dp_transfer_find(const struct dp_assembly *assembly, uint64_t key)
{
	struct dp_transfer *transfer = assembly->buckets[bucket_of(key)];

	while (transfer && transfer->key != key)
		transfer = transfer->next;
	return transfer;
}

static struct dp_transfer *take(struct dp_assembly *assembly, uint64_t key)
{
	struct dp_transfer *transfer = assembly->free;

	if (transfer)
		assembly->free = transfer->next;
	else if (assembly->top < DP_TRANSFERS_MAX)
		transfer = &assembly->pool[assembly->top++];
	else
		return NULL;
	transfer->key = key;
	transfer->next = assembly->buckets[bucket_of(key)];
	assembly->buckets[bucket_of(key)] = transfer;
	assembly->count++;
	return transfer;
}

struct dp_transfer *dp_transfer_begin(struct dp_assembly *assembly, uint64_t key)
{
	struct dp_transfer *transfer = dp_transfer_find(assembly, key);

	if (!transfer)
		transfer = take(assembly, key);
	if (!transfer)
		return NULL;
	transfer->received = 0;
	transfer->serial = ++assembly->serial;
	return transfer;
}

void dp_transfer_free(struct dp_assembly *assembly, struct dp_transfer *transfer)
{
	struct dp_transfer **link = &assembly->buckets[bucket_of(transfer->key)];

	while (*link != transfer)
		link = &(*link)->next;
	*link = transfer->next;
	transfer->serial = 0;
	transfer->next = assembly->free;
	assembly->free = transfer;
	assembly->count--;
}
