// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Everything in front of an IPv4 datagram on Ethernet, in one go: it is what most fleets speak.
// plain4.c and packet_out.c only.
#pragma once

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "dataplane/stages/packet/checksum.h"
#include "dataplane/stages/packet/packet.h"

struct headers4 {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip; // no options
	struct rte_udp_hdr udp;
};
static_assert(sizeof(struct headers4) == 42, "as on the wire");

struct headers4_ends {
	rte_be32_t src, dst;
	rte_be16_t src_port, dst_port;
	struct rte_ether_addr mac; // of the next hop
};

// Puts them in front of m's data. The sums are made from the fields at hand, not from the headers
// once written. ends may not lie where the headers will.
static inline void headers4_put(const struct pktio_port *port, struct rte_mbuf *m,
				const struct headers4_ends *ends)
{
	const uint16_t vhl_tos = RTE_BE16(RTE_IPV4_VHL_DEF << 8),
		       df = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		       ttl_proto = RTE_BE16(PACKET_HOP_LIMIT << 8 | PACKET_UDP);
	uint16_t udp_len = (uint16_t)(sizeof(struct rte_udp_hdr) + m->data_len), checksum;
	rte_be16_t total = rte_cpu_to_be_16((uint16_t)(sizeof(struct rte_ipv4_hdr) + udp_len));
	rte_be16_t len = rte_cpu_to_be_16(udp_len);
	uint64_t addresses = (uint64_t)ends->src + ends->dst;
	uint64_t sum = addresses + RTE_BE16(PACKET_UDP) + len;

	if (port->tx_checksum) {
		checksum = checksum_fold(sum);
	} else {
		sum += (uint64_t)ends->src_port + ends->dst_port + len;
		checksum = checksum_finish(
			checksum_add(sum, rte_pktmbuf_mtod(m, const void *), m->data_len));
		checksum = checksum ? checksum : 0xffff; // zero means none (RFC 768)
	}
	struct headers4 *h = packet_prepend(m, sizeof(*h));
	h->eth.dst_addr = ends->mac;
	memcpy(&h->eth.src_addr, port->mac, sizeof(h->eth.src_addr));
	h->eth.ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	// Not to be fragmented, so the identification may be anything (RFC 6864 §4.1).
	h->ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = total,
		.fragment_offset = df,
		.time_to_live = PACKET_HOP_LIMIT,
		.next_proto_id = PACKET_UDP,
		.hdr_checksum = checksum_finish(addresses + vhl_tos + df + ttl_proto + total),
		.src_addr = ends->src,
		.dst_addr = ends->dst,
	};
	h->udp = (struct rte_udp_hdr){
		.src_port = ends->src_port,
		.dst_port = ends->dst_port,
		.dgram_len = len,
		.dgram_cksum = checksum,
	};
	m->l2_len = sizeof(h->eth);
	m->l3_len = sizeof(h->ip);
	// What receiving left there does not concern the device that sends.
	m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	if (port->tx_checksum)
		m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_IPV4;
}
