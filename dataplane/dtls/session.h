// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// An established DTLS association, reduced to what its records need: keys, numbers, the replay
// window, who the peer is. 192 bytes, and in 1.3 64 more for traffic secrets; the WOLFSSL object
// that shook hands is freed once dtls_session_init has taken its keys. A plain value without
// pointers: it lives in a slot of table.h, is exported and imported as it is by export.h, and
// record.h does the records.
//
// What a record touches: opening one, lines 0 and 1 (numbers, read keys, credential); sealing one,
// lines 0 and 2 (numbers, write keys, address). Traffic secrets are for key updates only, so they
// lie apart, and fleets that speak 1.2 have no memory for them. What repeats a last flight in 1.2
// lies where 1.3 has the rest of its IVs. Keys are not kept expanded: expanding costs 15 ns, a
// cache line more than that.
//
// The ingress worker that the session's Connection ID names owns it; nobody else reads it.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/peer.h"

#define DTLS_OWN_CID_LEN  8  // of every Connection ID that we hand out: worker, slot, generation
#define DTLS_PEER_CID_MAX 16 // refuse to negotiate a longer one
#define DTLS_KEY_MAX      32
#define DTLS_IV_MAX       12
#define DTLS_SALT_LEN     4  // DTLS 1.2: of a nonce, what does not stand in the record
#define DTLS_SECRET_LEN   32 // SHA-256: all DTLS 1.3 suites here
#define DTLS_VERIFY_LEN   12 // verify_data of a DTLS 1.2 Finished

#define DTLS_SEQ_BITS   48
#define DTLS_SEQ_MASK   ((1ull << DTLS_SEQ_BITS) - 1)
#define DTLS_EPOCH(num) ((uint16_t)((num) >> DTLS_SEQ_BITS))
// The first number of ours after a handshake, which used up a few: far enough, and near enough for
// a peer that sees 16 bits of it only (RFC 9147 section 4.2.2).
#define DTLS_FIRST_SEQ 1024u

// Version and AEAD. Whichever key exchange led here does not matter any more.
enum dtls_suite {
	DTLS_SUITE_NONE,
	DTLS_12_AES128_CCM_8,
	DTLS_12_AES128_CCM,
	DTLS_12_AES128_GCM,
	DTLS_12_AES256_GCM,
	DTLS_13_AES128_CCM_8,
	DTLS_13_AES128_CCM,
	DTLS_13_AES128_GCM,
	DTLS_SUITE_COUNT,
};

// The suite of an IANA cipher suite number (0xc0a8 is TLS_PSK_WITH_AES_128_CCM_8), DTLS_SUITE_NONE
// when records of it cannot be protected here: the handshake must not offer those.
enum dtls_suite dtls_suite_from_iana(uint16_t number);

static inline bool dtls_suite_is_13(enum dtls_suite suite)
{
	return suite >= DTLS_13_AES128_CCM_8;
}

enum dtls_session_state {
	DTLS_SESSION_FREE,     // an empty slot
	DTLS_SESSION_RESERVED, // its Connection ID is being negotiated, there are no keys yet
	DTLS_SESSION_FRESH,    // established, no application data opened yet
	DTLS_SESSION_ACTIVE,   // the peer has shown that it has the keys and our last flight
	DTLS_SESSION_RESUMED, // from a snapshot; what was received since then is not known: proof.h
	DTLS_SESSION_CLOSED,  // nothing goes in or out any more; waits to be removed
};

// Where the session stands with its snapshot (export.h, save.h).
enum dtls_session_save {
	DTLS_SAVE_NONE,   // nothing is to be written
	DTLS_SAVE_WANTED, // as soon as control takes it
	DTLS_SAVE_SENT,   // on its way to the disk
};

#define DTLS_SESSION_F_OWN_CID      (1u << 0) // records to us carry our Connection ID
#define DTLS_SESSION_F_READ_UPDATE  (1u << 1) // 1.3: the peer announced its next read keys
#define DTLS_SESSION_F_WRITE_UPDATE (1u << 2) // 1.3: our KeyUpdate waits for its ACK
#define DTLS_SESSION_F_ASKED        (1u << 3) // 1.3: and it asked the peer for new keys of its own
#define DTLS_SESSION_F_LAST_FLIGHT  (1u << 4) // ours can be repeated

