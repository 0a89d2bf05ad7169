// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The store's thread: order, sharing of commits, and a disk that fails for a while.
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
#include "tests/unit/control/support/device.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static uv_loop_t loop;
static struct ctl_holds holds;
static struct ctl_store *store;
static char told[64]; // a letter for each callback

// The linker has every commit come here; the store's thread calls it.
static atomic_int commit_error;
static atomic_bool commit_waits; // until it is false
static atomic_uint commits, attempts;
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	int error;

	attempts++;
	while (commit_waits)
		uv_sleep(0);
	error = commit_error;
	if (error != 0) {
		mdb_txn_abort(txn);
		return error;
	}
	commits++;
	return __real_mdb_txn_commit(txn);
}

static struct ctl_store *open_store(void)
{
	struct ctl_store *opened;
	char why[160];

	opened = ctl_store_open(gw.state, (size_t)64 << 20, true, why);
	if (opened == NULL)
		fail_msg("%s", why);
	return opened;
}

static int set_up(void **state)
{
	gateway_init(&gw);
	assert_int_equal(uv_loop_init(&loop), 0);
	holds = (struct ctl_holds){0};
	told[0] = '\0';
	store = open_store();
	assert_int_equal(ctl_store_start(store, &loop, &holds), 0);
	commits = attempts = 0;
	return 0;
}

static int tear_down(void **state)
{
	commit_error = 0;
	commit_waits = false;
	ctl_store_finish(store);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	ctl_store_close(store);
	gateway_remove(&gw);
	return 0;
}

static void on_done(int err, void *arg)
{
	strcat(told, err == 0 ? arg : "!");
}

static void put(uint64_t key)
{
	struct ctl_record *record;
	char name[32];

	snprintf(name, sizeof(name), "dev-%u", (unsigned)key);
	record = device_record(name, DEVICE_LOCATION(key));
	ctl_store_put(store, key, record);
	free(record);
}

static void submit(uint64_t key, const char *letter)
{
	put(key);
	ctl_store_submit(store, on_done, (void *)(uintptr_t)letter);
}

static size_t count_on_disk(void)
{
	struct ctl_registry *registry = ctl_registry_new();
	size_t count;

	assert_int_equal(ctl_store_load(store, registry), 0);
	count = ctl_registry_count(registry);
	ctl_registry_free(registry);
	return count;
}

