// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Opening, refusing and closing, on net_null, which needs neither root nor a network. That frames
// come and go through real devices is tests/net's part.
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_ethdev.h>

#include "dataplane/pktio/pktio.h"
#include "tests/unit/support/eal.h"

static struct rte_mempool *pools[2];
static struct pktio_port port;
static char why[160];

static int set_up(void **state)
{
	support_eal_init();
	pools[0] = support_mbuf_pool("ethdev0", 2047);
	pools[1] = support_mbuf_pool("ethdev1", 2047);
	return 0;
}

static int tear_down(void **state)
{
	rte_mempool_free(pools[0]);
	rte_mempool_free(pools[1]);
	return 0;
}

static int open_with(char *device, char *address, uint16_t queues)
{
	char *addresses[] = {address, (char[]){"2001:db8::1/64"}};
	struct config_port cfg = {.ethdev = device, .addresses = addresses, .addresses_count = 2};

	memset(&port, 0, sizeof(port));
	return pktio_ethdev_open(&port, &cfg, queues, pools, why);
}

static void a_virtual_device_opens_with_its_addresses(void **state)
{
	assert_int_equal(open_with((char[]){"net_null0,size=64"}, (char[]){"198.18.0.1/24"}, 2), 0);
	assert_string_equal(port.name, "net_null0");
	assert_int_equal(port.queues, 2);
	assert_int_equal(port.mtu, 1500);
	assert_int_equal(port.ops->framing, PKTIO_FRAMES);
	assert_int_equal(port.ops->wait_fd(&port, 0), -1);
	assert_int_equal(port.locals_count, 3);
	assert_true(port.locals[0].is_v4);
	assert_int_equal(port.locals[0].prefix_len, 24);
	assert_int_equal(port.locals[0].udp_port_be16, htons(5683));
	assert_false(port.locals[1].is_v4);
	port.ops->close(&port);
}

static void the_link_local_address_follows_from_the_mac(void **state)
{
	assert_int_equal(open_with((char[]){"net_null0"}, (char[]){"198.18.0.1/24"}, 1), 0);
	const uint8_t *mac = port.mac;
	const uint8_t expected[16] = {0xfe, 0x80,   0,          0,      0,      0,
				      0,    0,      mac[0] ^ 2, mac[1], mac[2], 0xff,
				      0xfe, mac[3], mac[4],     mac[5]};
	assert_memory_equal(port.locals[2].addr, expected, 16);
	assert_int_equal(port.locals[2].prefix_len, 64);
	port.ops->close(&port);
}

static void frames_come_and_go(void **state)
{
	struct rte_mbuf *pkts[PKTIO_BURST];
	struct dp_counters counters = {0};

	assert_int_equal(open_with((char[]){"net_null0"}, (char[]){"198.18.0.1/24"}, 1), 0);
	uint16_t n = port.ops->rx(&port, 0, pkts, PKTIO_BURST, &counters);
	assert_true(n > 0);
	assert_int_equal(port.ops->tx(&port, 0, pkts, n, &counters), n);
	// Queues the device was not given.
	assert_int_equal(port.ops->rx(&port, 1, pkts, PKTIO_BURST, &counters), 0);
	assert_int_equal(port.ops->tx(&port, 1, pkts, 1, &counters), 0);
	port.ops->close(&port);
}

static void a_closed_device_can_be_opened_again_and_leaves_nothing(void **state)
{
	uint16_t before = rte_eth_dev_count_avail();

	for (int i = 0; i < 3; i++) {
		assert_int_equal(open_with((char[]){"net_null7"}, (char[]){"198.18.0.1/24"}, 1), 0);
		port.ops->close(&port);
		assert_int_equal(rte_eth_dev_count_avail(), before);
	}
}

static void a_device_another_port_has_is_refused(void **state)
{
	assert_int_equal(open_with((char[]){"net_null0"}, (char[]){"198.18.0.1/24"}, 1), 0);
	struct pktio_port first = port;
	assert_true(open_with((char[]){"net_null0"}, (char[]){"198.18.0.2/24"}, 1) < 0);
	assert_non_null(strstr(why, "net_null0"));
	first.ops->close(&first);
}

static void what_cannot_be_a_port_is_refused_by_name(void **state)
{
	static const char *const devices[] = {"net_nonesuch0", "0000:ff:1f.7", ""};
	static const char *const addresses[] = {"224.0.0.1/24", "ff02::1/64", "127.0.0.1/8",
						"::1/128",      "0.0.0.0/0",  "198.18.0.1"};
	uint16_t before = rte_eth_dev_count_avail();
	char text[32];

	for (size_t i = 0; i < RTE_DIM(devices); i++) {
		snprintf(text, sizeof(text), "%s", devices[i]);
		assert_true(open_with(text, (char[]){"198.18.0.1/24"}, 1) < 0);
		assert_non_null(strstr(why, devices[i]));
	}
	for (size_t i = 0; i < RTE_DIM(addresses); i++) {
		snprintf(text, sizeof(text), "%s", addresses[i]);
		assert_int_equal(open_with((char[]){"net_null0"}, text, 1), -EINVAL);
		assert_non_null(strstr(why, addresses[i]));
	}
	assert_int_equal(rte_eth_dev_count_avail(), before);
}

static void a_port_without_addresses_is_refused(void **state)
{
	struct config_port cfg = {.ethdev = (char[]){"net_null0"}};

	assert_int_equal(pktio_ethdev_open(&port, &cfg, 1, pools, why), -EINVAL);
	assert_non_null(strstr(why, "0 addresses"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_virtual_device_opens_with_its_addresses),
		cmocka_unit_test(the_link_local_address_follows_from_the_mac),
		cmocka_unit_test(frames_come_and_go),
		cmocka_unit_test(a_closed_device_can_be_opened_again_and_leaves_nothing),
		cmocka_unit_test(a_device_another_port_has_is_refused),
		cmocka_unit_test(what_cannot_be_a_port_is_refused_by_name),
		cmocka_unit_test(a_port_without_addresses_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
