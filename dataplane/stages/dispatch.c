// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/handoff.h"
#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/coap/block.h"

// RFC 6690: what we host. Registration is LwM2M's, not RFC 9176's, so it does not claim
// rt="core.rd".
static const char WELL_KNOWN[] = "</.well-known/core>;ct=40,</rd>;rt=\"oma.lwm2m\";ct=40";

#define FORMAT_LINK 40

// RFC 7959 section 2.4: whatever block is asked for, without remembering anybody.
static void answer_links(struct dp_worker *w, struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);
	bool sliced = pkt->flags & DP_PKT_F_BLOCK2;
	struct coap_block block = {.szx = pkt->block & 7, .num = pkt->block >> 4};
	uint32_t whole = sizeof(WELL_KNOWN) - 1, begin = 0, len = whole;
	struct coap_writer writer;

	if (sliced) {
		begin = block.num * coap_block_size(block.szx);
		if (begin >= whole) {
			dp_reply_error(w, m, COAP_BAD_REQUEST, "no such block");
			return;
		}
		len = RTE_MIN(whole - begin, coap_block_size(block.szx));
		block.more = begin + len < whole;
	}
	dp_reply_begin(w, m, &writer, COAP_CONTENT);
	coap_write_opt_uint(&writer, COAP_OPT_CONTENT_FORMAT, FORMAT_LINK);
	if (sliced)
		coap_write_block(&writer, COAP_OPT_BLOCK2, &block);
	if (pkt->flags & DP_PKT_F_SIZE2)
		coap_write_opt_uint(&writer, COAP_OPT_SIZE2, whole);
	coap_write_payload(&writer, WELL_KNOWN + begin, len);
	dp_reply_end(w, m, &writer, DP_DEDUP_REPEAT);
}

static void answer_local(struct dp_worker *w, struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (pkt->answer == COAP_CONTENT)
		answer_links(w, m);
	else
		dp_reply_error(w, m, pkt->answer, pkt->why);
}

// -1: nobody's.
static int owner_of(const struct dp_worker *w, const struct dp_pkt *pkt)
{
	if (pkt->route != DP_ROUTE_ACK)
		return w->owners[pkt->vshard];
	uint16_t index = pkt->mid & ((1u << w->mid_shift) - 1);
	return index < w->workers ? index : -1;
}

uint16_t stage_dispatch(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		struct dp_pkt *pkt = dp_pkt(m);
		int owner;

		if (pkt->route == DP_ROUTE_LOCAL) {
			answer_local(w, m);
			continue;
		}
		owner = owner_of(w, pkt);
		if (owner == w->index) {
			pkts[kept++] = m;
		} else if (owner >= 0) {
			dp_handoff(w, (uint16_t)owner, m, DP_OP_TO_OWNER);
		} else {
			w->counters.drop_coap_unexpected++;
			rte_pktmbuf_free(m);
		}
	}
	return kept;
}
