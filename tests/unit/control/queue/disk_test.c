// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is on the disk, and what happens when it fails.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/store/env.h"
#include "tests/unit/control/queue/rig.h"

static struct ctl_reg *sleeper(void)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_sleep();
	rig_last();
	return reg;
}

static struct ctl_reg *restart(void)
{
	struct ctl_reg *reg;

	rig_stop();
	rig_start();
	rig_sleep();
	rig_last();
	reg = ctl_registry_by_endpoint(rig.ctl.registry, "dev", 3);
	assert_non_null(reg);
	return reg;
}

static void the_queue_outlives_a_restart_in_its_order(void **state)
{
	struct ctl_reg *reg = sleeper();

	rig_added(reg, "a");
	rig_added(reg, "b");
	reg = restart();
	assert_int_equal(ctl_queue_count(rig.queue), 2);
	assert_true(ctl_queue_must_wait(rig.queue, reg));
	rig_added(reg, "c");
	rig_event(CTL_UPDATED, reg);
	for (const char *text = "abc"; *text != '\0'; text++) {
		assert_int_equal(rig.payload[0], *text);
		rig_outcome(CTL_OP_ANSWERED);
		rig_flush();
	}
	assert_int_equal(rig_on_disk(), 0);
}

static void an_operation_under_way_at_a_restart_is_carried_out_again(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a");
	assert_int_equal(rig.starts, 1);
	reg = restart();
	assert_int_equal(rig.cancels, 1);
	rig_event(CTL_UPDATED, reg);
	assert_int_equal(rig.starts, 2);
	assert_string_equal(rig.payload, "a");
}

static void ids_never_come_again(void **state)
{
	struct ctl_reg *reg = sleeper();
	uint64_t id = rig_added(reg, "a");

	assert_true(ctl_queue_remove(rig.queue, "dev", 3, id));
	rig_flush();
	assert_int_equal(rig_on_disk(), 0);
	reg = restart();
	assert_true(rig_added(reg, "b") > id);
}

static void what_was_added_before_stopping_is_on_disk_and_told(void **state)
{
	assert_int_equal(rig_add(sleeper(), "a", 60000), 0);
	restart();
	assert_int_equal(rig.told, 1);
	assert_int_equal(rig.err, 0);
	assert_int_equal(ctl_queue_count(rig.queue), 1);
}

static void adds_of_one_turn_share_a_change_set(void **state)
{
	struct ctl_reg *reg = sleeper();
	MDB_envinfo before, after;

	mdb_env_info(rig.ctl.store->env, &before);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(rig_add(reg, "a", 60000), 0);
	uv_run(&rig.loop, UV_RUN_NOWAIT); // the flush comes by itself
	ctl_store_flush(rig.ctl.store);
	assert_int_equal(rig.told, 4);
	mdb_env_info(rig.ctl.store->env, &after);
	assert_int_equal(after.me_last_txnid, before.me_last_txnid + 1);
}

static void damaged_entries_are_left_out(void **state)
{
	struct ctl_reg *reg = sleeper();
	struct ctl_store *store = rig.ctl.store;
	struct ctl_queue_block *block;

	rig_added(reg, "a");
	rig_added(reg, "b");
	rig_added(reg, "c");
	assert_int_equal(ctl_store_queue_get(store, 1, &block), 0);
	block->endpoint_len++;
	memcpy(store_put(store, STORE_QUEUE, 1, block->bytes), block, block->bytes);
	memcpy(store_put(store, STORE_QUEUE, 3, 4), "junk", 4);
	assert_int_equal(ctl_store_commit(store), 0);
	free(block);
	assert_int_equal(ctl_store_queue_get(store, 1, &block), -EBADMSG);
	assert_int_equal(ctl_store_queue_get(store, 4711, &block), -ENOENT);
	reg = restart();
	assert_int_equal(ctl_queue_count(rig.queue), 1);
	rig_event(CTL_UPDATED, reg);
	assert_string_equal(rig.payload, "b");
}

static void one_that_is_damaged_while_it_waits_ends_with_these_words(void **state)
{
	struct ctl_reg *reg = sleeper();
	struct ctl_store *store = rig.ctl.store;

	rig_added(reg, "a");
	memcpy(store_put(store, STORE_QUEUE, 1, 4), "junk", 4);
	assert_int_equal(ctl_store_commit(store), 0);
	rig_event(CTL_UPDATED, reg);
	rig_flush();
	assert_string_equal(rig_last(), "RESPONSE {\"ep\":\"dev\",\"path\":\"\",\"requestId\":1,"
					"\"delayed\":true,\"errormessage\":\"damaged on disk\"}");
	assert_int_equal(rig_on_disk(), 0);
}

