// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/observe/order.h"

#define NOW_US 1795000000000000u

static void the_first_is_always_newer(void **state)
{
	assert_true(ctl_observe_is_newer(0, 0, 0, NOW_US));
	assert_true(ctl_observe_is_newer(9, 0, 3, NOW_US));
}

static void a_sequence_is_newer_unless_it_is_lower(void **state)
{
	assert_true(ctl_observe_is_newer(5, NOW_US, 6, NOW_US + 1));
	assert_true(ctl_observe_is_newer(5, NOW_US, 5 + (1 << 23) - 1, NOW_US + 1));
	assert_true(ctl_observe_is_newer(5, NOW_US, 5, NOW_US + 1));
	assert_false(ctl_observe_is_newer(6, NOW_US, 5, NOW_US + 1));
	assert_false(ctl_observe_is_newer(5, NOW_US, 5 + (1 << 23), NOW_US + 1));
}

static void the_sequence_wraps_at_24_bits(void **state)
{
	assert_true(ctl_observe_is_newer(0xffffff, NOW_US, 0, NOW_US + 1));
	assert_true(ctl_observe_is_newer(0xfffffe, NOW_US, 1, NOW_US + 1));
	assert_false(ctl_observe_is_newer(1, NOW_US, 0xfffffe, NOW_US + 1));
	assert_false(ctl_observe_is_newer(1 << 23, NOW_US, 0, NOW_US + 1)); // exactly half
}

static void after_128_seconds_any_sequence_is_newer(void **state)
{
	assert_false(ctl_observe_is_newer(6, NOW_US, 5, NOW_US + 128000000));
	assert_true(ctl_observe_is_newer(6, NOW_US, 5, NOW_US + 128000001));
	assert_true(ctl_observe_is_newer(6, NOW_US, 6, NOW_US + 128000001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_always_newer),
		cmocka_unit_test(a_sequence_is_newer_unless_it_is_lower),
		cmocka_unit_test(the_sequence_wraps_at_24_bits),
		cmocka_unit_test(after_128_seconds_any_sequence_is_newer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
