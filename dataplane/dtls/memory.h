// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The one thing in a worker that allocates as it goes: what wolfSSL needs for handshakes. Each
// worker has a budget; above it wolfSSL is told that there is no memory, and the handshake ends.
// What a handshake gives back is kept for the next one, up to a bound: the sizes are always the
// same few, and the C library would give pages back to the kernel only to ask for them again.
//
// wolfSSL's allocators are one set for the process: dtls_memory_use says on whose account the
// calling thread allocates from now on. A block knows whose it is; its owner's thread frees it.
#pragma once

#include <stdint.h>

#define DTLS_MEMORY_GRAIN    64u // bytes: sizes are multiples of it
#define DTLS_MEMORY_CLASSES  256u
#define DTLS_MEMORY_KEPT_MAX (16u << 20) // bytes that are kept for later

struct dtls_memory {
	uint32_t at;    // the class to be released next
	uint64_t bytes; // in use
	uint64_t bytes_max;
	uint64_t kept;    // bytes
	uint64_t refused; // allocations
	void *spare[DTLS_MEMORY_CLASSES];
};

// Once per process, before anything of wolfSSL is made. 0 or -EIO.
int dtls_memory_install(void);
// NULL: on nobody's account, without a limit (what is made at the start). Returns who it was.
struct dtls_memory *dtls_memory_use(struct dtls_memory *memory);
// Gives back what is kept, at most so many blocks.
void dtls_memory_release(struct dtls_memory *memory, uint32_t blocks);
