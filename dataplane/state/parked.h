// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Answers that wait for control's commit, in the order of their events: a ring indexed by sequence
// number. Committing, rejecting and giving up are O(1) each. Single-threaded.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"

#define DP_PARKED_MAX 8192u // per worker; each may hold a packet buffer. A power of two

struct rte_mbuf;

enum dp_parked_kind {
	DP_PARKED_REGISTER,
	DP_PARKED_UPDATE,
	DP_PARKED_DEREGISTER,
	DP_PARKED_EXPIRE, // no device waits
	DP_PARKED_NOTIFY,
	DP_PARKED_SEND,
	DP_PARKED_DTLS, // a snapshot of a DTLS session; no device waits
};

#define DP_PARKED_SETS_LIFETIME (1u << 0)
#define DP_PARKED_SETS_BINDING  (1u << 1)
#define DP_PARKED_SETS_QUEUE    (1u << 2)

struct dp_parked_entry {
	struct rte_mbuf *request; // becomes the answer; NULL: none
	uint64_t location;        // of the session concerned; DTLS: its Connection ID
	uint32_t lifetime_s; // UPDATE: what takes effect with the commit, where changes says so
	uint8_t kind;        // enum dp_parked_kind
	uint8_t reject_code; // rejected: to answer with; 0: RST
	uint8_t changes;     // DP_PARKED_SETS_*
	uint8_t binding;
	bool queue_mode;
	bool rejected;
	bool repeated;         // of an event from before; nothing changes
	bool settled;          // answered already
	uint8_t reject_reason; // enum bridge_reason
	// repeated REGISTER: the location it led to then; DTLS: the number it goes on with
	uint64_t former;
};

struct dp_parked {
	struct dp_parked_entry entries[DP_PARKED_MAX];
	uint64_t head;      // seq of the oldest entry
	uint64_t tail;      // next seq
	uint64_t committed; // by control; less than head when nothing waits to be answered
};

static inline void dp_parked_init(struct dp_parked *parked, uint64_t first_seq)
{
	parked->head = parked->tail = first_seq;
	parked->committed = first_seq - 1;
}

static inline bool dp_parked_full(const struct dp_parked *parked)
{
	return parked->tail - parked->head == DP_PARKED_MAX;
}

static inline struct dp_parked_entry *dp_parked_push(struct dp_parked *parked)
{
	return &parked->entries[parked->tail++ & (DP_PARKED_MAX - 1)];
}

// The entry of seq, or NULL when it is not (or no longer) parked.
static inline struct dp_parked_entry *dp_parked_find(struct dp_parked *parked, uint64_t seq)
{
	return seq - parked->head < parked->tail - parked->head
		       ? &parked->entries[seq & (DP_PARKED_MAX - 1)]
		       : NULL;
}

// The oldest one, or NULL.
static inline struct dp_parked_entry *dp_parked_first(struct dp_parked *parked)
{
	return dp_parked_find(parked, parked->head);
}

static inline struct dp_parked_entry *dp_parked_pop(struct dp_parked *parked)
{
	return parked->head == parked->tail
		       ? NULL
		       : &parked->entries[parked->head++ & (DP_PARKED_MAX - 1)];
}
