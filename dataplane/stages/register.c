// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/register.h"
#include "dataplane/admission.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
#include "dataplane/random.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"

// The code to refuse with, or 0.
static uint8_t check(struct lwm2m_register *reg, struct rte_mbuf *m, const char **why)
{
	struct coap_msg msg;
	uint8_t code;
	uint32_t len;
	const uint8_t *message = dp_pkt_message(m, &len);

	coap_msg_parse(&msg, message, len); // ingress checked it
	code = lwm2m_register_parse(reg, &msg, why);
	if (code != 0)
		return code;
	if (msg.type != COAP_CON) {
		*why = "Register must be Confirmable";
		return COAP_BAD_REQUEST;
	}
	if (!reg->ep && dp_pkt_credential(dp_pkt(m)) == 0) {
		*why = "endpoint name (ep) missing";
		return COAP_BAD_REQUEST;
	}
	return 0;
}

static bool may_register(struct dp_worker *w, struct rte_mbuf *m, const struct lwm2m_register *reg,
			 struct dp_endpoint_hash endpoint)
{
	if (reg->ep && dp_sessions_find(&w->sessions, endpoint))
		return dp_promise_possible(w, m);
	return dp_promise_possible_for_new(w, m) && dp_admit_new(w, m);
}

// LwM2M core 1.1.1 section 6.2.1. The session stays provisional, and a former one of the same
// endpoint in force, until control has the registration on disk.
void stage_register(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct lwm2m_register reg;
	struct dp_endpoint_hash endpoint = {0};
	struct dp_session *session;
	struct dp_session_rest *rest;
	const char *why = NULL;
	uint8_t code = check(&reg, m, &why);

	if (code != 0) {
		dp_reply_error(w, m, code, why);
		return;
	}
	if (reg.ep)
		endpoint = dp_hash_endpoint(reg.ep, reg.ep_len, w->hash_seed);
	if (!may_register(w, m, &reg, endpoint))
		return;
	// Any generation but 0, which is a free slot's.
	session =
		dp_session_new(&w->sessions, pkt->vshard, 1 + (uint32_t)(dp_random(w) % 0x3ffffff));
	if (!session) { // max_devices
		dp_reply_unavailable(w, m, DP_RETRY_AFTER_S);
		return;
	}
	rest = dp_session_rest(&w->sessions, session);
	rest->version = reg.version;
	rest->binding = reg.binding;
	session->seen_us = w->now_us;
	session->lifetime_s = reg.lifetime_s;
	if (reg.queue_mode)
		session->flags |= DP_SESSION_F_QUEUE;
	session->peer = pkt->peer;
	if (!(pkt->flags & DP_PKT_F_PROVEN)) {
		session->flags |= DP_SESSION_F_UNPROVEN;
		// Three times what came (RFC 9175 section 2.4), of which the answer has a part.
		rest->allowance = (uint16_t)RTE_MIN(2u * pkt->message_len, UINT16_MAX);
	}
	rest->credential = dp_pkt_credential(pkt);
	rest->mid_counter = (uint16_t)dp_random(w);
	rest->endpoint = endpoint;
	// Who is known by its credential may leave its name out. Control says it before it commits.
	if (reg.ep)
		dp_promise(w, BRIDGE_EV_REGISTER, session, m, DP_PARKED_REGISTER);
	else
		dp_promise_unnamed(w, session, m);
}
