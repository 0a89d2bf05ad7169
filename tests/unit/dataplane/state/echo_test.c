// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/state/echo.h"

#define WALL (1700000000ull * 1000000)
#define LIFE ((uint64_t)DP_ECHO_LIFE << DP_ECHO_SHIFT)

static const uint64_t seed[4] = {1, 2, 3, 4};
static const struct dp_peer peer = {.addr = {0x20, 1, [15] = 9}, .udp_port_be16 = 7};
static uint8_t echo[DP_ECHO_BYTES];

static int set_up(void **state)
{
	dp_echo_make(echo, &peer, WALL, seed);
	return 0;
}

static bool is_fresh(const struct dp_peer *from, uint64_t wall_us)
{
	return dp_echo_is_fresh(echo, sizeof(echo), from, wall_us, seed);
}

static void what_was_given_is_fresh_for_a_while(void **state)
{
	assert_true(is_fresh(&peer, WALL));
	assert_true(is_fresh(&peer, WALL + LIFE - (1u << DP_ECHO_SHIFT)));
	assert_false(is_fresh(&peer, WALL + LIFE + (1u << DP_ECHO_SHIFT)));
	assert_false(is_fresh(&peer, WALL - (2u << DP_ECHO_SHIFT))); // not yet given
}

static void it_is_good_for_one_address_and_port(void **state)
{
	struct dp_peer other = peer;

	other.udp_port_be16 = 8;
	assert_false(is_fresh(&other, WALL));
	other = peer;
	other.addr[15] = 8;
	assert_false(is_fresh(&other, WALL));
	other = peer;
	other.worker = 3; // by whichever queue it came
	assert_true(is_fresh(&other, WALL));
}

static void not_a_bit_of_it_can_be_made_up(void **state)
{
	for (unsigned bit = 0; bit < 8 * sizeof(echo); bit++) {
		echo[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(is_fresh(&peer, WALL));
		echo[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_false(dp_echo_is_fresh(echo, sizeof(echo) - 1, &peer, WALL, seed));
	assert_false(dp_echo_is_fresh(echo, 0, &peer, WALL, seed));
	assert_true(is_fresh(&peer, WALL));
}

static void another_run_knows_nothing_of_it(void **state)
{
	static const uint64_t another[4] = {9, 2, 3, 4};

	assert_false(dp_echo_is_fresh(echo, sizeof(echo), &peer, WALL, another));
}

#define T(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_given_is_fresh_for_a_while),
		T(it_is_good_for_one_address_and_port),
		T(not_a_bit_of_it_can_be_made_up),
		T(another_run_knows_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
