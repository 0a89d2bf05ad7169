// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The pipeline's stages, in the order a datagram meets them. Each takes a vector of mbufs, owned by
// the stage from then on, and returns how many it leaves (compacted, in order) for the next one;
// the others it has answered, passed on or dropped, counted under a reason of bridge/counters.h.
//
// All run on the worker's own lcore. None allocates, locks, logs or makes a system call.
#pragma once

#include "dataplane/worker.h"

// Ethernet, IPv4/IPv6 and UDP off; dp_pkt.peer filled in. Answers ARP, neighbour solicitations and
// echo requests by itself.
uint16_t stage_ether_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			uint16_t n);
// Headers on, from dp_pkt.peer. Frames whose next hop is unknown are dropped (drop_no_neighbour)
// after asking for it.
uint16_t stage_ether_out(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			 uint16_t n);

// DTLS records opened: what is left are CoAP messages, dp_pkt.peer names their session and
// dp_pkt.credential who it is. Never more than DP_BURST, for which pkts must have room. Handshakes,
// which do allocate, go on behind it.
uint16_t stage_dtls_in(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
// And sealed, on the way out of a port that speaks DTLS. dp_pkt.peer becomes the session's own.
uint16_t stage_dtls_out(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			uint16_t n);

// Answers keep-alives, whole, and counts what comes in; leaves everything else.
uint16_t stage_keepalive(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
// CoAP: parses, classifies (dp_pkt.route) and finds the worker that owns the session. Answers what
// is malformed and CoAP pings; fetches the cache lines the next stages will want.
uint16_t stage_coap_in(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
// Limits (admission.h): refuses what is beyond them and puts what registered devices send first.
// Names what is left for deduplication.
uint16_t stage_admit(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
// RFC 7252 section 4.5: answers or drops repetitions, records what is new.
uint16_t stage_dedup(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
// Answers what needs no session, hands over what another worker owns; leaves this worker's own.
uint16_t stage_dispatch(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
// The owner's work: registration interface and answers to our requests. Takes all.
void stage_owner(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);

// One message each, called by stage_owner; each takes the mbuf.
void stage_register(struct dp_worker *w, struct rte_mbuf *m);
void stage_update(struct dp_worker *w, struct rte_mbuf *m);
void stage_keepalive_handed(struct dp_worker *w, struct rte_mbuf *m); // by another worker
void stage_deregister(struct dp_worker *w, struct rte_mbuf *m);
// A block of a request: kept and answered, or, when it is the last, handed to one of those above.
void stage_block(struct dp_worker *w, struct rte_mbuf *m);
void stage_send(struct dp_worker *w, struct rte_mbuf *m);
void stage_response(struct dp_worker *w, struct rte_mbuf *m);
// The session of this worker whose request it answers, or which it notifies of; NULL: none.
struct dp_session *stage_response_session(struct dp_worker *w, struct rte_mbuf *m);
void stage_ack(struct dp_worker *w, struct rte_mbuf *m);
