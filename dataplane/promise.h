// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// An acknowledgement is a promise: the event goes to control, the answer is parked, and it is sent
// when control says that the event is on disk. While control is away for a moment the device is
// left to repeat itself; when it stays away, or asks to promise nothing (BRIDGE_HOLD), the device
// is told to come back later. What is parked stays parked meanwhile.
//
// Worker's thread only.
#pragma once

#include "dataplane/worker.h"

// How long control may be away before devices are told (a restart takes less; a device's first
// retransmissions come after 2 to 3 s and 4 to 6 s).
#define DP_PATIENCE_US   (5u * 1000000u)
#define DP_RETRY_AFTER_S 30u // Max-Age of 5.03
// How long after its start a dataplane that never had its sessions says nothing to their devices:
// most are answered within their first retransmissions so, and none gives up (62 s at the least).
#define DP_HOLD_US         (30u * 1000000u)
#define DP_EXPIRE_AGAIN_US 1000000u

// True when a promise can be made now. If not, the request has been answered (5.03) or forgotten,
// and taken.
bool dp_promise_possible(struct dp_worker *w, struct rte_mbuf *m);

// Sends the event and parks the answer. m: the message, kept; NULL for an expiry. session: NULL
// when whose message it is is for control to say. Call only after dp_promise_possible (or
// dp_promise_room, where 5.03 is no answer).
struct dp_parked_entry *dp_promise(struct dp_worker *w, uint16_t event,
				   const struct dp_session *session, struct rte_mbuf *m,
				   enum dp_parked_kind kind);
bool dp_promise_room(struct dp_worker *w);
// A snapshot of a DTLS session, which goes on with that number. Call only after dp_promise_room.
void dp_promise_save(struct dp_worker *w, uint64_t cid, uint64_t credential, uint64_t number,
		     const uint8_t session[static BRIDGE_DTLS_SESSION_BYTES]);
// A Register that does not say the endpoint: dp_promise_named follows.
void dp_promise_unnamed(struct dp_worker *w, const struct dp_session *session, struct rte_mbuf *m);
// A De-register of a session there is none of: control says whether it was carried out before this
// worker started, and is repeated. Call only after dp_promise_possible.
void dp_promise_lost(struct dp_worker *w, struct rte_mbuf *m);
// The last eighth of what holds promises is for registered devices. False: as dp_promise_possible.
bool dp_promise_possible_for_new(struct dp_worker *w, struct rte_mbuf *m);

// Control has committed everything up to seq.
void dp_promise_commit(struct dp_worker *w, uint64_t seq);
// Answers what has been committed, a bounded number per round and no more than the rings to other
// workers take: one commit may cover thousands. Returns how many, or 1 when some must wait; call
// every round.
uint32_t dp_promise_settle(struct dp_worker *w);
// Answers one event before everything up to it is on disk: what it said may be lost. It is parked
// no longer than those ahead of it. Where there is no room for the answer just now it waits like
// the others.
void dp_promise_settle_one(struct dp_worker *w, uint64_t seq);
// Control refuses one event.
// Why is enum bridge_reason; what is none has no text.
void dp_promise_reject(struct dp_worker *w, uint64_t seq, uint32_t code, uint32_t why);
// Control says whose Register it is; false: that cannot be.
bool dp_promise_named(struct dp_worker *w, uint64_t seq, const void *endpoint, size_t len);
// Control knows one event from before: it changes nothing and is answered as it was then, a
// Register with that location.
void dp_promise_repeated(struct dp_worker *w, uint64_t seq, uint64_t location);
// Control is gone: everything parked that it did not commit is undone and forgotten. False when the
// rings to other workers are full: call again in the next round.
bool dp_promise_abandon(struct dp_worker *w);
