// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/memory.h>

#include "dataplane/dtls/memory.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

struct block {
	struct dtls_memory *owner;
	uint32_t bytes; // that were asked for
	uint32_t grains;
	struct block *next; // while it is kept
	alignas(max_align_t) uint8_t data[];
};

static _Thread_local struct dtls_memory *in_use;

static struct block *block_of(void *data)
{
	return (struct block *)((uint8_t *)data - offsetof(struct block, data));
}

static size_t size_of(uint32_t grains)
{
	return (size_t)grains * DTLS_MEMORY_GRAIN;
}

// From what is kept, or from the C library.
static struct block *take(struct dtls_memory *owner, uint32_t grains)
{
	struct block *block = NULL;

	if (owner && grains < DTLS_MEMORY_CLASSES)
		block = owner->spare[grains];
	if (!block)
		return malloc(size_of(grains));
	owner->spare[grains] = block->next;
	owner->kept -= size_of(grains);
	return block;
}

static void *get(size_t bytes)
{
	size_t grains = (sizeof(struct block) + bytes + DTLS_MEMORY_GRAIN - 1) / DTLS_MEMORY_GRAIN;
	struct dtls_memory *owner = in_use;
	struct block *block = NULL;

	if (grains <= UINT32_MAX / DTLS_MEMORY_GRAIN &&
	    (!owner || owner->bytes + size_of((uint32_t)grains) <= owner->bytes_max))
		block = take(owner, (uint32_t)grains);
	if (!block) {
		if (owner)
			owner->refused++;
		return NULL;
	}
	block->owner = owner;
	block->bytes = (uint32_t)bytes;
	block->grains = (uint32_t)grains;
	if (owner)
		owner->bytes += size_of(block->grains);
	return block->data;
}

static void put(void *data)
{
	struct dtls_memory *owner;
	struct block *block;

	if (!data)
		return;
	block = block_of(data);
	owner = block->owner;
	if (owner)
		owner->bytes -= size_of(block->grains);
	if (!owner || block->grains >= DTLS_MEMORY_CLASSES ||
	    owner->kept + size_of(block->grains) > DTLS_MEMORY_KEPT_MAX) {
		free(block);
		return;
	}
	block->next = owner->spare[block->grains];
	owner->spare[block->grains] = block;
	owner->kept += size_of(block->grains);
}

static void *resize(void *data, size_t bytes)
{
	void *moved;
	size_t kept;

	if (!data)
		return get(bytes);
	kept = block_of(data)->bytes;
	moved = get(bytes);
	if (!moved)
		return NULL;
	__builtin_memcpy(moved, data, kept < bytes ? kept : bytes);
	put(data);
	return moved;
}

int dtls_memory_install(void)
{
	return wolfSSL_SetAllocators(get, put, resize) == 0 ? 0 : -EIO;
}

struct dtls_memory *dtls_memory_use(struct dtls_memory *memory)
{
	struct dtls_memory *before = in_use;

	in_use = memory;
	return before;
}

void dtls_memory_release(struct dtls_memory *memory, uint32_t blocks)
{
	while (memory->kept > 0 && blocks > 0) {
		struct block *block = memory->spare[memory->at];

		if (!block) {
			memory->at = (memory->at + 1) % DTLS_MEMORY_CLASSES;
			continue;
		}
		memory->spare[memory->at] = block->next;
		memory->kept -= size_of(block->grains);
		free(block);
		blocks--;
	}
}
