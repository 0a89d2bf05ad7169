// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <rte_arp.h>

#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/packet.h"
#include "dataplane/tx.h"

#define ARP_FRAME (sizeof(struct rte_ether_hdr) + sizeof(struct rte_arp_hdr))

static bool is_ipv4_over_ethernet(const struct rte_arp_hdr *arp)
{
	return arp->arp_hardware == RTE_BE16(RTE_ARP_HRD_ETHER) &&
	       arp->arp_protocol == RTE_BE16(RTE_ETHER_TYPE_IPV4) && arp->arp_hlen == 6 &&
	       arp->arp_plen == 4;
}

static void answer(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	struct rte_arp_hdr *arp = (struct rte_arp_hdr *)(eth + 1);
	rte_be32_t asked = arp->arp_data.arp_tip;

	eth->dst_addr = eth->src_addr;
	memcpy(eth->src_addr.addr_bytes, port->mac, 6);
	arp->arp_opcode = RTE_BE16(RTE_ARP_OP_REPLY);
	arp->arp_data.arp_tha = arp->arp_data.arp_sha;
	arp->arp_data.arp_tip = arp->arp_data.arp_sip;
	memcpy(arp->arp_data.arp_sha.addr_bytes, port->mac, 6);
	arp->arp_data.arp_sip = asked;
	m->data_len = ARP_FRAME;
	m->pkt_len = ARP_FRAME;
	m->ol_flags = 0;
	packet_pad(m);
	w->counters.arp_answers++;
	dp_tx_frame(w, port, m);
}

bool arp_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	const struct rte_arp_hdr *arp = rte_pktmbuf_mtod_offset(m, const struct rte_arp_hdr *,
								sizeof(struct rte_ether_hdr));
	struct dp_counters *c = &w->counters;
	struct packet p = {.w = w, .port = port, .m = m};

	if (m->data_len < ARP_FRAME)
		return packet_drop(m, &c->drop_frame_short);
	if (!is_ipv4_over_ethernet(arp))
		return packet_drop(m, &c->drop_ethertype);
	pktio_addr_from_v4(p.src, &arp->arp_data.arp_sip);
	pktio_addr_from_v4(p.dst, &arp->arp_data.arp_tip);
	p.local = packet_find_local(port, p.dst);
	if (p.local == PACKET_NO_LOCAL)
		return packet_drop(m, &c->drop_not_ours);
	// A sender of 0.0.0.0 only asks whether the address is taken (RFC 5227 §2.1.1).
	if (!pktio_addr_is_any(p.src)) {
		if (!packet_source_ok(&p) ||
		    !rte_is_valid_assigned_ether_addr(&arp->arp_data.arp_sha))
			return packet_drop(m, &c->drop_bad_source);
		dp_neighbour_learn(&w->neighbours, port->index, p.src,
				   arp->arp_data.arp_sha.addr_bytes);
	}
	if (arp->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST))
		answer(w, port, m);
	else
		rte_pktmbuf_free(m);
	return false;
}

void arp_ask(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
	     const struct pktio_local *local, const uint8_t target[static 16])
{
	struct rte_ether_hdr *eth = packet_restart(m, ARP_FRAME);
	struct rte_arp_hdr *arp = (struct rte_arp_hdr *)(eth + 1);

	memset(&eth->dst_addr, 0xff, sizeof(eth->dst_addr));
	memcpy(eth->src_addr.addr_bytes, port->mac, 6);
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_ARP);
	*arp = (struct rte_arp_hdr){
		.arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER),
		.arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4),
		.arp_hlen = 6,
		.arp_plen = 4,
		.arp_opcode = RTE_BE16(RTE_ARP_OP_REQUEST),
	};
	arp->arp_data.arp_sha = eth->src_addr;
	memcpy(&arp->arp_data.arp_sip, local->addr + PKTIO_ADDR_V4_AT, 4);
	memcpy(&arp->arp_data.arp_tip, target + PKTIO_ADDR_V4_AT, 4);
	packet_pad(m);
	dp_tx_frame(w, port, m);
}
