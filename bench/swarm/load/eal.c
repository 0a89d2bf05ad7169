// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/eal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>

#define MEMORY_MB "96"
#define PAGES     48u   // of 2 MiB
#define MBUFS     16383 // rings of 4096 in both directions, and as many again on the way
#define CACHE     512

static unsigned long free_hugepages(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long pages = 0;
	char line[128];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "HugePages_Free: %lu", &pages) == 1)
			break;
	fclose(f);
	return geteuid() == 0 ? pages : 0;
}

int eal_start(const char *device, int lcore)
{
	char cores[32], prefix[64];
	char *args[16];
	int n = 0;

	snprintf(prefix, sizeof(prefix), "--file-prefix=sluice-swarm-%d", (int)getpid());
	snprintf(cores, sizeof(cores), lcore < 0 ? "0" : "0@%d", lcore);
	args[n++] = "sluice-swarm";
	args[n++] = "--lcores";
	args[n++] = cores;
	args[n++] = "--no-telemetry";
	args[n++] = "--log-level=lib.eal:4";
	args[n++] = prefix;
	if (free_hugepages() >= PAGES) {
		args[n++] = "--in-memory";
		// memif with zero-copy=yes hands the other side the memory's file.
		args[n++] = "--single-file-segments";
	} else {
		args[n++] = "--no-huge";
		args[n++] = "--no-shconf";
		args[n++] = "-m";
		args[n++] = MEMORY_MB;
	}
	if (!device || strncmp(device, "net_", 4) == 0)
		args[n++] = "--no-pci";
	if (rte_eal_init(n, args) < 0) {
		fprintf(stderr, "sluice-swarm: DPDK environment, cannot start (%s)\n",
			rte_strerror(rte_errno));
		return -rte_errno;
	}
	return 0;
}

// Over a memif the other side reads the very buffers: last in, first out. A ring hands out all of
// them in turn, which are megabytes more than the other side's cache and TLB can hold besides what
// it remembers of devices. AF_XDP does not work with such a pool.
struct rte_mempool *eal_pool(const char *device)
{
	const char *ops = device && strncmp(device, "net_memif", 9) == 0
				  ? "stack"
				  : rte_mbuf_best_mempool_ops();
	struct rte_mempool *pool = rte_pktmbuf_pool_create_by_ops(
		"swarm", MBUFS, CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, ops);

	if (!pool)
		fprintf(stderr, "sluice-swarm: no memory for messages (%s)\n",
			rte_strerror(rte_errno));
	return pool;
}
