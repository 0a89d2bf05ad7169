// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/store/env.h"
#include "control/store/guard.h"
#include "tests/unit/control/support/device.h"
#include "tests/unit/control/support/gateway.h"

#define MAP_BYTES ((size_t)256 << 20)

static struct gateway gw; // for its directory

static int setup(void **state)
{
	gateway_init(&gw);
	return 0;
}

static int teardown(void **state)
{
	gateway_remove(&gw);
	return 0;
}

static struct ctl_store *open_store(void)
{
	char why[160];
	struct ctl_store *store = ctl_store_open(gw.state, MAP_BYTES, true, why);

	if (store == NULL)
		fail_msg("%s", why);
	return store;
}

static void put_one(struct ctl_store *store, unsigned n)
{
	struct ctl_record *record;
	char name[32];

	snprintf(name, sizeof(name), "dev-%u", n);
	record = device_record(name, DEVICE_LOCATION(n));
	ctl_store_put(store, ctl_store_key_next(store), record);
	free(record);
}

static void put_many(struct ctl_store *store, unsigned from, unsigned count)
{
	for (unsigned n = from; n < from + count; n++)
		put_one(store, n);
	assert_int_equal(ctl_store_commit(store), 0);
}

static size_t count_loaded(struct ctl_store *store)
{
	struct ctl_registry *registry = ctl_registry_new();
	size_t count;

	assert_int_equal(ctl_store_load(store, registry), 0);
	count = ctl_registry_count(registry);
	ctl_registry_free(registry);
	return count;
}

static void what_was_committed_is_there_after_reopening(void **state)
{
	struct ctl_store *store = open_store();
	struct ctl_registry *registry;
	char uuid[37];

	strcpy(uuid, ctl_store_uuid(store));
	assert_int_equal(strlen(uuid), 36);
	put_many(store, 0, 100);
	ctl_store_delete(store, 1);
	ctl_store_delete(store, 4711); // unknown: nothing to do
	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);

	store = open_store();
	assert_string_equal(ctl_store_uuid(store), uuid);
	registry = ctl_registry_new();
	assert_int_equal(ctl_store_load(store, registry), 0);
	assert_int_equal(ctl_registry_count(registry), 99);
	assert_null(ctl_registry_by_endpoint(registry, "dev-0", 5));
	assert_non_null(ctl_registry_by_endpoint(registry, "dev-99", 6));
	assert_int_equal(ctl_store_key_next(store), 101);
	ctl_registry_free(registry);
	ctl_store_close(store);
}

static void what_was_not_submitted_is_not(void **state)
{
	struct ctl_store *store = open_store();

	put_many(store, 0, 5);
	put_one(store, 5);
	assert_int_equal(count_loaded(store), 5);
	ctl_store_close(store);
	store = open_store();
	assert_int_equal(count_loaded(store), 5);
	ctl_store_close(store);
}

static void a_process_that_dies_with_changes_leaves_the_last_commit(void **state)
{
	struct ctl_store *store;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		store = open_store();
		put_many(store, 0, 1000);
		put_one(store, 1000);
		_exit(0); // the lock and the change set die with it
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	store = open_store();
	assert_int_equal(count_loaded(store), 1000);
	put_many(store, 2000, 1);
	assert_int_equal(count_loaded(store), 1001);
	ctl_store_close(store);
}

static void a_damaged_record_is_left_out_and_the_others_stay(void **state)
{
	struct ctl_store *store = open_store();

	put_many(store, 0, 5);
	memcpy(store_put(store, STORE_REGISTRATIONS, 3, 5), "12345", 5);
	assert_int_equal(ctl_store_commit(store), 0);
	assert_int_equal(count_loaded(store), 4);
	ctl_store_close(store);
}

static void of_two_records_with_one_endpoint_the_newer_counts(void **state)
{
	struct ctl_store *store = open_store();
	struct ctl_registry *registry = ctl_registry_new();
	struct ctl_record *record = device_record("dev-1", DEVICE_LOCATION(900));

	put_many(store, 0, 3);
	ctl_store_put(store, ctl_store_key_next(store), record);
	assert_int_equal(ctl_store_commit(store), 0);
	assert_int_equal(ctl_store_load(store, registry), 0);
	assert_int_equal(ctl_registry_count(registry), 3);
	assert_int_equal(ctl_registry_by_endpoint(registry, "dev-1", 5)->record->location,
			 DEVICE_LOCATION(900));
	free(record);
	ctl_registry_free(registry);
	ctl_store_close(store);
}

static void a_store_of_a_newer_format_is_refused_by_name(void **state)
{
	struct ctl_store *store = open_store();
	uint32_t newer[10] = {CTL_STORE_FORMAT + 1};
	char why[160];

	memcpy(store_put_text(store, STORE_META, "format", sizeof(newer)), newer, sizeof(newer));
	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);
	assert_null(ctl_store_open(gw.state, MAP_BYTES, true, why));
	assert_non_null(strstr(why, "is newer than this program's"));
}

