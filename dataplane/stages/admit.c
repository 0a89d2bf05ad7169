// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/admission.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/coap/msg.h"

// The session that the message names by something only its device was told. Of another worker's
// sessions nothing is known here.
static struct dp_session *session_of(struct dp_worker *w, struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);
	uint8_t route = pkt->route == DP_ROUTE_BLOCK ? pkt->whole_route : pkt->route;

	switch ((enum dp_pkt_route)route) {
	case DP_ROUTE_UPDATE:
	case DP_ROUTE_DEREGISTER:
		return w->owners[pkt->vshard] == w->index ? dp_session_live(w, pkt->location)
							  : NULL;
	case DP_ROUTE_RESPONSE:
		return w->owners[pkt->vshard] == w->index ? stage_response_session(w, m) : NULL;
	default:
		return NULL;
	}
}

static bool admit(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_sender *sender = dp_admit_sender(w, &pkt->peer);
	const struct dp_session *session = session_of(w, m);

	// What it names, it was told there.
	if ((session && !dp_session_moved(session, &pkt->peer)) ||
	    (pkt->peer.flags & DP_PEER_F_DTLS))
		pkt->flags |= DP_PKT_F_PROVEN;
	pkt->known = dp_sender_is_known(sender) || session;
	return dp_admit(w, m, sender, pkt->known);
}

static bool name(struct dp_worker *w, struct dp_pkt *pkt)
{
	if (pkt->type != COAP_CON && pkt->type != COAP_NON)
		return false;
	pkt->exchange_key = dp_hash_peer_mid(&pkt->peer, pkt->mid, w->hash_seed);
	return true;
}

uint16_t stage_admit(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mbuf *strangers[DP_BURST];
	uint64_t keys[DP_BURST];
	uint16_t known_n = 0, strangers_n = 0, keys_n = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct dp_pkt *pkt = dp_pkt(pkts[i]);

		// What matches no request of ours costs one look.
		if (pkt->route != DP_ROUTE_ACK && !admit(w, pkts[i]))
			continue;
		if (name(w, pkt))
			keys[keys_n++] = pkt->exchange_key;
		if (pkt->known || pkt->route == DP_ROUTE_ACK)
			pkts[known_n++] = pkts[i];
		else
			strangers[strangers_n++] = pkts[i];
	}
	dp_dedup_prefetch_bulk(&w->dedup, keys, keys_n);
	memcpy(pkts + known_n, strangers, strangers_n * sizeof(strangers[0]));
	return known_n + strangers_n;
}
