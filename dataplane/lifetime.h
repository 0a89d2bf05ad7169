// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A session's life in the tables: taken in, kept, let go. Worker's thread only.
#pragma once

#include <rte_branch_prediction.h>

#include "dataplane/pkt.h"
#include "dataplane/worker.h"

// Puts a session into the index and starts its lifetime; a former one of the same endpoint is let
// go.
void dp_session_activate(struct dp_worker *w, struct dp_session *session);
// Out of every table; a request that is outstanding ends as gone. The pointer is dead afterwards.
void dp_session_drop(struct dp_worker *w, struct dp_session *session);
// After lifetime_s changed.
void dp_session_rearm(struct dp_worker *w, struct dp_session *session);
// The session with exactly this location in a state to serve, or NULL.
struct dp_session *dp_session_live(struct dp_worker *w, uint64_t location);
// Answers a request for a session there is none of: 4.04, never silence or RST, since that is what
// makes a device register again (anything else may make it bootstrap); while it may still
// have to be restored nothing for DP_HOLD_US, then 5.03. Takes the mbuf.
void dp_session_unknown(struct dp_worker *w, struct rte_mbuf *m);
// Answers 4.03 to a request about a session that is another credential's. Takes the mbuf.
void dp_session_refuse(struct dp_worker *w, struct rte_mbuf *m);
// Wheel callback.
void dp_session_on_time(struct wheel_timer *timer, void *worker);

// Every part of it. One comparison, because every Update makes it.
static inline bool dp_peer_differs(const struct dp_peer *a, const struct dp_peer *b)
{
	uint64_t x[4], y[4];

	static_assert(sizeof(x) == sizeof(*a), "all of it");
	__builtin_memcpy(x, a, sizeof(x));
	__builtin_memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) != 0;
}

// Whether a message may be about the session: one that was registered over DTLS is its credential's
// alone, whatever address it is at; one that was not is nobody's in particular.
static inline bool dp_session_admits(const struct dp_worker *w, const struct dp_session *session,
				     const struct dp_pkt *pkt)
{
	return dp_session_rest(&w->sessions, session)->credential == dp_pkt_credential(pkt);
}

// What a message of its own is looked at twice for.
#define DP_SESSION_F_ODD (DP_SESSION_F_TRACED | DP_SESSION_F_UNPROVEN)

// What dp_session_hear leaves: a new address, a session that is traced or had yet to show that it
// is where its Register came from.
bool dp_session_notice(struct dp_worker *w, struct dp_session *session, struct rte_mbuf *m);

// A message has come that names the session by location or token, from whatever address: that is
// where the device is now. A new address is reported to control at once, ahead of what the message
// itself may lead to. True when it was.
static inline bool dp_session_hear(struct dp_worker *w, struct dp_session *session,
				   struct rte_mbuf *m)
{
	return unlikely(dp_peer_differs(&session->peer, &dp_pkt(m)->peer) |
			((session->flags & DP_SESSION_F_ODD) != 0)) &&
	       dp_session_notice(w, session, m);
}
