// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A peer: everything it takes to send a datagram back to where one came from. A value, not a
// handle: it travels inside the packet, is kept in the session, and control stores its 32 bytes and
// hands them back after a restart.
#pragma once

#include <assert.h>
#include <stdint.h>

struct dp_peer {
	uint8_t addr[16];       // IPv6, or IPv4 mapped (::ffff:a.b.c.d)
	uint16_t udp_port_be16; // the device's
	uint8_t port;           // index of our pktio port
	uint8_t worker;         // whose queue of that port receives from this peer
	uint8_t local;          // index of our address on that port
	uint8_t flags;
	uint8_t mac[6];    // next hop on an Ethernet port; all zero: unknown, must be resolved
	uint32_t scope_id; // zone of a link-local address on a kernel socket, else 0
};
static_assert(sizeof(struct dp_peer) == 32, "kept by control as 32 bytes");
