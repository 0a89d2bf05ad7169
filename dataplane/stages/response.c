// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/downlink.h"
#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/coap/msg.h"

static uint64_t token_of(const struct dp_pkt *pkt)
{
	uint64_t token = 0;

	for (unsigned i = 0; i < sizeof(pkt->token); i++)
		token = token << 8 | pkt->token[i];
	return token;
}

// The outstanding request that this answers. The token names it, whatever address it came from: a
// device behind a NAT may have a new one.
static struct dp_exchange *match(struct dp_worker *w, const struct dp_pkt *pkt)
{
	uint64_t token = token_of(pkt);
	struct dp_session *session;

	if (pkt->token_len != sizeof(pkt->token))
		return NULL;
	session = dp_session_slot(&w->sessions,
				  BRIDGE_LOCATION(DP_TOKEN_VSHARD(token), DP_TOKEN_SLOT(token), 0));
	if (!session || !session->exchange || session->exchange->token != token)
		return NULL;
	if (pkt->type == COAP_ACK && pkt->mid != session->exchange->mid)
		return NULL;
	return session->exchange;
}

// RFC 7252 section 4.2 and 5.3.2: a Confirmable response that matches nothing is rejected, which
// also ends an observation nobody remembers (RFC 7641 section 3.6).
static void unmatched(struct dp_worker *w, struct rte_mbuf *m)
{
	if (dp_pkt(m)->type == COAP_ACK) {
		w->counters.drop_coap_unexpected++;
		dp_reply_forget(w, m);
		return;
	}
	if (!w->ever_restored) { // it may be a device we know
		w->counters.drop_restoring++;
		dp_reply_forget(w, m);
		return;
	}
	w->counters.unknown_resets++;
	dp_reply_reset(w, m);
}

void stage_response(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_exchange *x = match(w, pkt);

	if (!x) {
		unmatched(w, m);
		return;
	}
	if (!dp_downlink_end(w, x, BRIDGE_ANSWERED, &pkt->peer, rte_pktmbuf_mtod(m, void *),
			     m->data_len)) {
		// Control is behind. Not acknowledged, so a Confirmable response comes again; to a
		// piggybacked one our own retransmission asks again.
		w->counters.drop_control_away++;
		dp_reply_forget(w, m);
		return;
	}
	if (pkt->type == COAP_CON)
		dp_reply_ack(w, m);
	else
		dp_reply_silence(w, m);
}

void stage_ack(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_exchange *x = dp_exchange_by_mid(&w->exchanges, &pkt->peer, pkt->mid);

	if (!x) {
		w->counters.drop_coap_unexpected++;
	} else if (pkt->type == COAP_RST) {
		coap_exchange_on_reset(&x->coap);
		if (!dp_downlink_end(w, x, BRIDGE_RESET, &pkt->peer, NULL, 0))
			dp_downlink_drop(w, x); // control has a deadline of its own
	} else if (coap_exchange_on_ack(&x->coap, &x->params, w->now_us) == COAP_EXCHANGE_WAIT) {
		wheel_arm(&w->exchange_wheel, &x->timer, wheel_tick(x->coap.deadline_us));
	}
	dp_reply_forget(w, m);
}