struct dtls_session {
	// Line 0: every record.
	alignas(64) uint64_t read_next; // epoch << 48 | 1 + the highest sequence number seen
	uint64_t read_window;           // bit n: number read_next - 1 - n was seen
	uint64_t write_next;            // epoch << 48 | next sequence number
	uint32_t generation : 24;       // of our Connection ID; the slot is where this struct lies
	uint32_t state : 3;             // enum dtls_session_state
	uint32_t flags : 5;             // DTLS_SESSION_F_*
	uint8_t suite : 4;              // enum dtls_suite
	uint8_t blocks : 2;             // of numbers, begun since the snapshot that is on disk
	uint8_t save : 2;               // enum dtls_session_save
	uint8_t peer_cid_len : 5;       // 0: records to the peer carry none
	uint8_t has_scope : 1;          // hop is a zone
	uint8_t after_ticket : 1;       // 1.3: message_out follows a NewSessionTicket, perhaps lost
	uint8_t spare : 1;
	uint16_t forged;      // records of this read key that did not authenticate
	uint32_t seen;        // when a record was last opened: table.h's clock, in ticks
	uint32_t endpoint_hi; // see dtls_session_endpoint
	uint32_t timer_next;  // table.h
	uint32_t timer_prev;  // table.h
	uint8_t peer_cid[DTLS_PEER_CID_MAX];
	// Line 1: opening. AES-128: the first half is the key, in 1.3 the second half that of the
	// sequence numbers.
	uint8_t read_key[DTLS_KEY_MAX];
	union {
		struct { // 1.3
			uint8_t read_iv[DTLS_IV_MAX];
			uint16_t update_seq; // low bits of the number of our last KeyUpdate record
			uint8_t message_out; // message_seq of our next handshake message
			uint8_t message_in;  // and of the peer's
		};
		struct { // 1.2
			uint8_t read_salt[DTLS_SALT_LEN];
			uint8_t verify_data[DTLS_VERIFY_LEN]; // of our Finished
		};
	};
	uint64_t credential; // control's id of it
	// Of the peer: its MAC address on an Ethernet port, its zone (native order) on a kernel
	// socket.
	uint8_t hop[6];
	uint16_t endpoint_lo;
	// Line 2: sealing.
	uint8_t write_key[DTLS_KEY_MAX];
	union {
		uint8_t write_iv[DTLS_IV_MAX]; // 1.3
		struct {                       // 1.2
			uint8_t write_salt[DTLS_SALT_LEN];
			uint32_t ticket;       // in our last flight, see flights.h; 0: none
			uint16_t finished_seq; // message_seq of our Finished
			uint16_t plain_next;   // next sequence number of ours in epoch 0
		};
	};
	uint8_t addr[16]; // peer: as in struct dp_peer
	uint16_t udp_port_be16;
	uint8_t port;
	uint8_t local;
};
static_assert(sizeof(struct dtls_session) == 192, "three cache lines");
static_assert(offsetof(struct dtls_session, read_key) == 64, "line 1");
static_assert(offsetof(struct dtls_session, write_key) == 128, "line 2");

// DTLS 1.3: application_traffic_secret_N of both sides, which the next keys are made from.
struct dtls_traffic_secrets {
	uint8_t read[DTLS_SECRET_LEN];
	uint8_t write[DTLS_SECRET_LEN];
};

// Records can be sealed and opened.
static inline bool dtls_session_lives(const struct dtls_session *session)
{
	return session->state >= DTLS_SESSION_FRESH && session->state <= DTLS_SESSION_RESUMED;
}

// What a finished handshake hands over. "read" is what the peer writes with.
struct dtls_keys {
	enum dtls_suite suite;
	bool own_cid; // the peer puts our Connection ID into its records
	uint8_t peer_cid_len;
	uint8_t peer_cid[DTLS_PEER_CID_MAX];
	// DTLS 1.2: 16 or 32 bytes of key, DTLS_SALT_LEN of iv. DTLS 1.3: dtls_keys_13 fills them
	// in.
	uint8_t read_key[DTLS_KEY_MAX];
	uint8_t write_key[DTLS_KEY_MAX];
	uint8_t read_iv[DTLS_IV_MAX];
	uint8_t write_iv[DTLS_IV_MAX];
	uint8_t read_secret[DTLS_SECRET_LEN]; // 1.3: application_traffic_secret_0
	uint8_t write_secret[DTLS_SECRET_LEN];
	// The last flight of the handshake is ours and may have to be repeated: in 1.2 it is made
	// again from verify_data and finished_seq (dtls_keys_finished has them), in 1.3 it is the
	// ACK of the client's Finished.
	bool last_flight;
	uint8_t verify_data[DTLS_VERIFY_LEN]; // of our Finished
	uint16_t finished_seq;                // its message_seq
	// 1.3: message_seq of our next handshake message and of the peer's.
	uint8_t message_out;
	uint8_t message_in;
	bool after_ticket; // 1.3: the last of ours was a NewSessionTicket
};

// Takes the keys; 0 or -EINVAL (no such suite, a Connection ID too long). Numbers go on where no
// handshake can have been: ours from DTLS_FIRST_SEQ, the peer's from 0, so no application data may
// have been read before. Peer, credential, endpoint, generation and timer are others' and stay as
// they are. secrets are the session's place for them, touched in 1.3 only: else NULL will do. The
// caller wipes keys.
int dtls_session_init(struct dtls_session *session, struct dtls_traffic_secrets *secrets,
		      const struct dtls_keys *keys) __attribute__((warn_unused_result));

// DTLS 1.3: keys, IVs and keys of the sequence numbers from both traffic secrets (RFC 8446 section
// 7.3, RFC 9147 section 4.2.3, 5.9). 0 or -EIO when the hash failed.
int dtls_keys_13(struct dtls_keys *keys) __attribute__((warn_unused_result));

struct dtls_aead;

// DTLS 1.2: finds our Finished in a datagram that we sent, opens it with our own key and fills in
// last_flight, verify_data and finished_seq. All else in keys must be there. False: not in it.
bool dtls_keys_finished(struct dtls_aead *aead, struct dtls_keys *keys, const uint8_t *datagram,
			size_t len);

// The session's peer as the rest of the dataplane knows it, but for worker and flags.
void dtls_session_peer(const struct dtls_session *session, struct dp_peer *peer);
void dtls_session_set_peer(struct dtls_session *session, const struct dp_peer *peer);

// 48 bits of a keyed hash of the endpoint that the credential is bound to; 0: any.
static inline uint64_t dtls_session_endpoint(const struct dtls_session *session)
{
	return (uint64_t)session->endpoint_hi << 16 | session->endpoint_lo;
}

static inline void dtls_session_set_endpoint(struct dtls_session *session, uint64_t hash)
{
	session->endpoint_hi = (uint32_t)(hash >> 16);
	session->endpoint_lo = (uint16_t)hash;
}
