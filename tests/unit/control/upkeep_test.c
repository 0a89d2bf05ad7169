// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What of a device that was heard goes to disk.
#include "control/upkeep.h"

#include "tests/unit/control/link/rig.h"

#define LIFETIME_MS 300000 // of rig.h's devices

static struct ctl_reg *registered(void)
{
	send_register("dev", DEVICE_LOCATION(1));
	run_until(all_committed);
	return find("dev");
}

static void heard_after(struct ctl_reg *reg, int64_t ms)
{
	reg->dirty = false;
	reg->seen_ms = reg->record->updated_ms = (uint64_t)((int64_t)reg->stored_ms + ms);
	ctl_upkeep_touched(gw.ctl.upkeep, reg, false);
}

static void a_device_is_written_once_it_is_an_eighth_of_its_lifetime_off(void **state)
{
	struct ctl_reg *reg = registered();

	assert_int_equal(reg->stored_ms, DEVICE_WALL_MS);
	heard_after(reg, LIFETIME_MS / 8 - 1);
	assert_false(reg->dirty);
	heard_after(reg, LIFETIME_MS / 8);
	assert_true(reg->dirty);
	heard_after(reg, -1); // the clock was put back
	assert_true(reg->dirty);
}

static void a_device_that_moved_or_is_in_queue_mode_is_written_each_time(void **state)
{
	struct ctl_reg *reg = registered();

	ctl_upkeep_touched(gw.ctl.upkeep, reg, true);
	assert_true(reg->dirty);
	reg->record->queue_mode = 1;
	heard_after(reg, 1);
	assert_true(reg->dirty);
}

static void what_is_to_be_written_is_on_disk_after_a_stop(void **state)
{
	struct ctl_reg *reg = registered();

	heard_after(reg, LIFETIME_MS);
	gateway_stop(&gw);
	start();
	reg = find("dev");
	assert_int_equal(reg->seen_ms, DEVICE_WALL_MS + LIFETIME_MS);
	assert_int_equal(reg->stored_ms, reg->seen_ms);
	assert_false(reg->dirty);
	heard_after(reg, 1); // not written: the eighth counts from there
	gateway_stop(&gw);
	start();
	assert_int_equal(find("dev")->seen_ms, DEVICE_WALL_MS + LIFETIME_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_device_is_written_once_it_is_an_eighth_of_its_lifetime_off),
		TEST(a_device_that_moved_or_is_in_queue_mode_is_written_each_time),
		TEST(what_is_to_be_written_is_on_disk_after_a_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
