// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/backend/bounds.h"

static struct bounds bounds;
static struct config_outbox cfg;

static int setup(void **state)
{
	bounds = (struct bounds){0};
	cfg = (struct config_outbox){.max_bytes = 1000};
	return 0;
}

static void judge(uint64_t bytes, uint64_t entries, uint64_t oldest_s)
{
	struct bounds_usage usage = {bytes, entries, oldest_s * 1000};

	bounds_judge(&bounds, &cfg, &usage);
}

static void devices_are_held_when_it_is_full_until_it_is_clearly_not(void **state)
{
	judge(999, 10, 0);
	assert_false(bounds.held);
	judge(1000, 10, 0);
	assert_true(bounds.held);
	assert_non_null(strstr(bounds.why, "devices have to wait"));
	judge(900, 10, 0);
	assert_true(bounds.held);
	judge(899, 10, 0);
	assert_false(bounds.held);
	judge(950, 10, 0);
	assert_false(bounds.held);
	assert_int_equal(bounds.drop_entries, 0);
}

static void what_is_about_to_happen_is_told_before(void **state)
{
	judge(799, 10, 0);
	assert_false(bounds.warned);
	judge(800, 10, 0);
	assert_true(bounds.warned);
	assert_non_null(strstr(bounds.why, "800 of 1000 bytes"));
	assert_non_null(strstr(bounds.why, "will have to wait"));
	judge(750, 10, 0);
	assert_true(bounds.warned);
	judge(749, 10, 0);
	assert_false(bounds.warned);
	cfg.when_full = CONFIG_FULL_DROP;
	judge(800, 10, 0);
	assert_non_null(strstr(bounds.why, "will be dropped"));
}

static void the_oldest_are_dropped_down_to_the_low_mark(void **state)
{
	cfg.when_full = CONFIG_FULL_DROP;
	judge(999, 100, 0);
	assert_int_equal(bounds.drop_entries, 0);
	judge(1800, 200, 0); // nine bytes each
	assert_false(bounds.held);
	assert_int_equal(bounds.drop_entries, 101);
	assert_non_null(strstr(bounds.why, "are dropped"));
}

static void what_is_too_old_is_dropped_whatever_there_is_room_for(void **state)
{
	cfg.max_age_s = 100;
	judge(10, 1, 79);
	assert_false(bounds.warned);
	judge(10, 1, 80);
	assert_true(bounds.warned);
	assert_int_equal(bounds.drop_age_ms, UINT64_MAX);
	assert_non_null(strstr(bounds.why, "80 of 100 s"));
	judge(10, 1, 101);
	assert_int_equal(bounds.drop_age_ms, 100000);
	cfg.max_age_s = 0;
	judge(10, 1, 1000000);
	assert_int_equal(bounds.drop_age_ms, UINT64_MAX);
	assert_false(bounds.warned);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(devices_are_held_when_it_is_full_until_it_is_clearly_not),
		TEST(what_is_about_to_happen_is_told_before),
		TEST(the_oldest_are_dropped_down_to_the_low_mark),
		TEST(what_is_too_old_is_dropped_whatever_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
