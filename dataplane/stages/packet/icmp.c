// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/checksum.h"
#include "dataplane/stages/packet/packet.h"
#include "dataplane/tx.h"

enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_ECHO = 8,
	ICMPV6_ECHO = 128,
	ICMPV6_ECHO_REPLY = 129,
	ICMPV6_NEIGHBOUR_SOLICIT = 135,
	ICMPV6_NEIGHBOUR_ADVERT = 136,
};

struct icmp_hdr {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t rest[4];
};

static struct icmp_hdr *header(const struct packet *p)
{
	return rte_pktmbuf_mtod_offset(p->m, struct icmp_hdr *, p->l4_off);
}

// ICMPv6 sums a pseudo-header too (RFC 4443 §2.3).
static uint64_t sum_of(const struct packet *p)
{
	uint64_t sum = 0;

	if (p->protocol == PACKET_ICMPV6) {
		sum = checksum_add(checksum_add(0, p->src, 16), p->dst, 16);
		sum = checksum_pseudo(sum, PACKET_ICMPV6, p->l4_len);
	}
	return checksum_add(sum, header(p), p->l4_len);
}

// In place; IPv4 options and extension headers do not go back.
static bool echo_in(struct packet *p, uint8_t reply_type)
{
	struct icmp_hdr *icmp = header(p);
	struct rte_mbuf *m = p->m;
	uint8_t mac[6];

	if (icmp->code != 0)
		return packet_drop(m, &p->w->counters.drop_not_udp);
	if (!packet_source_ok(p))
		return packet_drop(m, &p->w->counters.drop_bad_source);
	memcpy(mac, rte_pktmbuf_mtod(m, struct rte_ether_hdr *)->src_addr.addr_bytes, 6);
	icmp->type = reply_type;
	icmp->checksum = 0;
	icmp->checksum = checksum_finish(sum_of(p));
	(void)rte_pktmbuf_adj(m, p->l4_off);
	packet_put_ip(p->port, m, p->dst, p->src, mac, p->protocol, PACKET_HOP_LIMIT);
	packet_pad(m);
	p->w->counters.icmp_echoes++;
	dp_tx_frame(p->w, p->port, m);
	return false;
}

// NULL when it is whole, else the counter of what is wrong.
static uint64_t *check(const struct packet *p)
{
	if (p->l4_len < sizeof(struct icmp_hdr))
		return &p->w->counters.drop_frame_short;
	return checksum_fold(sum_of(p)) == 0xffff ? NULL : &p->w->counters.drop_not_udp;
}

bool icmp4_in(struct packet *p)
{
	uint64_t *drop = check(p);

	if (!drop && header(p)->type != ICMP_ECHO)
		drop = &p->w->counters.drop_not_udp;
	return drop ? packet_drop(p->m, drop) : echo_in(p, ICMP_ECHO_REPLY);
}

bool icmp6_in(struct packet *p)
{
	uint64_t *drop = check(p);

	if (drop)
		return packet_drop(p->m, drop);
	switch (header(p)->type) {
	case ICMPV6_NEIGHBOUR_SOLICIT:
		return ndp_solicit_in(p);
	case ICMPV6_NEIGHBOUR_ADVERT:
		return ndp_advert_in(p);
	case ICMPV6_ECHO:
		if (p->local == PACKET_NO_LOCAL) // to a multicast group
			return packet_drop(p->m, &p->w->counters.drop_not_ours);
		return echo_in(p, ICMPV6_ECHO_REPLY);
	default: // router discovery, MLD, errors
		return packet_drop(p->m, &p->w->counters.drop_not_udp);
	}
}
