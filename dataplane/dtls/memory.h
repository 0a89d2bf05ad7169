// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The one thing in a worker that allocates as it goes: what wolfSSL needs for handshakes. Each
// worker has a budget; above it wolfSSL is told that there is no memory, and the handshake ends.
//
// wolfSSL's allocators are one set for the process: dtls_memory_use says on whose account the
// calling thread allocates from now on. A block knows whose it is, so that it may be freed
// whenever.
#pragma once

#include <stdint.h>

struct dtls_memory {
	uint64_t bytes; // in use
	uint64_t bytes_max;
	uint64_t refused; // allocations
};

// Once per process, before anything of wolfSSL is made. 0 or -EIO.
int dtls_memory_install(void);
// NULL: on nobody's account, without a limit (what is made at the start). Returns who it was.
struct dtls_memory *dtls_memory_use(struct dtls_memory *memory);
