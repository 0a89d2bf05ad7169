// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Stores as older formats laid them out, written here by hand, byte for byte, and not with the
// structs of today: whatever becomes of those, these must open.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <lmdb.h>

#include "control/registry.h"
#include "control/store/dtls_sessions.h"
#include "control/store/observations.h"
#include "control/store/outbox.h"
#include "control/store/queue.h"
#include "control/store/store.h"
#include "tests/unit/control/support/gateway.h"

#define MAP_BYTES ((size_t)16 << 20)
#define UUID      "0b1e5a4c-1a2b-4c3d-8e4f-0123456789ab"
#define LOCATION  ((uint64_t)7 << 28 | 5) // generation 7, slot 0, virtual shard 5

static struct gateway gw; // for its directory
static MDB_env *env;
static MDB_txn *txn;

static uint8_t block[256];
static size_t block_len;

static void put(const void *bytes, size_t len)
{
	memcpy(block + block_len, bytes, len);
	block_len += len;
}

static void put_number(uint64_t number, size_t len) // little-endian
{
	put(&number, len);
}

static void store_block(const char *db, const void *key, size_t key_len)
{
	MDB_val k = {key_len, (void *)(uintptr_t)key}, v = {block_len, block};
	MDB_dbi dbi;

	assert_int_equal(mdb_dbi_open(txn, db, MDB_CREATE, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	block_len = 0;
}

static void store_numbered(const char *db, uint64_t key)
{
	key = __builtin_bswap64(key);
	store_block(db, &key, sizeof(key));
}

static void begin(uint32_t format)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/store", gw.state);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_mapsize(env, MAP_BYTES), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
	assert_int_equal(mdb_env_open(env, path, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	put_number(format, 4);
	put(UUID, 36);
	store_block("meta", "format", 6);
}

static void end(void)
{
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void put_peer(void)
{
	put("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x12\0\1", 16); // 198.18.0.1
	put("\x16\x33", 2);                                  // port 5683
	put("\0\0\0\0", 4);
	put("\2\0\0\0\0\1", 6); // Ethernet
	put_number(0, 4);
}

// A registration as formats 1 and 2 have it.
static void put_record(void)
{
	static const char endpoint[] = "old-device", links[] = "</1/0>,</3/0>";

	put_number(1, 4);                                         // version
	put_number(88 + strlen(endpoint) + 4 + strlen(links), 4); // bytes
	put_number(LOCATION, 8);
	put_number(1794000000000, 8); // registered
	put_number(1795000000000, 8); // updated
	put_peer();
	put_number(300, 4); // lifetime
	put_number(11, 1);  // LwM2M 1.1
	put_number(0, 1);   // binding U
	put_number(0, 2);
	put_number(strlen(endpoint), 2);
	put_number(0, 2); // sms
	put_number(4, 4); // parameters
	put_number(strlen(links), 4);
	put(endpoint, strlen(endpoint));
	put("x=1\0", 4);
	put(links, strlen(links));
	put("????", 4); // the text begins 84 bytes in, the block is as long as if it were 88
}

static void put_event_head(uint8_t type, uint16_t version)
{
	put_number(type, 1);
	put_number(0, 3);
	put_number(0, 2);
	put_number(version, 2);
	put_number(1795000000000, 8);
}

static void store_format_1(uint32_t format)
{
	begin(format);
	put_number(42, 8);
	store_block("meta", "outbox", 6);
	put_record();
	store_numbered("registrations", 17);
	put_event_head(0, 1); // REGISTERED
	put_record();
	store_numbered("outbox", 41);
	put_number(40, 8);
	store_block("cursors", "events", 6);
}

static void store_format_2(void)
{
	static const char json[] = "{\"ep\":\"old-device\"}";

	store_format_1(2);
	put_event_head(4, 2); // SEND, with data
	put_number(10, 4);
	put_number(strlen(json), 4);
	put_number(3, 4); // raw
	put_number(110, 4);
	put("old-device", 10);
	put(json, strlen(json));
	put("\1\2\3", 3);
	store_numbered("outbox", 42);
	put_number(43, 8);
	store_block("meta", "outbox", 6);
	// An observation of /3303.
	put_number(1, 4);
	put_number(40 + 10 + 10, 4);
	put_number(LOCATION & 0xff, 8); // a token
	put_number(1795000000000, 8);
	put_number(112, 2); // accept
	put_number(112, 2); // format
	put_number(0, 3);
	put_number(1, 1);  // path
	put_number(10, 4); // endpoint
	put_number(0, 4);
	put_number(3303, 8); // ids
	put_number(1, 2);    // depth
	put("old-device", 10);
	store_numbered("observations", 3);
	// An operation that waits.
	put_number(1, 4);
	put_number(40 + 8 + 10, 4);
	put_number(9, 8);             // id
	put_number(1795000000000, 8); // queued
	put_number(1796000000000, 8); // expires
	put_number(8, 4);
	put_number(10, 2);
	put_number(0, 2);
	put("\0\0\0\0\0\0\0\0", 8);
	put("old-device", 10);
	store_numbered("queue", 9);
	put_number(12, 8);
	store_block("meta", "queue", 5);
}

struct seen {
	unsigned events;
	uint64_t last;
	char json[64];
};

static bool on_event(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	struct seen *seen = arg;

	seen->events++;
	seen->last = key;
	if (view->json != NULL)
		snprintf(seen->json, sizeof(seen->json), "%.*s", (int)view->data.json_len,
			 view->json);
	else
		assert_memory_equal(ctl_record_endpoint(view->record), "old-device", 10);
	return true;
}

static int on_observation(uint64_t key, const struct ctl_observation_record *record, void *arg)
{
	assert_int_equal(key, 3);
	assert_int_equal(record->paths[0].ids[0], 3303);
	assert_memory_equal(ctl_observation_endpoint(record), "old-device", 10);
	++*(unsigned *)arg;
	return 0;
}

static int on_queued(const struct ctl_queue_block *queued, void *arg)
{
	assert_int_equal(queued->id, 9);
	assert_memory_equal(ctl_queue_block_endpoint(queued), "old-device", 10);
	++*(unsigned *)arg;
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

static void expect_contents(unsigned events, unsigned queued)
{
	struct ctl_registry *registry = ctl_registry_new();
	struct ctl_store *store = open_store();
	const char *names[] = {"events"};
	const struct ctl_reg *reg;
	struct seen seen = {0};
	unsigned waiting = 0, observed = 0;

	assert_string_equal(ctl_store_uuid(store), UUID);
	assert_int_equal(ctl_store_load(store, registry), 0);
	assert_int_equal(ctl_registry_count(registry), 1);
	reg = ctl_registry_by_endpoint(registry, "old-device", 10);
	assert_non_null(reg);
	assert_int_equal(reg->key, 17);
	assert_true(reg->record->location == LOCATION);
	assert_int_equal(reg->record->lifetime_s, 300);
	assert_int_equal(reg->record->peer.addr[15], 1);
	assert_string_equal(ctl_record_params(reg->record), "x=1");
	assert_memory_equal(ctl_record_links(reg->record), "</1/0>,</3/0>", 13);
	assert_int_equal(ctl_outbox_configure(store, names, 1), 0);
	assert_int_equal(ctl_outbox_cursor(store, 0), 40);
	assert_int_equal(ctl_outbox_read(store, 40, on_event, &seen), 0);
	assert_int_equal(seen.events, events);
	assert_int_equal(ctl_outbox_last(store), seen.last);
	assert_string_equal(seen.json, events == 2 ? "{\"ep\":\"old-device\"}" : "");
	assert_int_equal(ctl_store_queue_load(store, on_queued, &waiting), 0);
	assert_int_equal(waiting, queued);
	assert_int_equal(ctl_store_observations_load(store, on_observation, &observed), 0);
	assert_int_equal(observed, queued);
	ctl_store_close(store);
	ctl_registry_free(registry);
}

static uint32_t format_on_disk(void)
{
	MDB_val k = {6, (void *)(uintptr_t) "format"}, v;
	char path[128];
	uint32_t format;
	MDB_dbi dbi;

	snprintf(path, sizeof(path), "%s/store", gw.state);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
	assert_int_equal(mdb_env_open(env, path, MDB_RDONLY, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
	assert_int_equal(mdb_get(txn, dbi, &k, &v), 0);
	memcpy(&format, v.mv_data, sizeof(format));
	mdb_txn_abort(txn);
	mdb_env_close(env);
	return format;
}

static int set_up(void **state)
{
	gateway_init(&gw);
	return 0;
}

static int tear_down(void **state)
{
	gateway_remove(&gw);
	return 0;
}

static void format_1_is_taken_over(void **state)
{
	store_format_1(1);
	end();
	expect_contents(1, 0);
	// An older program is told from now on, and the second start finds the same.
	assert_int_equal(format_on_disk(), CTL_STORE_FORMAT);
	expect_contents(1, 0);
}

static void format_2_is_taken_over(void **state)
{
	store_format_2();
	end();
	expect_contents(2, 1);
	assert_int_equal(format_on_disk(), CTL_STORE_FORMAT);
	expect_contents(2, 1);
}

static void format_6_is_taken_over(void **state)
{
	struct ctl_store *store;

	store_format_1(6); // as older values still are; new are DTLS sessions alone
	end();
	expect_contents(1, 0);
	assert_int_equal(format_on_disk(), CTL_STORE_FORMAT);
	store = open_store();
	assert_false(ctl_store_dtls_any(store));
	assert_int_equal(ctl_store_dtls_dataplanes(store), 0);
	ctl_store_close(store);
}

static void what_is_written_after_the_upgrade_comes_behind_what_was_there(void **state)
{
	struct ctl_store *store;

	store_format_2();
	end();
	store = open_store();
	assert_int_equal(ctl_store_key_next(store), 18);
	assert_int_equal(ctl_store_queue_id(store), 12);
	assert_int_equal(ctl_outbox_last(store), 42);
	ctl_store_close(store);
}

static void a_newer_format_is_refused_by_name_and_left_as_it_is(void **state)
{
	char why[160], want[64];

	store_format_1(CTL_STORE_FORMAT + 1);
	end();
	assert_null(ctl_store_open(gw.state, MAP_BYTES, true, why));
	snprintf(want, sizeof(want), "format %u is newer than this program's %u",
		 CTL_STORE_FORMAT + 1, CTL_STORE_FORMAT);
	assert_non_null(strstr(why, want));
	assert_int_equal(format_on_disk(), CTL_STORE_FORMAT + 1);
}

static void a_format_that_makes_no_sense_is_refused(void **state)
{
	char why[160];

	begin(0);
	put("?", 1);
	store_block("meta", "format", 6);
	end();
	assert_null(ctl_store_open(gw.state, MAP_BYTES, true, why));
	assert_non_null(strstr(why, "format entry is damaged"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(format_1_is_taken_over),
		TEST(format_2_is_taken_over),
		TEST(format_6_is_taken_over),
		TEST(what_is_written_after_the_upgrade_comes_behind_what_was_there),
		TEST(a_newer_format_is_refused_by_name_and_left_as_it_is),
		TEST(a_format_that_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
