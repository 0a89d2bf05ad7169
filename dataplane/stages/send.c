// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
#include "dataplane/stages/stages.h"

// LwM2M core 1.1.1 section 6.4.6. Nothing in it names the session: control knows the sender by its
// address, so whichever worker has it promises it.
void stage_send(struct dp_worker *w, struct rte_mbuf *m)
{
	if (dp_pkt(m)->known ? dp_promise_possible(w, m) : dp_promise_possible_for_new(w, m))
		dp_promise(w, BRIDGE_EV_SEND, NULL, m, DP_PARKED_SEND);
}
