// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "bench/libbench/bench.h"
#include "bench/micro/messages.h"
#include "bench/micro/random.h"

static const uint64_t seed[4] = {1, 2, 3, 4};

// Peer and message id: every datagram.
BENCH(hash_peer_mid)
{
	struct dp_peer peer = {.addr = {[10] = 0xff, [11] = 0xff, [12] = 10}};
	uint16_t mid = 0;

	bench_loop (state) {
		uint64_t hash = dp_hash_peer_mid(&peer, mid++, seed);

		bench_do_not_optimize(hash);
	}
	bench_items(state, bench_iterations(state));
}

// Endpoint names: every Register.
BENCH(hash_endpoint, .arg_names = {"bytes"}, .range_multiplier = 2)
{
	size_t len = (size_t)bench_arg(state, 0);
	char name[256];

	memset(name, 'd', sizeof(name));
	bench_loop (state) {
		struct dp_endpoint_hash hash;

		name[0]++;
		hash = dp_hash_endpoint(name, len, seed);
		bench_do_not_optimize(hash);
	}
	bench_bytes(state, bench_iterations(state) * len);
}
BENCH_RANGE(hash_endpoint, 8, 64);

BENCH(vshard_of_endpoint)
{
	char name[] = MESSAGE_ENDPOINT;

	bench_loop (state) {
		uint8_t vshard;

		name[0]++;
		vshard = dp_vshard_of_endpoint(name, sizeof(name) - 1);
		bench_do_not_optimize(vshard);
	}
	bench_items(state, bench_iterations(state));
}
