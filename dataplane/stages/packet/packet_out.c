// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <rte_ip.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/checksum.h"
#include "dataplane/stages/packet/headers4.h"
#include "dataplane/stages/packet/packet.h"

static void put_ip4(struct rte_mbuf *m, const uint8_t src[static 16], const uint8_t dst[static 16],
		    uint8_t protocol, uint8_t hop_limit)
{
	uint16_t total = (uint16_t)(sizeof(struct rte_ipv4_hdr) + m->data_len);
	struct rte_ipv4_hdr *ip = packet_prepend(m, sizeof(*ip));

	// Not to be fragmented, so the identification may be anything (RFC 6864 §4.1).
	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16(total),
		.fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = hop_limit,
		.next_proto_id = protocol,
	};
	memcpy(&ip->src_addr, src + PKTIO_ADDR_V4_AT, 4);
	memcpy(&ip->dst_addr, dst + PKTIO_ADDR_V4_AT, 4);
	ip->hdr_checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
	m->l3_len = sizeof(*ip);
}

static void put_ip6(struct rte_mbuf *m, const uint8_t src[static 16], const uint8_t dst[static 16],
		    uint8_t protocol, uint8_t hop_limit)
{
	uint16_t payload = m->data_len;
	struct rte_ipv6_hdr *ip = packet_prepend(m, sizeof(*ip));

	*ip = (struct rte_ipv6_hdr){
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16(payload),
		.proto = protocol,
		.hop_limits = hop_limit,
	};
	memcpy(ip->src_addr, src, 16);
	memcpy(ip->dst_addr, dst, 16);
	m->l3_len = sizeof(*ip);
}

void packet_put_ip(const struct pktio_port *port, struct rte_mbuf *m, const uint8_t src[static 16],
		   const uint8_t dst[static 16], const uint8_t mac[static 6], uint8_t protocol,
		   uint8_t hop_limit)
{
	bool v4 = pktio_addr_is_v4(src);

	if (v4)
		put_ip4(m, src, dst, protocol, hop_limit);
	else
		put_ip6(m, src, dst, protocol, hop_limit);
	struct rte_ether_hdr *eth = packet_prepend(m, sizeof(*eth));
	memcpy(eth->dst_addr.addr_bytes, mac, 6);
	memcpy(eth->src_addr.addr_bytes, port->mac, 6);
	eth->ether_type = v4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4) : RTE_BE16(RTE_ETHER_TYPE_IPV6);
	m->l2_len = sizeof(*eth);
	// What receiving left there does not concern the device that sends.
	m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
}

static rte_be16_t src_port(const struct pktio_local *local, const struct dp_peer *peer)
{
	return peer->flags & DP_PEER_F_SECURE ? RTE_BE16(PKTIO_COAPS_PORT) : local->udp_port_be16;
}

static void put_udp4(const struct pktio_port *port, struct rte_mbuf *m, const struct dp_peer *peer,
		     const struct pktio_local *local)
{
	struct headers4_ends ends = {
		.src_port = src_port(local, peer),
		.dst_port = peer->udp_port_be16,
	};

	memcpy(&ends.src, local->addr + PKTIO_ADDR_V4_AT, sizeof(ends.src));
	memcpy(&ends.dst, peer->addr + PKTIO_ADDR_V4_AT, sizeof(ends.dst));
	memcpy(&ends.mac, peer->mac, sizeof(ends.mac));
	headers4_put(port, m, &ends);
}

static void put_udp6(const struct pktio_port *port, struct rte_mbuf *m, const struct dp_peer *peer,
		     const struct pktio_local *local)
{
	uint16_t len = (uint16_t)(sizeof(struct rte_udp_hdr) + m->data_len);
	struct rte_udp_hdr *udp = packet_prepend(m, sizeof(*udp));

	*udp = (struct rte_udp_hdr){
		.src_port = src_port(local, peer),
		.dst_port = peer->udp_port_be16,
		.dgram_len = rte_cpu_to_be_16(len),
	};
	uint64_t sum = checksum_add(checksum_add(0, local->addr, 16), peer->addr, 16);
	sum = checksum_pseudo(sum, PACKET_UDP, len);
	if (port->tx_checksum) {
		udp->dgram_cksum = checksum_fold(sum);
	} else {
		uint16_t checksum = checksum_finish(checksum_add(sum, udp, len));
		udp->dgram_cksum = checksum ? checksum : 0xffff;
	}
	packet_put_ip(port, m, local->addr, peer->addr, peer->mac, PACKET_UDP, PACKET_HOP_LIMIT);
}

void packet_put_udp(const struct pktio_port *port, struct rte_mbuf *m)
{
	const struct dp_peer *peer = &dp_pkt(m)->peer;
	const struct pktio_local *local = &port->locals[peer->local];

	if (likely(local->is_v4)) {
		put_udp4(port, m, peer, local);
		return;
	}
	put_udp6(port, m, peer, local);
	if (port->tx_checksum)
		m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_IPV6;
}

void packet_pad(struct rte_mbuf *m)
{
	// No frame we make is shorter than an ARP message, or than UDP's headers, which is the
	// same.
	enum { SHORTEST = 42 };

	if (likely(m->pkt_len >= PACKET_FRAME_MIN) ||
	    unlikely(m->pkt_len < SHORTEST ||
		     rte_pktmbuf_tailroom(m) < PACKET_FRAME_MIN - SHORTEST))
		return;
	// A fixed length, so that it is two stores; what is written past the padding is free room.
	memset(rte_pktmbuf_mtod_offset(m, char *, m->data_len), 0, PACKET_FRAME_MIN - SHORTEST);
	m->data_len = PACKET_FRAME_MIN;
	m->pkt_len = PACKET_FRAME_MIN;
}
