// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Two hashes. dp_hash_peer_mid names an exchange: keyed by a secret of this run, so that nobody can
// make two exchanges collide, and cheap enough for every datagram. dp_hash_endpoint names an
// endpoint by 128 keyed bits (SipHash-2-4), wide enough to stand for the name itself.
// dp_vshard_of_endpoint is fixed for ever: it is part of every location.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/peer.h"

struct dp_endpoint_hash {
	uint64_t lo, hi;
};

static inline uint64_t dp_hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// seed: four random words. Never 0 (0 marks an empty slot in the tables).
static inline uint64_t dp_hash_peer_mid(const struct dp_peer *peer, uint16_t mid,
					const uint64_t seed[static 4])
{
	uint64_t lo, hi;

	__builtin_memcpy(&lo, peer->addr, 8);
	__builtin_memcpy(&hi, peer->addr + 8, 8);
	// Of a DTLS session, wherever its device is now.
	if (__builtin_expect(peer->flags & DP_PEER_F_DTLS, 0)) {
		uint64_t h = dp_hash_mix(peer->scope_id ^ seed[0],
					 dp_peer_dtls_generation(peer) ^ seed[1]);
		h = dp_hash_mix(h ^ seed[2], ((uint64_t)1 << 48 | mid) ^ seed[3]);
		return h ? h : 1;
	}
	uint64_t where = (uint64_t)peer->udp_port_be16 << 32 | (uint64_t)peer->port << 24 |
			 (uint64_t)peer->local << 16 | mid;
	uint64_t h = dp_hash_mix(lo ^ seed[0], hi ^ seed[1]);
	h = dp_hash_mix(h ^ seed[2], where ^ seed[3]);
	return h ? h : 1;
}

struct dp_endpoint_hash dp_hash_endpoint(const void *name, size_t len,
					 const uint64_t seed[static 4]);

// 0 to BRIDGE_VSHARDS - 1; the same in every version of the program.
uint8_t dp_vshard_of_endpoint(const void *name, size_t len);
