// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Answers. Each of these turns a request's mbuf into its answer, in place, and takes it: whichever
// worker calls, the answer goes to the ingress worker of the peer, which records it for repetitions
// (state/dedup.h) and sends it. Piggybacked on the ACK for a Confirmable request, Non-confirmable
// otherwise (RFC 7252 section 5.2).
#pragma once

#include "dataplane/pkt.h"
#include "dataplane/worker.h"
#include "lwm2m/coap/msg.h"

// A bare code.
void dp_reply_code(struct dp_worker *w, struct rte_mbuf *m, uint8_t code);
// An error with a diagnostic payload (RFC 7252 section 5.5.2); why is static text or NULL. The
// repetition of a request is found wrong again.
void dp_reply_error(struct dp_worker *w, struct rte_mbuf *m, uint8_t code, const char *why);
// The same where the verdict is not to be asked for again: the answer is kept.
void dp_reply_verdict(struct dp_worker *w, struct rte_mbuf *m, uint8_t code, const char *why);
// An address that has not proved that the sender is there gets at most three times the bytes that
// came from it (RFC 7252 section 11.3, RFC 9175 section 2.4).
static inline bool dp_reply_amplifies(const struct dp_pkt *pkt, size_t len)
{
	return !(pkt->flags & DP_PKT_F_PROVEN) && len > 3 * (size_t)pkt->message_len;
}

// 4.01 with an Echo option (RFC 9175 section 2.4), or nothing when that were too much.
void dp_reply_challenge(struct dp_worker *w, struct rte_mbuf *m);
// 4.29 with Max-Age (RFC 8516), not remembered: the repetition may come at a better time.
void dp_reply_too_many(struct dp_worker *w, struct rte_mbuf *m, uint32_t max_age_s);
// 5.03 with Max-Age: come back then.
void dp_reply_unavailable(struct dp_worker *w, struct rte_mbuf *m, uint32_t max_age_s);
// Options or payload: begin, write with coap_write_*, end. Nothing of the request is readable after
// begin. kind says how a repetition will be answered: DP_DEDUP_STORED or DP_DEDUP_REPEAT.
void dp_reply_begin(struct dp_worker *w, struct rte_mbuf *m, struct coap_writer *writer,
		    uint8_t code);
void dp_reply_end(struct dp_worker *w, struct rte_mbuf *m, struct coap_writer *writer,
		  enum dp_dedup_kind kind);
// To a message that is not a request: an empty ACK, an RST, or nothing at all.
void dp_reply_ack(struct dp_worker *w, struct rte_mbuf *m);
void dp_reply_reset(struct dp_worker *w, struct rte_mbuf *m);
void dp_reply_silence(struct dp_worker *w, struct rte_mbuf *m);
// Forgets the message: its repetition will be handled as new. For what could not be done now.
void dp_reply_forget(struct dp_worker *w, struct rte_mbuf *m);

// Ingress side: records and sends what one of the above made.
void dp_reply_deliver(struct dp_worker *w, struct rte_mbuf *m);
