// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/quiesce.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_interrupts.h>

#define WAIT_MS 1000u // a worker that is stuck for longer has other troubles
#define LOOK_US 20u

static struct dp_worker *const *watched;
static _Atomic uint32_t watched_count;

void dp_quiesce_watch(struct dp_worker *const *workers, uint32_t count)
{
	if (count > 0)
		watched = workers;
	atomic_store_explicit(&watched_count, count, memory_order_release);
}

static bool is_quiet(struct dp_worker *w, uint32_t rounds)
{
	return atomic_load_explicit(&w->rounds, memory_order_acquire) != rounds ||
	       atomic_load_explicit(&w->asleep, memory_order_acquire);
}

bool dp_quiesce(uint32_t max_ms)
{
	uint32_t count = atomic_load_explicit(&watched_count, memory_order_acquire);
	uint32_t rounds[BRIDGE_WORKERS_MAX];
	uint32_t looks = max_ms * 1000 / LOOK_US;

	// What told the workers must be there before any of them begins another round.
	atomic_thread_fence(memory_order_seq_cst);
	for (uint32_t i = 0; i < count; i++)
		rounds[i] = atomic_load_explicit(&watched[i]->rounds, memory_order_acquire);
	for (uint32_t i = 0; i < count; i++)
		for (; !is_quiet(watched[i], rounds[i]); looks--) {
			if (looks == 0)
				return false;
			usleep(LOOK_US);
		}
	return true;
}

// Instead of the C library's, for the drivers too.
int munmap(void *addr, size_t len)
{
	if (rte_thread_is_intr())
		dp_quiesce(WAIT_MS);
	return (int)syscall(SYS_munmap, addr, len);
}
