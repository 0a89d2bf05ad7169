// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/reply.h"

#include <string.h>

#include "dataplane/admission.h"
#include "dataplane/blockwise.h"
#include "dataplane/handoff.h"
#include "dataplane/state/echo.h"
#include "dataplane/trace.h"
#include "dataplane/tx.h"

#define HEADER(type, token_len) ((uint8_t)(0x40 | (type) << 4 | (token_len)))

static void to_ingress(struct dp_worker *w, struct rte_mbuf *m, size_t len, enum dp_dedup_kind kind)
{
	struct dp_pkt *pkt = dp_pkt(m);

	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	pkt->dedup = kind;
	if (pkt->peer.worker == w->index)
		dp_reply_deliver(w, m);
	else
		dp_handoff(w, pkt->peer.worker, m, DP_OP_TO_PEER);
}

static size_t write_header(struct rte_mbuf *m, uint8_t code)
{
	struct dp_pkt *pkt = dp_pkt(m);
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);

	// A Non-confirmable answer takes the request's message id: unique towards this peer for as
	// long as the request's own was.
	p[0] = HEADER(pkt->type == COAP_CON ? COAP_ACK : COAP_NON, pkt->token_len);
	p[1] = code;
	p[2] = (uint8_t)(pkt->mid >> 8);
	p[3] = (uint8_t)pkt->mid;
	return 4u + pkt->token_len; // the request's token is in its place already
}

// For messages of which more is wanted than the answer.
static void finish(struct dp_worker *w, struct rte_mbuf *m, size_t len, enum dp_dedup_kind kind)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (pkt->flags & DP_PKT_F_ASSEMBLED)
		dp_blockwise_answered(w, pkt);
	if ((pkt->flags & DP_PKT_F_TRACED) && len > 0)
		dp_trace_outgoing(w, pkt->location, rte_pktmbuf_mtod(m, void *), (uint32_t)len);
	to_ingress(w, m, len, kind);
}

// RFC 7959 section 2.3: the answer to a block says which one it was.
static void echo_block(const struct dp_pkt *pkt, struct coap_writer *writer)
{
	if (pkt->flags & DP_PKT_F_BLOCK1)
		coap_write_opt_uint(writer, COAP_OPT_BLOCK1, pkt->block);
}

static void code_and_more(struct dp_worker *w, struct rte_mbuf *m, uint8_t code)
{
	struct coap_writer writer;

	if (dp_pkt(m)->flags & DP_PKT_F_BLOCK1) { // cannot be rebuilt from the code alone
		dp_reply_begin(w, m, &writer, code);
		dp_reply_end(w, m, &writer, DP_DEDUP_STORED);
	} else {
		dp_pkt(m)->answer = code;
		finish(w, m, write_header(m, code), DP_DEDUP_CODE);
	}
}

void dp_reply_code(struct dp_worker *w, struct rte_mbuf *m, uint8_t code)
{
	struct dp_pkt *pkt = dp_pkt(m);
	size_t len;

	if (unlikely(pkt->flags & (DP_PKT_F_TRACED | DP_PKT_F_BLOCK1))) {
		code_and_more(w, m, code);
		return;
	}
	len = write_header(m, code);
	if (pkt->exchange_key == 0 && pkt->peer.worker == w->index) { // nothing to record
		m->data_len = (uint16_t)len;
		m->pkt_len = (uint32_t)len;
		dp_tx(w, m);
	} else {
		pkt->answer = code;
		to_ingress(w, m, len, DP_DEDUP_CODE);
	}
}

void dp_reply_begin(struct dp_worker *w, struct rte_mbuf *m, struct coap_writer *writer,
		    uint8_t code)
{
	struct dp_pkt *pkt = dp_pkt(m);
	size_t room = m->buf_len - m->data_off;

	pkt->answer = code;
	coap_write_begin(writer, rte_pktmbuf_mtod(m, void *), room,
			 pkt->type == COAP_CON ? COAP_ACK : COAP_NON, code, pkt->mid, pkt->token,
			 pkt->token_len);
}

void dp_reply_end(struct dp_worker *w, struct rte_mbuf *m, struct coap_writer *writer,
		  enum dp_dedup_kind kind)
{
	size_t len;

	if (!writer->has_payload)
		echo_block(dp_pkt(m), writer);
	len = coap_write_finish(writer);

	assert(len > 0); // the gateway's own answers fit any buffer
	finish(w, m, len, kind);
}

// Of the text: an answer that cannot be made again must fit where it is kept.
static size_t text_room(const struct dp_pkt *pkt, const struct coap_writer *writer, size_t len,
			enum dp_dedup_kind kind)
{
	size_t before = writer->len + 1; // and the marker

	if (dp_reply_amplifies(pkt, before + len))
		return 0;
	if (kind != DP_DEDUP_STORED || before + len <= DP_DEDUP_REPLY_MAX)
		return len;
	return before < DP_DEDUP_REPLY_MAX ? DP_DEDUP_REPLY_MAX - before : 0;
}

static void refuse(struct dp_worker *w, struct rte_mbuf *m, uint8_t code, const char *why,
		   enum dp_dedup_kind kind)
{
	struct coap_writer writer;

	w->counters.client_errors++;
	if (!why) {
		dp_reply_code(w, m, code);
		return;
	}
	dp_reply_begin(w, m, &writer, code);
	echo_block(dp_pkt(m), &writer);
	coap_write_payload(&writer, why, text_room(dp_pkt(m), &writer, strlen(why), kind));
	dp_reply_end(w, m, &writer, kind);
}

