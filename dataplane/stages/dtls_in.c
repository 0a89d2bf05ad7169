// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Records in, CoAP out. Records of a burst are opened together. What is in the clear or belongs to
// no session is a matter of handshakes; what another worker's Connection ID names is passed on
// whole.
#include <string.h>

#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/proof.h"
#include "dataplane/dtls/state.h"
#include "dataplane/handoff.h"
#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"

struct burst {
	struct dtls_record records[DTLS_BURST];
	struct rte_mbuf *mbufs[DTLS_BURST]; // each holds one record
	uint16_t n;
};

// Where each verdict is counted.
#define TAKEN(upper, lower, help) [DTLS_##upper] = offsetof(struct dp_counters, dtls_##lower),
#define DROPPED(upper, lower, help) \
	[DTLS_##upper] = offsetof(struct dp_counters, drop_dtls_##lower),
static const size_t counters[DTLS_VERDICT_COUNT] = {DTLS_TAKEN(TAKEN) DTLS_DROPPED(DROPPED)};
#undef TAKEN
#undef DROPPED

static void count(struct dp_worker *w, enum dtls_verdict verdict)
{
	(*(uint64_t *)((char *)&w->counters + counters[verdict]))++;
}

// Datagrams that do not go on are not counted by the next stage.
static void count_received(struct dp_worker *w, const struct rte_mbuf *m)
{
	w->counters.rx_datagrams++;
	w->counters.rx_bytes += m->data_len;
}

static struct dtls_session *session_of(struct dp_worker *w, const struct dtls_head *head,
				       const struct dp_peer *peer)
{
	struct dtls_session *session = head->has_cid ? dtls_table_find(&w->dtls->table, head->cid)
						     : dtls_table_by_peer(&w->dtls->table, peer);

	return session && session->state != DTLS_SESSION_RESERVED ? session : NULL;
}

// The rest of a datagram in an mbuf of its own; NULL: it is lost, and counted.
static struct rte_mbuf *rest_of(struct dp_worker *w, struct rte_mbuf *m, uint16_t at)
{
	struct rte_mbuf *rest = rte_pktmbuf_alloc(w->pool);

	if (!rest) {
		w->counters.drop_no_mbuf++;
		return NULL;
	}
	memcpy(rte_pktmbuf_append(rest, m->data_len - at),
	       rte_pktmbuf_mtod_offset(m, const uint8_t *, at), m->data_len - at);
	dp_pkt(rest)->peer = dp_pkt(m)->peer;
	dp_pkt(rest)->headers_kept = false;
	return rest;
}

static void add(struct dp_worker *w, struct burst *b, struct rte_mbuf *m,
		struct dtls_session *session, const struct dtls_head *head)
{
	b->records[b->n] = (struct dtls_record){
		.session = session,
		.secrets = dtls_table_secrets(&w->dtls->table, session),
		.data = rte_pktmbuf_mtod(m, uint8_t *),
		.len = (uint16_t)(head->len + head->body),
		.head = *head,
	};
	b->mbufs[b->n++] = m;
}

// Takes the mbuf. room: how many records may still be added, at least 1.
static void split(struct dp_worker *w, struct burst *b, struct rte_mbuf *m, uint16_t room)
{
	while (m) {
		struct dtls_head head;
		enum dtls_verdict verdict =
			dtls_head_parse(&head, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len);
		struct dtls_session *session;
		uint16_t len;

		if (verdict != DTLS_DATA) {
			count_received(w, m);
			count(w, verdict);
			rte_pktmbuf_free(m);
			return;
		}
		if (head.has_cid && DTLS_CID_WORKER(head.cid) != w->index &&
		    DTLS_CID_WORKER(head.cid) < w->workers) {
			dp_handoff(w, DTLS_CID_WORKER(head.cid), m, DP_OP_SECURE);
			return;
		}
		len = (uint16_t)(head.len + head.body);
		if (dtls_head_is_plain(&head)) {
			if (dtls_handshake_takes(w, m) || len == m->data_len) {
				count_received(w, m);
				dtls_handshake_input(w, m);
				return;
			}
			// A last flight once more: what matters of it is the record that is
			// protected.
			rte_pktmbuf_adj(m, len);
			continue;
		}
		session = session_of(w, &head, &dp_pkt(m)->peer);
		if (!session || (!head.has_cid && dtls_handshake_wants(w, &dp_pkt(m)->peer))) {
			count_received(w, m);
			dtls_handshake_input(w, m);
			return;
		}
		add(w, b, m, session, &head);
		m = len < m->data_len && --room > 0 ? rest_of(w, m, len) : NULL;
	}
}

static void move(struct dp_worker *w, struct dtls_session *session, const struct dp_peer *peer)
{
	struct dtls_session *former;

	w->counters.dtls_moves++;
	former = dtls_table_bind(&w->dtls->table, session, peer);
	if (former)
		dtls_session_end(w, former);
	dtls_save_want(w, session);
}

// Of the newest record. What is sent goes to the former address until the device has shown that it
// is at the new one, if it has to.
static void hear_from(struct dp_worker *w, const struct dtls_record *record,
		      const struct dp_peer *peer)
{
	struct dtls_session *session = record->session;

	if (likely(memcmp(session->addr, peer->addr, sizeof(session->addr)) == 0 &&
		   session->udp_port_be16 == peer->udp_port_be16)) {
		dtls_session_set_peer(session, peer); // perhaps another next hop
	} else if (!w->dtls->prove_moves) {
		move(w, session, peer);
	} else if (dtls_proof_is(w, record)) {
		w->counters.dtls_proofs += record->verdict == DTLS_DATA; // else it is counted
		move(w, session, peer);
	} else {
		dtls_proof_ask(w, session, peer);
	}
}

// RFC 9146 section 6: a new address counts once a record that is newer than all before it has come
// from there. What the pipeline sees is the session's own.
static void put_peer(struct dp_worker *w, struct dp_pkt *pkt, const struct dtls_record *record)
{
	struct dtls_session *session = record->session;
	uint32_t slot = (uint32_t)(session - w->dtls->table.slots);

	if (record->newest)
		hear_from(w, record, &pkt->peer);
	dtls_session_peer(session, &pkt->peer);
	pkt->peer.worker = (uint8_t)w->index;
	dp_peer_set_dtls(&pkt->peer, slot, session->generation);
	pkt->credential = session->credential;
	pkt->headers_kept = false;
}

// What stands in front of an answer: the ticket of a last flight that is repeated. False: the rest
// is of no use without it.
static bool put_ticket(struct dp_worker *w, const struct dtls_record *record, uint8_t *out,
		       size_t *len)
{
	struct dtls_session *session = record->session;

	*len = 0;
	if (record->verdict != DTLS_FINISHED_AGAIN || dtls_suite_is_13(session->suite) ||
	    session->ticket == 0)
		return true;
	*len = dtls_flights_again(&w->dtls->flights, session->ticket,
				  dtls_table_cid(&w->dtls->table, session), session->plain_next,
				  out);
	session->plain_next += *len > 0;
	w->counters.dtls_tickets_lost += *len == 0;
	return *len > 0;
}

static void answer(struct dp_worker *w, const struct dtls_record *record)
{
	uint8_t out[DTLS_FLIGHT_MAX + DTLS_ANSWER_MAX];
	struct dp_peer peer;
	size_t len;

	if (!put_ticket(w, record, out, &len))
		return;
	len += dtls_answer(w->dtls->aead, record, out + len);
	dtls_save_due(w, record->session);
	dp_dtls_peer(w, record->session, &peer);
	if (len > 0)
		dtls_send_plain(w, &peer, out, len);
}

// Of a session that goes on after a crash.
static void prove(struct dp_worker *w, const struct dp_peer *peer, const struct dtls_record *record)
{
	if (!dtls_proof_is(w, record)) {
		dtls_proof_ask(w, record->session, peer);
		return;
	}
	dtls_proof_take(w, record);
	if (record->newest)
		hear_from(w, record, peer);
}

// Its keys have changed, or are about to.
static bool is_rekeyed(const struct dtls_record *record)
{
	return record->verdict == DTLS_KEY_UPDATE ||
	       (record->verdict == DTLS_ACKED &&
		(record->session->write_next & DTLS_SEQ_MASK) == 0);
}

// True when the mbuf holds a CoAP message now.
static bool take(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_record *record)
{
	enum dtls_verdict verdict = (enum dtls_verdict)record->verdict;

	count(w, verdict);
	if (likely(verdict == DTLS_DATA)) {
		put_peer(w, dp_pkt(m), record);
		m->data_off = (uint16_t)(record->data - (uint8_t *)m->buf_addr);
		m->data_len = record->len;
		m->pkt_len = record->len;
		return true;
	}
	count_received(w, m);
	if (dtls_verdict_answers(verdict))
		answer(w, record);
	if (verdict == DTLS_RESUMED)
		prove(w, &dp_pkt(m)->peer, record);
	else if (is_rekeyed(record))
		dtls_save_want(w, record->session);
	else if (verdict == DTLS_CLOSE_NOTIFY || verdict == DTLS_FATAL_ALERT)
		dtls_session_end(w, record->session);
	rte_pktmbuf_free(m);
	return false;
}

uint16_t stage_dtls_in(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	struct burst b = {.n = 0};
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		dp_pkt(pkts[i])->peer.flags = DP_PEER_F_SECURE;
		split(w, &b, pkts[i], (uint16_t)(DTLS_BURST - b.n - (n - 1 - i)));
	}
	dtls_open(w->dtls->aead, b.records, b.n, dtls_tick(w->now_us));
	for (uint16_t i = 0; i < b.n; i++)
		if (take(w, b.mbufs[i], &b.records[i]))
			pkts[left++] = b.mbufs[i];
	return left;
}
