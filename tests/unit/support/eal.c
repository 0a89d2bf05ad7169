// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/support/eal.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include "dataplane/pkt.h"

static void fail(const char *what)
{
	fprintf(stderr, "%s failed (%s)\n", what, rte_strerror(rte_errno));
	exit(1);
}

void support_eal_init(void)
{
	static bool started;
	char *argv[] = {(char[]){"test"},
			(char[]){"--no-huge"},
			(char[]){"--no-pci"},
			(char[]){"--no-shconf"},
			(char[]){"--no-telemetry"},
			(char[]){"--log-level=error"},
			(char[]){"-m"},
			(char[]){"64"},
			(char[]){"-l"},
			(char[]){"0"},
			NULL};

	if (started)
		return;
	if (rte_eal_init((int)(sizeof(argv) / sizeof(argv[0])) - 1, argv) < 0)
		fail("rte_eal_init");
	started = true;
}

struct rte_mempool *support_mbuf_pool(const char *name, unsigned int mbufs)
{
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create(name, mbufs, 0, sizeof(struct dp_pkt),
					RTE_PKTMBUF_HEADROOM + DP_PKT_DATA_ROOM, SOCKET_ID_ANY);

	if (!pool)
		fail("rte_pktmbuf_pool_create");
	return pool;
}