static void a_store_of_the_first_format_is_taken_over_with_its_name(void **state)
{
	struct ctl_store *store = open_store();
	MDB_val k = {6, "format"}, v;
	uint32_t meta[10];
	char uuid[37], why[160];
	MDB_txn *txn;

	strcpy(uuid, ctl_store_uuid(store));
	assert_int_equal(store_read_begin(store, &txn), 0);
	assert_int_equal(mdb_get(txn, store->dbis[STORE_META], &k, &v), 0);
	assert_int_equal(v.mv_size, sizeof(meta));
	memcpy(meta, v.mv_data, sizeof(meta));
	store_read_end(store, txn);
	assert_int_equal(meta[0], CTL_STORE_FORMAT);
	meta[0] = 1;
	memcpy(store_put_text(store, STORE_META, "format", sizeof(meta)), meta, sizeof(meta));
	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);
	for (int i = 0; i < 2; i++) { // the second time as one of today's
		store = ctl_store_open(gw.state, MAP_BYTES, true, why);
		assert_non_null(store);
		assert_string_equal(ctl_store_uuid(store), uuid);
		ctl_store_close(store);
	}
}

static void a_second_control_on_the_same_state_is_refused(void **state)
{
	struct ctl_store *store = open_store();
	char why[160];

	assert_null(ctl_store_open(gw.state, MAP_BYTES, true, why));
	assert_non_null(strstr(why, "another sluice-control"));
	ctl_store_close(store);
	ctl_store_close(open_store());
}

static void file_write(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void a_damaged_store_is_refused_by_name_and_left_as_it_is(void **state)
{
	static const char garbage[10000] = "no LMDB file";
	char path[128], why[160];
	struct stat st;

	ctl_store_close(open_store());
	snprintf(path, sizeof(path), "%s/store/data.mdb", gw.state);
	for (size_t len = 0; len <= sizeof(garbage); len += sizeof(garbage)) {
		file_write(path, garbage, len);
		assert_null(ctl_store_open(gw.state, MAP_BYTES, true, why));
		assert_non_null(strstr(why, "/store, is damaged"));
		assert_non_null(strstr(why, "put a copy back or move it away"));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, len);
	}
}

static void a_store_that_is_cut_short_ends_the_process_with_a_reason(void **state)
{
	char path[128], said[512] = "";
	int ends[2], status;
	pid_t child;

	struct ctl_store *store = open_store();
	put_many(store, 0, 1000);
	ctl_store_close(store);
	snprintf(path, sizeof(path), "%s/store/data.mdb", gw.state);
	assert_int_equal(truncate(path, 2 * 4096), 0); // LMDB's own two pages are left
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		ctl_store_guard(gw.state);
		store = open_store();
		_exit((int)count_loaded(store) % 2 + 2);
	}
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
	close(ends[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(said, gw.state));
	assert_non_null(strstr(said, "cut short"));
}

static void a_state_directory_that_cannot_be_made_is_named(void **state)
{
	char why[160];

	assert_null(ctl_store_open("/proc/nowhere", MAP_BYTES, true, why));
	assert_non_null(strstr(why, "/proc/nowhere"));
}

static void a_full_disk_fails_the_change_set_and_nothing_else(void **state)
{
	char why[160];
	struct ctl_store *store = ctl_store_open(gw.state, (size_t)256 << 10, true, why);
	struct ctl_record *record = device_record("dev", 1);
	size_t before;

	assert_non_null(store);
	put_many(store, 0, 10);
	before = count_loaded(store);
	for (int i = 0; i < 10000; i++)
		ctl_store_put(store, ctl_store_key_next(store), record);
	assert_int_equal(ctl_store_commit(store), -28); // ENOSPC
	assert_int_equal(count_loaded(store), before);
	put_many(store, 10, 1);
	assert_int_equal(count_loaded(store), before + 1);
	free(record);
	ctl_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_committed_is_there_after_reopening, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_was_not_submitted_is_not, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_process_that_dies_with_changes_leaves_the_last_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_record_is_left_out_and_the_others_stay,
						setup, teardown),
		cmocka_unit_test_setup_teardown(of_two_records_with_one_endpoint_the_newer_counts,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_store_of_a_newer_format_is_refused_by_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_store_of_the_first_format_is_taken_over_with_its_name, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_control_on_the_same_state_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_damaged_store_is_refused_by_name_and_left_as_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_store_that_is_cut_short_ends_the_process_with_a_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(a_state_directory_that_cannot_be_made_is_named,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_fails_the_change_set_and_nothing_else,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
