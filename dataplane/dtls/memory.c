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
	size_t bytes;
	alignas(max_align_t) uint8_t data[];
};

static _Thread_local struct dtls_memory *in_use;

static struct block *block_of(void *data)
{
	return (struct block *)((uint8_t *)data - offsetof(struct block, data));
}

static void *get(size_t bytes)
{
	size_t whole = sizeof(struct block) + bytes;
	struct dtls_memory *owner = in_use;
	struct block *block = NULL;

	if (!owner || owner->bytes + whole <= owner->bytes_max)
		block = malloc(whole);
	if (!block) {
		if (owner)
			owner->refused++;
		return NULL;
	}
	block->owner = owner;
	block->bytes = bytes;
	if (owner)
		owner->bytes += whole;
	return block->data;
}

static void put(void *data)
{
	struct block *block;

	if (!data)
		return;
	block = block_of(data);
	if (block->owner)
		block->owner->bytes -= sizeof(*block) + block->bytes;
	free(block);
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
