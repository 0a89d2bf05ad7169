// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// ClientHellos of strangers, who have to show where they are. What most of DTLS 1.3 have in common
// with us is plain, and the HelloRetryRequest that it takes is written by cookie.c. What others
// have wolfSSL knows best: one object answers all of them and keeps nothing of any.
#include <string.h>

#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/resumption.h"
#include "dataplane/dtls/state.h"
#include "dataplane/dtls/whose.h"
#include "dataplane/pkt.h"
#include "dataplane/tx.h"

struct suite {
	uint16_t number;
	const char *name;
};

// Our order.
static const struct suite suites[] = {
	{0x1305, "TLS13-AES128-CCM-8-SHA256"},
	{0x1304, "TLS13-AES128-CCM-SHA256"},
	{0x1301, "TLS13-AES128-GCM-SHA256"},
};

uint16_t dtls_suite13_of(const struct dtls_hello *hello)
{
	for (size_t i = 0; i < RTE_DIM(suites); i++)
		if (dtls_hello_offers(hello, suites[i].number))
			return suites[i].number;
	return 0;
}

const char *dtls_suite13_name(uint16_t suite)
{
	for (size_t i = 0; i < RTE_DIM(suites); i++)
		if (suites[i].number == suite)
			return suites[i].name;
	return NULL;
}

// The binder is looked at later: any key will do to find the cipher suite with.
static void know_key(struct dp_worker *w, struct dtls_handshake *hs, const struct dtls_hello *hello)
{
	hs->key_known = hs->psk_only = hello->identity.data != NULL;
	if (hs->key_known)
		hs->identity = dtls_whose_identity(w, hello->identity.data, hello->identity.len);
}

static bool ready(struct dp_worker *w)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_handshake *hs = &dtls->listening;

	if (dtls->listener)
		return true;
	memset(hs, 0, sizeof(*hs));
	hs->worker = w;
	hs->psk_len = 16;
	dtls->listener = dtls_handshake_object(w, dtls->server.x509, hs, dtls->cookies.now.secret);
	return dtls->listener != NULL;
}

// As wolfSSL would choose it, first for a ticket, then for an identity or a certificate.
uint16_t dtls_listener_suite(struct dp_worker *w, const struct dtls_hello *hello)
{
	const struct dtls_server *server = &w->dtls->server;
	struct dtls_handshake *hs = &w->dtls->listening;
	bool by_key = hello->identity.data && hello->psk_dhe;
	bool by_certificate = hello->has_algorithms && (server->x509 != server->psk || server->rpk);
	uint64_t *refused;

	if (hello->cookie13.data || hello->cookie.len > 0 || !hello->has_share ||
	    !hello->has_groups || hello->version[0] != 0xfe || hello->version[1] != 0xfd ||
	    hello->compressions.len != 1 || hello->compressions.data[0] != 0)
		return 0;
	hs->worker = w;
	if (dtls_resumption_offered(w, hs, hello, &refused))
		return hs->ticket.suite;
	return by_key || by_certificate ? dtls_suite13_of(hello) : 0;
}

// An alert says that there is nothing in common.
static uint64_t *what_became(struct dp_worker *w, const struct dtls_handshake *hs)
{
	if (hs->sent_len == 0)
		return &w->counters.drop_dtls_hello_bad;
	return hs->sent[0] == DTLS_CONTENT_ALERT ? &w->counters.dtls_nothing_in_common
						 : &w->counters.dtls_cookies;
}

void dtls_listener_answer(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_hello *hello)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_memory *before = dtls_memory_use(&dtls->memory);
	struct dtls_handshake *hs = &dtls->listening;
	uint8_t name[DTLS_PEER_NAME_LEN];
	uint64_t *counter = &w->counters.drop_dtls_memory, *refused;

	if (ready(w)) {
		hs->peer = dp_pkt(m)->peer;
		hs->suite13 = dtls_suite13_of(hello);
		know_key(w, hs, hello);
		hs->resuming = dtls_resumption_offered(w, hs, hello, &refused);
		hs->in = rte_pktmbuf_mtod(m, const uint8_t *);
		hs->in_len = m->data_len;
		hs->sent_len = 0;
		dtls_peer_name(&hs->peer, name);
		wolfSSL_dtls_set_peer(dtls->listener, name, sizeof(name));
		if (wolfDTLS_accept_stateless(dtls->listener) != WOLFSSL_FAILURE) {
			// What it makes of some ClientHellos cannot be undone.
			wolfSSL_free(dtls->listener);
			dtls->listener = NULL;
		}
		hs->in = NULL;
		counter = what_became(w, hs);
	}
	dtls_memory_use(before);
	(*counter)++;
	rte_pktmbuf_free(m);
}

static void drop(struct rte_mbuf *m, uint64_t *counter)
{
	(*counter)++;
	rte_pktmbuf_free(m);
}

// In its place: no ClientHello that is answered so is shorter.
static void send_cookie(struct dp_worker *w, struct rte_mbuf *m, uint16_t len)
{
	m->data_len = len;
	m->pkt_len = len;
	w->counters.dtls_cookies++;
	dp_tx(w, m);
}

static void demand_cookie_13(struct dp_worker *w, struct rte_mbuf *m,
			     const struct dtls_hello *hello)
{
	struct dp_dtls *dtls = w->dtls;
	const struct dp_peer *peer = &dp_pkt(m)->peer;
	uint16_t suite;

	if (!dtls_budget_take(&dtls->retries, peer)) {
		drop(m, &w->counters.drop_dtls_hello_rate);
		return;
	}
	suite = m->data_len >= DTLS_RETRY_LEN ? dtls_listener_suite(w, hello) : 0;
	if (suite != 0) {
		dtls_cookie_retry(&dtls->cookies, hello, peer, suite,
				  rte_pktmbuf_mtod(m, uint8_t *));
		send_cookie(w, m, DTLS_RETRY_LEN);
	} else if (dtls_budget_take(&dtls->listens, peer)) {
		dtls_listener_answer(w, m, hello);
	} else {
		drop(m, &w->counters.drop_dtls_hello_rate);
	}
}

void dtls_listener_demand(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_hello *hello)
{
	struct dp_dtls *dtls = w->dtls;

	if (hello->wants_13) {
		demand_cookie_13(w, m, hello);
		return;
	}
	if (!dtls_budget_take(&dtls->hellos, &dp_pkt(m)->peer)) {
		drop(m, &w->counters.drop_dtls_hello_rate);
		return;
	}
	dtls_cookie_request(&dtls->cookies, hello, &dp_pkt(m)->peer,
			    rte_pktmbuf_mtod(m, uint8_t *));
	send_cookie(w, m, DTLS_VERIFY_REQUEST_LEN);
}
