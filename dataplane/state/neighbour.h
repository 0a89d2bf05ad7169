// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Next hops on an Ethernet port: which MAC address an on-link IP address has. Replies never ask
// (they go back to the MAC the datagram came from); it serves datagrams the gateway sends of its
// own accord to a peer whose MAC is not known, as after a restart. A small set-associative cache
// per worker; learning overwrites, nothing expires (a wrong entry is corrected by the next answer).
//
// One worker learns and asks. Any worker may look up in any cache: ARP is not spread over queues,
// so the answer to one worker's question reaches another. Entries are guarded by a sequence number
// each; a reader that meets one being written finds nothing.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DP_NEIGHBOURS     1024u
#define DP_NEIGHBOUR_WAYS 8u
#define DP_NEIGHBOUR_ASKS 256u

struct dp_neighbour {
	_Atomic uint64_t seq; // odd while being written; 0: unused
	_Atomic uint64_t addr[2];
	_Atomic uint64_t mac_port; // MAC in the low 48 bits, port above
};

struct dp_neighbours {
	struct dp_neighbour entries[DP_NEIGHBOURS];
	uint64_t asked_us[DP_NEIGHBOUR_ASKS]; // when an address that falls here was last asked for
	uint8_t next_way;
};

void dp_neighbour_learn(struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
			const uint8_t mac[static 6]);
bool dp_neighbour_find(const struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
		       uint8_t mac[static 6]);

// Whether to ask for an address now: once per second (RFC 1122 §2.3.2.1, RFC 4861 §7.2.2), and then
// taken as asked. Addresses that share a slot wait for each other.
bool dp_neighbour_may_ask(struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
			  uint64_t now_us);
