// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS records of established sessions, a burst at a time: DTLS 1.2 (RFC 6347), with Connection IDs
// (RFC 9146), and DTLS 1.3 (RFC 9147 section 4). Sans-I/O; nothing is allocated; called by the
// worker that owns the sessions. Several records of one session may be in a burst.
//
// Receiving: split a datagram with dtls_head_parse, find each record's session (table.h), open the
// burst; for verdicts of dtls_verdict_answers write the answer with dtls_answer and send it to the
// session's peer. Sending: seal the burst. Ending: dtls_close.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dtls/session.h"
#include "dataplane/dtls/verdicts.h"

#define DTLS_BURST         64
#define DTLS_PLAINTEXT_MAX 16384 // RFC 6347 section 4.1.1

// What sealing puts in front of and behind a plaintext, at most: 13 bytes of header, Connection ID,
// 8 of explicit nonce; tag, content type, padding to 16 bytes of ciphertext (DTLS 1.3).
#define DTLS_SEAL_HEAD  (13 + DTLS_PEER_CID_MAX + 8)
#define DTLS_SEAL_TAIL  (16 + 16)
#define DTLS_ANSWER_MAX 192 // of dtls_answer, dtls_close and dtls_key_update: one datagram

// DTLS 1.3: so many of a session's first records may be ACKs of a last flight that comes again. Its
// keys are gone, so that anybody can send what looks like it.
#define DTLS_FLIGHT_ACKS 64u

enum dtls_content { // RFC 6347, 9146, 9147
	DTLS_CONTENT_CCS = 20,
	DTLS_CONTENT_ALERT = 21,
	DTLS_CONTENT_HANDSHAKE = 22,
	DTLS_CONTENT_DATA = 23,
	DTLS_CONTENT_CID = 25,
	DTLS_CONTENT_ACK = 26,
};

enum dtls_alert { // those we send; RFC 5246 section 7.2
	DTLS_ALERT_CLOSE_NOTIFY = 0,
	DTLS_ALERT_UNEXPECTED_MESSAGE = 10,
	DTLS_ALERT_ACCESS_DENIED = 49,
	DTLS_ALERT_INTERNAL_ERROR = 80,
	DTLS_ALERT_USER_CANCELED = 90,
	DTLS_ALERT_NO_RENEGOTIATION = 100,
	DTLS_ALERT_UNKNOWN_PSK_IDENTITY = 115,
};

#define DTLS_VERDICT_ENUM(upper, lower, help) DTLS_##upper,
enum dtls_verdict {
	DTLS_TAKEN(DTLS_VERDICT_ENUM) DTLS_DROPPED(DTLS_VERDICT_ENUM) DTLS_VERDICT_COUNT
};
#undef DTLS_VERDICT_ENUM
#define DTLS_FIRST_DROP DTLS_TRUNCATED

const char *dtls_verdict_name(enum dtls_verdict verdict); // the lower case word of verdicts.h

// Verdicts that want dtls_answer called.
static inline bool dtls_verdict_answers(enum dtls_verdict verdict)
{
	return verdict >= DTLS_FINISHED_AGAIN && verdict <= DTLS_CLOSE_NOTIFY &&
	       verdict != DTLS_ACKED;
}

// A record's header. All of it can be read without knowing the session.
struct dtls_head {
	uint64_t number; // 1.2: epoch << 48 | sequence number. 1.3: not known yet
	uint64_t cid;    // has_cid: ours, as dtls_session_cid makes it
	uint16_t len;    // of the header
	uint16_t body;   // bytes behind it
	uint8_t type;    // enum dtls_content; 1.3: 0
	bool has_cid;
	bool unified;  // DTLS 1.3
	uint8_t first; // its first byte
};

// The first record of what is left of a datagram; it is len + body bytes long. DTLS_DATA, or why
// the rest of the datagram is lost: DTLS_TRUNCATED, DTLS_BAD_VERSION, DTLS_BAD_TYPE.
enum dtls_verdict dtls_head_parse(struct dtls_head *head, const uint8_t *data, size_t len);

// A handshake with records in the clear: for the handshake code, whatever session the peer has.
static inline bool dtls_head_is_plain(const struct dtls_head *head)
{
	return !head->unified && !head->has_cid && DTLS_EPOCH(head->number) == 0;
}

struct dtls_record {
	struct dtls_session *session;         // opening: NULL becomes DTLS_UNKNOWN_CID
	struct dtls_traffic_secrets *secrets; // opening: in, the session's; 1.2: not looked at
	// Opening: in, the record from its header; out, the plaintext, within the same bytes.
	// Sealing: in, the plaintext with DTLS_SEAL_HEAD bytes free before it and DTLS_SEAL_TAIL
	// after; out, the record.
	uint8_t *data;
	uint16_t len;
	uint8_t type;    // enum dtls_content of the plaintext. Opening: out
	uint8_t verdict; // enum dtls_verdict. Sealing: DTLS_DATA or why it was not sealed
	bool newest;     // opening: out. Later than all before: an address may be adopted (RFC 9146
			 // section 6)
	bool export_due; // sealing: out. The session must be exported anew (export.h)
	uint64_t number; // out
	struct dtls_head head; // opening: in
};

struct dtls_aead;

// Opens n <= DTLS_BURST records in order. seen is put into sessions whose records authenticated.
// Whatever is dropped leaves its session untouched, but for the count of forgeries. What follows
// the record that closed its session is DTLS_CLOSED. After DTLS_EXHAUSTED only dtls_close is of
// use.
void dtls_open(struct dtls_aead *aead, struct dtls_record *records, uint16_t n, uint32_t seen);

// Seals n <= DTLS_BURST records of plaintext. verdict DTLS_CLOSED or DTLS_EXHAUSTED: not sealed,
// the plaintext is untouched. After that dtls_wants_update tells whether keys are to be renewed.
void dtls_seal(struct dtls_aead *aead, struct dtls_record *records, uint16_t n);

// The answer that a verdict asks for, as one datagram of at most DTLS_ANSWER_MAX bytes: our last
// flight, an ACK and what else a KeyUpdate wants, no_renegotiation, close_notify. Its length, 0:
// nothing (the session is closed, or the flight is not known).
size_t dtls_answer(struct dtls_aead *aead, const struct dtls_record *record,
		   uint8_t out[static DTLS_ANSWER_MAX]);

// Says alert (close_notify as a warning, others fatal) and closes. Length of the datagram; 0 when
// it was closed already.
size_t dtls_close(struct dtls_aead *aead, struct dtls_session *session, enum dtls_alert alert,
		  uint8_t out[static DTLS_ANSWER_MAX]);

// DTLS 1.3: the write keys have protected enough (RFC 9147 section 4.5.3) or the peer tells too
// many forgeries apart: send what dtls_key_update writes. Until its ACK comes it is due again now
// and then, which repeats it: there is no timer. DTLS 1.2 and most records: false.
bool dtls_wants_update(const struct dtls_session *session);
size_t dtls_key_update(struct dtls_aead *aead, struct dtls_session *session,
		       uint8_t out[static DTLS_ANSWER_MAX]);
