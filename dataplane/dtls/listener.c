// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS 1.3 ClientHellos of strangers. What a HelloRetryRequest says depends on what the two have in
// common, which wolfSSL knows best: one object answers all of them and keeps nothing of any.
#include <string.h>

#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/resumption.h"
#include "dataplane/dtls/state.h"
#include "dataplane/dtls/whose.h"
#include "dataplane/pkt.h"

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
