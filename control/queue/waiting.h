// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The queued operations in memory: by endpoint, for endpoints that have some, in order; and by when
// they expire. What an operation says stays on disk until it is sent. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/operation.h"
#include "control/queue/queue.h"
#include "control/store/queue.h"

#define WAITING_NOWHERE SIZE_MAX // not in the heap

enum waiting_state {
	WAITING_STAGED,  // not on disk yet
	WAITING_READY,   // on disk
	WAITING_RUNNING, // under way
	WAITING_ENDED,   // to be removed from the disk, then told
};

struct waiting_op {
	struct waiting_endpoint *endpoint;
	struct waiting_op *prev, *next; // of the endpoint
	struct waiting_op *staged_next; // what the next change set writes or removes
	uint64_t id;
	uint64_t expires_ms;
	size_t heap_at;
	uint8_t state;                 // enum waiting_state
	ctl_queue_cb_t cb;             // STAGED
	void *arg;                     // of cb
	struct ctl_queue_block *block; // STAGED, RUNNING
	struct ctl_running *running;   // RUNNING
	struct ctl_queue *queue;       // RUNNING: whose callback it is
	const char *doom;              // a literal: ends with it as soon as its state allows
	char *response;                // ENDED: the event to publish; NULL: none
	struct lwm2m_path *paths;      // ENDED: what the operation was about
	uint32_t paths_count;          // 0: cannot be said
};

struct waiting_endpoint {
	struct waiting_endpoint *next; // hash chain
	uint64_t hash;
	struct waiting_op *first, *last;
	uint32_t count; // those that have not ended
	bool parked;    // the device did not answer: nothing is sent before it is heard
	bool stalled;   // could not be sent for a reason of ours: tried again after a while
	uint16_t name_len;
	char name[];
};

struct waiting {
	struct waiting_endpoint **buckets;
	size_t mask, endpoints;
	uint64_t seed[2];
	struct waiting_op **heap; // the first to expire comes first
	size_t heap_len, heap_cap;
	size_t count; // operations that have not ended
};

int waiting_init(struct waiting *waiting);
void waiting_fini(struct waiting *waiting); // frees all that is in it

struct waiting_endpoint *waiting_find(const struct waiting *waiting, const char *name, size_t len);
// Of all of them: the first one (NULL) and the next, in no order. Only the one returned may be
// removed before going on; next is found beforehand.
struct waiting_endpoint *waiting_next(const struct waiting *waiting,
				      const struct waiting_endpoint *after);

// Appends a new operation, STAGED. NULL when memory is out.
struct waiting_op *waiting_add(struct waiting *waiting, const char *name, size_t len, uint64_t id,
			       uint64_t expires_ms);
// It counts no longer and expires no more; it stays in its place.
void waiting_end(struct waiting *waiting, struct waiting_op *op);
// Frees it, and its endpoint with the last one.
void waiting_remove(struct waiting *waiting, struct waiting_op *op);

// Takes the first one that has expired off the heap; NULL when there is none.
struct waiting_op *waiting_expired(struct waiting *waiting, uint64_t now_ms);
uint64_t waiting_next_ms(const struct waiting *waiting); // UINT64_MAX: nothing expires
