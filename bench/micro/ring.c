// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// From worker to worker: an rte_ring of mbuf pointers, single producer and single consumer, as
// handoff.c uses it. On two processors, and on one for what the instructions alone cost.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rte_pause.h>
#include <rte_ring.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"

#define SLOTS     4096u
#define BURST_MAX 64u
#define SPINS     1000u // before the processor is given up: others may want it, perhaps the other side

// Plain memory: a ring needs no EAL. NULL after bench_skip.
static struct rte_ring *ring_new(struct bench_state *state)
{
	ssize_t bytes = rte_ring_get_memsize(SLOTS);
	struct rte_ring *ring = aligned_alloc(128, ((size_t)bytes + 127) / 128 * 128);

	if (ring && rte_ring_init(ring, "bench", SLOTS, RING_F_SP_ENQ | RING_F_SC_DEQ) == 0)
		return ring;
	free(ring);
	bench_skip(state, "no memory");
	return NULL;
}

BENCH(ring_one_processor, .arg_names = {"burst"})
{
	unsigned burst = (unsigned)bench_arg(state, 0);
	void *items[BURST_MAX] = {0};
	struct rte_ring *ring = ring_new(state);

	if (!ring)
		return;
	while (bench_next_batch(state, burst)) {
		rte_ring_sp_enqueue_burst(ring, items, burst, NULL);
		rte_ring_sc_dequeue_burst(ring, items, burst, NULL);
		bench_do_not_optimize(items);
	}
	bench_items(state, bench_iterations(state));
	free(ring);
}
BENCH_RANGE(ring_one_processor, 1, BURST_MAX);

struct consumer {
	struct rte_ring *ring;
	atomic_bool stop;
};

static void wait_a_little(unsigned *spins)
{
	rte_pause();
	if (++*spins % SPINS == 0)
		sched_yield();
}

static void *consume(void *arg)
{
	struct consumer *consumer = arg;
	void *items[BURST_MAX];
	unsigned spins = 0;

	// Stops only when it has been told to and has drained the ring since.
	for (bool last = false;;) {
		unsigned n = rte_ring_sc_dequeue_burst(consumer->ring, items, BURST_MAX, NULL);

		bench_do_not_optimize(items);
		if (n > 0)
			continue;
		if (last)
			return NULL;
		last = atomic_load_explicit(&consumer->stop, memory_order_acquire);
		wait_a_little(&spins);
	}
}

static void enqueue(struct rte_ring *ring, void **items, unsigned burst)
{
	unsigned sent = 0, spins = 0;

	while (sent < burst) {
		unsigned n = rte_ring_sp_enqueue_burst(ring, items + sent, burst - sent, NULL);

		if (n == 0)
			wait_a_little(&spins);
		sent += n;
	}
}

BENCH(ring_handoff, .arg_names = {"burst"}, .real_time = true)
{
	unsigned burst = (unsigned)bench_arg(state, 0);
	struct consumer consumer = {0};
	void *items[BURST_MAX] = {0};
	pthread_t thread;

	if (!machine_has_two_processors(state))
		return;
	consumer.ring = ring_new(state);
	if (!consumer.ring)
		return;
	if (pthread_create(&thread, NULL, consume, &consumer) != 0) {
		bench_skip(state, "no thread");
	} else {
		while (bench_next_batch(state, burst))
			enqueue(consumer.ring, items, burst);
		atomic_store_explicit(&consumer.stop, true, memory_order_release);
		pthread_join(thread, NULL);
	}
	bench_items(state, bench_iterations(state));
	free(consumer.ring);
}
BENCH_RANGE(ring_handoff, 1, BURST_MAX);
