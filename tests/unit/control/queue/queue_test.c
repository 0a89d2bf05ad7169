// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Operations wait and are carried out.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/metrics.h"
#include "tests/unit/control/queue/rig.h"

static struct ctl_reg *sleeper(const char *name)
{
	struct ctl_reg *reg = rig_register(name);

	rig_sleep();
	rig_last();
	return reg;
}

static const char *response(uint64_t id, const char *rest)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "RESPONSE {\"ep\":\"dev\",\"path\":\"/3/0/14\",\"requestId\":%llu,"
		 "\"delayed\":true,%s}",
		 (unsigned long long)id, rest);
	return text;
}

#define CHANGED "\"response\":{\"status\":\"CHANGED(204)\"}"

static void an_operation_waits_until_the_device_is_heard(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	uint64_t id = rig_added(reg, "a");

	assert_int_equal(rig.starts, 0);
	assert_int_equal(rig_on_disk(), 1);
	assert_int_equal(ctl_queue_count(rig.queue), 1);
	rig_event(CTL_UPDATED, reg);
	assert_int_equal(rig.starts, 1);
	assert_string_equal(rig.payload, "a");
	assert_int_equal(rig.running.paths[0].ids[2], 14);
	rig_last();
	rig_outcome(CTL_OP_ANSWERED);
	assert_string_equal(rig_last(), ""); // not before it is off the disk
	assert_int_equal(rig_on_disk(), 1);
	rig_flush();
	assert_string_equal(rig_last(), response(id, CHANGED));
	assert_int_equal(rig_on_disk(), 0);
	assert_int_equal(ctl_queue_count(rig.queue), 0);
	assert_false(ctl_queue_must_wait(rig.queue, reg));
}

static void operations_are_carried_out_in_order_one_at_a_time(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	char text[] = "a";
	uint64_t ids[3];

	for (unsigned i = 0; i < 3; i++, text[0]++)
		ids[i] = rig_added(reg, text);
	rig_event(CTL_UPDATED, reg);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rig.starts, i + 1);
		assert_int_equal(rig.payload[0], 'a' + (int)i);
		rig_last();
		rig_outcome(CTL_OP_ANSWERED);
		assert_int_equal(rig.starts, i + 1); // the next waits for the commit
		rig_flush();
		assert_string_equal(rig_last(), response(ids[i], CHANGED));
	}
}

static void a_new_operation_goes_behind_those_that_wait(void **state)
{
	struct ctl_reg *reg = sleeper("dev");

	rig_added(reg, "a");
	rig_event(CTL_UPDATED, reg);
	assert_false(ctl_queue_asleep(rig.queue, reg));
	assert_true(ctl_queue_must_wait(rig.queue, reg));
	rig_added(reg, "b");
	assert_int_equal(rig.starts, 1);
	rig_outcome(CTL_OP_ANSWERED);
	rig_flush();
	assert_int_equal(rig.starts, 2);
	assert_string_equal(rig.payload, "b");
}

static void one_added_while_the_device_is_awake_is_sent_at_once(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a");
	assert_int_equal(rig.starts, 1);
}

static void after_a_timeout_the_device_sleeps_and_the_operation_stays(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	uint64_t id = rig_added(reg, "a");

	for (unsigned i = 1; i < 8; i++) {
		rig_event(CTL_UPDATED, reg);
		assert_int_equal(rig.starts, i);
		rig_outcome(CTL_OP_TIMEOUT);
		assert_string_equal(rig_last(), "SLEEPING dev");
		assert_true(ctl_queue_asleep(rig.queue, reg));
		rig_flush();
		assert_int_equal(rig_on_disk(), 1);
	}
	rig_event(CTL_UPDATED, reg);
	rig_outcome(CTL_OP_ANSWERED);
	rig_flush();
	assert_string_equal(rig_last(), response(id, CHANGED));
}

static void without_queue_mode_a_timeout_waits_for_the_next_message_too(void **state)
{
	struct ctl_reg *reg = sleeper("dev");

	rig_added(reg, "a");
	reg->record->queue_mode = 0;
	rig_event(CTL_UPDATED, reg);
	assert_int_equal(rig.starts, 1);
	rig_outcome(CTL_OP_TIMEOUT);
	ctl_queue_on_ready(rig.queue);
	assert_int_equal(rig.starts, 1);
	rig_event(CTL_UPDATED, reg);
	assert_int_equal(rig.starts, 2);
}

static void a_failure_that_is_an_answer_ends_the_operation(void **state)
{
	static const enum ctl_op_result results[] = {CTL_OP_RESET, CTL_OP_INVALID};
	struct ctl_reg *reg = rig_register("dev");

	for (size_t i = 0; i < 2; i++) {
		uint64_t id = rig_added(reg, "a");

		rig_last();
		rig_outcome(results[i]);
		rig_flush();
		assert_string_equal(rig_last(), response(id, "\"errormessage\":\"it went wrong\""));
	}
}

