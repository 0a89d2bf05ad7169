// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Handshakes under way, from a fixed pool, found by the peer's address or by the query that they
// wait for. One exists only for a peer that has returned a cookie. Single-threaded.
#pragma once

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/dtls/hello.h"
#include "dataplane/dtls/session.h"
#include "dataplane/dtls/ticket.h"
#include "dataplane/state/wheel.h"

#define DTLS_HANDSHAKE_BUCKETS 4096u // a power of two
#define DTLS_SENT_MAX          512u  // bytes: NewSessionTicket, ChangeCipherSpec and Finished
#define DTLS_HELD_MAX          4u    // datagrams of one that wait for control

struct rte_mbuf;
struct dp_worker;

enum dtls_handshake_state {
	DTLS_HANDSHAKE_RUNNING,
	// Control is asked for the pre-shared key, or whether it knows a ticket's credential;
	// datagrams are held.
	DTLS_HANDSHAKE_ASKING,
	DTLS_HANDSHAKE_PROVING, // done, or so far that a ticket is to be made; control is still
				// asked whose key it is
};

struct dtls_handshake {
	struct wheel_timer timer;
	struct dtls_handshake *next; // in its bucket; free: in the free list
	struct dp_worker *worker;    // NULL: free
	WOLFSSL *ssl;
	struct dtls_session *session; // its slot, taken for the Connection ID; NULL once handed on
	struct dp_peer peer;          // the true one, DP_PEER_F_SECURE
	uint64_t deadline_us;
	uint64_t resend_us; // when our flight, or the query, is sent again
	uint32_t resend_after_us;
	uint64_t credential;
	uint64_t endpoint; // dtls_session_endpoint
	uint32_t serial;   // another one each time
	uint8_t state;     // enum dtls_handshake_state
	uint8_t held_n;
	uint8_t psk_len;
	uint8_t kind;            // enum bridge_credential_kind, once known
	uint8_t credential_kind; // that credential is of, 0: it is not known
	bool key_known;          // control has answered, psk is right or made up
	bool unknown;            // it is made up
	bool psk_only;           // DTLS 1.3: the client has named an identity
	bool keyed;              // wolfSSL has had the ClientKeyExchange
	bool ciphered;           // and the ChangeCipherSpec
	bool ciphering;          // DTLS 1.3: the peer's next records are protected
	bool offered;            // ticket is what the ClientHello brings; control is to be asked
	bool resuming;           // control knows it
	bool ticket_taken;       // so does wolfSSL
	bool resumed;            // in the end
	bool ticket_made;        // a new one
	bool pausing;            // wolfSSL waits for PROVING before it makes one
	uint64_t identity;       // DTLS 1.3: whose key it is, see whose.h
	uint16_t suite13;        // DTLS 1.3: which goes with a pre-shared key
	const uint8_t *in;       // the datagram wolfSSL may read; NULL: it has
	uint32_t in_len;
	struct rte_mbuf *held[DTLS_HELD_MAX];
	struct dtls_ticket ticket;
	uint64_t ticket_endpoint;
	uint32_t until_s; // when the peer's certificate ends, 0: it has none
	uint8_t name_digest[DTLS_TICKET_DIGEST];
	uint8_t *proof; // public key or certificate, DER; from wolfSSL's allocator
	uint32_t proof_len;
	uint16_t sent_len;
	uint8_t sent[DTLS_SENT_MAX];     // our last datagram, unless it was larger
	uint8_t random[DTLS_RANDOM_LEN]; // of the ClientHello
	uint8_t psk[BRIDGE_CREDENTIAL_KEY_MAX];
	struct dtls_keys keys;
};

struct dtls_handshakes {
	struct dtls_handshake *pool;
	struct dtls_handshake *free;
	uint32_t top; // of the pool, ever used
	uint32_t count;
	uint32_t max;
	uint32_t serial;
	struct dtls_handshake *buckets[DTLS_HANDSHAKE_BUCKETS];
};

// 0 or -ENOMEM.
int dtls_handshakes_init(struct dtls_handshakes *all, uint32_t max);
void dtls_handshakes_fini(struct dtls_handshakes *all);
// Zeroed but for worker, peer and serial. NULL: there are max.
struct dtls_handshake *dtls_handshake_take(struct dtls_handshakes *all, struct dp_worker *w,
					   const struct dp_peer *peer);
void dtls_handshake_give(struct dtls_handshakes *all, struct dtls_handshake *hs);
struct dtls_handshake *dtls_handshake_find(const struct dtls_handshakes *all,
					   const struct dp_peer *peer);

// A query names its handshake.
static inline uint64_t dtls_handshake_query(const struct dtls_handshakes *all,
					    const struct dtls_handshake *hs)
{
	return (uint64_t)hs->serial << 32 | (uint64_t)(hs - all->pool);
}
// NULL: that handshake is over.
struct dtls_handshake *dtls_handshake_asked(const struct dtls_handshakes *all, uint64_t query);
