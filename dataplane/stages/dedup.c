// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "dataplane/tx.h"
#include "lwm2m/coap/exchange.h"

static void drop(struct rte_mbuf *m, uint64_t *counter)
{
	(*counter)++;
	rte_pktmbuf_free(m);
}

// Sends the stored bytes again. False when they have been overwritten since.
static bool answer_stored(struct dp_worker *w, struct rte_mbuf *m,
			  const struct dp_dedup_entry *entry)
{
	const struct dp_dedup_reply *reply = dp_dedup_stored(&w->dedup, entry);

	if (!reply)
		return false;
	// A repetition is the same bytes; with fewer, the answer may be more than they deserve.
	if (dp_reply_amplifies(dp_pkt(m), reply->len)) {
		drop(m, &w->counters.drop_amplification);
		return true;
	}
	memcpy(rte_pktmbuf_mtod(m, void *), reply->bytes, reply->len);
	m->data_len = reply->len;
	m->pkt_len = reply->len;
	w->counters.duplicates_answered++;
	dp_tx(w, m);
	return true;
}

// True when the repetition must be handled as if it were new.
static bool repeat(struct dp_worker *w, struct rte_mbuf *m, const struct dp_dedup_entry *entry)
{
	if (dp_pkt(m)->type == COAP_NON) {
		drop(m, &w->counters.drop_duplicate_non);
		return false;
	}
	switch (dp_dedup_kind(entry)) {
	case DP_DEDUP_PENDING:
	case DP_DEDUP_SILENT:
		drop(m, &w->counters.drop_duplicate_pending);
		return false;
	case DP_DEDUP_CODE:
		w->counters.duplicates_answered++;
		dp_reply_code(w, m, dp_dedup_code(entry));
		return false;
	case DP_DEDUP_EMPTY_ACK:
		w->counters.duplicates_answered++;
		dp_reply_ack(w, m);
		return false;
	case DP_DEDUP_RESET:
		w->counters.duplicates_answered++;
		dp_reply_reset(w, m);
		return false;
	case DP_DEDUP_STORED:
		return !answer_stored(w, m, entry);
	default: // DP_DEDUP_REPEAT
		w->counters.duplicates_answered++;
		return true;
	}
}

uint16_t stage_dedup(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	const uint32_t con = wheel_tick(COAP_EXCHANGE_LIFETIME_US);
	const uint32_t non = wheel_tick(COAP_NON_LIFETIME_US);
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct dp_pkt *pkt = dp_pkt(pkts[i]);
		bool known, evicted;

		if (pkt->exchange_key == 0) { // ACK and RST are not deduplicated
			pkts[kept++] = pkts[i];
			continue;
		}
		pkt->entry = dp_dedup_claim(&w->dedup, pkt->exchange_key, w->now_tick,
					    w->now_tick + (pkt->type == COAP_CON ? con : non),
					    &known, &evicted);
		if (known) {
			if (repeat(w, pkts[i], pkt->entry)) {
				dp_dedup_set(pkt->entry, DP_DEDUP_PENDING, 0);
				pkts[kept++] = pkts[i];
			}
			continue;
		}
		dp_dedup_set(pkt->entry, DP_DEDUP_PENDING, 0);
		w->counters.dedup_evictions += evicted;
		pkts[kept++] = pkts[i];
	}
	return kept;
}
