// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The requests under way. Everything an answer is compared with lies here and not in its device, so
// that receiving touches a table that stays in the cache, however many devices there are. The token
// of a request names its slot.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bench/swarm/load/request.h"
#include "bench/swarm/load/scenario.h"

enum slot_state {
	SLOT_FREE,
	SLOT_WAITING,  // for the answer; retransmits at due_tsc
	SLOT_ACKED,    // empty ACK has come, the answer comes separately; gives up at due_tsc
	SLOT_REPEATED, // answered and sent once more: waiting for the same answer
	SLOT_RESTING,  // 5.03: sends a new request at due_tsc
};

struct slot {
	uint64_t token;     // of the request; its low bits are the slot's number. 0 while free
	uint64_t start_tsc; // when it was sent, or should have been in an open loop
	uint64_t due_tsc;
	uint32_t device; // its number: address, port and name follow from it
	uint32_t place;  // of what is remembered of it, see swarm.h
	uint32_t answer; // sum over the first answer's bytes, see answer_digest
	uint16_t mid;
	uint8_t kind;  // enum request_kind
	uint8_t state; // enum slot_state
	uint8_t tries; // retransmissions so far
	bool repeat;   // is to be sent twice
};

struct window {
	struct slot *slots;
	uint32_t *free; // stack of free slots' numbers
	uint32_t size;  // power of two
	uint32_t mask;
	uint32_t used;
	uint64_t serial; // of tokens
};

// Room for size requests; 0 or -ENOMEM.
int window_init(struct window *w, uint32_t size);
void window_fini(struct window *w);

static inline struct slot *window_take(struct window *w)
{
	struct slot *slot = &w->slots[w->free[w->used++]];

	slot->token = (w->serial += w->size) | (uint64_t)(slot - w->slots);
	return slot;
}

static inline void window_give(struct window *w, struct slot *slot)
{
	slot->token = 0;
	slot->state = SLOT_FREE;
	w->free[--w->used] = (uint32_t)(slot - w->slots);
}

// The slot a token belongs to, NULL for one that is not under way.
static inline struct slot *window_find(struct window *w, uint64_t token)
{
	struct slot *slot = &w->slots[token & w->mask];

	return slot->token == token && token != 0 ? slot : NULL;
}
