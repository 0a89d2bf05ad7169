// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/downlink.h"

#include <string.h>

#include "dataplane/handoff.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/random.h"
#include "dataplane/trace.h"
#include "dataplane/tx.h"
#include "lwm2m/coap/msg.h"

#define HEADER_LEN 4u
#define TOKEN_LEN  8u

static bool report(struct dp_worker *w, uint64_t location, uint64_t request_id,
		   enum bridge_result result, const struct dp_peer *peer, const void *coap,
		   uint32_t coap_len)
{
	struct bridge_response *ev;

	if (!w->channel)
		return false;
	ev = (struct bridge_response *)bridge_ring_reserve(&w->channel->events, BRIDGE_EV_RESPONSE,
							   (uint32_t)sizeof(*ev) + coap_len);
	if (!ev)
		return false;
	ev->location = location;
	ev->request_id = request_id;
	if (peer)
		ev->peer = *peer;
	else
		memset(&ev->peer, 0, sizeof(ev->peer));
	ev->result = result;
	ev->coap_len = coap_len;
	if (coap_len > 0)
		memcpy(ev->coap, coap, coap_len);
	return true;
}

static void refuse(struct dp_worker *w, uint64_t location, uint64_t request_id,
		   enum bridge_result result)
{
	w->counters.requests_refused++;
	report(w, location, request_id, result, NULL, NULL, 0);
}

static bool allowed(struct dp_worker *w, const struct dp_session *session, uint32_t len)
{
	struct dp_session_rest *rest = dp_session_rest(&w->sessions, session);

	if (likely(!(session->flags & DP_SESSION_F_UNPROVEN)))
		return true;
	if (len > rest->allowance)
		return false;
	rest->allowance = (uint16_t)(rest->allowance - len);
	return true;
}

// A Register may be forged: what goes to its address before anything has shown that the device is
// there is bounded (RFC 9175 section 2.4). Instead of a request that is too much a ping goes out
// under its message id; the RST to that shows it, and the request follows.
static bool withhold(struct dp_worker *w, struct dp_exchange *x, struct rte_mbuf *m)
{
	uint8_t *p;

	if (allowed(w, x->session, x->datagram_len))
		return false;
	x->withheld = true;
	w->counters.requests_withheld++;
	if (!allowed(w, x->session, HEADER_LEN))
		return true;
	p = (uint8_t *)rte_pktmbuf_append(m, HEADER_LEN);
	memcpy(p, x->datagram, HEADER_LEN);
	p[0] = 0x40 | COAP_CON << 4;
	p[1] = COAP_EMPTY;
	return true;
}

static void transmit(struct dp_worker *w, struct dp_exchange *x)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->pool);
	struct dp_pkt *pkt;
	uint16_t ingress;

	if (!m) { // as good as lost on the way: the next retransmission tries again
		w->counters.drop_no_mbuf++;
		return;
	}
	if (!withhold(w, x, m))
		memcpy(rte_pktmbuf_append(m, x->datagram_len), x->datagram, x->datagram_len);
	if (m->data_len == 0) {
		rte_pktmbuf_free(m);
		return;
	}
	if (x->session->flags & DP_SESSION_F_TRACED)
		dp_trace_outgoing(w, x->session->location, rte_pktmbuf_mtod(m, void *),
				  m->data_len);
	pkt = dp_pkt(m);
	memset(pkt, 0, sizeof(*pkt));
	pkt->peer = x->session->peer;
	// A device may have fewer queues than there are workers.
	ingress = pkt->peer.worker % w->ports[pkt->peer.port]->queues;
	if (ingress == w->index)
		dp_tx(w, m);
	else
		dp_handoff(w, ingress, m, DP_OP_TO_PEER);
}

static uint16_t next_mid(const struct dp_worker *w, struct dp_session_rest *rest)
{
	return (uint16_t)(rest->mid_counter++ << w->mid_shift | w->index);
}

// Control's message with our message id and token. coap has been checked to hold a header. False
// when it is not a request without a token; what is checked is the copy, which control can no
// longer write.
static bool build(struct dp_exchange *x, const uint8_t *coap, uint32_t coap_len)
{
	uint8_t token_len = coap[0] & 0xf;
	uint8_t *p = x->datagram;
	struct coap_opt observe;
	struct coap_msg msg;
	uint32_t value;

	p[0] = 0x40 | COAP_CON << 4 | TOKEN_LEN;
	p[1] = coap[1];
	p[2] = (uint8_t)(x->mid >> 8);
	p[3] = (uint8_t)x->mid;
	for (unsigned i = 0; i < TOKEN_LEN; i++)
		p[HEADER_LEN + i] = (uint8_t)(x->token >> (56 - 8 * i));
	memcpy(p + HEADER_LEN + TOKEN_LEN, coap + HEADER_LEN, coap_len - HEADER_LEN);
	x->datagram_len = (uint16_t)(coap_len + TOKEN_LEN);
	if (token_len != 0 || coap_msg_parse(&msg, p, x->datagram_len) != COAP_OK ||
	    msg.code == COAP_EMPTY || COAP_CODE_CLASS(msg.code) != 0)
		return false;
	x->cancels = (msg.code == COAP_GET || msg.code == COAP_FETCH) &&
		     coap_msg_find_opt(&msg, COAP_OPT_OBSERVE, &observe) &&
		     coap_opt_uint(&observe, &value) && value == 1;
	return true;
}

// Whether this is an observation's token of exactly that session.
static bool observes(uint64_t token, uint64_t location)
{
	return BRIDGE_OBSERVE_TOKEN(location, token >> 24) == token;
}

