// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is in a worker's struct dp_dtls: established sessions, handshakes under way, and what bounds
// them. What has to do with a handshake may allocate; what has to do with records (record.h,
// table.h) does not. Worker's thread only.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dtls/budget.h"
#include "dataplane/dtls/cookie.h"
#include "dataplane/dtls/drbg.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/dtls/flights.h"
#include "dataplane/dtls/gone.h"
#include "dataplane/dtls/handshakes.h"
#include "dataplane/dtls/memory.h"
#include "dataplane/dtls/record.h"
#include "dataplane/dtls/save.h"
#include "dataplane/dtls/server.h"
#include "dataplane/dtls/table.h"
#include "dataplane/state/wheel.h"
#include "dataplane/worker.h"

#define DTLS_ALERT_RECORD 15u // bytes

#define DTLS_ALERT_DECRYPT_ERROR     51 // RFC 5246 section 7.2, beside those of record.h
#define DTLS_ALERT_ILLEGAL_PARAMETER 47

struct dp_dtls {
	struct dtls_aead *aead;
	struct dtls_table table; // has room for handshakes besides
	uint32_t max_sessions;
	struct dtls_handshakes handshakes;
	struct wheel wheel; // of handshakes
	struct dtls_server server;
	_Atomic(struct dtls_server *) renewed; // main: wo, worker: takes it. NULL: nothing new
	struct dtls_handshake listening;       // whose turn it is with listener
	WOLFSSL *listener;                     // answers DTLS 1.3 ClientHellos without a cookie
	struct dtls_memory memory;
	struct dtls_drbg drbg; // of all objects
	struct dtls_saves saves;
	struct dtls_gone gone;
	struct dtls_budget hellos;  // of strangers, DTLS 1.2
	struct dtls_budget retries; // DTLS 1.3
	struct dtls_budget listens; // DTLS 1.3, of those that wolfSSL has to look at
	uint32_t alerts;            // in the clear, that may be sent until housekeeping comes round
	uint64_t allowed_us;
	int keylog_fd;
	bool prove_moves;
	struct dtls_cookies cookies;
	struct dtls_ticket_keys ticket_keys;
	uint32_t ticket_lifetime_s;
	struct dtls_flights flights;
};

// The session that a peer names (DP_PEER_F_DTLS); NULL: it is over.
static inline struct dtls_session *dtls_session_of(const struct dp_worker *w,
						   const struct dp_peer *peer)
{
	return w->dtls ? dtls_table_find(&w->dtls->table, DTLS_CID(w->index, peer->scope_id,
								   dp_peer_dtls_generation(peer)))
		       : NULL;
}

// The session's peer for dtls_send_plain.
void dp_dtls_peer(const struct dp_worker *w, const struct dtls_session *session,
		  struct dp_peer *peer);
// One datagram to a peer, as it is. Lost when there is no packet buffer.
void dtls_send_plain(struct dp_worker *w, const struct dp_peer *peer, const void *data, size_t len);
// A fatal alert in the clear. The number of them is bounded.
void dtls_alert_plain(struct dp_worker *w, const struct dp_peer *peer, uint8_t alert);

// DTLS 1.3 cipher suites that go with a pre-shared key: the first of ours that is offered, 0: none.
uint16_t dtls_suite13_of(const struct dtls_hello *hello);
const char *dtls_suite13_name(uint16_t suite); // wolfSSL's; NULL: none

// A ClientHello without a good cookie: answered by a HelloVerifyRequest or, in DTLS 1.3, a
// HelloRetryRequest, nothing kept. Takes the mbuf.
struct rte_mbuf;
void dtls_listener_demand(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_hello *hello);
// The cipher suite for a DTLS 1.3 ClientHello without a cookie that wants nothing but one; 0: what
// the two have in common is for wolfSSL to say.
uint16_t dtls_listener_suite(struct dp_worker *w, const struct dtls_hello *hello);
// A DTLS 1.3 ClientHello without a cookie: answered by wolfSSL, nothing kept. Takes the mbuf.
void dtls_listener_answer(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_hello *hello);

// handshake.c, for whose.c and listener.c.
// secret: of the cookie that it has been given, or gives.
WOLFSSL *dtls_handshake_object(struct dp_worker *w, WOLFSSL_CTX *ctx, struct dtls_handshake *hs,
			       const uint8_t secret[static DTLS_COOKIE_SECRET_LEN]);
void dtls_handshake_resume(struct dp_worker *w, struct dtls_handshake *hs);
void dtls_handshake_establish(struct dp_worker *w, struct dtls_handshake *hs);
// Of one that wolfSSL is done with: the peer is told, by the keys that it now has, and forgotten.
void dtls_handshake_deny(struct dp_worker *w, struct dtls_handshake *hs);