void dp_reply_error(struct dp_worker *w, struct rte_mbuf *m, uint8_t code, const char *why)
{
	// Whatever is wrong with the request is wrong with its repetition: no need to keep the
	// text. But what was put together from blocks is not there any more.
	refuse(w, m, code, why,
	       dp_pkt(m)->flags & DP_PKT_F_ASSEMBLED ? DP_DEDUP_STORED : DP_DEDUP_REPEAT);
}

void dp_reply_verdict(struct dp_worker *w, struct rte_mbuf *m, uint8_t code, const char *why)
{
	refuse(w, m, code, why, DP_DEDUP_STORED);
}

#define ECHO_OPTION_BYTES (2u + DP_ECHO_BYTES)

static void write_echo(const struct dp_worker *w, struct rte_mbuf *m, struct coap_writer *writer)
{
	uint8_t echo[DP_ECHO_BYTES];

	dp_echo_make(echo, &dp_pkt(m)->peer, w->now_us + w->wall_offset_us, w->hash_seed);
	coap_write_opt(writer, COAP_OPT_ECHO, echo, sizeof(echo));
}

void dp_reply_too_many(struct dp_worker *w, struct rte_mbuf *m, uint32_t max_age_s)
{
	struct coap_writer writer;

	w->counters.too_many++;
	dp_pkt(m)->flags &= (uint8_t)~DP_PKT_F_BLOCK1; // says nothing in an error
	dp_reply_begin(w, m, &writer, COAP_TOO_MANY_REQUESTS);
	coap_write_opt_uint(&writer, COAP_OPT_MAX_AGE, max_age_s);
	if (w->limits.echo != CONFIG_ECHO_NEVER &&
	    !dp_reply_amplifies(dp_pkt(m), writer.len + ECHO_OPTION_BYTES))
		write_echo(w, m, &writer);
	dp_reply_end(w, m, &writer, DP_DEDUP_NONE);
}

void dp_reply_challenge(struct dp_worker *w, struct rte_mbuf *m)
{
	struct coap_writer writer;

	if (dp_reply_amplifies(dp_pkt(m), 4u + dp_pkt(m)->token_len + ECHO_OPTION_BYTES)) {
		w->counters.drop_amplification++;
		dp_reply_forget(w, m);
		return;
	}
	w->counters.challenges++;
	dp_pkt(m)->flags &= (uint8_t)~DP_PKT_F_BLOCK1;
	dp_reply_begin(w, m, &writer, COAP_UNAUTHORIZED);
	write_echo(w, m, &writer);
	dp_reply_end(w, m, &writer, DP_DEDUP_NONE);
}

void dp_reply_unavailable(struct dp_worker *w, struct rte_mbuf *m, uint32_t max_age_s)
{
	struct coap_writer writer;

	w->counters.unavailable++;
	dp_reply_begin(w, m, &writer, COAP_SERVICE_UNAVAILABLE);
	coap_write_opt_uint(&writer, COAP_OPT_MAX_AGE, max_age_s);
	dp_reply_end(w, m, &writer, DP_DEDUP_STORED);
}

static size_t write_empty(struct rte_mbuf *m, enum coap_type type)
{
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);
	uint16_t mid = dp_pkt(m)->mid;

	p[0] = HEADER(type, 0);
	p[1] = COAP_EMPTY;
	p[2] = (uint8_t)(mid >> 8);
	p[3] = (uint8_t)mid;
	return 4;
}

void dp_reply_ack(struct dp_worker *w, struct rte_mbuf *m)
{
	finish(w, m, write_empty(m, COAP_ACK), DP_DEDUP_EMPTY_ACK);
}

void dp_reply_reset(struct dp_worker *w, struct rte_mbuf *m)
{
	finish(w, m, write_empty(m, COAP_RST), DP_DEDUP_RESET);
}

void dp_reply_silence(struct dp_worker *w, struct rte_mbuf *m)
{
	to_ingress(w, m, 0, DP_DEDUP_SILENT);
}

void dp_reply_forget(struct dp_worker *w, struct rte_mbuf *m)
{
	if (dp_pkt(m)->flags & DP_PKT_F_ASSEMBLED)
		dp_blockwise_forgotten(dp_pkt(m));
	to_ingress(w, m, 0, DP_DEDUP_NONE);
}

// An answer that only a registered device gets.
static bool of_registered(const struct dp_pkt *pkt)
{
	return pkt->dedup == DP_DEDUP_EMPTY_ACK ||
	       (pkt->route != DP_ROUTE_LOCAL &&
		(pkt->answer == COAP_CREATED || pkt->answer == COAP_CHANGED));
}

void dp_reply_deliver(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_dedup_entry *entry = pkt->entry;

	if (!pkt->known && pkt->exchange_key && of_registered(pkt))
		dp_admit_know(w, &pkt->peer);
	// The entry may have been displaced while the answer was being made.
	if (pkt->exchange_key && entry->key == pkt->exchange_key) {
		if (pkt->dedup == DP_DEDUP_NONE)
			dp_dedup_remove(entry);
		else if (pkt->type == COAP_NON)
			dp_dedup_set(entry, DP_DEDUP_SILENT, 0);
		else if (pkt->dedup != DP_DEDUP_STORED)
			dp_dedup_set(entry, pkt->dedup, pkt->answer);
		else if (m->data_len <= DP_DEDUP_REPLY_MAX)
			dp_dedup_store(&w->dedup, entry, rte_pktmbuf_mtod(m, void *), m->data_len);
		else
			dp_dedup_remove(entry);
	}
	if (m->data_len == 0)
		rte_pktmbuf_free(m);
	else
		dp_tx(w, m);
}
