// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <rte_ip.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/checksum.h"
#include "dataplane/stages/packet.h"

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

// Everything in front of an IPv4 datagram in one go: it is what most fleets speak. The sums are
// made from the fields at hand, not from the headers once written.
static void put_udp4(const struct pktio_port *port, struct rte_mbuf *m, const struct dp_peer *peer,
		     const struct pktio_local *local)
{
	struct headers {
		struct rte_ether_hdr eth;
		struct rte_ipv4_hdr ip;
		struct rte_udp_hdr udp;
	};
	static_assert(sizeof(struct headers) == 42, "as on the wire");
	const uint16_t vhl_tos = RTE_BE16(RTE_IPV4_VHL_DEF << 8),
		       df = RTE_BE16(RTE_IPV4_HDR_DF_FLAG);
	const uint16_t ttl_proto = RTE_BE16(PACKET_HOP_LIMIT << 8 | PACKET_UDP);
	uint16_t udp_len = (uint16_t)(sizeof(struct rte_udp_hdr) + m->data_len);
	uint16_t total = rte_cpu_to_be_16((uint16_t)(sizeof(struct rte_ipv4_hdr) + udp_len));
	uint16_t len = rte_cpu_to_be_16(udp_len), checksum;
	uint64_t addresses, sum;
	uint32_t src, dst;

	memcpy(&src, local->addr + PKTIO_ADDR_V4_AT, 4);
	memcpy(&dst, peer->addr + PKTIO_ADDR_V4_AT, 4);
	addresses = (uint64_t)src + dst;
	sum = addresses + RTE_BE16(PACKET_UDP) + len;
	if (port->tx_checksum) {
		checksum = checksum_fold(sum);
	} else {
		sum += (uint64_t)local->udp_port_be16 + peer->udp_port_be16 + len;
		checksum = checksum_finish(
			checksum_add(sum, rte_pktmbuf_mtod(m, const void *), m->data_len));
		checksum = checksum ? checksum : 0xffff; // zero means none (RFC 768)
	}
	struct headers *h = packet_prepend(m, sizeof(*h));
	memcpy(h->eth.dst_addr.addr_bytes, peer->mac, 6);
	memcpy(h->eth.src_addr.addr_bytes, port->mac, 6);
	h->eth.ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	// Not to be fragmented, so the identification may be anything (RFC 6864 §4.1).
	h->ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = total,
		.fragment_offset = df,
		.time_to_live = PACKET_HOP_LIMIT,
		.next_proto_id = PACKET_UDP,
		.hdr_checksum = checksum_finish(addresses + vhl_tos + df + ttl_proto + total),
		.src_addr = src,
		.dst_addr = dst,
	};
	h->udp = (struct rte_udp_hdr){
		.src_port = local->udp_port_be16,
		.dst_port = peer->udp_port_be16,
		.dgram_len = len,
		.dgram_cksum = checksum,
	};
	m->l2_len = sizeof(h->eth);
	m->l3_len = sizeof(h->ip);
	// What receiving left there does not concern the device that sends.
	m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
}

static void put_udp6(const struct pktio_port *port, struct rte_mbuf *m, const struct dp_peer *peer,
		     const struct pktio_local *local)
{
	uint16_t len = (uint16_t)(sizeof(struct rte_udp_hdr) + m->data_len);
	struct rte_udp_hdr *udp = packet_prepend(m, sizeof(*udp));

	*udp = (struct rte_udp_hdr){
		.src_port = local->udp_port_be16,
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

	if (likely(local->is_v4))
		put_udp4(port, m, peer, local);
	else
		put_udp6(port, m, peer, local);
	if (port->tx_checksum)
		m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM |
			       (local->is_v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
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
