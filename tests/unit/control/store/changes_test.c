// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/store/env.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static struct ctl_store *store;
static uint64_t last[STORE_DB_COUNT];

static int set_up(void **state)
{
	char why[160];

	gateway_init(&gw);
	store = ctl_store_open(gw.state, (size_t)64 << 20, true, why);
	memset(last, 0, sizeof(last));
	return store == NULL;
}

static int tear_down(void **state)
{
	ctl_store_close(store);
	gateway_remove(&gw);
	return 0;
}

static void apply(struct store_changes *changes)
{
	struct store_target target = {.dbis = store->dbis, .last = last};

	assert_int_equal(mdb_txn_begin(store->env, NULL, 0, &target.txn), 0);
	assert_int_equal(store_changes_apply(changes, &target), 0);
	assert_int_equal(mdb_txn_commit(target.txn), 0);
}

// -1: nothing is there.
static int value_of(enum store_db db, const void *key, size_t len)
{
	MDB_val k = {len, (void *)(uintptr_t)key}, v;
	MDB_txn *txn;
	int value = -1;

	assert_int_equal(store_read_begin(store, &txn), 0);
	if (mdb_get(txn, store->dbis[db], &k, &v) == 0) {
		assert_true(v.mv_size == 1);
		value = *(const uint8_t *)v.mv_data;
	}
	store_read_end(store, txn);
	return value;
}

static int value_at(uint64_t number)
{
	struct store_key key = store_key_of(number);

	return value_of(STORE_QUEUE, key.bytes, sizeof(key.bytes));
}

static void put(struct store_changes *changes, uint64_t key, uint8_t value)
{
	memcpy(store_changes_put(changes, STORE_QUEUE, key, 1), &value, 1);
}

static void operations_are_applied_in_their_order(void **state)
{
	struct store_changes *changes = store_changes_new();

	put(changes, 2, 20);
	put(changes, 1, 10); // below the last one
	put(changes, 3, 30);
	put(changes, 3, 31);
	store_changes_delete(changes, STORE_QUEUE, 2);
	store_changes_delete(changes, STORE_QUEUE, 7); // unknown: nothing to do
	memcpy(store_changes_put_text(changes, STORE_META, "odd", 3, 1), "x", 1);
	put(changes, 4, 40);
	apply(changes);
	assert_int_equal(value_at(1), 10);
	assert_int_equal(value_at(2), -1);
	assert_int_equal(value_at(3), 31);
	assert_int_equal(value_at(4), 40);
	assert_int_equal(value_of(STORE_META, "odd", 3), 'x');
	store_changes_clear(changes);
	assert_int_equal(store_changes_bytes(changes), 0);
	store_changes_delete_text(changes, STORE_META, "odd", 3);
	apply(changes);
	assert_int_equal(value_of(STORE_META, "odd", 3), -1);
	store_changes_free(changes);
}

static void pruning_takes_the_oldest_and_no_more_than_it_may(void **state)
{
	struct store_changes *changes = store_changes_new();

	for (uint64_t key = 1; key <= 10; key++)
		put(changes, key, 1);
	store_changes_prune(changes, STORE_QUEUE, 7, 3);
	apply(changes);
	assert_int_equal(changes->outbox_first, 4);
	assert_int_equal(value_at(3), -1);
	assert_int_equal(value_at(4), 1);
	store_changes_clear(changes);
	store_changes_prune(changes, STORE_QUEUE, 7, 100);
	apply(changes);
	assert_int_equal(changes->outbox_first, 8);
	store_changes_clear(changes);
	store_changes_prune(changes, STORE_QUEUE, 20, 100);
	apply(changes);
	assert_int_equal(changes->outbox_first, 21);
	assert_int_equal(value_at(10), -1);
	store_changes_free(changes);
}

static void what_makes_room_can_be_applied_alone(void **state)
{
	struct store_target target = {.dbis = store->dbis, .last = last};
	struct store_changes *changes = store_changes_new();

	put(changes, 1, 1);
	put(changes, 2, 1);
	apply(changes);
	store_changes_clear(changes);
	put(changes, 3, 1);
	store_changes_prune(changes, STORE_QUEUE, 1, 100);
	memcpy(store_changes_put_text(changes, STORE_CURSORS, "events", 6, 1), "c", 1);
	assert_int_equal(mdb_txn_begin(store->env, NULL, 0, &target.txn), 0);
	assert_int_equal(store_changes_apply_prunes(changes, &target), 0);
	assert_int_equal(mdb_txn_commit(target.txn), 0);
	assert_int_equal(value_at(1), -1);
	assert_int_equal(value_at(2), 1);
	assert_int_equal(value_at(3), -1);
	assert_int_equal(value_of(STORE_CURSORS, "events", 6), 'c');
	apply(changes);
	assert_int_equal(value_at(3), 1);
	store_changes_free(changes);
}

static void the_outbox_s_last_value_can_be_extended_whatever_came_between(void **state)
{
	struct store_changes *changes = store_changes_new();
	struct store_key key = store_key_of(7);
	MDB_val k = store_key_val(&key), v;
	MDB_txn *txn;
	size_t len;

	assert_null(store_changes_last_outbox(changes, &len));
	memcpy(store_changes_put_outbox(changes, 7, 8), "aaaaaaaa", 8);
	for (uint64_t number = 1; number <= 1000; number++) {
		char *value = store_changes_last_outbox(changes, &len);

		assert_int_equal(len, number * 8);
		assert_memory_equal(value, "aaaaaaaa", 8);
		put(changes, number, 1);
		value = store_changes_extend_outbox(changes, 8);
		memset(value + len, 'b', 8);
	}
	apply(changes);
	assert_int_equal(value_at(1000), 1);
	assert_int_equal(store_read_begin(store, &txn), 0);
	assert_int_equal(mdb_get(txn, store->dbis[STORE_OUTBOX], &k, &v), 0);
	assert_int_equal(v.mv_size, 8008);
	assert_memory_equal(v.mv_data, "aaaaaaaabbbbbbbb", 16);
	assert_int_equal(((const char *)v.mv_data)[8007], 'b');
	store_read_end(store, txn);
	store_changes_free(changes);
}

static void a_large_set_leaves_no_large_buffer(void **state)
{
	struct store_changes *changes = store_changes_new();

	for (uint64_t key = 1; key <= 20; key++)
		memset(store_changes_put(changes, STORE_QUEUE, key, 1 << 20), 0, 1 << 20);
	assert_true(changes->log.cap >= (size_t)20 << 20);
	store_changes_clear(changes);
	assert_int_equal(changes->log.cap, 0);
	put(changes, 1, 1);
	apply(changes);
	assert_int_equal(value_at(1), 1);
	store_changes_free(changes);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(operations_are_applied_in_their_order),
		T(pruning_takes_the_oldest_and_no_more_than_it_may),
		T(what_makes_room_can_be_applied_alone),
		T(the_outbox_s_last_value_can_be_extended_whatever_came_between),
		T(a_large_set_leaves_no_large_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
