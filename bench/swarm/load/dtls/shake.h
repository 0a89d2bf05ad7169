// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A device's half of a DTLS 1.2 handshake with a pre-shared key (RFC 6347, RFC 4279, RFC 6655), and
// with a Connection ID of the gateway's (RFC 9146): TLS_PSK_WITH_AES_128_CCM_8 and nothing else. So
// small that a million of them cost the generator less than they cost the gateway. Sans-I/O; time
// is the caller's, who sends a flight again by asking for it again. Its random numbers are not for
// secrets.
#pragma once

#include <stdbool.h>

#include "bench/swarm/load/dtls/prf.h"
#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/session.h"

#define SHAKE_FLIGHT_MAX   512
#define SHAKE_IDENTITY_MAX 64
#define SHAKE_PSK_MAX      30 // bytes: the premaster secret is a block of SHA-256 then
#define SHAKE_COOKIE_MAX   64

// What all devices have in common.
struct shake_facts {
	struct dtls_hmac premaster;
	bool with_cid;
};

enum shake_state {
	SHAKE_HELLO,  // ClientHello, without a cookie
	SHAKE_COOKIE, // and with one
	SHAKE_KEYED,  // the last flight
};

struct shake {
	const struct shake_facts *facts;
	struct dtls_session *session; // gets the keys
	wc_Sha256 hash;               // over the messages so far
	uint64_t plain_next;          // record number in epoch 0
	uint16_t next_in;             // message_seq
	uint8_t state;                // enum shake_state
	uint8_t alert;                // SHAKE_FAILED: what the gateway said; 0: nothing
	uint8_t random[32];
	uint8_t server_random[32];
	uint8_t cookie_len;
	uint8_t cookie[SHAKE_COOKIE_MAX];
	uint8_t identity_len;
	char identity[SHAKE_IDENTITY_MAX];
	uint8_t own_verify[DTLS_VERIFY_LEN];
	uint8_t peer_verify[DTLS_VERIFY_LEN];
	uint8_t cid_len;
	uint8_t cid[DTLS_PEER_CID_MAX];
};

enum shake_verdict {
	SHAKE_WAIT,   // for more
	SHAKE_FLIGHT, // ask for the flight, and send it
	SHAKE_DONE,   // the session is established
	SHAKE_FAILED,
};

void shake_facts_init(struct shake_facts *facts, const uint8_t *psk, size_t psk_len, bool with_cid);

// The session's memory belongs to the caller and is written to from the gateway's flight on.
void shake_begin(struct shake *shake, const struct shake_facts *facts, struct dtls_session *session,
		 const char *identity, const uint64_t random[static 4]);
// The flight that is due, as one datagram. Asked again it has the same messages in new records.
size_t shake_flight(struct shake *shake, struct dtls_aead *aead,
		    uint8_t out[static SHAKE_FLIGHT_MAX]);
// A datagram of the gateway, which is written over.
enum shake_verdict shake_take(struct shake *shake, struct dtls_aead *aead, uint8_t *datagram,
			      size_t len);
