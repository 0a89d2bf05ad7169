// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/lifetime.h"

#include <string.h>

#include "dataplane/admission.h"
#include "dataplane/commands.h"
#include "dataplane/downlink.h"
#include "dataplane/promise.h"
#include "dataplane/reply.h"
#include "dataplane/trace.h"

static uint64_t lifetime_us(const struct dp_session *session)
{
	return (uint64_t)session->lifetime_s * 1000000;
}

static void arm(struct dp_worker *w, struct dp_session *session, uint64_t in_us)
{
	const uint64_t max_us = (uint64_t)WHEEL_MAX_AHEAD << WHEEL_TICK_SHIFT;

	wheel_arm(&w->session_wheel, &dp_session_rest(&w->sessions, session)->timer,
		  wheel_tick(w->now_us + (in_us < max_us ? in_us : max_us)));
}

void dp_session_rearm(struct dp_worker *w, struct dp_session *session)
{
	uint64_t age_us = w->now_us - session->seen_us;

	arm(w, session, age_us < lifetime_us(session) ? lifetime_us(session) - age_us : 0);
}

void dp_session_activate(struct dp_worker *w, struct dp_session *session)
{
	struct dp_session *former =
		dp_sessions_find(&w->sessions, dp_session_rest(&w->sessions, session)->endpoint);

	if (former) {
		w->counters.replaced++;
		dp_session_drop(w, former);
	}
	session->state = DP_SESSION_ACTIVE;
	dp_sessions_insert(&w->sessions, session);
	dp_session_rearm(w, session);
}

void dp_session_drop(struct dp_worker *w, struct dp_session *session)
{
	struct dp_session_rest *rest = dp_session_rest(&w->sessions, session);

	if (rest->exchange)
		dp_downlink_end(w, rest->exchange, BRIDGE_GONE, &session->peer, NULL, 0);
	if (rest->exchange) // no room to tell control, which hears of the session's end anyway
		dp_downlink_drop(w, rest->exchange);
	wheel_disarm(&w->session_wheel, &rest->timer);
	dp_sessions_remove(&w->sessions, session);
	dp_session_free(&w->sessions, session);
}

struct dp_session *dp_session_live(struct dp_worker *w, uint64_t location)
{
	struct dp_session *session = dp_session_slot(&w->sessions, location);

	return session && session->location == location && session->state == DP_SESSION_ACTIVE
		       ? session
		       : NULL;
}

bool dp_session_notice(struct dp_worker *w, struct dp_session *session, struct rte_mbuf *m)
{
	const struct dp_peer *now = &dp_pkt(m)->peer;
	bool moved = dp_session_moved(session, now);

	session->peer = *now; // also a new next hop, or another of our own addresses
	session->flags &= (uint8_t)~DP_SESSION_F_UNPROVEN;
	if (moved) {
		dp_recent_move(&session->recent);
		w->counters.moves++;
		dp_bridge_touch_now(w, session);
	}
	if (session->flags & DP_SESSION_F_TRACED)
		dp_trace_incoming(w, session, m);
	return moved;
}

void dp_session_unknown(struct dp_worker *w, struct rte_mbuf *m)
{
	if (w->ever_restored) {
		// Others have been through stage_admit.
		if ((dp_pkt(m)->flags & DP_PKT_F_KEEPALIVE) && !dp_admit_unknown(w, m))
			return;
		dp_reply_error(w, m, COAP_NOT_FOUND, NULL);
		return;
	}
	if (w->now_us >= DP_HOLD_US) {
		dp_reply_unavailable(w, m, DP_RETRY_AFTER_S);
		return;
	}
	w->counters.drop_restoring++;
	dp_reply_forget(w, m);
}

void dp_session_refuse(struct dp_worker *w, struct rte_mbuf *m)
{
	w->counters.forbidden++;
	dp_reply_error(w, m, COAP_FORBIDDEN, NULL);
}

void dp_session_on_time(struct wheel_timer *timer, void *worker)
{
	struct dp_worker *w = worker;
	struct dp_session *session = dp_session_of_timer(&w->sessions, timer);

	if (w->now_us - session->seen_us < lifetime_us(session)) { // refreshed since
		dp_session_rearm(w, session);
		return;
	}
	// Without control nobody can be told: the session lives on until somebody can.
	if (!dp_promise_room(w)) {
		arm(w, session, DP_EXPIRE_AGAIN_US);
		return;
	}
	session->state = DP_SESSION_EXPIRED;
	dp_promise(w, BRIDGE_EV_EXPIRE, session, NULL, DP_PARKED_EXPIRE);
}
