// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the Ethernet stages share among themselves: a frame being taken apart, the handlers of its
// parts, and headers being put on. Nobody else includes this.
//
// Handlers take the mbuf: they hand it on (true: its data is a UDP payload with dp_pkt.peer filled
// in) or are done with it (false: answered, learnt from, or dropped and counted).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "dataplane/worker.h"

#define PACKET_HOP_LIMIT    64
#define PACKET_NO_LOCAL     0xff
#define PACKET_FRAME_MIN    60  // without the frame check sequence
#define PACKET_ND_HOP_LIMIT 255 // RFC 4861 §7.1: proves that a message comes from the link itself

enum packet_protocol {
	PACKET_ICMP = 1,
	PACKET_UDP = 17,
	PACKET_ICMPV6 = 58,
};

// A frame on its way in. m's data starts at the Ethernet header; offsets count from there.
struct packet {
	struct dp_worker *w;
	struct pktio_port *port;
	struct rte_mbuf *m;
	uint8_t src[16]; // v4-mapped
	uint8_t dst[16];
	uint8_t local;    // index of dst; PACKET_NO_LOCAL: not ours
	uint8_t protocol; // of the upper layer
	uint8_t hop_limit;
	uint16_t l4_off;
	uint16_t l4_len; // as the IP header says; the mbuf ends there
};

static inline bool packet_drop(struct rte_mbuf *m, uint64_t *counter)
{
	(*counter)++;
	rte_pktmbuf_free(m);
	return false;
}

// Puts len bytes in front of m's data. The stages have checked that there is headroom.
static inline void *packet_prepend(struct rte_mbuf *m, uint16_t len)
{
	m->data_off -= len;
	m->data_len += len;
	m->pkt_len += len;
	return rte_pktmbuf_mtod(m, void *);
}

// Forgets m's data and gives it len bytes to be written, with headroom in front again.
static inline void *packet_restart(struct rte_mbuf *m, uint16_t len)
{
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->data_len = len;
	m->pkt_len = len;
	m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	return rte_pktmbuf_mtod(m, void *);
}

// Index of addr among the port's addresses, or PACKET_NO_LOCAL.
uint8_t packet_find_local(const struct pktio_port *port, const uint8_t addr[static 16]);
// Whether the source is one that can be answered: a unicast address, not ours, not loopback.
bool packet_source_ok(const struct packet *p);

// plain4.c. False when the frame is not one of those; nothing has been done to it then.
bool plain4_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m);
// Turns the headers that plain4_in left in front of the data into those of the answer.
void plain4_answer(const struct pktio_port *port, struct rte_mbuf *m);

// ip4_in.c, ip6_in.c: data at the Ethernet header, the whole frame in one segment.
bool ip4_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m);
bool ip6_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m);
// udp_in.c. local: index of the destination; for IPv6, p complete.
bool udp4_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
	     const struct rte_ipv4_hdr *ip, uint16_t l4_off, uint16_t l4_len, uint8_t local);
bool udp6_in(struct packet *p);

// arp.c, icmp.c, ndp.c. All return false.
bool arp_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m);
bool icmp4_in(struct packet *p);
bool icmp6_in(struct packet *p);
bool ndp_solicit_in(struct packet *p);
bool ndp_advert_in(struct packet *p);

// Makes m a question for target's MAC address and sends it; what m carried is lost.
void arp_ask(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
	     const struct pktio_local *local, const uint8_t target[static 16]);
void ndp_ask(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
	     const struct pktio_local *local, const uint8_t target[static 16]);

// packet_out.c. Puts headers in front of m's data: UDP (from local's port), IP, Ethernet. There is
// always room: nothing that comes in has fewer headers than go out.
void packet_put_udp(const struct pktio_port *port, struct rte_mbuf *m);
// IP and Ethernet only; the payload is complete, checksum included.
void packet_put_ip(const struct pktio_port *port, struct rte_mbuf *m, const uint8_t src[static 16],
		   const uint8_t dst[static 16], const uint8_t mac[static 6], uint8_t protocol,
		   uint8_t hop_limit);
// Zeros up to the shortest frame there is: not every device does it, and what a buffer held before
// is nobody's business.
void packet_pad(struct rte_mbuf *m);
