// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/admission.h"

#include <string.h>

#include "dataplane/promise.h"
#include "dataplane/reply.h"
#include "lwm2m/coap/msg.h"

static uint64_t now_ns(const struct dp_worker *w)
{
	return w->now_us * 1000;
}

struct dp_sender *dp_admit_sender(struct dp_worker *w, const struct dp_peer *peer)
{
	struct dp_sender *sender;
	bool displaced;

	sender = dp_sender_get(&w->limits.senders, dp_sender_name(peer, w->hash_seed), w->now_us,
			       &displaced);
	w->counters.senders_displaced += displaced;
	return sender;
}

void dp_admit_know(struct dp_worker *w, const struct dp_peer *peer)
{
	bool displaced;

	dp_sender_know(&w->limits.senders, dp_sender_name(peer, w->hash_seed), w->now_us,
		       &displaced);
	w->counters.senders_displaced += displaced;
}

static bool is_request(const struct dp_pkt *pkt)
{
	return (pkt->type == COAP_CON || pkt->type == COAP_NON) &&
	       ((pkt->flags & DP_PKT_F_KEEPALIVE) ||
		(pkt->code != COAP_EMPTY && COAP_CODE_CLASS(pkt->code) == 0));
}

// Seconds until a bucket that has just refused so many has room for them; for more than it holds,
// until it is full.
static uint32_t wait_s(const struct dp_worker *w, const struct dp_rate *rate, uint64_t full_ns,
		       uint32_t count)
{
	uint64_t cost_ns = RTE_MIN(rate->cost_ns * count, rate->burst_ns);
	uint64_t room_ns = full_ns + cost_ns - rate->burst_ns;

	return room_ns <= now_ns(w) ? 1 : 1 + (uint32_t)((room_ns - now_ns(w)) / 1000000000);
}

// Always false. The message has no entry in the deduplication table yet, or gives up its own: when
// it comes again it may be its turn.
static bool refuse(struct dp_worker *w, struct rte_mbuf *m, uint64_t *counter, uint32_t max_age_s)
{
	struct dp_pkt *pkt = dp_pkt(m);

	if (is_request(pkt) &&
	    dp_bucket_take(&w->limits.too_many_full_ns, &w->limits.too_many, now_ns(w), 1)) {
		if (pkt->flags & DP_PKT_F_KEEPALIVE) // was never parsed
			memcpy(pkt->token, rte_pktmbuf_mtod_offset(m, uint8_t *, 4),
			       pkt->token_len);
		dp_reply_too_many(w, m, max_age_s);
		return false;
	}
	(*counter)++;
	dp_reply_forget(w, m);
	return false;
}

static bool take_unknown(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_limits *limits = &w->limits;

	if (dp_bucket_take(&limits->unknown_full_ns, &limits->unknown, now_ns(w), 1))
		return true;
	return refuse(w, m, &w->counters.drop_unknown_rate, DP_RETRY_AFTER_S);
}

static bool take_peer(struct dp_worker *w, struct rte_mbuf *m, struct dp_sender *sender,
		      uint32_t count)
{
	const struct dp_rate *rate = &w->limits.peer;

	if (dp_bucket_take(&sender->full_ns, rate, now_ns(w), count))
		return true;
	return refuse(w, m, &w->counters.drop_peer_rate, wait_s(w, rate, sender->full_ns, count));
}

static uint32_t weight(const struct dp_worker *w)
{
	const struct dp_limits *limits = &w->limits;

	return dp_bucket_is_low(limits->unknown_full_ns, &limits->unknown, now_ns(w))
		       ? DP_SHORTAGE_WEIGHT
		       : 1;
}

bool dp_admit(struct dp_worker *w, struct rte_mbuf *m, struct dp_sender *sender, bool known)
{
	const struct dp_pkt *pkt = dp_pkt(m);
	bool is_register = pkt->route == DP_ROUTE_REGISTER;

	if (known)
		return take_peer(w, m, sender, 1);
	if (w->buffers_low)
		return refuse(w, m, &w->counters.drop_buffers_kept, DP_RETRY_AFTER_S);
	// No forger, so its address alone answers for it.
	if (pkt->flags & DP_PKT_F_PROVEN)
		return take_peer(w, m, sender, 1);
	if (!take_peer(w, m, sender, weight(w)))
		return false;
	if (w->limits.echo == CONFIG_ECHO_ALWAYS && is_request(pkt)) {
		if (take_unknown(w, m))
			dp_reply_challenge(w, m);
		return false;
	}
	return is_register || take_unknown(w, m);
}

bool dp_admit_unknown(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_sender *sender = dp_admit_sender(w, &dp_pkt(m)->peer);

	if (w->buffers_low)
		return refuse(w, m, &w->counters.drop_buffers_kept, DP_RETRY_AFTER_S);
	if (dp_pkt(m)->peer.flags & DP_PEER_F_DTLS) // no forger
		return take_peer(w, m, sender, 1);
	return take_peer(w, m, sender, weight(w)) && take_unknown(w, m);
}

bool dp_admit_hasty(struct dp_worker *w, struct rte_mbuf *m)
{
	return take_peer(w, m, dp_admit_sender(w, &dp_pkt(m)->peer), 1);
}

bool dp_admit_new(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_limits *limits = &w->limits;

	if (dp_bucket_take(&limits->fresh_full_ns, &limits->fresh, now_ns(w), 1))
		return true;
	return refuse(w, m, &w->counters.drop_new_rate, DP_RETRY_AFTER_S);
}
