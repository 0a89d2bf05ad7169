// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A peer: everything it takes to send a datagram back to where one came from. A value, not a
// handle: it travels inside the packet, is kept in the session, and control stores its 32 bytes and
// hands them back after a restart.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct dp_peer {
	uint8_t addr[16];       // IPv6, or IPv4 mapped (::ffff:a.b.c.d)
	uint16_t udp_port_be16; // the device's
	uint8_t port;           // index of our pktio port
	uint8_t worker;         // whose queue of that port receives from this peer
	uint8_t local;          // index of our address on that port
	uint8_t flags;          // DP_PEER_F_*
	uint8_t mac[6];         // next hop on an Ethernet port; all zero: unknown, must be resolved
	uint32_t scope_id;      // zone of a link-local address on a kernel socket, else 0
};
static_assert(sizeof(struct dp_peer) == 32, "kept by control as 32 bytes");

#define DP_PEER_F_SECURE (1u << 0) // speaks to our coaps port
// A DTLS session of that worker: scope_id is its slot, mac[0] to mac[2] its generation, low byte
// first. Next hop and zone are the session's own.
#define DP_PEER_F_DTLS (1u << 1)

static inline void dp_peer_set_dtls(struct dp_peer *peer, uint32_t slot, uint32_t generation)
{
	peer->flags = DP_PEER_F_SECURE | DP_PEER_F_DTLS;
	peer->scope_id = slot;
	peer->mac[0] = (uint8_t)generation;
	peer->mac[1] = (uint8_t)(generation >> 8);
	peer->mac[2] = (uint8_t)(generation >> 16);
	peer->mac[3] = peer->mac[4] = peer->mac[5] = 0;
}

// True when both are the same device, as far as can be told: the same DTLS session of one worker,
// or, in the clear, the same address and port.
static inline bool dp_peer_same(const struct dp_peer *a, const struct dp_peer *b)
{
	if ((a->flags | b->flags) & DP_PEER_F_DTLS)
		return a->flags == b->flags && a->worker == b->worker &&
		       a->scope_id == b->scope_id && memcmp(a->mac, b->mac, 3) == 0;
	return a->udp_port_be16 == b->udp_port_be16 &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

static inline uint32_t dp_peer_dtls_generation(const struct dp_peer *peer)
{
	return (uint32_t)peer->mac[0] | (uint32_t)peer->mac[1] << 8 | (uint32_t)peer->mac[2] << 16;
}
