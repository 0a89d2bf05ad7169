// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/stages/packet/packet.h"

#include <rte_ip.h>

#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/checksum.h"

static bool header_checksum_ok(const struct pktio_port *port, const struct rte_mbuf *m,
			       const struct rte_ipv4_hdr *ip, uint16_t header_len)
{
	if (port->rx_checksum_ok &&
	    (m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
		return true;
	if (likely(header_len == sizeof(*ip)))
		return checksum_fold(checksum_add(0, ip, sizeof(*ip))) == 0xffff;
	return checksum_fold(checksum_add(0, ip, header_len)) == 0xffff;
}

// RFC 1122 §3.2.1. NULL when the header is sound, else the counter of what is wrong.
static uint64_t *check_header(struct dp_counters *c, const struct pktio_port *port,
			      const struct rte_mbuf *m, const struct rte_ipv4_hdr *ip)
{
	uint16_t room = m->data_len - sizeof(struct rte_ether_hdr);

	if (room < sizeof(*ip))
		return &c->drop_frame_short;
	uint16_t header_len = rte_ipv4_hdr_len(ip);
	uint16_t total = rte_be_to_cpu_16(ip->total_length);
	if (ip->version_ihl >> 4 != 4 || header_len < sizeof(*ip) || total < header_len)
		return &c->drop_ip_header;
	if (total > room)
		return &c->drop_frame_short;
	if (!header_checksum_ok(port, m, ip, header_len))
		return &c->drop_ip_header;
	return NULL;
}

static uint8_t find_local(const struct pktio_port *port, rte_be32_t addr)
{
	for (uint8_t i = 0; i < port->locals_count; i++) {
		if (port->locals[i].is_v4 &&
		    memcmp(port->locals[i].addr + PKTIO_ADDR_V4_AT, &addr, sizeof(addr)) == 0)
			return i;
	}
	return PACKET_NO_LOCAL;
}

bool ip4_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *,
								sizeof(struct rte_ether_hdr));
	struct dp_counters *c = &w->counters;
	uint64_t *drop = check_header(c, port, m, ip);

	if (drop)
		return packet_drop(m, drop);
	uint16_t header_len = rte_ipv4_hdr_len(ip); // options are skipped
	uint16_t l4_off = sizeof(struct rte_ether_hdr) + header_len;
	uint16_t l4_len = rte_be_to_cpu_16(ip->total_length) - header_len;
	uint8_t local = find_local(port, ip->dst_addr);
	if (local == PACKET_NO_LOCAL)
		return packet_drop(m, &c->drop_not_ours);
	if (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK))
		return packet_drop(m, &c->drop_ip_fragment);
	m->data_len = l4_off + l4_len; // Ethernet padding off
	m->pkt_len = m->data_len;
	if (likely(ip->next_proto_id == PACKET_UDP))
		return udp4_in(w, port, m, ip, l4_off, l4_len, local);
	if (ip->next_proto_id != PACKET_ICMP)
		return packet_drop(m, &c->drop_not_udp);
	struct packet p = {
		.w = w,
		.port = port,
		.m = m,
		.local = local,
		.protocol = ip->next_proto_id,
		.hop_limit = ip->time_to_live,
		.l4_off = l4_off,
		.l4_len = l4_len,
	};
	pktio_addr_from_v4(p.src, &ip->src_addr);
	pktio_addr_from_v4(p.dst, &ip->dst_addr);
	return icmp4_in(&p);
}
