// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The worker's life: made before the ports open, polled in a loop on its lcore, freed after it has
// stopped. dp_worker_poll is one round, with the time as a parameter, so that tests can be the
// loop.
#pragma once

#include "dataplane/bridge/config.h"
#include "dataplane/worker.h"

struct dp_worker_params {
	uint16_t index;
	uint16_t workers;
	uint32_t max_sessions; // of this worker
	bool adaptive;
	uint64_t tsc_hz;
	uint64_t hash_seed[4];
	uint32_t body_max; // bytes that a request may have in all its blocks
	struct rte_mempool *pool;
	struct config_overload overload;
};

// NULL: no memory. socket is the NUMA node.
struct dp_worker *dp_worker_new(const struct dp_worker_params *params, int socket);
void dp_worker_free(struct dp_worker *w);

// One round. A time before the last round's counts as that. Returns how much there was to do; 0
// means idle.
uint32_t dp_worker_poll(struct dp_worker *w, uint64_t now_us, uint64_t wall_us);

// Until w->stop. An lcore function.
int dp_worker_run(void *worker);

// Sleeps until something may be due, at most max_us; returns early when it rings.
void dp_worker_sleep(struct dp_worker *w, uint64_t max_us);
