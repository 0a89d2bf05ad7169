// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/stages/packet/packet.h"

#include <rte_ip.h>

#include "dataplane/pktio/addr.h"

#define EXTENSIONS_MAX 4 // more than anybody sends in earnest

enum {
	EXT_HOP_BY_HOP = 0,
	EXT_ROUTING = 43,
	EXT_FRAGMENT = 44,
	EXT_ESP = 50,
	EXT_AH = 51,
	EXT_DESTINATION = 60,
};

// RFC 8200 §4.2: an option we do not know may be skipped only if its two highest bits are zero. We
// know none, which makes it this simple (Pad1 and PadN are skipped as well).
static bool options_may_be_skipped(const uint8_t *options, uint16_t len)
{
	for (uint16_t at = 0; at < len;) {
		if (options[at] >> 6)
			return false;
		if (options[at] == 0) { // Pad1
			at++;
			continue;
		}
		if (len - at < 2 || len - at < 2 + options[at + 1])
			return false;
		at += 2 + options[at + 1];
	}
	return true;
}

// Walks to the upper layer. NULL, or the counter of what is in the way.
static uint64_t *skip_extensions(struct packet *p)
{
	struct dp_counters *c = &p->w->counters;

	for (int i = 0; i <= EXTENSIONS_MAX; i++) {
		switch (p->protocol) {
		case EXT_FRAGMENT:
			return &c->drop_ip_fragment;
		case EXT_ROUTING:
		case EXT_ESP:
		case EXT_AH:
			return &c->drop_ip_options;
		case EXT_HOP_BY_HOP:
		case EXT_DESTINATION:
			break;
		default:
			return NULL;
		}
		// RFC 8200 §4.3: hop-by-hop options come first or not at all.
		if (p->protocol == EXT_HOP_BY_HOP && i > 0)
			return &c->drop_ip_options;
		const uint8_t *ext = rte_pktmbuf_mtod_offset(p->m, const uint8_t *, p->l4_off);
		if (p->l4_len < 8 || p->l4_len < (ext[1] + 1) * 8)
			return &c->drop_frame_short;
		uint16_t len = (uint16_t)((ext[1] + 1) * 8);
		if (!options_may_be_skipped(ext + 2, len - 2))
			return &c->drop_ip_options;
		p->protocol = ext[0];
		p->l4_off += len;
		p->l4_len -= len;
	}
	return &c->drop_ip_options;
}

// Neighbour discovery alone comes by multicast.
static bool is_addressed_to_us(const struct packet *p)
{
	return p->local != PACKET_NO_LOCAL || (p->dst[0] == 0xff && p->protocol == PACKET_ICMPV6);
}

bool ip6_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *,
								sizeof(struct rte_ether_hdr));
	struct dp_counters *c = &w->counters;
	uint16_t room = m->data_len - sizeof(struct rte_ether_hdr);

	if (room < sizeof(*ip))
		return packet_drop(m, &c->drop_frame_short);
	if (rte_be_to_cpu_32(ip->vtc_flow) >> 28 != 6)
		return packet_drop(m, &c->drop_ip_header);
	if (rte_be_to_cpu_16(ip->payload_len) > room - sizeof(*ip))
		return packet_drop(m, &c->drop_frame_short);
	struct packet p = {
		.w = w,
		.port = port,
		.m = m,
		.protocol = ip->proto,
		.hop_limit = ip->hop_limits,
		.l4_off = sizeof(struct rte_ether_hdr) + sizeof(*ip),
		.l4_len = rte_be_to_cpu_16(ip->payload_len),
	};
	memcpy(p.src, ip->src_addr, 16);
	memcpy(p.dst, ip->dst_addr, 16);
	// On the wire the mapped form is nobody's address; here it would pass for IPv4.
	if (pktio_addr_is_v4(p.src))
		return packet_drop(m, &c->drop_bad_source);
	p.local = pktio_addr_is_v4(p.dst) ? PACKET_NO_LOCAL : packet_find_local(port, p.dst);
	if (p.local == PACKET_NO_LOCAL && p.dst[0] != 0xff)
		return packet_drop(m, &c->drop_not_ours);
	m->data_len = p.l4_off + p.l4_len; // Ethernet padding off
	m->pkt_len = m->data_len;
	uint64_t *drop = skip_extensions(&p);
	if (drop)
		return packet_drop(m, drop);
	if (!is_addressed_to_us(&p))
		return packet_drop(m, &c->drop_not_ours);
	if (p.protocol == PACKET_UDP)
		return udp6_in(&p);
	if (p.protocol == PACKET_ICMPV6)
		return icmp6_in(&p);
	return packet_drop(m, &c->drop_not_udp);
}
