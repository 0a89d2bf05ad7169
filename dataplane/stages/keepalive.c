// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A keep-alive: a Confirmable Update without payload or query, of which a fleet at rest sends
// nothing but. From the datagram to its answer it touches one line of packet metadata and one of
// the session: the session deduplicates it (state/recent.h), so the table of all other exchanges is
// left alone, and no stage but this one sees it.
#include <string.h>

#include <rte_prefetch.h>

#include "dataplane/admission.h"
#include "dataplane/bridge/location.h"
#include "dataplane/handoff.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/coap/msg.h"

// Its bytes are known to the last one but for mid, token and location, so they are compared instead
// of parsed: POST, Uri-Path "rd" (0xb2: delta 11, length 2), Uri-Path of nine characters (0x09).
static inline bool is_keepalive(const uint8_t *p, size_t len)
{
	static const uint8_t path[4] = {0xb2, 'r', 'd', BRIDGE_LOCATION_CHARS};
	size_t token_len = p[0] & 0x0f;

	return len == 4 + token_len + sizeof(path) + BRIDGE_LOCATION_CHARS && token_len <= 8 &&
	       p[0] >> 4 == (0x4 | COAP_CON) && p[1] == COAP_POST &&
	       memcmp(p + 4 + token_len, path, sizeof(path)) == 0;
}

static inline void classify(struct dp_pkt *pkt, const uint8_t *p)
{
	pkt->type = COAP_CON;
	pkt->mid = (uint16_t)(p[2] << 8 | p[3]);
	pkt->token_len = p[0] & 0x0f;
	pkt->location = bridge_location_decode(p + 8 + pkt->token_len, BRIDGE_LOCATION_CHARS);
	pkt->vshard = (uint8_t)BRIDGE_LOCATION_VSHARD(pkt->location);
	pkt->exchange_key = 0;
	pkt->flags = DP_PKT_F_KEEPALIVE;
	pkt->route = DP_ROUTE_UPDATE;
}

// From another address or DTLS session, or of a session with DP_SESSION_F_ODD.
static bool refresh_elsewhere(struct dp_worker *w, struct dp_session *session, struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (dp_recent_find(&session->recent, pkt->mid, w->now_us,
			   dp_session_moved(session, &pkt->peer)))
		return false;
	session->seen_us = w->now_us; // before a new address is reported with it
	if (!dp_session_hear(w, session, m))
		dp_session_touch(&w->sessions, session);
	return true;
}

// False for a repetition, which gets the same answer and means nothing more.
static __rte_always_inline bool refresh(struct dp_worker *w, struct dp_session *session,
					struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (unlikely(dp_peer_differs(&session->peer, &pkt->peer) ||
		     (session->flags & DP_SESSION_F_ODD) != 0)) {
		if (!refresh_elsewhere(w, session, m))
			return false;
	} else {
		if (dp_recent_find(&session->recent, pkt->mid, w->now_us, false))
			return false;
		session->seen_us = w->now_us;
		dp_session_touch(&w->sessions, session);
	}
	w->counters.dedup_evictions += dp_recent_add(&session->recent, pkt->mid, w->now_us);
	return true;
}

// A device that was silent for long, or is in haste. False: refused, and taken.
static __rte_noinline bool at_odd_time(struct dp_worker *w, struct dp_session *session,
				       struct rte_mbuf *m)
{
	dp_recent_hear(&session->recent, w->now_us - session->seen_us);
	return w->now_us - session->seen_us >= DP_HASTE_US || dp_admit_hasty(w, m);
}

static __rte_always_inline void answer(struct dp_worker *w, struct rte_mbuf *m,
				       struct dp_session *session)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (unlikely(!session || session->location != pkt->location ||
		     session->state != DP_SESSION_ACTIVE)) {
		dp_session_unknown(w, m);
		return;
	}
	// The same peer is the same credential too.
	if (unlikely(dp_peer_differs(&session->peer, &pkt->peer)) &&
	    !dp_session_admits(w, session, pkt)) {
		dp_session_refuse(w, m);
		return;
	}
	// Both ends of the usual in one comparison.
	if (unlikely(w->now_us - session->seen_us - DP_HASTE_US >
		     DP_RECENT_SILENCE_US - DP_HASTE_US) &&
	    !at_odd_time(w, session, m))
		return;
	if (refresh(w, session, m))
		w->counters.updates++;
	else
		w->counters.duplicates_answered++;
	dp_reply_code(w, m, COAP_CHANGED);
}

void stage_keepalive_handed(struct dp_worker *w, struct rte_mbuf *m)
{
	answer(w, m, dp_session_slot(&w->sessions, dp_pkt(m)->location));
}

uint16_t stage_keepalive(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	struct dp_session *sessions[DP_BURST];
	struct rte_mbuf *own[DP_BURST];
	uint16_t own_n = 0, left = 0;
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
		struct dp_pkt *pkt = dp_pkt(m);

		bytes += m->data_len;
		if (!is_keepalive(p, m->data_len)) {
			pkts[left++] = m;
			continue;
		}
		classify(pkt, p);
		if (w->owners[pkt->vshard] != w->index) {
			dp_handoff(w, w->owners[pkt->vshard], m, DP_OP_TO_OWNER);
			continue;
		}
		sessions[own_n] = dp_session_slot(&w->sessions, pkt->location);
		own[own_n++] = m;
	}
	// All at once: a prefetch whose address the TLB does not know retires no sooner than that
	// is looked up, and only those that stand close together are looked up at the same time.
	for (uint16_t i = 0; i < own_n; i++)
		rte_prefetch0(sessions[i]);
	w->counters.rx_datagrams += n;
	w->counters.rx_bytes += bytes;
	for (uint16_t i = 0; i < own_n; i++)
		answer(w, own[i], sessions[i]);
	return left;
}
