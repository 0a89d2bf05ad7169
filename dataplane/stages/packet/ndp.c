// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/packet/checksum.h"
#include "dataplane/stages/packet/packet.h"
#include "dataplane/tx.h"

enum {
	ND_SOLICIT = 135,
	ND_ADVERT = 136,
	ND_OPT_SOURCE_MAC = 1,
	ND_OPT_TARGET_MAC = 2,
};

// Of an advertisement, in its first flag byte.
#define ND_F_SOLICITED 0x40
#define ND_F_OVERRIDE  0x20

// Solicitation and advertisement (RFC 4861 §4.3, §4.4); options follow.
struct nd_msg {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t flags;
	uint8_t reserved[3];
	uint8_t target[16];
};

struct nd_mac_option {
	uint8_t type;
	uint8_t len; // in units of 8 bytes
	uint8_t mac[6];
};

static const uint8_t solicited_node_prefix[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};

static const struct nd_msg *message(const struct packet *p)
{
	return rte_pktmbuf_mtod_offset(p->m, const struct nd_msg *, p->l4_off);
}

// Finds the option that carries a MAC address; mac is NULL when there is none. False when the
// options are malformed (RFC 4861 §4.6: length zero).
static bool find_mac(const struct packet *p, uint8_t type, const uint8_t **mac)
{
	const uint8_t *at = (const uint8_t *)(message(p) + 1);
	uint16_t left = p->l4_len - sizeof(struct nd_msg);

	*mac = NULL;
	while (left > 0) {
		if (left < 8 || at[1] == 0 || left < at[1] * 8)
			return false;
		if (at[0] == type && at[1] == 1)
			*mac = at + 2;
		left -= at[1] * 8;
		at += at[1] * 8;
	}
	return true;
}

// What RFC 4861 §7.1.1 and §7.1.2 ask of both messages.
static bool is_valid(const struct packet *p, uint8_t mac_option, const uint8_t **mac)
{
	if (p->l4_len < sizeof(struct nd_msg) || p->hop_limit != PACKET_ND_HOP_LIMIT)
		return false;
	const struct nd_msg *nd = message(p);
	return nd->code == 0 && nd->target[0] != 0xff && find_mac(p, mac_option, mac);
}

static void learn(const struct packet *p, const uint8_t addr[static 16], const uint8_t *mac)
{
	struct rte_ether_addr ether;

	memcpy(&ether, mac, sizeof(ether));
	if (rte_is_valid_assigned_ether_addr(&ether))
		dp_neighbour_learn(&p->w->neighbours, p->port->index, addr, mac);
}

// Makes m a message about target that carries our MAC address, and sends it.
static void send_message(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
			 const struct nd_msg *msg, const uint8_t src[static 16],
			 const uint8_t dst[static 16], const uint8_t mac[static 6])
{
	struct nd_mac_option option = {
		.type = msg->type == ND_SOLICIT ? ND_OPT_SOURCE_MAC : ND_OPT_TARGET_MAC, .len = 1};
	uint16_t len = sizeof(*msg) + sizeof(option);

	memcpy(option.mac, port->mac, 6);
	struct nd_msg *to = packet_restart(m, len);
	*to = *msg;
	memcpy(to + 1, &option, sizeof(option));
	uint64_t sum = checksum_add(checksum_add(0, src, 16), dst, 16);
	sum = checksum_add(checksum_pseudo(sum, PACKET_ICMPV6, len), to, len);
	to->checksum = checksum_finish(sum);
	packet_put_ip(port, m, src, dst, mac, PACKET_ICMPV6, PACKET_ND_HOP_LIMIT);
	dp_tx_frame(w, port, m);
}

static void advertise(struct packet *p)
{
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
	static const uint8_t all_nodes_mac[6] = {0x33, 0x33, [5] = 1};
	struct nd_msg msg = {.type = ND_ADVERT, .flags = ND_F_OVERRIDE};
	uint8_t mac[6];

	memcpy(msg.target, message(p)->target, 16);
	memcpy(mac, rte_pktmbuf_mtod(p->m, struct rte_ether_hdr *)->src_addr.addr_bytes, 6);
	p->w->counters.arp_answers++;
	// Somebody wants to take the address; everybody shall know that it is ours (RFC 4861
	// §7.2.4).
	if (pktio_addr_is_any(p->src)) {
		send_message(p->w, p->port, p->m, &msg, msg.target, all_nodes, all_nodes_mac);
		return;
	}
	msg.flags |= ND_F_SOLICITED;
	send_message(p->w, p->port, p->m, &msg, msg.target, p->src, mac);
}

bool ndp_solicit_in(struct packet *p)
{
	struct dp_counters *c = &p->w->counters;
	const uint8_t *mac;

	if (!is_valid(p, ND_OPT_SOURCE_MAC, &mac))
		return packet_drop(p->m, &c->drop_not_udp);
	if (packet_find_local(p->port, message(p)->target) == PACKET_NO_LOCAL)
		return packet_drop(p->m, &c->drop_not_ours);
	if (pktio_addr_is_any(p->src)) {
		if (mac || memcmp(p->dst, solicited_node_prefix, sizeof(solicited_node_prefix)))
			return packet_drop(p->m, &c->drop_not_udp);
	} else {
		if (!packet_source_ok(p))
			return packet_drop(p->m, &c->drop_bad_source);
		if (mac)
			learn(p, p->src, mac);
	}
	advertise(p);
	return false;
}

bool ndp_advert_in(struct packet *p)
{
	struct dp_counters *c = &p->w->counters;
	const uint8_t *mac;

	// A solicited one does not come by multicast (RFC 4861 §7.1.2).
	if (!is_valid(p, ND_OPT_TARGET_MAC, &mac) ||
	    (p->dst[0] == 0xff && message(p)->flags & ND_F_SOLICITED))
		return packet_drop(p->m, &c->drop_not_udp);
	if (packet_find_local(p->port, message(p)->target) != PACKET_NO_LOCAL ||
	    !packet_source_ok(p))
		return packet_drop(p->m, &c->drop_bad_source);
	if (mac)
		learn(p, message(p)->target, mac);
	rte_pktmbuf_free(p->m);
	return false;
}

void ndp_ask(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m,
	     const struct pktio_local *local, const uint8_t target[static 16])
{
	struct nd_msg msg = {.type = ND_SOLICIT};
	uint8_t group[16];
	uint8_t mac[6] = {0x33, 0x33}; // RFC 2464 §7: and the group's last four bytes

	memcpy(msg.target, target, 16);
	memcpy(group, solicited_node_prefix, sizeof(solicited_node_prefix));
	memcpy(group + 13, target + 13, 3);
	memcpy(mac + 2, group + 12, 4);
	send_message(w, port, m, &msg, local->addr, group, mac);
}
