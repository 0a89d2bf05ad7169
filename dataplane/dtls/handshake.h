// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Handshakes: from a ClientHello to a session of which no more is left than session.h. wolfSSL does
// them, one object each, freed as soon as the keys are known. Nothing is kept for a sender that has
// not returned a cookie. Who the peer is control says: a datagram with a PSK identity is held until
// the key is known; a public key or certificate is asked about before anything the peer sends is
// taken. Wrong key and unknown identity are told apart by counters only, never by what is sent.
//
// Worker's thread only; this is what allocates (memory.h).
#pragma once

#include "dataplane/dtls/handshakes.h"
#include "dataplane/worker.h"

// A datagram that begins with a record in the clear, or that belongs to no session. Takes the mbuf;
// dp_pkt.peer is its sender, with DP_PEER_F_SECURE.
void dtls_handshake_input(struct dp_worker *w, struct rte_mbuf *m);
// Whether a datagram that begins in the clear is a ClientHello or has a handshake to go to.
bool dtls_handshake_takes(const struct dp_worker *w, struct rte_mbuf *m);
// True when the peer is in the middle of a handshake and has come to the records that are
// protected: those are the handshake's, even if the address has a session.
bool dtls_handshake_wants(const struct dp_worker *w, const struct dp_peer *peer);
// Wheel callback.
void dtls_handshake_on_time(struct wheel_timer *timer, void *worker);
// Ends it without a word; the pointer is dead afterwards.
void dtls_handshake_end(struct dp_worker *w, struct dtls_handshake *hs);
// All of them.
void dtls_handshakes_abandon(struct dp_worker *w);

// For wolfSSL's contexts.
int dtls_handshake_recv(WOLFSSL *ssl, char *buf, int size, void *handshake);
int dtls_handshake_send(WOLFSSL *ssl, char *buf, int size, void *handshake);
unsigned int dtls_handshake_psk(WOLFSSL *ssl, const char *identity, unsigned char *key,
				unsigned int room);
unsigned int dtls_handshake_psk_13(WOLFSSL *ssl, const char *identity, unsigned char *key,
				   unsigned int room, const char **suite);
int dtls_handshake_verify(int good, WOLFSSL_X509_STORE_CTX *store);
