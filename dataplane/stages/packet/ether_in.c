// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/stages/stages.h"

#include <rte_prefetch.h>

#include "dataplane/pkt.h"
#include "dataplane/stages/packet/packet.h"

#define PREFETCH_AHEAD 4 // frames whose headers are on their way to the cache

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
		if (likely(plain4_in(w, port, pkts[i])) || frame_in(w, port, pkts[i]))
			pkts[left++] = pkts[i];
	}
	return left;
}
