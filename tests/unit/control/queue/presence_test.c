// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Who is awake, and who is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/control/queue/rig.h"

static void a_device_is_awake_for_its_window_after_register(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	assert_string_equal(rig_last(), "AWAKE dev");
	assert_false(ctl_queue_asleep(rig.queue, reg));
	assert_false(ctl_queue_must_wait(rig.queue, reg));
	queue_tick(rig.queue, uv_now(&rig.loop) + RIG_AWAKE_S * 1000 - 1000, queue_wall_ms());
	assert_false(ctl_queue_asleep(rig.queue, reg));
	assert_string_equal(rig_last(), "");
	rig_sleep();
	assert_true(ctl_queue_asleep(rig.queue, reg));
	assert_true(ctl_queue_must_wait(rig.queue, reg));
	assert_string_equal(rig_last(), "SLEEPING dev");
	rig_sleep();
	assert_string_equal(rig_last(), "");
}

static void every_message_wakes_it(void **state)
{
	static const enum ctl_event_type types[] = {CTL_UPDATED, CTL_NOTIFICATION, CTL_SEND};
	struct ctl_reg *reg = rig_register("dev");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		rig_sleep();
		rig_last();
		rig_event(types[i], reg);
		assert_string_equal(rig_last(), "AWAKE dev");
		rig_event(types[i], reg); // told once
		assert_string_not_equal(rig_last(), "AWAKE dev");
	}
	rig_sleep();
	rig_last();
	ctl_queue_heard(rig.queue, reg); // an answer
	assert_string_equal(rig_last(), "AWAKE dev");
}

static void a_message_told_late_counts_from_when_it_came(void **state)
{
	struct ctl_reg *reg = rig_register("dev");
	struct ctl_event event = {.type = CTL_SEND, .reg = reg};

	rig_sleep();
	event.wall_ms = queue_wall_ms() - 50000;
	ctl_hub_publish(rig.ctl.hub, &event);
	queue_tick(rig.queue, uv_now(&rig.loop) + RIG_AWAKE_S * 1000 - 45000, queue_wall_ms());
	assert_true(ctl_queue_asleep(rig.queue, reg));
}

static void a_device_that_does_not_answer_is_asleep(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	ctl_queue_silent(rig.queue, reg);
	assert_true(ctl_queue_asleep(rig.queue, reg));
	assert_string_equal(rig_last(), "SLEEPING dev");
	ctl_queue_silent(rig.queue, reg);
	assert_string_equal(rig_last(), "");
}

static void a_device_without_queue_mode_never_sleeps(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	reg->record->queue_mode = 0; // as an Update may say
	rig_event(CTL_UPDATED, reg);
	rig_last();
	rig_sleep();
	ctl_queue_silent(rig.queue, reg);
	assert_false(ctl_queue_asleep(rig.queue, reg));
	assert_string_equal(rig_last(), "");
}

static void a_second_register_is_told_though_it_was_awake(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_deregister(reg, CTL_REASON_REPLACED);
	reg = rig_register("dev");
	assert_string_equal(rig_last(), "AWAKE dev");
	rig_deregister(reg, CTL_REASON_DEREGISTERED);
	rig_last();
	rig_sleep();
	assert_string_equal(rig_last(), ""); // who is gone does not fall asleep
}

static void a_registration_that_ends_in_the_round_it_began_in_leaves_nothing(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_sleep();
	ctl_registry_unlink(rig.ctl.registry, reg); // by a later event, not told yet
	rig_event(CTL_UPDATED, reg);
	assert_true(awake_end(&rig.queue->awake, reg));
	ctl_reg_free(reg);
}

static void after_a_restart_the_window_counts_from_the_last_message(void **state)
{
	struct ctl_reg *late = rig_register("late"), *early = rig_register("early");

	early->record->updated_ms -= RIG_AWAKE_S * 1000 + 1;
	late->record->updated_ms -= RIG_AWAKE_S * 1000 - 30000;
	ctl_store_put(rig.ctl.store, early->key, early->record);
	ctl_store_put(rig.ctl.store, late->key, late->record);
	assert_int_equal(ctl_store_commit(rig.ctl.store), 0);
	rig_stop();
	rig_last();
	rig_start();
	assert_string_equal(rig_last(), "");
	early = ctl_registry_by_endpoint(rig.ctl.registry, "early", 5);
	late = ctl_registry_by_endpoint(rig.ctl.registry, "late", 4);
	assert_true(ctl_queue_asleep(rig.queue, early));
	assert_false(ctl_queue_asleep(rig.queue, late));
	queue_tick(rig.queue, uv_now(&rig.loop) + 31000, queue_wall_ms());
	assert_true(ctl_queue_asleep(rig.queue, late));
	assert_string_equal(rig_last(), "SLEEPING late");
}

static void without_a_queue_everybody_is_awake(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_sleep();
	assert_false(ctl_queue_asleep(NULL, reg));
	assert_false(ctl_queue_must_wait(NULL, reg));
	ctl_queue_heard(NULL, reg);
	ctl_queue_silent(NULL, reg);
	ctl_queue_on_ready(NULL);
	assert_int_equal(ctl_queue_count(NULL), 0);
	assert_false(ctl_queue_remove(NULL, "dev", 3, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_device_is_awake_for_its_window_after_register),
		T(every_message_wakes_it),
		T(a_message_told_late_counts_from_when_it_came),
		T(a_device_that_does_not_answer_is_asleep),
		T(a_device_without_queue_mode_never_sleeps),
		T(a_second_register_is_told_though_it_was_awake),
		T(a_registration_that_ends_in_the_round_it_began_in_leaves_nothing),
		T(after_a_restart_the_window_counts_from_the_last_message),
		T(without_a_queue_everybody_is_awake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
