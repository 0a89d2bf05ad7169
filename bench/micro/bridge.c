// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Events on their way to control: records in shared memory, published 32 at a time. 64 bytes is a
// touch (an Update), 384 a Register with its datagram.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "dataplane/bridge/proto.h"
#include "dataplane/bridge/segment.h"

#define BATCH 32u
#define SPINS 64u // before the processor is given up: control is no busy poller either

struct bridge {
	struct bridge_ring in;  // the producer's side
	struct bridge_ring out; // the consumer's
	void *mem;
	atomic_bool stop;
};

static bool bridge_new(struct bridge *bridge, struct bench_state *state)
{
	size_t bytes = bridge_ring_bytes(BRIDGE_EVENT_SLOTS);

	bridge->mem = aligned_alloc(64, bytes);
	if (!bridge->mem) {
		bench_skip(state, "no memory");
		return false;
	}
	memset(bridge->mem, 0, bytes);
	bridge_ring_init(&bridge->in, bridge->mem, BRIDGE_EVENT_SLOTS);
	bridge_ring_init(&bridge->out, bridge->mem, BRIDGE_EVENT_SLOTS);
	return true;
}

// Writes what it can of a batch. Returns how many records that was.
static unsigned push(struct bridge_ring *ring, uint32_t len, unsigned most)
{
	unsigned n = 0;

	while (n < most) {
		struct bridge_record *rec = bridge_ring_reserve(ring, BRIDGE_EV_TOUCH, len);

		if (!rec)
			break;
		memset(rec + 1, (int)n, len - sizeof(*rec));
		n++;
	}
	if (n > 0)
		bridge_ring_publish(ring);
	return n;
}

// Reads what there is, up to a batch, every byte of it.
static unsigned pop(struct bridge_ring *ring)
{
	const struct bridge_record *rec;
	uint64_t sum = 0;
	unsigned n = 0;
	uint32_t len;

	while (n < BATCH && (rec = bridge_ring_peek(ring, &len)) != NULL) {
		const uint64_t *words = (const uint64_t *)(const void *)(rec + 1);

		for (uint32_t i = 0; i < (len - sizeof(*rec)) / sizeof(*words); i++)
			sum += words[i];
		n++;
	}
	if (n > 0)
		bridge_ring_release(ring);
	bench_do_not_optimize(sum);
	return n;
}

static void finish(struct bench_state *state, const struct bridge *bridge)
{
	if (bridge->in.broken || bridge->out.broken)
		bench_skip(state, "the ring broke");
	bench_items(state, bench_iterations(state));
	bench_bytes(state, bench_iterations(state) * (uint64_t)bench_arg(state, 0));
	free(bridge->mem);
}

BENCH(bridge_one_processor, .arg_names = {"bytes"})
{
	uint32_t len = (uint32_t)bench_arg(state, 0);
	struct bridge bridge = {0};

	if (!bridge_new(&bridge, state))
		return;
	while (bench_next_batch(state, BATCH)) {
		push(&bridge.in, len, BATCH);
		pop(&bridge.out);
	}
	finish(state, &bridge);
}
BENCH_ARG(bridge_one_processor, 64);
BENCH_ARG(bridge_one_processor, 384);

static void *consume(void *arg)
{
	struct bridge *bridge = arg;
	unsigned idle = 0;

	// Stops only when it has been told to and has drained the ring since.
	for (bool last = false;;) {
		if (pop(&bridge->out) > 0) {
			idle = 0;
			continue;
		}
		if (last)
			return NULL;
		last = atomic_load_explicit(&bridge->stop, memory_order_acquire);
		if (++idle % SPINS == 0)
			sched_yield();
	}
}

BENCH(bridge_handoff, .arg_names = {"bytes"}, .real_time = true)
{
	uint32_t len = (uint32_t)bench_arg(state, 0);
	struct bridge bridge = {0};
	pthread_t thread;

	if (!machine_has_two_processors(state) || !bridge_new(&bridge, state))
		return;
	if (pthread_create(&thread, NULL, consume, &bridge) != 0) {
		bench_skip(state, "no thread");
	} else {
		while (bench_next_batch(state, BATCH))
			for (unsigned n = 0; n < BATCH;)
				n += push(&bridge.in, len, BATCH - n);
		atomic_store_explicit(&bridge.stop, true, memory_order_release);
		pthread_join(thread, NULL);
	}
	finish(state, &bridge);
}
BENCH_ARG(bridge_handoff, 64);
BENCH_ARG(bridge_handoff, 384);