static void while_the_dataplane_is_away_operations_stay(void **state)
{
	struct ctl_reg *reg = sleeper("dev");

	rig_added(reg, "a");
	rig.link = CTL_LINK_RESTORING;
	rig_event(CTL_UPDATED, reg);
	assert_int_equal(rig.starts, 0);
	rig.link = CTL_LINK_READY;
	ctl_queue_on_ready(rig.queue);
	assert_int_equal(rig.starts, 1);
	rig_outcome(CTL_OP_UNAVAILABLE);
	assert_int_equal(rig.starts, 1); // not at once
	queue_unstall(rig.queue);
	assert_int_equal(rig.starts, 2);
	rig_outcome(CTL_OP_GONE);
	queue_unstall(rig.queue);
	assert_int_equal(rig.starts, 3);
}

static void without_memory_an_operation_is_tried_again(void **state)
{
	struct ctl_reg *reg = sleeper("dev");

	rig_added(reg, "a");
	rig.no_memory = true;
	rig_event(CTL_UPDATED, reg);
	assert_int_equal(rig.starts, 0);
	rig.no_memory = false;
	queue_unstall(rig.queue);
	assert_int_equal(rig.starts, 1);
}

static void an_observation_that_cannot_be_set_up_ends_with_a_reason(void **state)
{
	static const struct ctl_operation op = {
		.kind = CTL_OBSERVE_CANCEL,
		.paths_count = 1,
		.payload = (const uint8_t *)"",
		.paths = {{.ids = {3, 0, 9}, .depth = 3}},
	};
	struct ctl_reg *reg = sleeper("dev");

	rig_added(reg, "a");
	assert_int_equal(ctl_queue_add(rig.queue, reg, &op, 60000, rig_on_added, &rig), 0);
	rig_flush();
	rig_event(CTL_UPDATED, reg);
	rig_outcome(CTL_OP_ANSWERED);
	rig.no_memory = true; // is refused
	rig_flush();
	rig_flush();
	assert_non_null(strstr(rig_last(), "\"path\":\"/3/0/9\""));
	assert_int_equal(ctl_queue_count(rig.queue), 0);
}

static void an_operation_expires(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	uint64_t before = ctl_counters.queue_expired, id;

	assert_int_equal(rig_add(reg, "a", 5000), 0);
	rig_flush();
	id = rig.id;
	rig_added(reg, "b");
	queue_tick(rig.queue, 0, queue_wall_ms() + 4000);
	rig_flush();
	assert_int_equal(rig_on_disk(), 2);
	queue_tick(rig.queue, 0, queue_wall_ms() + 5000);
	rig_flush();
	assert_string_equal(rig_last(), response(id, "\"errormessage\":\"expired in the queue\""));
	assert_int_equal(rig_on_disk(), 1);
	assert_int_equal(ctl_counters.queue_expired, before + 1);
	rig_event(CTL_UPDATED, reg);
	assert_string_equal(rig.payload, "b");
}

static void an_operation_that_expires_under_way_may_still_succeed(void **state)
{
	struct ctl_reg *reg = rig_register("dev");
	uint64_t id = rig_added(reg, "a");

	queue_tick(rig.queue, 0, queue_wall_ms() + 60000);
	rig_outcome(CTL_OP_ANSWERED);
	rig_flush();
	assert_string_equal(rig_last(), response(id, CHANGED));

	id = rig_added(reg, "b");
	queue_tick(rig.queue, 0, queue_wall_ms() + 60000);
	rig_outcome(CTL_OP_TIMEOUT);
	rig_flush();
	assert_string_equal(rig_last(), response(id, "\"errormessage\":\"expired in the queue\""));
}

static void one_that_expires_before_it_is_on_disk_ends_after_it_was(void **state)
{
	struct ctl_reg *reg = sleeper("dev");

	assert_int_equal(rig_add(reg, "a", 0), 0);
	queue_tick(rig.queue, 0, queue_wall_ms() + 1);
	rig_flush();
	assert_int_equal(rig.told, 1);
	assert_int_equal(rig.err, 0);
	rig_flush();
	assert_string_equal(rig_last(),
			    response(rig.id, "\"errormessage\":\"expired in the queue\""));
}

static void reregistration_and_expiry_of_the_registration_keep_the_queue(void **state)
{
	struct ctl_reg *reg = sleeper("dev");

	rig_added(reg, "a");
	rig_deregister(reg, CTL_REASON_REPLACED);
	reg = rig_register("dev");
	assert_int_equal(rig.starts, 1);
	rig_outcome(CTL_OP_TIMEOUT);
	rig_deregister(reg, CTL_REASON_EXPIRED);
	rig_flush();
	assert_int_equal(rig_on_disk(), 1);
	reg = rig_register("dev");
	assert_int_equal(rig.starts, 2);
}

static void an_operation_of_a_device_that_is_gone_expires_too(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	uint64_t id = rig_added(reg, "a");

	rig_deregister(reg, CTL_REASON_EXPIRED);
	queue_tick(rig.queue, 0, queue_wall_ms() + 60000);
	rig_flush();
	assert_string_equal(rig_last(), response(id, "\"errormessage\":\"expired in the queue\""));
}

