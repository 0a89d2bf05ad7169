// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/handoff.h"

#include <unistd.h>

// A request that never reached its owner was not processed: its repetition must be.
static void give_up(struct dp_worker *w, struct rte_mbuf **pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct dp_pkt *pkt = dp_pkt(pkts[i]);
		struct dp_dedup_entry *entry;

		if (pkt->op != DP_OP_TO_OWNER || pkt->exchange_key == 0)
			continue;
		entry = dp_dedup_find(&w->dedup, pkt->exchange_key, w->now_tick);
		if (entry)
			dp_dedup_remove(entry);
	}
	w->counters.drop_ring_full += n;
	rte_pktmbuf_free_bulk(pkts, n);
}

static void flush(struct dp_worker *w, uint16_t to)
{
	struct rte_mbuf **pkts = w->handoff[to].pkts;
	unsigned n = w->handoff[to].n;
	unsigned sent = rte_ring_sp_enqueue_burst(w->rings_out[to], (void **)pkts, n, NULL);
	struct dp_worker *sibling = w->siblings[to];

	w->counters.handoffs += sent;
	if (sent < n)
		give_up(w, pkts + sent, n - sent);
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

bool dp_handoff_room(const struct dp_worker *w, uint16_t to)
{
	const struct rte_ring *ring = w->rings_out[to];

	return to == w->index ||
	       rte_ring_free_count(ring) > w->handoff[to].n + rte_ring_get_capacity(ring) / 4;
}

void dp_handoff_flush(struct dp_worker *w)
{
	for (uint16_t to = 0; to < w->workers; to++)
		if (w->handoff[to].n > 0)
			flush(w, to);
}
