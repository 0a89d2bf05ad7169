// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/state/neighbour.h"

static struct dp_neighbours nb;

static int set_up(void **state)
{
	memset(&nb, 0, sizeof(nb));
	return 0;
}

static void address_of(uint32_t i, uint8_t addr[static 16])
{
	memset(addr, 0, 16);
	memset(addr + 10, 0xff, 2);
	addr[13] = (uint8_t)(i >> 16);
	addr[14] = (uint8_t)(i >> 8);
	addr[15] = (uint8_t)i;
}

static void what_was_learnt_is_found_on_its_port_alone(void **state)
{
	uint8_t addr[16], mac[6];

	address_of(7, addr);
	assert_false(dp_neighbour_find(&nb, 1, addr, mac));
	dp_neighbour_learn(&nb, 1, addr, (const uint8_t[]){2, 3, 4, 5, 6, 7});
	assert_true(dp_neighbour_find(&nb, 1, addr, mac));
	assert_memory_equal(mac, ((uint8_t[]){2, 3, 4, 5, 6, 7}), 6);
	assert_false(dp_neighbour_find(&nb, 2, addr, mac));
}

static void a_later_answer_replaces_an_earlier_one(void **state)
{
	uint8_t addr[16], mac[6];

	address_of(7, addr);
	dp_neighbour_learn(&nb, 0, addr, (const uint8_t[]){2, 0, 0, 0, 0, 1});
	dp_neighbour_learn(&nb, 0, addr, (const uint8_t[]){2, 0, 0, 0, 0, 2});
	assert_true(dp_neighbour_find(&nb, 0, addr, mac));
	assert_int_equal(mac[5], 2);
}

static void many_more_than_fit_leave_the_newest(void **state)
{
	uint8_t addr[16], mac[6];
	uint32_t found = 0;

	for (uint32_t i = 0; i < 20 * DP_NEIGHBOURS; i++) {
		address_of(i, addr);
		dp_neighbour_learn(&nb, 0, addr, (const uint8_t[]){2, 0, 0, 0, 0, (uint8_t)i});
		assert_true(dp_neighbour_find(&nb, 0, addr, mac));
		assert_int_equal(mac[5], (uint8_t)i);
	}
	for (uint32_t i = 0; i < 20 * DP_NEIGHBOURS; i++) {
		address_of(i, addr);
		found += dp_neighbour_find(&nb, 0, addr, mac);
	}
	// The hash spreads them: every set is full.
	assert_int_equal(found, DP_NEIGHBOURS);
}

static void an_address_may_be_asked_for_once_per_second(void **state)
{
	uint8_t addr[16];

	address_of(9, addr);
	assert_true(dp_neighbour_may_ask(&nb, 0, addr, 1));
	assert_false(dp_neighbour_may_ask(&nb, 0, addr, 1000000));
	assert_true(dp_neighbour_may_ask(&nb, 0, addr, 1000001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_learnt_is_found_on_its_port_alone, set_up),
		cmocka_unit_test_setup(a_later_answer_replaces_an_earlier_one, set_up),
		cmocka_unit_test_setup(many_more_than_fit_leave_the_newest, set_up),
		cmocka_unit_test_setup(an_address_may_be_asked_for_once_per_second, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
