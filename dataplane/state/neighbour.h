// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Next hops on an Ethernet port: which MAC address an on-link IP address has. Replies never ask (they go
// back to the MAC the datagram came from); it serves datagrams the gateway sends of its own accord to a
// peer whose MAC is not known, as after a restart. A small set-associative cache per worker; learning
// overwrites, nothing expires (a wrong entry is corrected by the next datagram from that peer).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DP_NEIGHBOURS 1024u

struct dp_neighbour {
	uint8_t addr[16];
	uint8_t mac[6];
	uint8_t port;
	bool used;
};

struct dp_neighbours {
	struct dp_neighbour entries[DP_NEIGHBOURS];
	uint8_t next_way;
};

void dp_neighbour_learn(struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
			const uint8_t mac[static 6]);
bool dp_neighbour_find(const struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
		       uint8_t mac[static 6]);
