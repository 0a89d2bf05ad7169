// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the pipeline knows of a datagram, in the private area of its mbuf: written once by each
// stage, read by the later ones, so that no stage parses again. From the ingress stages on, the
// mbuf's data is the UDP payload. A reply is built in the same mbuf.
//
// Owned by whichever worker holds the mbuf; passed between workers with it.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "dataplane/bridge/peer.h"

// An mbuf's data room: the largest datagram we take, plus headroom for the headers we prepend.
#define DP_PKT_DATA_ROOM 2048u

struct dp_dedup_entry;
struct dp_transfer;

enum dp_pkt_route {
	DP_ROUTE_NONE,       // not yet known
	DP_ROUTE_PING,       // answered by ingress
	DP_ROUTE_REJECT,     // malformed CON: RST
	DP_ROUTE_LOCAL,      // a request ingress answers by itself (.well-known/core, 4.xx)
	DP_ROUTE_REGISTER,   // POST /rd
	DP_ROUTE_UPDATE,     // POST /rd/{id}
	DP_ROUTE_DEREGISTER, // DELETE /rd/{id}
	DP_ROUTE_SEND,       // POST /dp: whichever worker gets it promises it
	DP_ROUTE_BLOCK,      // part of one of those (RFC 7959)
	DP_ROUTE_RESPONSE,   // a response or notification: matched by token
	DP_ROUTE_ACK,        // empty ACK or RST: matched by peer and message id
};

// Why an mbuf is in a ring between two workers.
enum dp_pkt_op {
	DP_OP_TO_OWNER, // ingress -> owner: handle
	DP_OP_TO_PEER,  // owner -> ingress: a finished datagram, send
	DP_OP_SECURE,   // ingress -> ingress that has the DTLS session: as it was received
};

// How ingress answers a repetition of this message once it has been answered; see state/dedup.h.
enum dp_dedup_kind {
	DP_DEDUP_NONE,      // not in the table
	DP_DEDUP_PENDING,   // being worked on
	DP_DEDUP_EMPTY_ACK, // rebuilt
	DP_DEDUP_CODE,      // rebuilt: a bare code with the request's token
	DP_DEDUP_RESET,     // rebuilt
	DP_DEDUP_REPEAT,    // idempotent and local: handled again
	DP_DEDUP_STORED,    // bytes kept
	DP_DEDUP_SILENT,    // Non-confirmable, or answered with nothing
};

struct dp_pkt {
	// First line: all that a keep-alive and its answer touch.
	struct dp_peer peer;
	// DP_ROUTE_UPDATE, DP_ROUTE_DEREGISTER: from the path; 0 when malformed. DP_PKT_F_TRACED:
	// of the session
	uint64_t location;
	uint64_t exchange_key; // keyed hash of (peer, mid); names the dedup entry. 0: has none
	struct dp_dedup_entry *entry; // where it was; another's by now unless it holds exchange_key
	uint16_t mid;
	uint8_t type; // of the request, enum coap_type
	uint8_t token_len;
	uint8_t route;     // enum dp_pkt_route
	uint8_t flags;     // DP_PKT_F_*
	uint8_t vshard;    // of the session it concerns
	bool headers_kept; // of a frame: the request's own are in front of the data (plain4.c)
	// Second line.
	uint8_t token[8];
	const char *why; // DP_ROUTE_LOCAL: diagnostic payload of an error, static text or NULL
	uint16_t payload_len;
	uint8_t code;
	uint8_t op;          // enum dp_pkt_op
	uint8_t dedup;       // enum dp_dedup_kind: what to record when the reply passes ingress
	uint8_t answer;      // DP_ROUTE_LOCAL: the code to answer with
	uint8_t whole_route; // DP_ROUTE_BLOCK: of the request in one piece
	bool known;          // a registered device is at its address, or named by it
	uint32_t block;      // DP_PKT_F_BLOCK1, DP_PKT_F_BLOCK2: the option's value
	uint32_t size1;      // DP_PKT_F_BLOCK1: of the whole body, 0: unknown
	// DP_PKT_F_ASSEMBLED: the request in one piece. Its bytes are good until it is handed on.
	const uint8_t *message;
	struct dp_transfer *transfer; // another one by now unless its serial is this
	uint32_t message_len;         // of it, or of the datagram
	uint32_t transfer_serial;
	uint64_t credential; // DP_PEER_F_DTLS only: of its DTLS session
};
static_assert(offsetof(struct dp_pkt, token) == 64, "second line");
static_assert(sizeof(struct dp_pkt) == 128, "two cache lines of private area");

#define DP_PKT_F_HAS_QUERY (1u << 0)
#define DP_PKT_F_TRACED    (1u << 1) // its session is traced: so will the answer be
#define DP_PKT_F_KEEPALIVE (1u << 2) // stages/keepalive.c
#define DP_PKT_F_BLOCK1    (1u << 3) // a block of a request; the answer repeats the option
#define DP_PKT_F_ASSEMBLED (1u << 4) // the last block of several, put together
#define DP_PKT_F_BLOCK2    (1u << 5) // DP_ROUTE_LOCAL: a block of the answer is asked for
#define DP_PKT_F_SIZE2     (1u << 6) // DP_ROUTE_LOCAL: and the size of the whole
#define DP_PKT_F_PROVEN    (1u << 7) // the sender can be reached at its address

static inline struct dp_pkt *dp_pkt(struct rte_mbuf *m)
{
	return (struct dp_pkt *)rte_mbuf_to_priv(m);
}

// What the sender has proved to be; 0: nothing.
static inline uint64_t dp_pkt_credential(const struct dp_pkt *pkt)
{
	return pkt->peer.flags & DP_PEER_F_DTLS ? pkt->credential : 0;
}

// The CoAP message to be handled: the datagram, or what was put together from several.
static inline const uint8_t *dp_pkt_message(struct rte_mbuf *m, uint32_t *len)
{
	const struct dp_pkt *pkt = dp_pkt(m);

	if (pkt->flags & DP_PKT_F_ASSEMBLED) {
		*len = pkt->message_len;
		return pkt->message;
	}
	*len = m->data_len;
	return rte_pktmbuf_mtod(m, const uint8_t *);
}
