// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/dtls/budget.h"

#define PER_MS 160u
#define WHOLE  (PER_MS * DTLS_BUDGET_SAVED_MS)

static struct dtls_budget budget;

static int set_up(void **state)
{
	dtls_budget_init(&budget, PER_MS, 0x9e3779b97f4a7c15u, 1000000);
	return 0;
}

static struct dp_peer in_network(uint16_t network, uint16_t host)
{
	return (struct dp_peer){.addr = {[10] = 0xff,
					 [11] = 0xff,
					 [12] = (uint8_t)(network >> 8),
					 [13] = (uint8_t)network,
					 [14] = (uint8_t)(host >> 8),
					 [15] = (uint8_t)host}};
}

static uint32_t taken(uint16_t network, uint32_t tries)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < tries; i++) {
		struct dp_peer peer = in_network(network, (uint16_t)i);
		n += dtls_budget_take(&budget, &peer);
	}
	return n;
}

static void one_network_may_take_half_and_leaves_the_rest(void **state)
{
	assert_int_equal(taken(1, 2 * WHOLE), WHOLE / 2);
	assert_int_equal(taken(1, 100), 0);
	assert_int_equal(taken(2, 100), 100);
}

static void from_then_on_it_gets_its_share_only(void **state)
{
	uint64_t now_us = 1000000;
	uint32_t n = 0;

	taken(1, 2 * WHOLE);
	taken(2, 100); // others see to it that there is a shortage
	for (unsigned ms = 0; ms < 10; ms++) {
		dtls_budget_refill(&budget, now_us += 1000);
		taken(3 + ms, PER_MS);
		n += taken(1, PER_MS);
	}
	assert_in_range(n, 9 * PER_MS / DTLS_BUDGET_SHARE, 11 * PER_MS / DTLS_BUDGET_SHARE);
}

static void all_networks_together_get_no_more_than_there_is(void **state)
{
	uint32_t n = 0;

	for (uint16_t network = 0; network < 1000; network++)
		n += taken(network, 100);
	assert_int_equal(n, WHOLE);
}

static void time_brings_more_for_all_and_for_each(void **state)
{
	for (uint16_t network = 0; network < 1000; network++)
		taken(network, 1000);
	dtls_budget_refill(&budget, 1002000);
	assert_int_equal(taken(1, 100), 2 * PER_MS / DTLS_BUDGET_SHARE);
	dtls_budget_refill(&budget, 3600ull * 1000000);
	assert_int_equal(taken(1, 2 * WHOLE), WHOLE / 2);
}

static void a_network_of_ipv6_is_its_first_half_of_a_64(void **state)
{
	struct dp_peer peer = {.addr = {0x20, 0x01, 0x0d, 0xb8}};
	uint32_t n = 0;

	for (uint32_t i = 0; i < 2 * WHOLE; i++) {
		peer.addr[4] = (uint8_t)i;
		n += dtls_budget_take(&budget, &peer);
	}
	assert_int_equal(n, WHOLE / 2);
	peer.addr[3]++;
	assert_true(dtls_budget_take(&budget, &peer));
}

#define T(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_network_may_take_half_and_leaves_the_rest),
		T(from_then_on_it_gets_its_share_only),
		T(all_networks_together_get_no_more_than_there_is),
		T(time_brings_more_for_all_and_for_each),
		T(a_network_of_ipv6_is_its_first_half_of_a_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
