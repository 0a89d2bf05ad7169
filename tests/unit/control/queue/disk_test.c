// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is on the disk, and what happens when it fails.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
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
		queue_flush(rig.queue);
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
	queue_flush(rig.queue);
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

static void adds_of_one_turn_share_a_transaction(void **state)
{
	struct ctl_reg *reg = sleeper();
	MDB_envinfo before, after;

	mdb_env_info(rig.ctl.store->env, &before);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(rig_add(reg, "a", 60000), 0);
	uv_run(&rig.loop, UV_RUN_NOWAIT); // the flush comes by itself
	assert_int_equal(rig.told, 4);
	mdb_env_info(rig.ctl.store->env, &after);
	assert_int_equal(after.me_last_txnid, before.me_last_txnid + 1);
}

static void damaged_entries_are_left_out(void **state)
{
	struct ctl_reg *reg = sleeper();
	struct ctl_store *store = rig.ctl.store;
	struct ctl_queue_block *block;
	struct store_key bytes;
	MDB_val k, v;

	rig_added(reg, "a");
	rig_added(reg, "b");
	rig_added(reg, "c");
	assert_int_equal(ctl_store_queue_get(store, 1, &block), 0);
	block->endpoint_len++;
	v = (MDB_val){block->bytes, block};
	assert_int_equal(ctl_store_begin(store), 0);
	bytes = store_key_of(1);
	k = store_key_val(&bytes);
	assert_int_equal(mdb_put(store->txn, store->queue, &k, &v, 0), 0);
	bytes = store_key_of(3);
	v = (MDB_val){4, "junk"};
	assert_int_equal(mdb_put(store->txn, store->queue, &k, &v, 0), 0);
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
	struct store_key bytes = store_key_of(1);
	MDB_val k = store_key_val(&bytes), v = {4, "junk"};

	rig_added(reg, "a");
	assert_int_equal(ctl_store_begin(store), 0);
	assert_int_equal(mdb_put(store->txn, store->queue, &k, &v, 0), 0);
	assert_int_equal(ctl_store_commit(store), 0);
	rig_event(CTL_UPDATED, reg);
	queue_flush(rig.queue);
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

static void back_ends_hear_of_the_end_in_the_same_transaction(void **state)
{
	struct ctl_reg *reg = rig_register("dev");
	char text[200] = "";

	rig_added(reg, "a");
	rig_outcome(CTL_OP_ANSWERED);
	queue_flush(rig.queue);
	assert_int_equal(ctl_outbox_read(rig.ctl.store, 0, keep_json, text), 0);
	assert_string_equal(text, "{\"ep\":\"dev\",\"path\":\"/3/0/14\",\"requestId\":1,"
				  "\"delayed\":true,\"response\":{\"status\":\"CHANGED(204)\"}}");
}

// The linker has every commit come here.
static bool disk_fails;
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	if (!disk_fails)
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return EIO;
}

static void a_failing_disk_refuses_an_operation(void **state)
{
	struct ctl_reg *reg = sleeper();

	disk_fails = true;
	assert_int_equal(rig_add(reg, "a", 60000), 0);
	queue_flush(rig.queue);
	assert_int_equal(rig.told, 1);
	assert_int_equal(rig.err, -EIO);
	assert_int_equal(rig.id, 0);
	assert_false(ctl_queue_must_wait(rig.queue, reg) && !ctl_queue_asleep(rig.queue, reg));
	assert_int_equal(ctl_queue_count(rig.queue), 0);
	disk_fails = false;
	rig_added(reg, "b");
	assert_int_equal(rig_on_disk(), 1);
}

static void a_full_disk_refuses_new_operations_and_loses_none(void **state)
{
	struct ctl_reg *reg;
	unsigned refused = 0;

	rig_stop();
	rig.map_bytes = (size_t)192 << 10;
	rig.cfg.lwm2m.queue_max = 100000;
	rig_start();
	reg = sleeper();
	for (unsigned i = 0; i < 2000 && refused == 0; i++) {
		assert_int_equal(rig_add(reg, "a", 60000), 0);
		queue_flush(rig.queue);
		refused += rig.err != 0;
	}
	assert_int_equal(refused, 1);
	assert_int_equal(rig.err, -ENOSPC);
	assert_int_equal(rig.id, 0);
	assert_int_equal(ctl_queue_count(rig.queue), rig_on_disk());
	assert_true(ctl_queue_count(rig.queue) > 10);
}

static void a_removal_that_cannot_be_written_is_tried_again_before_it_is_told(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a");
	rig_added(reg, "b");
	rig_last();
	disk_fails = true;
	rig_outcome(CTL_OP_ANSWERED);
	queue_flush(rig.queue);
	queue_flush(rig.queue);
	assert_string_equal(rig_last(), "");
	assert_int_equal(rig.starts, 1);
	assert_true(uv_is_active((uv_handle_t *)&rig.queue->flush));
	// New ones are refused meanwhile, and do not keep it from being tried again.
	assert_int_equal(rig_add(reg, "c", 60000), 0);
	uv_run(&rig.loop, UV_RUN_NOWAIT);
	assert_int_equal(rig.err, -EIO);
	assert_true(uv_is_active((uv_handle_t *)&rig.queue->flush));
	disk_fails = false;
	queue_flush(rig.queue);
	assert_memory_equal(rig_last(), "RESPONSE", 8);
	assert_int_equal(rig_on_disk(), 1);
	assert_int_equal(rig.starts, 2);
}

static void an_end_that_comes_while_the_disk_fails_is_written_later(void **state)
{
	struct ctl_reg *reg = rig_register("dev");

	rig_added(reg, "a");
	disk_fails = true;
	assert_int_equal(rig_add(reg, "b", 60000), 0);
	queue_flush(rig.queue);
	assert_int_equal(rig.err, -EIO);
	uv_timer_stop(&rig.queue->flush);
	rig_outcome(CTL_OP_ANSWERED);
	assert_true(uv_is_active((uv_handle_t *)&rig.queue->flush));
	disk_fails = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(the_queue_outlives_a_restart_in_its_order),
		T(an_operation_under_way_at_a_restart_is_carried_out_again),
		T(ids_never_come_again),
		T(what_was_added_before_stopping_is_on_disk_and_told),
		T(adds_of_one_turn_share_a_transaction),
		T(damaged_entries_are_left_out),
		T(one_that_is_damaged_while_it_waits_ends_with_these_words),
		T(back_ends_hear_of_the_end_in_the_same_transaction),
		T(a_failing_disk_refuses_an_operation),
		T(a_full_disk_refuses_new_operations_and_loses_none),
		T(a_removal_that_cannot_be_written_is_tried_again_before_it_is_told),
		T(an_end_that_comes_while_the_disk_fails_is_written_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
