// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/stages/stages.h"

#include <rte_prefetch.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/checksum.h"
#include "dataplane/stages/packet.h"

#define PREFETCH_AHEAD 4 // frames whose headers are on their way to the cache

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

static bool v4_source_ok(const struct packet *p)
{
	uint32_t src = v4_word(p->src);

	// RFC 1122 §3.2.1.3: this network, loopback, multicast and above.
	if (src >> 24 == 0 || src >> 24 == 127 || src >> 28 >= 14)
		return false;
	if (p->local == PACKET_NO_LOCAL)
		return true;
	// Broadcast to our own network; a /31 has none (RFC 3021).
	const struct pktio_local *local = &p->port->locals[p->local];
	if (local->prefix_len == 0 || local->prefix_len > 30)
		return true;
	uint32_t hosts = UINT32_MAX >> local->prefix_len;
	return (src & hosts) != hosts || (src & ~hosts) != (v4_word(local->addr) & ~hosts);
}

bool packet_source_ok(const struct packet *p)
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (packet_find_local(p->port, p->src) != PACKET_NO_LOCAL)
		return false;
	if (pktio_addr_is_v4(p->src))
		return v4_source_ok(p);
	return p->src[0] != 0xff && !pktio_addr_is_any(p->src) &&
	       !pktio_addr_equal(p->src, loopback);
}

static bool udp_checksum_ok(const struct packet *p, const struct rte_udp_hdr *udp, uint16_t len)
{
	// A device that says "bad" may mean the zero of a sender that computes none: look again.
	if (p->port->rx_checksum_ok &&
	    (p->m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD)
		return udp->dgram_cksum != 0 || pktio_addr_is_v4(p->src);
	if (udp->dgram_cksum == 0) // none: allowed in IPv4 (RFC 768), not in IPv6 (RFC 8200 §8.1)
		return pktio_addr_is_v4(p->src);
	// The mapped form's ::ffff adds the ones' complement zero: both families sum up alike.
	uint64_t sum = checksum_add(checksum_add(0, p->src, 16), p->dst, 16);
	sum = checksum_pseudo(sum, PACKET_UDP, len);
	return checksum_fold(checksum_add(sum, udp, len)) == 0xffff;
}

static void peer_set(const struct packet *p, const struct rte_udp_hdr *udp)
{
	struct dp_peer *peer = &dp_pkt(p->m)->peer;
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(p->m, const struct rte_ether_hdr *);

	memcpy(peer->addr, p->src, sizeof(peer->addr));
	peer->udp_port_be16 = udp->src_port;
	peer->port = p->port->index;
	peer->worker = (uint8_t)p->w->index;
	peer->local = p->local;
	peer->flags = 0;
	memcpy(peer->mac, eth->src_addr.addr_bytes, sizeof(peer->mac));
	peer->scope_id = 0;
}

bool udp_in(struct packet *p)
{
	struct dp_counters *c = &p->w->counters;
	struct rte_mbuf *m = p->m;
	const struct rte_udp_hdr *udp =
		rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, p->l4_off);

	if (p->l4_len < sizeof(*udp))
		return packet_drop(m, &c->drop_frame_short);
	uint16_t len = rte_be_to_cpu_16(udp->dgram_len);
	if (len < sizeof(*udp) || len > p->l4_len)
		return packet_drop(m, &c->drop_frame_short);
	if (udp->dst_port != p->port->locals[p->local].udp_port_be16)
		return packet_drop(m, &c->drop_not_ours);
	if (!udp_checksum_ok(p, udp, len))
		return packet_drop(m, &c->drop_udp_checksum);
	if (udp->src_port == 0 || !packet_source_ok(p))
		return packet_drop(m, &c->drop_bad_source);
	peer_set(p, udp);
	m->data_off += p->l4_off + sizeof(*udp);
	m->data_len = len - sizeof(*udp);
	m->pkt_len = m->data_len;
	return true;
}

// Promiscuous devices and virtual wires show us frames that are for others.
static bool is_for_us(const struct pktio_port *port, const struct rte_ether_addr *to)
{
	return rte_is_multicast_ether_addr(to) || memcmp(to->addr_bytes, port->mac, 6) == 0;
}

static bool frame_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	struct dp_counters *c = &w->counters;

	if (unlikely(m->nb_segs > 1) && rte_pktmbuf_linearize(m))
		return packet_drop(m, &c->drop_too_large);
	if (m->data_len < sizeof(struct rte_ether_hdr))
		return packet_drop(m, &c->drop_frame_short);
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	if (!is_for_us(port, &eth->dst_addr))
		return packet_drop(m, &c->drop_not_ours);
	if (!rte_is_valid_assigned_ether_addr(&eth->src_addr))
		return packet_drop(m, &c->drop_bad_source);
	if (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)
		return packet_drop(m, &c->drop_vlan);
	switch (rte_be_to_cpu_16(eth->ether_type)) {
	case RTE_ETHER_TYPE_IPV4:
		return ip4_in(w, port, m);
	case RTE_ETHER_TYPE_IPV6:
		return ip6_in(w, port, m);
	case RTE_ETHER_TYPE_ARP:
		return arp_in(w, port, m);
	case RTE_ETHER_TYPE_VLAN:
	case RTE_ETHER_TYPE_QINQ:
		return packet_drop(m, &c->drop_vlan);
	default:
		return packet_drop(m, &c->drop_ethertype);
	}
}

static void prefetch(struct rte_mbuf *m)
{
	rte_prefetch0(rte_pktmbuf_mtod(m, void *));
	rte_prefetch0(dp_pkt(m));
}

uint16_t stage_ether_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			uint16_t n)
{
	uint16_t left = 0;

	for (uint16_t i = 0; i < n && i < PREFETCH_AHEAD; i++)
		prefetch(pkts[i]);
	for (uint16_t i = 0; i < n; i++) {
		if (i + PREFETCH_AHEAD < n)
			prefetch(pkts[i + PREFETCH_AHEAD]);
		if (frame_in(w, port, pkts[i]))
			pkts[left++] = pkts[i];
	}
	return left;
}
