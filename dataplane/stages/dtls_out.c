// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/state.h"
#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"
#include "dataplane/tx.h"

static void drop(struct rte_mbuf *m, uint64_t *counter)
{
	(*counter)++;
	rte_pktmbuf_free(m);
}

// The counter of why it cannot be sealed, or NULL.
static uint64_t *prepare(struct dp_worker *w, struct rte_mbuf *m, struct dtls_record *record)
{
	struct dtls_session *session = dtls_session_of(w, &dp_pkt(m)->peer);

	if (!session)
		return &w->counters.drop_dtls_no_session;
	if (rte_pktmbuf_headroom(m) < DTLS_SEAL_HEAD || rte_pktmbuf_tailroom(m) < DTLS_SEAL_TAIL)
		return &w->counters.drop_too_large;
	*record = (struct dtls_record){
		.session = session,
		.data = rte_pktmbuf_mtod(m, uint8_t *),
		.len = m->data_len,
		.type = DTLS_CONTENT_DATA,
	};
	return NULL;
}

static uint64_t *why_not(struct dp_worker *w, enum dtls_verdict verdict)
{
	return verdict == DTLS_EXHAUSTED ? &w->counters.drop_dtls_exhausted
	       : verdict == DTLS_UNSAVED ? &w->counters.drop_dtls_unsaved
					 : &w->counters.drop_dtls_closed;
}

// False: dropped. The address to send to is the session's, not the one that was known when the
// answer was made.
static bool finish(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_record *record)
{
	if (unlikely(record->verdict != DTLS_DATA)) {
		if (record->verdict == DTLS_UNSAVED)
			dtls_save_due(w, record->session);
		drop(m, why_not(w, (enum dtls_verdict)record->verdict));
		return false;
	}
	if (unlikely(record->export_due))
		dtls_save_want(w, record->session);
	m->data_off = (uint16_t)(record->data - (uint8_t *)m->buf_addr);
	m->data_len = record->len;
	m->pkt_len = record->len;
	dp_dtls_peer(w, record->session, &dp_pkt(m)->peer);
	return true;
}

static void renew_keys(struct dp_worker *w, struct dtls_session *session)
{
	uint8_t out[DTLS_ANSWER_MAX];
	struct dp_peer peer;
	size_t len = dtls_key_update(w->dtls->aead, session, out);

	dtls_save_due(w, session);
	dp_dtls_peer(w, session, &peer);
	if (len > 0)
		dtls_send_plain(w, &peer, out, len);
}

uint16_t stage_dtls_out(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			uint16_t n)
{
	struct dtls_record records[DTLS_BURST];
	struct rte_mbuf *sealed[DTLS_BURST];
	uint16_t left = 0, count = 0;

	for (uint16_t i = 0; i < n; i++) {
		uint8_t flags = dp_pkt(pkts[i])->peer.flags;
		uint64_t *why = NULL;

		if (flags & DP_PEER_F_DTLS)
			why = prepare(w, pkts[i], &records[count]);
		else if (!flags && port->secure == PKTIO_SECURE)
			why = &w->counters.drop_dtls_no_session; // nothing leaves it in the clear
		if (why)
			drop(pkts[i], why);
		else if (flags & DP_PEER_F_DTLS)
			sealed[count++] = pkts[i];
		else
			pkts[left++] = pkts[i];
	}
	dtls_seal(w->dtls->aead, records, count);
	for (uint16_t i = 0; i < count; i++) {
		if (!finish(w, sealed[i], &records[i]))
			continue;
		pkts[left++] = sealed[i];
		if (unlikely(dtls_wants_update(records[i].session)))
			renew_keys(w, records[i].session);
	}
	return left;
}
