// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions: what the dataplane must know of a registered device to answer its keep-alives and to
// reach it. Two cache lines each, in an array of their own each: an Update touches one line of an
// area half as large, and what the processor must look up to find a page of it stays in its caches
// for twice as many devices. Everything else a registration says (name, objects, parameters) is
// control's.
//
// A session is found by location (slot arithmetic, no hash) or by endpoint (dp_sessions_find).
// Memory is reserved for max_devices at start and touched as it is used. Single-threaded: one set
// per worker.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/state/hash.h"
#include "dataplane/state/recent.h"
#include "dataplane/state/wheel.h"

enum dp_session_state {
	DP_SESSION_FREE,
	DP_SESSION_PROVISIONAL, // Register waits for control's commit; not in the endpoint index
				// yet
	DP_SESSION_ACTIVE,
	DP_SESSION_EXPIRED, // lifetime over; control's commit of that is awaited
};

#define DP_SESSION_F_TOUCHED (1u << 0) // in the touch list
#define DP_SESSION_F_QUEUE   (1u << 1) // queue mode
#define DP_SESSION_F_TRACED  (1u << 2) // control wants to see its messages
// Nothing but its Register has come from there, and nothing that shows that our answer arrived.
#define DP_SESSION_F_UNPROVEN (1u << 3)

struct dp_exchange;

// All that an Update reads and writes.
struct dp_session {
	alignas(64) uint64_t location; // of a free slot: generation 0
	uint64_t seen_us; // last Register or Update; the wheel's own deadline may be earlier
	uint32_t lifetime_s;
	uint8_t state; // enum dp_session_state
	uint8_t flags; // DP_SESSION_F_*
	struct dp_recent recent;
	struct dp_peer peer;
};
static_assert(sizeof(struct dp_session) == 64, "one cache line");

// What else there is of the session at the same place of the other array.
struct dp_session_rest {
	alignas(64) struct wheel_timer timer; // free sessions: link of the free list
	struct dp_endpoint_hash endpoint;
	struct dp_exchange *exchange; // the outstanding request, NSTART = 1
	uint16_t mid_counter;         // of our requests to this device
	uint8_t version;
	uint8_t binding;
	uint16_t allowance; // UNPROVEN: bytes of requests that may still go there
	uint8_t reserved[2];
	uint64_t credential; // that it was registered with; 0: in the clear
};
static_assert(sizeof(struct dp_session_rest) == 64, "one cache line");

// The slots of one virtual shard.
struct dp_vshard {
	struct dp_session *base; // slot 0; the next one is dp_sessions.owned further
	struct wheel_timer *free;
	uint32_t top; // slots ever used
};

struct dp_sessions {
	struct dp_vshard vshards[BRIDGE_VSHARDS]; // of those this worker does not own, top stays 0
	// Slot 0 of every virtual shard the worker owns, then slot 1 of every one, and so on:
	// hashing fills them evenly, so memory is touched densely, and a slot is found by
	// arithmetic alone.
	struct dp_session *area;
	struct dp_session_rest *rest;
	uint32_t
		workers; // virtual shard v is worker v % workers' and its rank there is v / workers
	uint32_t index_of_worker;
	uint32_t owned; // virtual shards of this worker
	uint32_t slots; // room per virtual shard
	uint32_t count;
	uint32_t max;
	uint64_t
		*index; // by endpoint: open addressing; 35 bits of hash, valid bit, vshard and slot
	uint64_t index_mask;
	uint32_t *touched; // ring of sessions to report to control, by their place in area
	uint32_t touched_head, touched_tail, touched_mask;
	size_t area_bytes, rest_bytes, index_bytes, touched_bytes;
};

// Reserves memory for max sessions of the virtual shards that worker index of that many owns, plus
// what hashing spreads unevenly. 0 or -ENOMEM.
int dp_sessions_init(struct dp_sessions *sessions, uint32_t max, uint32_t index, uint32_t workers);
void dp_sessions_fini(struct dp_sessions *sessions);

// A free session of that virtual shard with a location of its own, state PROVISIONAL, everything
// else zero but DP_SESSION_F_TOUCHED; NULL when max or the room of the virtual shard is reached.
// gen is random, not 0, and becomes part of the location.
struct dp_session *dp_session_new(struct dp_sessions *sessions, uint32_t vshard, uint32_t gen);
// The session with exactly this location, at its slot; NULL when the slot is taken by another live
// one or there is no room.
struct dp_session *dp_session_new_at(struct dp_sessions *sessions, uint64_t location);
// The timer must be disarmed and the index entry removed before.
void dp_session_free(struct dp_sessions *sessions, struct dp_session *session);

// The slot a location names, whoever holds it now; NULL when no such slot was ever used. The caller
// compares session->location.
static inline struct dp_session *dp_session_slot(const struct dp_sessions *sessions,
						 uint64_t location)
{
	const struct dp_vshard *vs = &sessions->vshards[BRIDGE_LOCATION_VSHARD(location)];
	uint32_t slot = BRIDGE_LOCATION_SLOT(location);

	return slot < vs->top ? vs->base + (size_t)slot * sessions->owned : NULL;
}

static inline struct dp_session_rest *dp_session_rest(const struct dp_sessions *sessions,
						      const struct dp_session *session)
{
	return &sessions->rest[session - sessions->area];
}

// Whose it is.
static inline struct dp_session *dp_session_of_timer(const struct dp_sessions *sessions,
						     const struct wheel_timer *timer)
{
	static_assert(offsetof(struct dp_session_rest, timer) == 0, "the timer comes first");
	return &sessions->area[(const struct dp_session_rest *)timer - sessions->rest];
}

// True when the device speaks from another address than it did.
static inline bool dp_session_moved(const struct dp_session *session, const struct dp_peer *peer)
{
	return memcmp(session->peer.addr, peer->addr, sizeof(peer->addr)) != 0 ||
	       session->peer.udp_port_be16 != peer->udp_port_be16;
}

// Index by endpoint. Insert never fails: the table is sized for max.
struct dp_session *dp_sessions_find(const struct dp_sessions *sessions,
				    struct dp_endpoint_hash endpoint);
void dp_sessions_insert(struct dp_sessions *sessions, struct dp_session *session);
void dp_sessions_remove(struct dp_sessions *sessions, const struct dp_session *session);

// Marks a session for the next report to control; at most one entry each.
static inline void dp_session_touch(struct dp_sessions *sessions, struct dp_session *session)
{
	if (session->flags & DP_SESSION_F_TOUCHED)
		return;
	session->flags |= DP_SESSION_F_TOUCHED;
	sessions->touched[sessions->touched_head++ & sessions->touched_mask] =
		(uint32_t)(session - sessions->area);
}

// The one to report after so many others: of touched_head - touched_tail.
static inline struct dp_session *dp_session_touched(const struct dp_sessions *sessions,
						    uint32_t after)
{
	return &sessions->area[sessions->touched[(sessions->touched_tail + after) &
						 sessions->touched_mask]];
}
