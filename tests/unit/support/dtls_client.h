// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A device that speaks DTLS, by wolfSSL, to a gateway in memory, and a control that knows some
// credentials. One client takes what the gateway sends to its address; what is for others is lost.
#pragma once

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tests/unit/support/gateway.h"

// What control knows.
struct dtls_known {
	uint32_t kind; // enum bridge_credential_kind
	const void *id;
	size_t id_len;
	const char *key; // of kind PSK
	const char *endpoint;
	uint64_t credential;
};

struct dtls_client_params {
	int version; // WOLFSSL_DTLSV1_2 or WOLFSSL_DTLSV1_3
	const char *suites;
	const char *identity;
	const char *key;
	const char *certificate;  // name of one of tests/vectors/dtls; NULL: none
	const char *ca;           // whose certificate the gateway must have; NULL: ca's
	const char *name;         // of the gateway, to be asked for
	bool rpk;                 // both sides by raw public key, the client's that of certificate
	bool cid;                 // offers RFC 9146, 2 bytes of its own
	bool tickets;             // wants a session ticket
	WOLFSSL_SESSION *session; // has one, from dtls_client_session; NULL: none
	uint32_t number;          // of the device: its address
	uint16_t worker;          // that its datagrams come to
};

struct dtls_client {
	struct gateway *gw;
	struct dtls_client_params params;
	struct dp_peer peer;
	WOLFSSL_CTX *ctx;
	WOLFSSL *ssl;
	bool joined; // what is sent waits for the next datagram, and goes in it
	uint8_t waiting[1024];
	size_t waiting_len;
	bool lost;     // nothing that is sent arrives
	bool deaf;     // nothing the gateway sends arrives
	unsigned sent; // datagrams
	unsigned heard;
	int alert; // the last one in the clear, -1: none
};

// Every worker of the gateway speaks DTLS from here on; with certificate and key if asked for.
void dtls_gateway(struct gateway *gw, uint32_t max_handshakes, bool certificate);
// The keys of session tickets, without which there are none: of that period and the one before.
void dtls_gateway_tickets(struct gateway *gw, uint64_t period);
#define DTLS_GATEWAY_LIFETIME_S 86400u
// A file of tests/vectors/dtls, its name put together of two.
const char *dtls_file(const char *name, const char *suffix);

void dtls_client_open(struct dtls_client *c, struct gateway *gw, struct dtls_client_params params);
void dtls_client_close(struct dtls_client *c);
// What it would resume, for wolfSSL_SESSION_free.
WOLFSSL_SESSION *dtls_client_session(struct dtls_client *c);
// One attempt to get on with the handshake: what there is to send is sent, the gateway runs.
// 1: connected, 0: waits, -1: failed.
int dtls_client_step(struct dtls_client *c);
// With control answering. True: connected.
bool dtls_client_connect(struct dtls_client *c);
// Answers every query, and takes snapshots; the number of queries.
unsigned dtls_control_answer(struct gateway *gw);
// Sends a datagram of CoAP, or takes one; len 0: there is none.
void dtls_client_send(struct dtls_client *c, const struct datagram *d);
struct datagram dtls_client_take(struct dtls_client *c);
// DTLS 1.3: the device renews its keys, then the gateway.
void dtls_client_rekey(struct dtls_client *c);
// The last snapshot, and how many came.
struct dtls_kept {
	uint64_t cid;
	uint64_t credential;
	uint8_t session[BRIDGE_DTLS_SESSION_BYTES];
	unsigned count;
};
extern struct dtls_kept dtls_kept;
// The known credentials, the last one all zero.
extern const struct dtls_known *dtls_known;
extern uint32_t dtls_known_until_s; // when every certificate ends
// Makes them those of the device of tests/vectors/dtls: its certificate, its raw public key.
void dtls_known_device(struct dtls_known *x509, struct dtls_known *rpk);
