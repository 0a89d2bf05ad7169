// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The DTLS sessions of a worker. One is found by our Connection ID (slot arithmetic and a
// comparison), or by the peer's address when no Connection ID was agreed. Memory for max sessions
// is reserved at start and touched as it is used: 192 bytes each, for those of DTLS 1.3 64 bytes of
// traffic secrets, and for those without a Connection ID 8 bytes of an index that is at most half
// full.
//
// Sessions that are never used (the peer vanished after its handshake) and sessions that are idle
// are handed out by dtls_table_sweep: a wheel of slot numbers, so that the session needs no
// pointers and nothing scans. A session that was used is looked at again once its wheel slot comes
// round.
//
// Time is in ticks of 2^20 us, about a second. Single-threaded.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dataplane/dtls/session.h"

#define DTLS_TICK_SHIFT 20
#define DTLS_WHEEL      1024 // lists; also the ticks after which an idle session is looked at
#define DTLS_LISTS      (DTLS_WHEEL + 1)

#define DTLS_SLOTS_MAX 0x7fffffffu

struct dtls_table {
	struct dtls_session *slots;
	struct dtls_traffic_secrets *secrets; // of each slot; touched where DTLS 1.3 was spoken
	uint32_t top;                         // slots ever used
	uint32_t count;
	uint32_t max;
	uint8_t worker;
	uint32_t now; // tick that the wheel was swept up to
	uint32_t idle_ticks;
	uint32_t fresh_ticks;
	uint64_t *index; // by peer: 32 bits of hash, slot + 1; 0: empty
	uint64_t index_mask;
	uint64_t seed[4];
	uint32_t lists[DTLS_LISTS]; // slot + 1 of the first; the last list is of free slots
};

static inline uint32_t dtls_tick(uint64_t now_us)
{
	return (uint32_t)(now_us >> DTLS_TICK_SHIFT);
}

// Our Connection ID as a number; on the wire it is big-endian.
#define DTLS_CID(worker, slot, generation) \
	((uint64_t)(worker) << 56 | (uint64_t)(slot) << 24 | ((generation)&0xffffff))
#define DTLS_CID_WORKER(cid)     ((uint8_t)((cid) >> 56))
#define DTLS_CID_SLOT(cid)       ((uint32_t)((cid) >> 24))
#define DTLS_CID_GENERATION(cid) ((uint32_t)((cid)&0xffffff))

// Reserves room for max sessions of that worker. Sessions are handed out for removal after idle_us
// without a valid record, fresh_us when there never was one. seed keys the index. 0 or -ENOMEM.
int dtls_table_init(struct dtls_table *table, uint32_t max, uint8_t worker,
		    const uint64_t seed[static 4], uint64_t now_us, uint64_t idle_us,
		    uint64_t fresh_us);
void dtls_table_fini(struct dtls_table *table); // wipes every key

// A free slot, RESERVED, with a Connection ID of its own, to be negotiated; NULL: max is reached.
// random makes the generation. dtls_session_init, dtls_session_set_peer and dtls_table_insert
// follow, or dtls_table_remove.
struct dtls_session *dtls_table_new(struct dtls_table *table, uint32_t random);
// The slot with exactly this Connection ID; NULL: it is taken, another worker's or out of range.
struct dtls_session *dtls_table_new_at(struct dtls_table *table, uint64_t cid);

// Sets or changes the peer. From the first time on the session is found and expires. One without
// Connection ID takes the place of whatever other one that peer had: that one is returned, no
// longer found by its peer, for the caller to remove; else NULL.
struct dtls_session *dtls_table_bind(struct dtls_table *table, struct dtls_session *session,
				     const struct dp_peer *peer);

// Wipes keys and secrets and frees the slot. Its Connection ID names nothing from then on.
void dtls_table_remove(struct dtls_table *table, struct dtls_session *session);

// To make room: of a few sessions, as random says, the one that has been silent for longest, but
// not except. A device that has shaken hands anew leaves one behind that nobody ends. NULL: found
// none.
struct dtls_session *dtls_table_stalest(const struct dtls_table *table, uint64_t random,
					const struct dtls_session *except);

static inline void dtls_cid_write(uint64_t cid, uint8_t out[static DTLS_OWN_CID_LEN])
{
	cid = __builtin_bswap64(cid);
	memcpy(out, &cid, DTLS_OWN_CID_LEN);
}

static inline uint64_t dtls_table_cid(const struct dtls_table *table,
				      const struct dtls_session *session)
{
	return DTLS_CID(table->worker, session - table->slots, session->generation);
}

// Where the session's traffic secrets are, or would be: DTLS 1.2 has none and leaves them alone.
static inline struct dtls_traffic_secrets *dtls_table_secrets(const struct dtls_table *table,
							      const struct dtls_session *session)
{
	return &table->secrets[session - table->slots];
}

// The slot that a Connection ID names, to be prefetched; NULL: none of ours was ever used.
static inline struct dtls_session *dtls_table_slot(const struct dtls_table *table, uint64_t cid)
{
	return DTLS_CID_WORKER(cid) == table->worker && DTLS_CID_SLOT(cid) < table->top
		       ? &table->slots[DTLS_CID_SLOT(cid)]
		       : NULL;
}

// NULL: no such session (any more).
static inline struct dtls_session *dtls_table_find(const struct dtls_table *table, uint64_t cid)
{
	struct dtls_session *session = dtls_table_slot(table, cid);

	return session && session->state != DTLS_SESSION_FREE &&
			       session->generation == DTLS_CID_GENERATION(cid)
		       ? session
		       : NULL;
}

static inline struct dtls_session *dtls_table_at(const struct dtls_table *table, uint32_t slot,
						 uint32_t generation)
{
	return dtls_table_find(table, DTLS_CID(table->worker, slot, generation));
}

// The session without Connection ID of that address, port and our own address; NULL: none.
struct dtls_session *dtls_table_by_peer(const struct dtls_table *table, const struct dp_peer *peer);

// Hands out at most max sessions whose time is over; fire usually says close_notify and removes
// them. Those that it leaves come again one tick later. Returns how many fired.
typedef void (*dtls_expire_cb_t)(struct dtls_session *session, void *arg);
uint32_t dtls_table_sweep(struct dtls_table *table, uint64_t now_us, uint32_t max,
			  dtls_expire_cb_t fire, void *arg);
