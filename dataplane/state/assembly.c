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

// Bounded by the shares: DP_TRANSFERS_PEER of one sender, and who else fell into the bucket.
static bool share_left(const struct dp_assembly *assembly, uint64_t sender, bool known)
{
	uint32_t held = 0;

	if (!known && assembly->unknown >= DP_TRANSFERS_UNKNOWN)
		return false;
	for (const struct dp_transfer *t = assembly->senders[bucket_of(sender)]; t;
	     t = t->next_of_sender)
		held += t->sender == sender;
	return held < DP_TRANSFERS_PEER;
}

static void link_to(struct dp_transfer **bucket, struct dp_transfer **next, struct dp_transfer *t)
{
	*next = *bucket;
	*bucket = t;
}

static struct dp_transfer *take(struct dp_assembly *assembly, uint64_t key, uint64_t sender,
				bool known)
{
	struct dp_transfer *transfer = assembly->free;

	if (transfer)
		assembly->free = transfer->next;
	else if (assembly->top < DP_TRANSFERS_MAX)
		transfer = &assembly->pool[assembly->top++];
	else
		return NULL;
	transfer->key = key;
	transfer->sender = sender;
	transfer->known = known;
	link_to(&assembly->buckets[bucket_of(key)], &transfer->next, transfer);
	link_to(&assembly->senders[bucket_of(sender)], &transfer->next_of_sender, transfer);
	assembly->count++;
	assembly->unknown += !known;
	return transfer;
}

struct dp_transfer *dp_transfer_begin(struct dp_assembly *assembly, uint64_t key, uint64_t sender,
				      bool known)
{
	struct dp_transfer *transfer = dp_transfer_find(assembly, key);

	if (!transfer && share_left(assembly, sender, known))
		transfer = take(assembly, key, sender, known);
	if (!transfer)
		return NULL;
	transfer->received = 0;
	transfer->waits = false;
	transfer->serial = ++assembly->serial;
	return transfer;
}

void dp_transfer_free(struct dp_assembly *assembly, struct dp_transfer *transfer)
{
	struct dp_transfer **link = &assembly->buckets[bucket_of(transfer->key)];

	while (*link != transfer)
		link = &(*link)->next;
	*link = transfer->next;
	link = &assembly->senders[bucket_of(transfer->sender)];
	while (*link != transfer)
		link = &(*link)->next_of_sender;
	*link = transfer->next_of_sender;
	transfer->serial = 0;
	assembly->unknown -= !transfer->known;
	transfer->next = assembly->free;
	assembly->free = transfer;
	assembly->count--;
}
