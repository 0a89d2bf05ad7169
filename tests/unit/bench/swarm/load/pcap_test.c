// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/swarm/load/frame.h"
#include "bench/swarm/load/pcap.h"
#include "bench/swarm/load/sum.h"
#include "tests/unit/support/eal.h"

static struct rte_mempool *pool;
static struct scenario sc;
static const struct port_options opt = {.gateway = 0xc6120001, .gateway_port = 5683};

static struct rte_mbuf *message(const char *text, uint32_t device)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	memcpy(rte_pktmbuf_append(m, (uint16_t)strlen(text)), text, strlen(text));
	*port_device(m) = device;
	*port_sum(m) = sum_fold(sum_bytes(text, strlen(text)));
	return m;
}

static void what_is_sent_is_in_the_file_and_comes_back(void **state)
{
	char path[] = "/tmp/swarm-pcap-XXXXXX";
	int fd = mkstemp(path);
	struct port *port = pcap_open(path, &opt, &sc, pool);
	struct rte_mbuf *out[2] = {message("abc", 1), message("defgh", 2)}, *in[PORT_BURST];
	uint8_t bytes[256];

	assert_non_null(port);
	pcap_set_rate(port, 1000);
	port->ops->tx(port, out, 2);
	assert_int_equal(port->ops->room(port), PORT_BACKLOG - 2);
	assert_int_equal(port->ops->rx(port, in), 2);
	assert_int_equal(port->ops->room(port), PORT_BACKLOG);
	assert_memory_equal(rte_pktmbuf_mtod(in[1], void *), "defgh", 5);
	rte_pktmbuf_free_bulk(in, 2);
	assert_true(pcap_finish(port));

	assert_int_equal(read(fd, bytes, sizeof(bytes)), 24 + 2 * (16 + FRAME_HEADERS) + 3 + 5);
	const uint8_t *second = bytes + 24 + 16 + FRAME_HEADERS + 3;
	assert_memory_equal(bytes, "\x4d\x3c\xb2\xa1\x02\x00\x04\x00", 8);
	assert_memory_equal(second, "\0\0\0\0\x40\x42\x0f\0\x2f\0\0\0\x2f\0\0\0", 16); // 1 ms
	assert_memory_equal(second + 16 + FRAME_HEADERS, "defgh", 5);
	assert_memory_equal(second + 16 + 26, "\xc6\x13\x00\x02\xc6\x12\x00\x01", 8);
	close(fd);
	unlink(path);
}

static void a_file_that_cannot_be_written_in_full_is_noticed(void **state)
{
	struct port *port = pcap_open("/dev/full", &opt, &sc, pool);
	struct rte_mbuf *out = message("abc", 1);

	assert_non_null(port);
	port->ops->tx(port, &out, 1);
	assert_false(pcap_finish(port));
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static void a_file_that_cannot_be_opened_is_refused(void **state)
{
	assert_null(pcap_open("/nowhere/file", &opt, &sc, pool));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_in_the_file_and_comes_back),
		cmocka_unit_test(a_file_that_cannot_be_written_in_full_is_noticed),
		cmocka_unit_test(a_file_that_cannot_be_opened_is_refused),
	};
	support_eal_init();
	pool = support_mbuf_pool("pcap", 127);
	scenario_init(&sc);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_mempool_free(pool);
	return failed;
}