static bool keep_json(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	char *text = arg;

	assert_int_equal(view->entry.type, CTL_RESPONSE);
	assert_int_equal(view->data.endpoint_len, 3);
	assert_memory_equal(view->endpoint, "dev", 3);
	assert_true(view->data.json_len < 200);
	memcpy(text, view->json, view->data.json_len);
	text[view->data.json_len] = '\0';
	return true;
}

static void back_ends_hear_of_the_end_in_the_same_change_set(void **state)
{
	struct ctl_reg *reg = rig_register("dev");
	char text[200] = "";

	rig_added(reg, "a");
	rig_outcome(CTL_OP_ANSWERED);
	rig_flush();
	assert_int_equal(ctl_outbox_read(rig.ctl.store, 0, keep_json, text), 0);
	assert_string_equal(text, "{\"ep\":\"dev\",\"path\":\"/3/0/14\",\"requestId\":1,"
				  "\"delayed\":true,\"response\":{\"status\":\"CHANGED(204)\"}}");
}

// The linker has every commit come here; the store's thread calls it.
static atomic_bool disk_fails;
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	if (!disk_fails)
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return ENOSPC;
}

static void run_until(bool (*condition)(void))
{
	uint64_t deadline_ns = uv_hrtime() + 120000000000u;

	while (!condition()) {
		assert_true(uv_hrtime() < deadline_ns);
		uv_run(&rig.loop, UV_RUN_NOWAIT);
	}
}

static bool is_held(void)
{
	return ctl_held(&rig.ctl.holds);
}

static bool is_not_held(void)
{
	return !ctl_held(&rig.ctl.holds);
}

static bool is_told(void)
{
	return rig.told == 1;
}

static bool is_told_to_the_hub(void)
{
	return rig.events_count > 0;
}

static void stop(void)
{
	disk_fails = false;
	ctl_store_finish(rig.ctl.store);
}

static void an_operation_is_told_once_the_disk_has_recovered_and_new_ones_are_refused(void **state)
{
	struct ctl_reg *reg = sleeper();

	assert_int_equal(ctl_store_start(rig.ctl.store, &rig.loop, &rig.ctl.holds), 0);
	disk_fails = true;
	assert_int_equal(rig_add(reg, "a", 60000), 0);
	run_until(is_held);
	assert_int_equal(rig.told, 0);
	assert_int_equal(rig_add(reg, "b", 60000), -EROFS);
	assert_int_equal(ctl_queue_count(rig.queue), 1);
	disk_fails = false;
	run_until(is_told);
	assert_int_equal(rig.err, 0);
	run_until(is_not_held);
	assert_int_equal(rig_on_disk(), 1);
	stop();
}

static void a_removal_is_told_once_the_disk_has_recovered(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a");
	rig_added(reg, "b");
	rig_last();
	assert_int_equal(ctl_store_start(rig.ctl.store, &rig.loop, &rig.ctl.holds), 0);
	disk_fails = true;
	rig_outcome(CTL_OP_ANSWERED);
	run_until(is_held);
	assert_string_equal(rig_last(), "");
	assert_int_equal(rig.starts, 1); // the next one waits for that
	disk_fails = false;
	run_until(is_told_to_the_hub);
	assert_memory_equal(rig_last(), "RESPONSE", 8);
	assert_int_equal(rig_on_disk(), 1);
	assert_int_equal(rig.starts, 2);
	stop();
}

static void
what_is_not_on_disk_when_stopping_is_refused_or_goes_on_after_the_next_start(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a");
	disk_fails = true;
	rig_outcome(CTL_OP_ANSWERED);
	assert_int_equal(rig_add(reg, "b", 60000), 0);
	rig.told = 0;
	rig_last();
	rig_flush();
	assert_int_equal(rig.told, 1);
	assert_int_equal(rig.err, -ENOSPC);
	assert_int_equal(rig.id, 0);
	assert_string_equal(rig_last(), "");
	disk_fails = false;
	restart();
	assert_int_equal(ctl_queue_count(rig.queue), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(the_queue_outlives_a_restart_in_its_order),
		T(an_operation_under_way_at_a_restart_is_carried_out_again),
		T(ids_never_come_again),
		T(what_was_added_before_stopping_is_on_disk_and_told),
		T(adds_of_one_turn_share_a_change_set),
		T(damaged_entries_are_left_out),
		T(one_that_is_damaged_while_it_waits_ends_with_these_words),
		T(back_ends_hear_of_the_end_in_the_same_change_set),
		T(an_operation_is_told_once_the_disk_has_recovered_and_new_ones_are_refused),
		T(a_removal_is_told_once_the_disk_has_recovered),
		T(what_is_not_on_disk_when_stopping_is_refused_or_goes_on_after_the_next_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