// Why the session cannot be asked anything now; BRIDGE_ANSWERED when it can.
static enum bridge_result obstacle(const struct dp_worker *w, const struct dp_session *session,
				   uint64_t location)
{
	if (!session || session->location != location)
		return BRIDGE_GONE;
	// Control has it on disk, or it would not ask; the device has its 2.01 first.
	if (session->state == DP_SESSION_PROVISIONAL)
		return BRIDGE_BUSY;
	if (session->state != DP_SESSION_ACTIVE)
		return BRIDGE_GONE;
	return dp_session_rest(&w->sessions, session)->exchange ? BRIDGE_BUSY : BRIDGE_ANSWERED;
}

void dp_downlink_request(struct dp_worker *w, const struct bridge_request *cmd, uint32_t len)
{
	struct dp_session_rest *rest;
	struct dp_exchange *x;
	// Read once: the other process can still write there.
	struct bridge_request req = *cmd;
	struct dp_session *session = dp_session_slot(&w->sessions, req.location);
	enum bridge_result why = obstacle(w, session, req.location);

	if (why != BRIDGE_ANSWERED) {
		refuse(w, req.location, req.request_id, why);
		return;
	}
	if (req.coap_len > len - sizeof(req) || req.coap_len < HEADER_LEN ||
	    req.coap_len + TOKEN_LEN > DP_REQUEST_MAX || session->peer.port >= w->ports_count ||
	    (req.token != 0 && !observes(req.token, req.location))) {
		refuse(w, req.location, req.request_id, BRIDGE_INVALID);
		return;
	}
	rest = dp_session_rest(&w->sessions, session);
	x = dp_exchange_new(&w->exchanges, session, next_mid(w, rest));
	if (!x) {
		refuse(w, req.location, req.request_id, BRIDGE_BUSY);
		return;
	}
	rest->exchange = x;
	x->request_id = req.request_id;
	x->token = req.token
			   ? req.token
			   : BRIDGE_REQUEST_TOKEN(BRIDGE_LOCATION_VSHARD(req.location),
						  BRIDGE_LOCATION_SLOT(req.location), dp_random(w));
	x->params = coap_params_default;
	if (req.timeout_ms > 0 && req.timeout_ms < UINT32_MAX / 1000)
		x->params.separate_timeout_us = req.timeout_ms * 1000;
	if (!build(x, cmd->coap, req.coap_len)) {
		dp_downlink_drop(w, x);
		refuse(w, req.location, req.request_id, BRIDGE_INVALID);
		return;
	}
	coap_exchange_start(&x->coap, &x->params, w->now_us, (uint32_t)dp_random(w));
	wheel_arm(&w->exchange_wheel, &x->timer, wheel_tick(x->coap.deadline_us));
	w->counters.requests_sent++;
	transmit(w, x);
}

bool dp_downlink_go_on(struct dp_worker *w, struct dp_exchange *x)
{
	if (!x->withheld)
		return false;
	x->withheld = false;
	transmit(w, x);
	return true;
}

void dp_downlink_cancel(struct dp_worker *w, const struct bridge_request *cmd)
{
	uint64_t request_id = cmd->request_id;
	struct dp_session *session = dp_session_live(w, cmd->location);

	struct dp_exchange *x = session ? dp_session_rest(&w->sessions, session)->exchange : NULL;

	if (x && x->request_id == request_id)
		dp_downlink_drop(w, x);
}

void dp_downlink_drop(struct dp_worker *w, struct dp_exchange *x)
{
	wheel_disarm(&w->exchange_wheel, &x->timer);
	dp_session_rest(&w->sessions, x->session)->exchange = NULL;
	dp_exchange_free(&w->exchanges, x);
}

bool dp_downlink_end(struct dp_worker *w, struct dp_exchange *x, enum bridge_result result,
		     const struct dp_peer *peer, const void *coap, uint32_t coap_len)
{
	if (!report(w, x->session->location, x->request_id, result, peer, coap, coap_len))
		return false;
	if (result == BRIDGE_ANSWERED)
		w->counters.requests_answered++;
	else if (result == BRIDGE_TIMEOUT)
		w->counters.requests_timeout++;
	else if (result == BRIDGE_RESET)
		w->counters.requests_reset++;
	dp_downlink_drop(w, x);
	return true;
}

void dp_downlink_abandon(struct dp_worker *w)
{
	for (uint32_t i = 0; i < w->exchanges.top && w->exchanges.count > 0; i++)
		if (w->exchanges.pool[i].session)
			dp_downlink_drop(w, &w->exchanges.pool[i]);
}

void dp_downlink_on_time(struct wheel_timer *timer, void *worker)
{
	struct dp_exchange *x =
		(struct dp_exchange *)((char *)timer - offsetof(struct dp_exchange, timer));
	struct dp_worker *w = worker;

	switch (coap_exchange_on_time(&x->coap, &x->params, w->now_us)) {
	case COAP_EXCHANGE_RESEND:
		w->counters.requests_retransmitted++;
		transmit(w, x);
		break;
	case COAP_EXCHANGE_TIMEOUT:
		if (!dp_downlink_end(w, x, BRIDGE_TIMEOUT, NULL, NULL, 0))
			dp_downlink_drop(w, x); // control has a deadline of its own
		return;
	default:
		break;
	}
	wheel_arm(&w->exchange_wheel, &x->timer, wheel_tick(x->coap.deadline_us));
}
