// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The frame nearly every frame is: IPv4 without options or fragments, UDP, for us, nothing wrong
// with it. Its headers are checked as one and stay in front of the datagram, where the answer finds
// them. Everything that ether_in.c, ip4_in.c and udp_in.c check is checked here; whatever does not
// pass goes through them, which know what to call it.
#include <rte_ip.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/checksum.h"
#include "dataplane/stages/packet/headers4.h"
#include "dataplane/stages/packet/packet.h"

// What is the same in all of them, compared some bytes at a time (little-endian, as DPDK on x86 and
// arm64 is): to us, from a station, IPv4 without options, no fragment, UDP.
static inline bool is_plain(const struct pktio_port *port, const struct headers4 *h)
{
	const uint8_t *frame = (const uint8_t *)h;
	uint64_t to, from, mac;
	uint32_t type_version, fragment_protocol;

	static_assert(offsetof(struct pktio_port, mac) + 8 <= sizeof(*port), "eight can be read");
	memcpy(&to, frame, 8);
	memcpy(&from, frame + offsetof(struct headers4, eth.src_addr), 8);
	memcpy(&mac, port->mac, 8);
	memcpy(&type_version, frame + offsetof(struct headers4, eth.ether_type), 4);
	memcpy(&fragment_protocol, frame + offsetof(struct headers4, ip.fragment_offset), 4);
	// The first byte's low bit is the group bit. Of the fragment field the two bits that are
	// not its business are left out.
	return ((to ^ mac) << 16) == 0 && (from & 1) == 0 && from << 16 != 0 &&
	       (type_version & 0x00ffffff) == 0x00450008 &&
	       (fragment_protocol & 0xff00ff3f) == (uint32_t)PACKET_UDP << 24;
}

// RFC 1122 §3.2.1.3: not this network, loopback, multicast or above; not our network's broadcast (a
// /31 has none, RFC 3021).
static inline bool is_host(uint32_t src, uint32_t dst, uint8_t prefix_len)
{
	uint32_t hosts = prefix_len - 1u < 30 ? UINT32_MAX >> prefix_len : 0;
	bool broadcast = hosts != 0 && ((src ^ dst) & ~hosts) == 0 && (src & hosts) == hosts;

	return (src >> 24) - 1 < 223 && src >> 24 != 127 && !broadcast;
}

// The address of ours that it is for; NULL when there is none, or it claims to be from one.
static inline const struct pktio_local *find_local(const struct pktio_port *port, rte_be32_t src,
						   rte_be32_t dst)
{
	const struct pktio_local *found = NULL;
	bool ours = false;

	for (uint8_t i = 0; i < port->locals_count; i++) {
		const struct pktio_local *local = &port->locals[i];
		rte_be32_t addr;

		memcpy(&addr, local->addr + PKTIO_ADDR_V4_AT, sizeof(addr));
		if (local->is_v4 && addr == dst)
			found = local;
		ours |= local->is_v4 && addr == src;
	}
	return ours ? NULL : found;
}

bool plain4_in(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	const struct headers4 *h = rte_pktmbuf_mtod(m, const struct headers4 *);
	const struct pktio_local *local;
	struct dp_pkt *pkt = dp_pkt(m);
	struct dp_peer *peer = &pkt->peer;

	if (m->nb_segs > 1 || m->data_len < sizeof(*h))
		return false;
	uint16_t total = rte_be_to_cpu_16(h->ip.total_length);
	uint16_t len = total - sizeof(struct rte_ipv4_hdr);
	if (!is_plain(port, h) || total < sizeof(*h) - sizeof(h->eth) ||
	    total > m->data_len - sizeof(h->eth) || h->udp.dgram_len != rte_cpu_to_be_16(len) ||
	    h->udp.dgram_cksum == 0 || h->udp.src_port == 0 ||
	    (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED))
		return false;
	local = find_local(port, h->ip.src_addr, h->ip.dst_addr);
	if (!local || h->udp.dst_port != local->udp_port_be16 ||
	    !is_host(rte_be_to_cpu_32(h->ip.src_addr), rte_be_to_cpu_32(h->ip.dst_addr),
		     local->prefix_len))
		return false;
	if (!port->rx_checksum_ok) { // else those that the device has not found good go the long
				     // way
		uint64_t addresses = (uint64_t)h->ip.src_addr + h->ip.dst_addr;
		if (checksum_fold(checksum_add(0, &h->ip, sizeof(h->ip))) != 0xffff ||
		    checksum_fold(checksum_add(addresses + RTE_BE16(PACKET_UDP) + h->udp.dgram_len,
					       &h->udp, len)) != 0xffff)
			return false;
	} else if ((m->ol_flags & (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)) !=
		   (RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD)) {
		return false;
	}
	*peer = (struct dp_peer){
		.udp_port_be16 = h->udp.src_port,
		.port = port->index,
		.worker = (uint8_t)w->index,
		.local = (uint8_t)(local - port->locals),
	};
	pktio_addr_from_v4(peer->addr, &h->ip.src_addr);
	memcpy(peer->mac, &h->eth.src_addr, sizeof(peer->mac));
	pkt->headers_kept = true;
	m->data_off += sizeof(*h);
	m->data_len = len - sizeof(h->udp);
	m->pkt_len = m->data_len;
	return true;
}

void plain4_answer(const struct pktio_port *port, struct rte_mbuf *m)
{
	const struct headers4 *request =
		rte_pktmbuf_mtod_offset(m, const struct headers4 *, -(int)sizeof(*request));

	headers4_put(port, m,
		     &(struct headers4_ends){
			     .src = request->ip.dst_addr,
			     .dst = request->ip.src_addr,
			     .src_port = request->udp.dst_port,
			     .dst_port = request->udp.src_port,
			     .mac = request->eth.src_addr,
		     });
}
