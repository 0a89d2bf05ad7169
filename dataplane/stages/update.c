// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/core/register.h"

static void refresh(struct dp_worker *w, struct dp_session *session)
{
	dp_recent_age(&session->recent, w->now_us, w->now_us - session->seen_us);
	session->seen_us = w->now_us;
}

// Control hears of it in its own time, unless it has been told already.
static void keep_alive(struct dp_worker *w, struct rte_mbuf *m, struct dp_session *session,
		       bool told)
{
	if (!told)
		dp_session_touch(&w->sessions, session);
	w->counters.updates++;
	dp_reply_code(w, m, COAP_CHANGED);
}

// A keep-alive in another dress: parameters that repeat what is known.
static bool changes_nothing(const struct dp_worker *w, const struct dp_session *session,
			    const struct lwm2m_register *reg)
{
	if (reg->params & ~(LWM2M_PARAM_LT | LWM2M_PARAM_BINDING))
		return false;
	if ((reg->params & LWM2M_PARAM_LT) && reg->lifetime_s != session->lifetime_s)
		return false;
	return !(reg->params & LWM2M_PARAM_BINDING) ||
	       (reg->binding == dp_session_rest(&w->sessions, session)->binding &&
		reg->queue_mode == ((session->flags & DP_SESSION_F_QUEUE) != 0));
}

static void update_with_content(struct dp_worker *w, struct rte_mbuf *m, struct dp_session *session)
{
	struct dp_parked_entry *entry;
	struct lwm2m_register reg;
	struct coap_msg msg;
	const char *why = NULL;
	uint8_t code;
	uint32_t len;
	const uint8_t *message = dp_pkt_message(m, &len);

	coap_msg_parse(&msg, message, len); // ingress checked it
	uint8_t version = dp_session_rest(&w->sessions, session)->version;
	code = lwm2m_update_parse(&reg, &msg, version, &why);
	if (code != 0) {
		dp_reply_error(w, m, code, why);
		return;
	}
	if (msg.payload_len == 0 && changes_nothing(w, session, &reg)) {
		refresh(w, session);
		keep_alive(w, m, session, false);
		return;
	}
	if (!dp_promise_possible(w, m))
		return;
	refresh(w, session); // the event tells control of it
	entry = dp_promise(w, BRIDGE_EV_UPDATE, session, m, DP_PARKED_UPDATE);
	// Only what this Update says: another one may be under way.
	entry->lifetime_s = reg.lifetime_s;
	entry->binding = reg.binding;
	entry->queue_mode = reg.queue_mode;
	if (reg.params & LWM2M_PARAM_LT)
		entry->changes |= DP_PARKED_SETS_LIFETIME;
	if (reg.params & LWM2M_PARAM_BINDING) {
		entry->changes |= DP_PARKED_SETS_BINDING;
		if (version == 10) // 1.0 says it inside b
			entry->changes |= DP_PARKED_SETS_QUEUE;
	}
}

// LwM2M core 1.1.1 section 6.2.2. A keep-alive comes here in another dress only, or passed on by
// another worker.
void stage_update(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_session *session;

	if (pkt->flags & DP_PKT_F_KEEPALIVE) {
		stage_keepalive_handed(w, m);
		return;
	}
	session = dp_session_live(w, pkt->location);
	if (!session) {
		dp_session_unknown(w, m);
	} else if (!dp_session_admits(w, session, pkt)) {
		dp_session_refuse(w, m);
	} else if (pkt->payload_len > 0 || (pkt->flags & DP_PKT_F_HAS_QUERY)) {
		dp_session_hear(w, session, m);
		update_with_content(w, m, session);
	} else {
		refresh(w, session); // before a new address is reported with it
		keep_alive(w, m, session, dp_session_hear(w, session, m));
	}
}
