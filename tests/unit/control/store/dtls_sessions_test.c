// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <lmdb.h>

#include "control/store/dtls_sessions.h"
#include "tests/unit/control/support/gateway.h"

#define MAP_BYTES ((size_t)16 << 20)
#define CID(slot) ((uint64_t)(slot) << 24 | 7)

static struct gateway gw; // for its directory
static struct ctl_store *store;

static void open_store(bool sync)
{
	char why[160];

	store = ctl_store_open(gw.state, MAP_BYTES, sync, why);
	if (store == NULL)
		fail_msg("%s", why);
}

static int set_up(void **state)
{
	gateway_init(&gw);
	open_store(true);
	return 0;
}

static int tear_down(void **state)
{
	ctl_store_close(store);
	gateway_remove(&gw);
	return 0;
}

static void reopen(bool sync)
{
	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);
	open_store(sync);
}

struct seen {
	unsigned count, max;
	uint64_t cids[8];
};

static int on_session(const struct ctl_dtls_session *session, void *arg)
{
	struct seen *seen = arg;

	if (seen->count == seen->max)
		return 1;
	seen->cids[seen->count++] = session->cid;
	return 0;
}

static struct seen read_all(void)
{
	struct seen seen = {.max = 8};
	uint64_t key = 0;

	assert_int_equal(ctl_store_commit(store), 0);
	assert_int_equal(ctl_store_dtls_after(store, &key, on_session, &seen), 0);
	return seen;
}

static void sessions_are_read_in_steps(void **state)
{
	struct seen seen = {.max = 2};
	uint64_t key = 0;

	assert_false(ctl_store_dtls_any(store));
	ctl_store_dtls_put(store, CID(9));
	ctl_store_dtls_put(store, CID(0));
	ctl_store_dtls_put(store, CID(4));
	ctl_store_dtls_put(store, CID(4) + 1); // the same slot
	assert_int_equal(ctl_store_commit(store), 0);
	assert_true(ctl_store_dtls_any(store));
	assert_int_equal(ctl_store_dtls_after(store, &key, on_session, &seen), 1);
	assert_int_equal(seen.count, 2);
	assert_true(seen.cids[0] == CID(0) && seen.cids[1] == CID(4) + 1);
	seen.max = 8;
	assert_int_equal(ctl_store_dtls_after(store, &key, on_session, &seen), 0);
	assert_int_equal(seen.count, 3);
	assert_true(seen.cids[2] == CID(9));
	ctl_store_dtls_delete(store, CID(0));
	assert_int_equal(read_all().count, 2);
}

static void dataplanes_are_counted_across_restarts(void **state)
{
	ctl_store_dtls_dataplane(store, 11);
	ctl_store_dtls_dataplane(store, 11);
	assert_int_equal(ctl_store_dtls_dataplanes(store), 1);
	reopen(true);
	ctl_store_dtls_dataplane(store, 11);
	assert_int_equal(ctl_store_dtls_dataplanes(store), 1);
	ctl_store_dtls_dataplane(store, 12);
	assert_int_equal(ctl_store_dtls_dataplanes(store), 2);
	assert_int_equal(ctl_store_dtls_put(store, CID(1))->dataplanes, 2);
}

static void those_of_a_copy_can_be_forgotten(void **state)
{
	ctl_store_dtls_dataplane(store, 11);
	ctl_store_dtls_put(store, CID(1));
	assert_int_equal(read_all().count, 1);
	ctl_store_dtls_forget(store);
	reopen(true);
	assert_int_equal(read_all().count, 0);
	ctl_store_dtls_dataplane(store, 11); // even if it is the same one
	assert_int_equal(ctl_store_dtls_dataplanes(store), 2);
	ctl_store_dtls_put(store, CID(2));
	assert_int_equal(read_all().count, 1);
	assert_int_equal(ctl_store_commit(store), 0);
}

// Opens the environment behind the store's back.
static MDB_env *env_open(MDB_txn **txn, const char *db, MDB_dbi *dbi)
{
	char path[128];
	MDB_env *env;

	snprintf(path, sizeof(path), "%s/store", gw.state);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
	assert_int_equal(mdb_env_open(env, path, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, txn), 0);
	assert_int_equal(mdb_dbi_open(*txn, db, 0, dbi), 0);
	return env;
}

// The last bytes of what is known of the dataplane are the boot.
static void power_fails(void)
{
	MDB_val k = {14, (void *)(uintptr_t) "dtls-dataplane"}, v;
	uint8_t value[64];
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_env *env;

	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);
	env = env_open(&txn, "meta", &dbi);
	assert_int_equal(mdb_get(txn, dbi, &k, &v), 0);
	assert_in_range(v.mv_size, 16, sizeof(value));
	memcpy(value, v.mv_data, v.mv_size);
	memset(value + v.mv_size - 16, 'x', 16);
	v.mv_data = value;
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void without_sync_a_power_failure_ends_all_sessions(void **state)
{
	reopen(false);
	ctl_store_dtls_dataplane(store, 11);
	ctl_store_dtls_put(store, CID(1));
	reopen(false);
	assert_int_equal(read_all().count, 1); // the process alone was restarted
	power_fails();
	open_store(false);
	assert_int_equal(read_all().count, 0);
	ctl_store_dtls_dataplane(store, 12);
	ctl_store_dtls_put(store, CID(2));
	assert_int_equal(read_all().count, 1);
	reopen(true);
	assert_int_equal(read_all().count, 1);
}

static void what_is_damaged_is_left_out(void **state)
{
	MDB_val k = {8, (uint8_t[]){0, 0, 0, 0, 0, 0, 0, 3}}, v = {5, (uint8_t[]){1, 0, 0, 0, 0}};
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_env *env;

	ctl_store_dtls_put(store, CID(1));
	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);
	env = env_open(&txn, "dtls_sessions", &dbi);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	open_store(true);
	assert_int_equal(read_all().count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(sessions_are_read_in_steps),
		TEST(dataplanes_are_counted_across_restarts),
		TEST(those_of_a_copy_can_be_forgotten),
		TEST(without_sync_a_power_failure_ends_all_sessions),
		TEST(what_is_damaged_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
