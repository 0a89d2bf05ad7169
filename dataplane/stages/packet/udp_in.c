// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <rte_ip.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/checksum.h"
#include "dataplane/stages/packet/packet.h"

uint8_t packet_find_local(const struct pktio_port *port, const uint8_t addr[static 16])
{
	for (uint8_t i = 0; i < port->locals_count; i++) {
		if (pktio_addr_equal(port->locals[i].addr, addr))
			return i;
	}
	return PACKET_NO_LOCAL;
}

static uint32_t v4_word(const uint8_t addr[static 16])
{
	rte_be32_t v4;

	memcpy(&v4, addr + PKTIO_ADDR_V4_AT, 4);
	return rte_be_to_cpu_32(v4);
}

// local: where the datagram went, or PACKET_NO_LOCAL.
static bool v4_source_ok(const struct pktio_port *port, uint32_t src, uint8_t local_index)
{
	// RFC 1122 §3.2.1.3: this network, loopback, multicast and above.
	if (src >> 24 == 0 || src >> 24 == 127 || src >> 28 >= 14)
		return false;
	for (uint8_t i = 0; i < port->locals_count; i++)
		if (port->locals[i].is_v4 && v4_word(port->locals[i].addr) == src)
			return false;
	if (local_index == PACKET_NO_LOCAL)
		return true;
	// Broadcast to our own network; a /31 has none (RFC 3021).
	const struct pktio_local *local = &port->locals[local_index];
	if (local->prefix_len == 0 || local->prefix_len > 30)
		return true;
	uint32_t hosts = UINT32_MAX >> local->prefix_len;
	return (src & hosts) != hosts || (src & ~hosts) != (v4_word(local->addr) & ~hosts);
}

bool packet_source_ok(const struct packet *p)
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (pktio_addr_is_v4(p->src))
		return v4_source_ok(p->port, v4_word(p->src), p->local);
	if (packet_find_local(p->port, p->src) != PACKET_NO_LOCAL)
		return false;
	return p->src[0] != 0xff && !pktio_addr_is_any(p->src) &&
	       !pktio_addr_equal(p->src, loopback);
}

// addresses: sum of both. The mapped form's ::ffff adds the ones' complement zero, so that IPv4's
// own four bytes each do as well.
static bool checksum_ok(const struct pktio_port *port, const struct rte_mbuf *m,
			const struct rte_udp_hdr *udp, uint16_t len, uint64_t addresses, bool is_v4)
{
	// A device that says "bad" may mean the zero of a sender that computes none: look again.
	if (port->rx_checksum_ok &&
	    (m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD)
		return udp->dgram_cksum != 0 || is_v4;
	if (udp->dgram_cksum == 0) // none: allowed in IPv4 (RFC 768), not in IPv6 (RFC 8200 §8.1)
		return is_v4;
	return checksum_fold(checksum_add(checksum_pseudo(addresses, PACKET_UDP, len), udp, len)) ==
	       0xffff;
}

// What both families share. Leaves the peer's address to the caller. The counter of what is wrong,
// or NULL.
static uint64_t *udp_accept(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
			    uint16_t l4_off, uint16_t l4_len, uint8_t local, uint64_t addresses,
			    bool is_v4)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_udp_hdr *udp =
		rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, l4_off);
	struct dp_peer *peer = &dp_pkt(m)->peer;

	if (l4_len < sizeof(*udp))
		return &w->counters.drop_frame_short;
	uint16_t len = rte_be_to_cpu_16(udp->dgram_len);
	if (len < sizeof(*udp) || len > l4_len)
		return &w->counters.drop_frame_short;
	bool secure = port->secure != PKTIO_PLAIN && udp->dst_port == RTE_BE16(PKTIO_COAPS_PORT);
	if (udp->dst_port != port->locals[local].udp_port_be16 && !secure)
		return &w->counters.drop_not_ours;
	if (!checksum_ok(port, m, udp, len, addresses, is_v4))
		return &w->counters.drop_udp_checksum;
	if (udp->src_port == 0)
		return &w->counters.drop_bad_source;
	peer->udp_port_be16 = udp->src_port;
	peer->port = port->index;
	peer->worker = (uint8_t)w->index;
	peer->local = local;
	peer->flags = secure ? DP_PEER_F_SECURE : 0;
	memcpy(peer->mac, eth->src_addr.addr_bytes, sizeof(peer->mac));
	peer->scope_id = 0;
	dp_pkt(m)->headers_kept = false;
	m->data_off += l4_off + sizeof(*udp);
	m->data_len = len - sizeof(*udp);
	m->pkt_len = m->data_len;
	return NULL;
}

bool udp4_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
	     const struct rte_ipv4_hdr *ip, uint16_t l4_off, uint16_t l4_len, uint8_t local)
{
	uint64_t *drop = udp_accept(w, port, m, l4_off, l4_len, local,
				    (uint64_t)ip->src_addr + ip->dst_addr, true);

	if (drop)
		return packet_drop(m, drop);
	if (!v4_source_ok(port, rte_be_to_cpu_32(ip->src_addr), local))
		return packet_drop(m, &w->counters.drop_bad_source);
	pktio_addr_from_v4(dp_pkt(m)->peer.addr, &ip->src_addr);
	return true;
}

bool udp6_in(struct packet *p)
{
	uint64_t *drop = udp_accept(p->w, p->port, p->m, p->l4_off, p->l4_len, p->local,
				    checksum_add(checksum_add(0, p->src, 16), p->dst, 16), false);

	if (drop)
		return packet_drop(p->m, drop);
	if (!packet_source_ok(p))
		return packet_drop(p->m, &p->w->counters.drop_bad_source);
	memcpy(dp_pkt(p->m)->peer.addr, p->src, sizeof(p->src));
	return true;
}
