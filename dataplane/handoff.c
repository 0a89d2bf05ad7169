// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/handoff.h"

#include <unistd.h>

static void flush(struct dp_worker *w, uint16_t to)
{
	struct rte_mbuf **pkts = w->handoff[to].pkts;
	unsigned n = w->handoff[to].n;
	unsigned sent = rte_ring_sp_enqueue_burst(w->rings_out[to], (void **)pkts, n, NULL);
	struct dp_worker *sibling = w->siblings[to];

	w->counters.handoffs += sent;
	w->counters.drop_ring_full += n - sent;
	if (sent < n)
		rte_pktmbuf_free_bulk(pkts + sent, n - sent);
	w->handoff[to].n = 0;
	if (!w->adaptive)
		return;
	// The enqueue must be visible before the look at the flag: the sleeper sets the flag, then
	// looks at its rings.
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&sibling->asleep, memory_order_relaxed)) {
		uint64_t one = 1;

		(void)!write(sibling->doorbell, &one, sizeof(one));
	}
}

void dp_handoff(struct dp_worker *w, uint16_t to, struct rte_mbuf *m, enum dp_pkt_op op)
{
	dp_pkt(m)->op = op;
	w->handoff[to].pkts[w->handoff[to].n++] = m;
	if (w->handoff[to].n == DP_BURST)
		flush(w, to);
}

void dp_handoff_flush(struct dp_worker *w)
{
	for (uint16_t to = 0; to < w->workers; to++)
		if (w->handoff[to].n > 0)
			flush(w, to);
}
