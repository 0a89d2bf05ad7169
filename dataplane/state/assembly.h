// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Requests whose body comes in blocks (RFC 7959 section 2.5), from a fixed pool: DP_TRANSFERS_MAX
// at a time, a buffer each, address space reserved at start and given memory as it is touched.
//
// A transfer is named by a keyed hash of who sends it and of what makes its requests one (section
// 2.5 and RFC 9175 section 3.3). A body is put together from its start, without gaps.
//
// Nobody may hold them all: one address has a share, all addresses without a registered device
// together another. None is displaced by another before its time.
// Single-threaded.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/state/wheel.h"

#define DP_TRANSFERS_MAX     1024u
#define DP_TRANSFER_BUCKETS  1024u // a power of two
#define DP_TRANSFERS_PEER    256u  // of one address
#define DP_TRANSFERS_UNKNOWN 768u  // of all addresses where no registered device is
#define DP_ASSEMBLY_HEAD_MAX 2112u // in front of a body: header and options of any datagram

struct dp_transfer {
	struct wheel_timer timer;
	struct dp_transfer *next; // in its bucket; free: in the free list
	struct dp_transfer *next_of_sender;
	uint64_t key;
	uint64_t sender;   // its name, state/sender.h
	uint32_t received; // bytes of the body
	uint32_t serial;   // another one each time it begins
	bool known;        // when it began
	bool waits;        // put together and handed on, not answered yet
};

struct dp_assembly {
	struct dp_transfer *pool;
	uint8_t *buffers; // [pool index][slot_bytes]
	struct dp_transfer *free;
	struct dp_transfer *buckets[DP_TRANSFER_BUCKETS]; // by key
	struct dp_transfer *senders[DP_TRANSFER_BUCKETS]; // by sender
	uint32_t top;                                     // of the pool, ever used
	uint32_t count;
	uint32_t unknown; // of them: begun where no registered device is
	uint32_t serial;
	uint32_t body_max;
	size_t slot_bytes;
};

// 0 or -ENOMEM. A message of that body and any head must fit a record of the bridge.
int dp_assembly_init(struct dp_assembly *assembly, uint32_t body_max);
void dp_assembly_fini(struct dp_assembly *assembly);

struct dp_transfer *dp_transfer_find(const struct dp_assembly *assembly, uint64_t key);
// A transfer with nothing received: the one of that key from its start, or a new one. known: a
// registered device's. NULL: none is left, or the sender's share is used up.
struct dp_transfer *dp_transfer_begin(struct dp_assembly *assembly, uint64_t key, uint64_t sender,
				      bool known);
// The timer must be disarmed before.
void dp_transfer_free(struct dp_assembly *assembly, struct dp_transfer *transfer);

// Where the body begins, body_max bytes; DP_ASSEMBLY_HEAD_MAX bytes in front of it are the
// transfer's too.
static inline uint8_t *dp_transfer_body(const struct dp_assembly *assembly,
					const struct dp_transfer *transfer)
{
	return assembly->buffers + (size_t)(transfer - assembly->pool) * assembly->slot_bytes +
	       DP_ASSEMBLY_HEAD_MAX;
}