static void deregistration_ends_all_that_waits(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a"); // under way
	rig_added(reg, "b");
	assert_int_equal(rig_add(reg, "c", 60000), 0); // not on disk yet
	rig_last();
	rig_deregister(reg, CTL_REASON_DEREGISTERED);
	assert_int_equal(rig.cancels, 1);
	rig_flush();
	assert_int_equal(rig.events_count, 3); // DEREGISTERED, two responses
	assert_string_equal(rig.events[1],
			    response(rig.id - 2, "\"errormessage\":\"device de-registered\""));
	rig_flush();
	assert_string_equal(rig_last(),
			    response(rig.id, "\"errormessage\":\"device de-registered\""));
	assert_int_equal(rig_on_disk(), 0);
	assert_int_equal(ctl_queue_count(rig.queue), 0);
}

static void no_more_than_the_configured_number_waits_for_a_device(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	uint64_t refused = ctl_counters.queue_refused;

	for (unsigned i = 0; i < 4; i++)
		rig_added(reg, "a");
	assert_int_equal(rig_add(reg, "b", 60000), -EDQUOT);
	assert_int_equal(ctl_counters.queue_refused, refused + 1);
	rig_added(sleeper("other"), "c");
	assert_true(ctl_queue_remove(rig.queue, "dev", 3, 2));
	rig_added(reg, "b");
}

static void one_that_waits_can_be_taken_back(void **state)
{
	struct ctl_reg *reg = rig_register("dev");
	uint64_t a = rig_added(reg, "a"), b = rig_added(reg, "b");

	rig_last();
	assert_false(ctl_queue_remove(rig.queue, "dev", 3, a)); // under way
	assert_false(ctl_queue_remove(rig.queue, "dev", 3, 4711));
	assert_false(ctl_queue_remove(rig.queue, "nobody", 6, b));
	assert_true(ctl_queue_remove(rig.queue, "dev", 3, b));
	assert_false(ctl_queue_remove(rig.queue, "dev", 3, b));
	rig_flush();
	assert_string_equal(rig_last(), ""); // whoever did that knows
	assert_int_equal(rig_on_disk(), 1);
	rig_outcome(CTL_OP_ANSWERED);
	rig_flush();
	assert_int_equal(rig.starts, 1);
}

static void what_waits_can_be_listed(void **state)
{
	struct ctl_reg *reg = sleeper("dev");
	uint64_t id = rig_added(reg, "a");
	json_t *list;
	const char *path, *operation;
	json_int_t request, queued, expires;

	rig_added(reg, "b");
	list = ctl_queue_json(rig.queue, "dev", 3);
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(json_unpack(json_array_get(list, 0), "{s:I, s:s, s:s, s:I, s:I}",
				     "requestId", &request, "path", &path, "operation", &operation,
				     "queued", &queued, "expires", &expires),
			 0);
	assert_int_equal(request, id);
	assert_string_equal(path, "/3/0/14");
	assert_string_equal(operation, "write");
	assert_int_equal(expires - queued, 60000);
	json_decref(list);
	list = ctl_queue_json(rig.queue, "nobody", 6);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

static void the_paths_of_a_composite_are_told_together(void **state)
{
	struct ctl_operation op = {
		.kind = CTL_READ_COMPOSITE,
		.paths_count = 2,
		.paths = {{.ids = {3, 0}, .depth = 2}, {.ids = {1, 0, 1}, .depth = 3}},
	};
	json_t *json = ctl_queue_told_json("dev", 3, &op, 9);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(
		text, "{\"ep\":\"dev\",\"path\":\"/3/0,/1/0/1\",\"requestId\":9,\"delayed\":true}");
	free(text);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(an_operation_waits_until_the_device_is_heard),
		T(operations_are_carried_out_in_order_one_at_a_time),
		T(a_new_operation_goes_behind_those_that_wait),
		T(one_added_while_the_device_is_awake_is_sent_at_once),
		T(after_a_timeout_the_device_sleeps_and_the_operation_stays),
		T(without_queue_mode_a_timeout_waits_for_the_next_message_too),
		T(a_failure_that_is_an_answer_ends_the_operation),
		T(while_the_dataplane_is_away_operations_stay),
		T(without_memory_an_operation_is_tried_again),
		T(an_observation_that_cannot_be_set_up_ends_with_a_reason),
		T(an_operation_expires),
		T(an_operation_that_expires_under_way_may_still_succeed),
		T(one_that_expires_before_it_is_on_disk_ends_after_it_was),
		T(reregistration_and_expiry_of_the_registration_keep_the_queue),
		T(an_operation_of_a_device_that_is_gone_expires_too),
		T(deregistration_ends_all_that_waits),
		T(no_more_than_the_configured_number_waits_for_a_device),
		T(one_that_waits_can_be_taken_back),
		T(what_waits_can_be_listed),
		T(the_paths_of_a_composite_are_told_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
