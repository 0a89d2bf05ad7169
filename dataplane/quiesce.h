// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Memory that a driver takes away while workers run. DPDK's memif driver unmaps what it shared with
// its peer as soon as that peer is gone, in DPDK's interrupt thread, and says so to the queues by a
// flag that a worker in the middle of a burst has read already: it would read on in memory that is
// not there. So a program that calls dp_quiesce_watch has a munmap of its own, which in that thread
// waits until every worker has begun another round.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/worker.h"

// Main thread: these workers run from now on; count 0: none does. The array is the caller's, and
// stays.
void dp_quiesce_watch(struct dp_worker *const *workers, uint32_t count);
// True when each worker that is watched was between two rounds, or asleep, at some time since the
// call; false when one was not for max_ms.
bool dp_quiesce(uint32_t max_ms);
