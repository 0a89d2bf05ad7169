// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/echo.h"

#include <string.h>

#include "dataplane/state/hash.h"

static uint32_t stamp_of(uint64_t wall_us)
{
	return (uint32_t)(wall_us >> DP_ECHO_SHIFT);
}

static uint64_t mac(const struct dp_peer *peer, uint32_t stamp, const uint64_t seed[static 4])
{
	// No endpoint's name begins with a zero byte: no other use of the key has this input.
	uint8_t input[1 + sizeof(peer->addr) + sizeof(peer->udp_port_be16) + sizeof(stamp)] = {0};
	uint8_t *p = input + 1;

	memcpy(p, peer->addr, sizeof(peer->addr));
	memcpy(p + sizeof(peer->addr), &peer->udp_port_be16, sizeof(peer->udp_port_be16));
	memcpy(p + sizeof(peer->addr) + sizeof(peer->udp_port_be16), &stamp, sizeof(stamp));
	return dp_hash_endpoint(input, sizeof(input), seed).hi;
}

static void make(uint8_t echo[static DP_ECHO_BYTES], const struct dp_peer *peer, uint32_t stamp,
		 const uint64_t seed[static 4])
{
	uint64_t tag = mac(peer, stamp, seed);

	memcpy(echo, &stamp, sizeof(stamp));
	memcpy(echo + sizeof(stamp), &tag, sizeof(tag));
}

void dp_echo_make(uint8_t echo[static DP_ECHO_BYTES], const struct dp_peer *peer, uint64_t wall_us,
		  const uint64_t seed[static 4])
{
	make(echo, peer, stamp_of(wall_us), seed);
}

bool dp_echo_is_fresh(const uint8_t *echo, size_t len, const struct dp_peer *peer, uint64_t wall_us,
		      const uint64_t seed[static 4])
{
	uint8_t right[DP_ECHO_BYTES];
	uint8_t differs = 0;
	uint32_t stamp;

	if (len != DP_ECHO_BYTES)
		return false;
	memcpy(&stamp, echo, sizeof(stamp));
	if (stamp_of(wall_us) - stamp > DP_ECHO_LIFE)
		return false;
	make(right, peer, stamp, seed);
	for (unsigned i = 0; i < DP_ECHO_BYTES; i++) // in the same time wherever they differ
		differs |= right[i] ^ echo[i];
	return differs == 0;
}