static void run_until_told(const char *expected)
{
	uint64_t deadline_ns = uv_hrtime() + 120000000000u;

	while (strcmp(told, expected) != 0) {
		assert_true(uv_hrtime() < deadline_ns);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
}

static void run_until_held(bool held)
{
	uint64_t deadline_ns = uv_hrtime() + 120000000000u;

	while (ctl_held(&holds) != held) {
		assert_true(uv_hrtime() < deadline_ns);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
}

static void sets_are_told_in_order_once_they_are_on_disk(void **state)
{
	submit(1, "a");
	submit(2, "b");
	submit(3, "c");
	assert_string_equal(told, ""); // not before it returns
	run_until_told("abc");
	assert_int_equal(count_on_disk(), 3);
	assert_int_equal(ctl_store_backlog(store), 0);
}

static void what_comes_while_a_commit_is_under_way_shares_the_next(void **state)
{
	commit_waits = true;
	submit(1, "a");
	while (attempts == 0)
		uv_sleep(0);
	for (uint64_t key = 2; key < 12; key++)
		submit(key, "b");
	assert_true(ctl_store_backlog(store) > 0);
	commit_waits = false;
	run_until_told("abbbbbbbbbb");
	assert_int_equal(commits, 2);
	assert_int_equal(count_on_disk(), 11);
}

static void a_set_without_changes_waits_for_those_before_it_and_for_nothing_else(void **state)
{
	ctl_store_submit(store, on_done, "0");
	assert_string_equal(told, "0");
	submit(1, "a");
	ctl_store_submit(store, on_done, "1");
	assert_string_equal(told, "0");
	run_until_told("0a1");
}

static void a_failing_disk_is_named_once_and_tried_until_it_works(void **state)
{
	commit_error = ENOSPC;
	submit(1, "a");
	run_until_held(true);
	assert_non_null(strstr(ctl_hold_why(&holds, CTL_HOLD_STORE), "No space left on device"));
	submit(2, "b");
	while (attempts < 3) // with pauses in between
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_string_equal(told, "");
	assert_int_equal(count_on_disk(), 0);
	commit_error = 0;
	run_until_told("ab");
	run_until_held(false);
	assert_int_equal(count_on_disk(), 2);
}

static void after_a_failed_fsync_the_environment_is_opened_anew(void **state)
{
	MDB_env *env;
	MDB_txn *txn;

	submit(1, "a");
	run_until_told("a");
	commit_error = MDB_PANIC;
	submit(2, "b");
	run_until_held(true);
	commit_error = 0;
	run_until_told("ab");
	assert_int_equal(count_on_disk(), 2);
	commit_error = EIO;
	assert_int_equal(store_read_begin(store, &txn), 0);
	env = store->env;
	submit(3, "c");
	run_until_held(true);
	commit_error = 0;
	assert_ptr_equal(store->env, env); // not while somebody reads
	store_read_end(store, txn);
	run_until_told("abc");
	assert_int_equal(count_on_disk(), 3);
}

static void a_set_that_is_applied_twice_comes_to_the_same(void **state)
{
	submit(1, "a");
	run_until_told("a");
	// As if the commit had reached the disk although it failed.
	store->writer.last[STORE_REGISTRATIONS] = 0;
	commit_error = MDB_PANIC;
	put(1);
	ctl_store_delete(store, 4711);
	submit(2, "b");
	run_until_held(true);
	commit_error = 0;
	run_until_told("ab");
	assert_int_equal(count_on_disk(), 2);
}

static void what_cannot_be_written_when_it_ends_is_told_with_its_error(void **state)
{
	commit_error = EROFS;
	submit(1, "a");
	run_until_held(true);
	submit(2, "b");
	ctl_store_finish(store);
	assert_string_equal(told, "!!");
	put(3);
	assert_int_equal(ctl_store_commit(store), -EROFS);
	commit_error = 0;
	put(4);
	assert_int_equal(ctl_store_commit(store), 0);
	assert_int_equal(count_on_disk(), 1);
}

static void back_ends_places_go_to_disk_before_what_does_not_fit(void **state)
{
	const char *name = "events";
	struct ctl_outbox_entry entry = {.type = CTL_REGISTERED, .version = CTL_OUTBOX_RECORD};
	struct ctl_record *record = device_record("dev", 1);

	assert_int_equal(ctl_outbox_configure(store, &name, 1), 0);
	for (int i = 0; i < 100; i++)
		ctl_outbox_append(store, &entry, record);
	ctl_store_submit(store, on_done, "a");
	run_until_told("a");
	commit_error = ENOSPC;
	submit(1, "b");
	run_until_held(true);
	ctl_outbox_advance(store, 0, ctl_outbox_last(store));
	ctl_outbox_stage(store, 1000);
	ctl_store_submit(store, on_done, "c");
	commit_error = 0;
	run_until_told("abc");
	assert_false(ctl_outbox_dirty(store));
	free(record);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(sets_are_told_in_order_once_they_are_on_disk),
		T(what_comes_while_a_commit_is_under_way_shares_the_next),
		T(a_set_without_changes_waits_for_those_before_it_and_for_nothing_else),
		T(a_failing_disk_is_named_once_and_tried_until_it_works),
		T(after_a_failed_fsync_the_environment_is_opened_anew),
		T(a_set_that_is_applied_twice_comes_to_the_same),
		T(what_cannot_be_written_when_it_ends_is_told_with_its_error),
		T(back_ends_places_go_to_disk_before_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
