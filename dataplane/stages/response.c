// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/downlink.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
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

// The session in the slot that the token names, whatever address the message came from: a device
// behind a NAT may have a new one.
static struct dp_session *session_of(struct dp_worker *w, const struct dp_pkt *pkt, uint64_t token)
{
	if (pkt->token_len != sizeof(pkt->token))
		return NULL;
	return dp_session_slot(&w->sessions, BRIDGE_LOCATION(BRIDGE_TOKEN_VSHARD(token),
							     BRIDGE_TOKEN_SLOT(token), 0));
}

static bool has_observe(struct rte_mbuf *m)
{
	struct coap_msg msg;
	struct coap_opt opt;

	coap_msg_parse(&msg, rte_pktmbuf_mtod(m, const uint8_t *),
		       m->data_len); // ingress checked it
	return coap_msg_find_opt(&msg, COAP_OPT_OBSERVE, &opt);
}

// Whether this answers the outstanding request. What tells of an observation may have been under
// way when its end was asked for, with the same token (RFC 7641 section 3.6).
static bool answers(const struct dp_exchange *x, uint64_t token, struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (x->token != token)
		return false;
	if (pkt->type == COAP_ACK)
		return pkt->mid == x->mid;
	return !x->cancels || !has_observe(m);
}

// RFC 7641 section 4.5: a response nobody asked for just now, with the token of an observation. By
// the token alone the session is known, so this works for sessions restored a moment ago too.
static bool is_notification(const struct dp_session *session, const struct dp_pkt *pkt,
			    uint64_t token)
{
	return pkt->type != COAP_ACK && BRIDGE_TOKEN_OBSERVES(token) &&
	       session->state == DP_SESSION_ACTIVE &&
	       BRIDGE_TOKEN_CHECK(token) == (BRIDGE_LOCATION_GEN(session->location) & 0xffffff);
}

static void take_notification(struct dp_worker *w, struct rte_mbuf *m, struct dp_session *session)
{
	dp_session_hear(w, session, m);
	if (dp_promise_room(w)) {
		dp_promise(w, BRIDGE_EV_NOTIFY, session, m, DP_PARKED_NOTIFY);
		return;
	}
	// Not a word: not acknowledged, a Confirmable one comes again.
	w->counters.drop_notification++;
	dp_reply_forget(w, m);
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

static void take_answer(struct dp_worker *w, struct rte_mbuf *m, struct dp_exchange *x)
{
	struct dp_pkt *pkt = dp_pkt(m);

	dp_session_hear(w, x->session, m);
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

struct dp_session *stage_response_session(struct dp_worker *w, struct rte_mbuf *m)
{
	uint64_t token = token_of(dp_pkt(m));
	struct dp_session *session = session_of(w, dp_pkt(m), token);

	if (!session)
		return NULL;
	const struct dp_exchange *x = dp_session_rest(&w->sessions, session)->exchange;
	return (x && answers(x, token, m)) || is_notification(session, dp_pkt(m), token) ? session
											 : NULL;
}

void stage_response(struct dp_worker *w, struct rte_mbuf *m)
{
	uint64_t token = token_of(dp_pkt(m));
	struct dp_session *session = session_of(w, dp_pkt(m), token);

	if (session && !dp_session_admits(w, session, dp_pkt(m))) // a guess, or a lapse of security
		session = NULL;
	struct dp_exchange *x = session ? dp_session_rest(&w->sessions, session)->exchange : NULL;
	if (x && answers(x, token, m))
		take_answer(w, m, x);
	else if (session && is_notification(session, dp_pkt(m), token))
		take_notification(w, m, session);
	else
		unmatched(w, m);
}

void stage_ack(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_exchange *x = dp_exchange_by_mid(&w->exchanges, &pkt->peer, pkt->mid);

	if (x)
		dp_session_hear(w, x->session, m);
	if (!x) {
		w->counters.drop_coap_unexpected++;
	} else if (pkt->type == COAP_RST && dp_downlink_go_on(w, x)) {
		w->counters.requests_retransmitted++;
	} else if (pkt->type == COAP_RST) {
		coap_exchange_on_reset(&x->coap);
		if (!dp_downlink_end(w, x, BRIDGE_RESET, &pkt->peer, NULL, 0))
			dp_downlink_drop(w, x); // control has a deadline of its own
	} else if (coap_exchange_on_ack(&x->coap, &x->params, w->now_us) == COAP_EXCHANGE_WAIT) {
		wheel_arm(&w->exchange_wheel, &x->timer, wheel_tick(x->coap.deadline_us));
	}
	dp_reply_forget(w, m);
}
