// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Who sends: addresses (IPv4, or the /64 of an IPv6 one, which is what a sender can choose from),
// each with a token bucket and whether a registered device has been heard from there. The
// keep-alives of registered devices never come here.
//
// A bounded table of 16-byte entries, four to a cache line, one line for each address. An address
// whose bucket is full again and where nobody is registered leaves nothing behind when its entry
// goes to another. When there is no such entry in the line, one that is being limited must go
// (which is counted); one of a registered device goes for another such only. Who then finds no
// entry shares a bucket with all others that found none.
//
// Single-threaded: a sender's datagrams reach one worker, or a few that limit it each.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_prefetch.h>

#include "dataplane/bridge/peer.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/state/hash.h"

#define DP_SENDER_WAYS  4
#define DP_SENDER_KNOWN 1u // in a name: a registered device is there, or was

struct dp_sender {
	uint64_t name;    // without its lowest bit, which is DP_SENDER_KNOWN
	uint64_t full_ns; // its bucket, state/bucket.h; 0: unused
};
static_assert(sizeof(struct dp_sender) == 16, "four to a cache line");

struct dp_sender_line {
	alignas(64) struct dp_sender ways[DP_SENDER_WAYS];
};

struct dp_senders {
	struct dp_sender_line *lines;
	uint32_t lines_count;
	struct dp_sender others; // shared by who finds no place
};

// Room for that many addresses. 0 or -ENOMEM.
int dp_senders_init(struct dp_senders *senders, uint32_t addresses);
void dp_senders_fini(struct dp_senders *senders);

// A keyed hash of the address: nobody can make two collide. The same for all ports of it.
static inline uint64_t dp_sender_name(const struct dp_peer *peer, const uint64_t seed[static 4])
{
	uint64_t net, host = 0;

	memcpy(&net, peer->addr, 8);
	if (pktio_addr_is_v4(peer->addr))
		memcpy(&host, peer->addr + 8, 8);
	return dp_hash_mix(dp_hash_mix(net ^ seed[1], host ^ seed[2]) ^ seed[3],
			   seed[0] ^ peer->scope_id);
}

static inline struct dp_sender_line *dp_sender_line(const struct dp_senders *senders, uint64_t name)
{
	return &senders->lines[(name >> 32) * senders->lines_count >> 32];
}

static inline void dp_sender_prefetch(const struct dp_senders *senders, uint64_t name)
{
	rte_prefetch0(dp_sender_line(senders, name));
}

// The entry of an address, a new one if it has none. Good until the next call. *displaced: it took
// the place of one that was being limited, or was known.
struct dp_sender *dp_sender_get(struct dp_senders *senders, uint64_t name, uint64_t now_us,
				bool *displaced);

static inline bool dp_sender_is_known(const struct dp_sender *sender)
{
	return (sender->name & DP_SENDER_KNOWN) != 0;
}

// A registered device is at this address.
void dp_sender_know(struct dp_senders *senders, uint64_t name, uint64_t now_us, bool *displaced);
