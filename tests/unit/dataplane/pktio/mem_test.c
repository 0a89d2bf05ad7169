// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/pktio.h"
#include "tests/unit/support/eal.h"

static struct rte_mempool *pools[2];
static struct pktio_port port;
static struct dp_counters counters;

static int set_up(void **state)
{
	support_eal_init();
	pools[0] = support_mbuf_pool("mem0", 2047);
	pools[1] = support_mbuf_pool("mem1", 15);
	memset(&port, 0, sizeof(port));
	port.index = 2;
	return pktio_mem_open(&port, PKTIO_DATAGRAMS, 2, pools);
}

static int tear_down(void **state)
{
	port.ops->close(&port);
	int leaked = (int)(rte_mempool_in_use_count(pools[0]) + rte_mempool_in_use_count(pools[1]));
	rte_mempool_free(pools[0]);
	rte_mempool_free(pools[1]);
	return leaked;
}

static void what_is_injected_is_received_on_its_queue(void **state)
{
	const struct dp_peer peer = {.addr = {1}, .udp_port_be16 = 99, .local = 5};
	struct rte_mbuf *m;

	assert_int_equal(pktio_mem_inject(&port, 1, "abc", 3, &peer), 0);
	assert_int_equal(port.ops->rx(&port, 0, &m, 1, &counters), 0);
	assert_int_equal(port.ops->rx(&port, 1, &m, 1, &counters), 1);
	assert_memory_equal(rte_pktmbuf_mtod(m, char *), "abc", 3);
	assert_int_equal(dp_pkt(m)->peer.udp_port_be16, 99);
	assert_int_equal(dp_pkt(m)->peer.local, 5);
	assert_int_equal(dp_pkt(m)->peer.port, 2);
	assert_int_equal(dp_pkt(m)->peer.worker, 1);
	assert_int_equal(port.ops->tx(&port, 1, &m, 1, &counters), 1);
	assert_null(pktio_mem_take(&port, 0));
	assert_ptr_equal(pktio_mem_take(&port, 1), m);
	assert_null(pktio_mem_take(&port, 1));
	rte_pktmbuf_free(m);
}

static void injecting_too_much_is_refused(void **state)
{
	static uint8_t big[70000];
	const struct dp_peer peer = {0};
	int rc = 0, taken = 0;

	assert_int_equal(pktio_mem_inject(&port, 0, big, DP_PKT_DATA_ROOM + 1, &peer), -EMSGSIZE);
	assert_int_equal(pktio_mem_inject(&port, 0, big, sizeof(big), &peer), -EMSGSIZE);
	while ((rc = pktio_mem_inject(&port, 0, big, 1, &peer)) == 0)
		taken++;
	assert_int_equal(rc, -ENOBUFS);
	assert_true(taken >= 1000);
	while ((rc = pktio_mem_inject(&port, 1, big, 1, &peer)) == 0)
		;
	assert_int_equal(rc, -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_injected_is_received_on_its_queue, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(injecting_too_much_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
