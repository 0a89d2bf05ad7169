// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"

// LwM2M core 1.1.1 section 6.2.3. The session serves until control has the end on disk.
void stage_deregister(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_session *session = dp_session_live(w, dp_pkt(m)->location);

	if (!session) {
		dp_session_unknown(w, m);
		return;
	}
	dp_session_hear(w, session, m);
	if (dp_promise_possible(w, m))
		dp_promise(w, BRIDGE_EV_DEREGISTER, session, m, DP_PARKED_DEREGISTER);
}
