// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/state/hash.h"

// vectors_sip128 of the SipHash reference implementation: key 00..0f, input 00, 01, 02 ... of that
// length.
static const struct {
	size_t len;
	uint8_t out[16];
} siphash_vectors[] = {
	{0,
	 {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02,
	  0x93}},
	{1,
	 {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc,
	  0x45}},
	{2,
	 {0x81, 0x77, 0x22, 0x8d, 0xa4, 0xa4, 0x5d, 0xc7, 0xfc, 0xa3, 0x8b, 0xde, 0xf6, 0x0a, 0xff,
	  0xe4}},
	{3,
	 {0x9c, 0x70, 0xb6, 0x0c, 0x52, 0x67, 0xa9, 0x4e, 0x5f, 0x33, 0xb6, 0xb0, 0x29, 0x85, 0xed,
	  0x51}},
};

static void endpoint_hashes_are_siphash_2_4_128(void **state)
{
	// The words of the reference key, little-endian; the last two are not SipHash's.
	static const uint64_t key[4] = {0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull, 1, 2};
	uint8_t input[64];

	for (uint8_t i = 0; i < sizeof(input); i++)
		input[i] = i;
	for (size_t i = 0; i < sizeof(siphash_vectors) / sizeof(siphash_vectors[0]); i++) {
		struct dp_endpoint_hash h = dp_hash_endpoint(input, siphash_vectors[i].len, key);
		uint8_t out[16];

		for (int b = 0; b < 8; b++) {
			out[b] = (uint8_t)(h.lo >> (8 * b));
			out[8 + b] = (uint8_t)(h.hi >> (8 * b));
		}
		assert_memory_equal(out, siphash_vectors[i].out, 16);
	}
}

static void every_byte_and_the_length_count(void **state)
{
	static const uint64_t key[4] = {1, 2, 3, 4};
	uint8_t name[40] = {0};

	for (size_t len = 1; len <= sizeof(name); len++) {
		struct dp_endpoint_hash a = dp_hash_endpoint(name, len, key);
		struct dp_endpoint_hash shorter = dp_hash_endpoint(name, len - 1, key);

		assert_true(a.lo != shorter.lo && a.hi != shorter.hi);
		for (size_t at = 0; at < len; at++) {
			name[at] = 1;
			assert_true(dp_hash_endpoint(name, len, key).lo != a.lo);
			name[at] = 0;
		}
	}
}

// Part of every location that was ever handed out: a change here breaks every registration there
// is.
static void virtual_shards_never_change(void **state)
{
	static const struct {
		const char *name;
		uint8_t vshard;
	} pinned[] = {
		{"a", 46},
		{"dev", 143},
		{"urn:imei:359621234567890", 161},
		{"urn:uuid:00000000-0000-0000-0000-000000000000", 204},
		{"sensor-1", 22},
		{"sensor-2", 83},
	};

	for (size_t i = 0; i < sizeof(pinned) / sizeof(pinned[0]); i++)
		assert_int_equal(dp_vshard_of_endpoint(pinned[i].name, strlen(pinned[i].name)),
				 pinned[i].vshard);
}

// Names as fleets have them: a prefix and a number. No shard may be a third off its share.
static void consecutive_names_spread_over_all_shards(void **state)
{
	static const char *const patterns[] = {"urn:imei:35962%09u", "device-%u", "%08x"};

	for (int p = 0; p < 3; p++) {
		unsigned count[BRIDGE_VSHARDS] = {0};
		char name[64];

		for (unsigned i = 0; i < 256000; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			int len = snprintf(name, sizeof(name), patterns[p], i);
#pragma GCC diagnostic pop
			count[dp_vshard_of_endpoint(name, (size_t)len)]++;
		}
		for (unsigned v = 0; v < BRIDGE_VSHARDS; v++)
			assert_in_range(count[v], 800, 1200);
	}
}

static void exchanges_differ_by_every_part_of_the_peer_and_by_message_id(void **state)
{
	static const uint64_t seed[4] = {11, 22, 33, 44};
	struct dp_peer peer = {.addr = {0xfe, 0x80}, .udp_port_be16 = 0x3316};
	uint64_t base = dp_hash_peer_mid(&peer, 7, seed);

	assert_true(dp_hash_peer_mid(&peer, 8, seed) != base);
	for (int i = 0; i < 16; i++) {
		peer.addr[i] ^= 1;
		assert_true(dp_hash_peer_mid(&peer, 7, seed) != base);
		peer.addr[i] ^= 1;
	}
	peer.udp_port_be16++;
	assert_true(dp_hash_peer_mid(&peer, 7, seed) != base);
	peer.udp_port_be16--;
	peer.port = 1; // the same address behind another port is another device
	assert_true(dp_hash_peer_mid(&peer, 7, seed) != base);
	peer.port = 0;
	peer.local = 1;
	assert_true(dp_hash_peer_mid(&peer, 7, seed) != base);
	peer.local = 0;
	// What the link layer says is not part of the name.
	peer.mac[0] = 9;
	peer.worker = 3;
	assert_true(dp_hash_peer_mid(&peer, 7, seed) == base);
}

static void an_exchange_is_never_named_0(void **state)
{
	// Both multiplications give 0 when a factor is.
	struct dp_peer peer = {.addr = {0}};
	static const uint64_t seed[4] = {0, 5, 0, 0};

	assert_int_equal(dp_hash_peer_mid(&peer, 0, seed), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint_hashes_are_siphash_2_4_128),
		cmocka_unit_test(every_byte_and_the_length_count),
		cmocka_unit_test(virtual_shards_never_change),
		cmocka_unit_test(consecutive_names_spread_over_all_shards),
		cmocka_unit_test(exchanges_differ_by_every_part_of_the_peer_and_by_message_id),
		cmocka_unit_test(an_exchange_is_never_named_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
