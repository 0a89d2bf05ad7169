// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DPDK for unit tests: no root, no hugepages, no devices. EAL starts once per process.
#pragma once

#include <rte_mempool.h>

// Starts EAL if it is not running; ends the process when that fails.
void support_eal_init(void);
// mbufs with room for struct dp_pkt, DP_PKT_DATA_ROOM and headroom. The caller frees it with
// rte_mempool_free. Ends the process when there is no memory.
struct rte_mempool *support_mbuf_pool(const char *name, unsigned int mbufs);
