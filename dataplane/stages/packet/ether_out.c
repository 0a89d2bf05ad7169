// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/stages/stages.h"

#include <rte_ip.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/packet.h"

static bool in_prefix(const struct pktio_local *local, const uint8_t addr[static 16])
{
	unsigned int bits = local->prefix_len + (local->is_v4 ? PKTIO_ADDR_V4_AT * 8u : 0u);

	if (memcmp(local->addr, addr, bits / 8))
		return false;
	return bits % 8 == 0 || ((local->addr[bits / 8] ^ addr[bits / 8]) >> (8 - bits % 8)) == 0;
}

// The address of ours to ask from; NULL when addr is not on the link.
static const struct pktio_local *on_link(const struct pktio_port *port,
					 const uint8_t addr[static 16])
{
	for (uint8_t i = 0; i < port->locals_count; i++) {
		if (port->locals[i].is_v4 == pktio_addr_is_v4(addr) &&
		    in_prefix(&port->locals[i], addr))
			return &port->locals[i];
	}
	return NULL;
}

// The index may come from control's disk and an earlier configuration.
static bool fix_local(const struct pktio_port *port, struct dp_peer *peer)
{
	bool v4 = pktio_addr_is_v4(peer->addr);

	if (likely(peer->local < port->locals_count && port->locals[peer->local].is_v4 == v4))
		return true;
	for (uint8_t i = 0; i < port->locals_count; i++) {
		if (port->locals[i].is_v4 == v4) {
			peer->local = i;
			return true;
		}
	}
	return false;
}

static bool find_mac(const struct dp_worker *w, const struct pktio_port *port, struct dp_peer *peer)
{
	if (dp_neighbour_find(&w->neighbours, port->index, peer->addr, peer->mac))
		return true;
	for (uint16_t i = 0; i < w->workers; i++) {
		const struct dp_worker *other = w->siblings[i];
		if (other && other != w &&
		    dp_neighbour_find(&other->neighbours, port->index, peer->addr, peer->mac))
			return true;
	}
	return false;
}

// The datagram is lost; its buffer carries the question.
static bool ask(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	uint8_t addr[16];

	memcpy(addr, dp_pkt(m)->peer.addr, sizeof(addr));
	const struct pktio_local *local = on_link(port, addr);
	if (!local || !dp_neighbour_may_ask(&w->neighbours, port->index, addr, w->now_us))
		return packet_drop(m, &w->counters.drop_no_neighbour);
	w->counters.drop_no_neighbour++;
	if (local->is_v4)
		arp_ask(w, port, m, local, addr);
	else
		ndp_ask(w, port, m, local, addr);
	return false;
}

static bool is_zero(const uint8_t mac[static 6])
{
	return (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) == 0;
}

static bool frame_out(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	struct dp_peer *peer = &dp_pkt(m)->peer;
	const uint16_t most = sizeof(struct rte_ether_hdr) + sizeof(struct rte_ipv6_hdr) +
			      sizeof(struct rte_udp_hdr);

	if (likely(dp_pkt(m)->headers_kept) &&
	    m->pkt_len + sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr) <= port->mtu) {
		plain4_answer(port, m);
		packet_pad(m);
		return true;
	}
	if (unlikely(!fix_local(port, peer)))
		return packet_drop(m, &w->counters.drop_no_neighbour);
	uint16_t headers = sizeof(struct rte_udp_hdr) + (port->locals[peer->local].is_v4
								 ? sizeof(struct rte_ipv4_hdr)
								 : sizeof(struct rte_ipv6_hdr));
	if (unlikely(m->pkt_len + headers > port->mtu || rte_pktmbuf_headroom(m) < most))
		return packet_drop(m, &w->counters.drop_too_large);
	if (unlikely(is_zero(peer->mac)) && !find_mac(w, port, peer))
		return ask(w, port, m);
	packet_put_udp(port, m);
	packet_pad(m);
	return true;
}

uint16_t stage_ether_out(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			 uint16_t n)
{
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (frame_out(w, port, pkts[i]))
			pkts[left++] = pkts[i];
	}
	return left;
}
