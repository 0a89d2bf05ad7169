// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "control/queue/awake.h"
#include "tests/unit/control/support/device.h"

#define WINDOW 93000u

static struct ctl_registry *registry;
static struct awake awake;

static int setup(void **state)
{
	registry = ctl_registry_new();
	awake_init(&awake, WINDOW);
	return registry == NULL;
}

static int teardown(void **state)
{
	awake_fini(&awake);
	ctl_registry_free(registry);
	return 0;
}

static struct ctl_reg *add(unsigned n)
{
	char name[16];
	struct ctl_reg *reg;

	snprintf(name, sizeof(name), "dev-%u", n);
	reg = ctl_registry_add(registry, n, device_record(name, DEVICE_LOCATION(n)));
	assert_non_null(reg);
	return reg;
}

static uint64_t take(uint64_t now_ms)
{
	const struct ctl_reg *reg = awake_take_due(&awake, now_ms);

	return reg != NULL ? reg->key : 0;
}

static void a_device_is_asleep_until_it_is_heard(void **state)
{
	struct ctl_reg *reg = add(1);

	assert_false(awake_has(reg));
	assert_int_equal(awake_next_ms(&awake), UINT64_MAX);
	assert_int_equal(awake_heard(&awake, reg, 1000), 1);
	assert_true(awake_has(reg));
	assert_int_equal(awake_heard(&awake, reg, 2000), 0);
	assert_int_equal(awake_next_ms(&awake), 2000 + WINDOW);
}

static void the_window_counts_from_the_last_message(void **state)
{
	struct ctl_reg *reg = add(1);

	awake_heard(&awake, reg, 1000);
	awake_heard(&awake, reg, 50000);
	assert_int_equal(take(50000 + WINDOW - 1), 0);
	assert_true(awake_has(reg));
	assert_int_equal(take(50000 + WINDOW), 1);
	assert_false(awake_has(reg));
	assert_int_equal(take(UINT64_MAX), 0);
	assert_int_equal(awake_heard(&awake, reg, 200000), 1);
}

static void devices_fall_asleep_in_the_order_of_their_last_message(void **state)
{
	struct ctl_reg *a = add(1), *b = add(2), *c = add(3);

	awake_heard(&awake, a, 1);
	awake_heard(&awake, b, 2);
	awake_heard(&awake, c, 3);
	awake_heard(&awake, a, 4);
	awake_heard(&awake, b, 4);
	assert_int_equal(take(10 + WINDOW), 3);
	assert_int_equal(take(10 + WINDOW), 1);
	assert_int_equal(take(10 + WINDOW), 2);
	assert_int_equal(take(10 + WINDOW), 0);
}

static void a_message_that_is_told_late_does_not_upset_the_order(void **state)
{
	struct ctl_reg *a = add(1), *b = add(2);

	awake_heard(&awake, a, 1000);
	awake_heard(&awake, b, 10); // counts as of 1000
	assert_int_equal(take(10 + WINDOW), 0);
	assert_int_equal(take(1000 + WINDOW), 1);
	assert_int_equal(take(1000 + WINDOW), 2);
}

static void what_ended_is_not_due_any_more(void **state)
{
	struct ctl_reg *a = add(1), *b = add(2), *c = add(3);

	awake_heard(&awake, a, 1);
	awake_heard(&awake, b, 2);
	awake_heard(&awake, c, 3);
	assert_true(awake_end(&awake, b));
	assert_false(awake_end(&awake, b));
	assert_true(awake_end(&awake, c));
	assert_int_equal(take(UINT64_MAX), 1);
	assert_int_equal(take(UINT64_MAX), 0);
}

static void a_registration_that_is_about_to_go_is_due_like_any_other(void **state)
{
	struct ctl_reg *reg = add(7);

	awake_heard(&awake, reg, 1);
	ctl_registry_unlink(registry, reg);
	assert_int_equal(take(1 + WINDOW), 7);
	assert_false(awake_has(reg));
	ctl_reg_free(reg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_device_is_asleep_until_it_is_heard),
		T(the_window_counts_from_the_last_message),
		T(devices_fall_asleep_in_the_order_of_their_last_message),
		T(a_message_that_is_told_late_does_not_upset_the_order),
		T(what_ended_is_not_due_any_more),
		T(a_registration_that_is_about_to_go_is_due_like_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
