// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char heard[16];

static void on_held(bool held, void *arg)
{
	strcat(arg, held ? "+" : "-");
}

static int set_up(void **state)
{
	static struct ctl_holds holds;

	holds = (struct ctl_holds){0};
	heard[0] = '\0';
	ctl_holds_listen(&holds, on_held, heard);
	*state = &holds;
	return 0;
}

static void nothing_is_held_from_the_start(void **state)
{
	struct ctl_holds *holds = *state;

	assert_false(ctl_held(holds));
	for (enum ctl_hold i = 0; i < CTL_HOLD_COUNT; i++)
		assert_null(ctl_hold_why(holds, i));
	ctl_hold_clear(holds, CTL_HOLD_STORE);
	assert_string_equal(heard, "");
}

static void the_listener_hears_of_the_first_reason_and_of_the_end_of_the_last(void **state)
{
	struct ctl_holds *holds = *state;

	ctl_hold_set(holds, CTL_HOLD_STORE, "disk full");
	ctl_hold_set(holds, CTL_HOLD_OUTBOX, "too far behind");
	assert_true(ctl_held(holds));
	ctl_hold_clear(holds, CTL_HOLD_STORE);
	assert_true(ctl_held(holds));
	assert_string_equal(heard, "+");
	ctl_hold_clear(holds, CTL_HOLD_OUTBOX);
	assert_false(ctl_held(holds));
	assert_string_equal(heard, "+-");
}

static void a_reason_that_is_set_again_tells_the_latest_why(void **state)
{
	struct ctl_holds *holds = *state;
	char longer[CTL_HOLD_WHY_MAX * 2];

	ctl_hold_set(holds, CTL_HOLD_STORE, "disk full");
	ctl_hold_set(holds, CTL_HOLD_STORE, "read-only");
	assert_string_equal(ctl_hold_why(holds, CTL_HOLD_STORE), "read-only");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ctl_hold_set(holds, CTL_HOLD_STORE, longer);
	assert_int_equal(strlen(ctl_hold_why(holds, CTL_HOLD_STORE)), CTL_HOLD_WHY_MAX - 1);
	assert_string_equal(heard, "+");
	assert_null(ctl_hold_why(holds, CTL_HOLD_OUTBOX));
	assert_string_equal(ctl_hold_name(CTL_HOLD_STOPPING), "stopping");
}

static void nobody_needs_to_listen(void **state)
{
	struct ctl_holds *holds = *state;

	ctl_holds_listen(holds, NULL, NULL);
	ctl_hold_set(holds, CTL_HOLD_STOPPING, "stopping");
	ctl_hold_clear(holds, CTL_HOLD_STOPPING);
	assert_string_equal(heard, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_held_from_the_start),
		TEST(the_listener_hears_of_the_first_reason_and_of_the_end_of_the_last),
		TEST(a_reason_that_is_set_again_tells_the_latest_why),
		TEST(nobody_needs_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
