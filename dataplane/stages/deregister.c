// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/coap/exchange.h"

// Whether it may have been said to a dataplane that died since: within EXCHANGE_LIFETIME of the
// start, when everything that is there has been restored.
static bool may_be_repeated(const struct dp_worker *w, uint64_t location)
{
	return w->ever_restored && w->now_us < COAP_EXCHANGE_LIFETIME_US &&
	       location >> BRIDGE_LOCATION_BITS == 0 && BRIDGE_LOCATION_GEN(location) != 0;
}

// LwM2M core 1.1.1 section 6.2.3. The session serves until control has the end on disk.
void stage_deregister(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_session *session = dp_session_live(w, dp_pkt(m)->location);

	if (!session && may_be_repeated(w, dp_pkt(m)->location)) {
		if (dp_promise_possible(w, m))
			dp_promise_lost(w, m);
		return;
	}
	if (!session) {
		dp_session_unknown(w, m);
		return;
	}
	if (!dp_session_admits(w, session, dp_pkt(m))) {
		dp_session_refuse(w, m);
		return;
	}
	dp_session_hear(w, session, m);
	if (dp_promise_possible(w, m))
		dp_promise(w, BRIDGE_EV_DEREGISTER, session, m, DP_PARKED_DEREGISTER);
}
