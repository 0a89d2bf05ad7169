// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DPDK's environment for a generator: one thread, and no hugepages where there are none.
#pragma once

#include <rte_mempool.h>

// device: what the port will be opened with, NULL for kernel sockets. lcore: the processor to run
// on, -1 for any. 0, or -errno after saying on standard error what is wrong.
int eal_start(const char *device, int lcore);
// Message buffers for that device; NULL after saying why.
struct rte_mempool *eal_pool(const char *device);
