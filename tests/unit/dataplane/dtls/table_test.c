// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "dataplane/dtls/table.h"
#include "tests/unit/support/prng.h"

#define WORKER   5
#define MAX      2000
#define IDLE_S   7200u
#define FRESH_S  60u
#define SECOND   1000000ull
#define START_US (1000 * SECOND)

static struct dtls_table table;
static const uint64_t seed[4] = {1, 2, 3, 4};

static int set_up(void **state)
{
	return dtls_table_init(&table, MAX, WORKER, seed, START_US, IDLE_S * SECOND,
			       FRESH_S * SECOND);
}

static int tear_down(void **state)
{
	dtls_table_fini(&table);
	return 0;
}

static struct dp_peer peer_of(uint32_t i)
{
	struct dp_peer peer = {.udp_port_be16 = (uint16_t)(i % 7), .port = 1, .local = 2};

	memcpy(peer.addr + 12, &i, sizeof(i));
	return peer;
}

static struct dtls_session *establish_by(enum dtls_suite suite, uint32_t i, bool own_cid)
{
	struct dtls_session *session = dtls_table_new(&table, 0x123400 + i);
	struct dtls_keys keys = {.suite = suite, .own_cid = own_cid};
	struct dp_peer peer = peer_of(i);

	assert_non_null(session);
	memset(keys.read_key, 0x77, sizeof(keys.read_key));
	memset(keys.read_secret, 0x88, sizeof(keys.read_secret));
	memset(keys.write_secret, 0x99, sizeof(keys.write_secret));
	assert_int_equal(dtls_session_init(session, dtls_table_secrets(&table, session), &keys), 0);
	assert_null(dtls_table_bind(&table, session, &peer));
	return session;
}

static struct dtls_session *establish(uint32_t i, bool own_cid)
{
	return establish_by(DTLS_12_AES128_CCM_8, i, own_cid);
}

static void a_connection_id_names_worker_slot_and_generation(void **state)
{
	uint64_t cid = DTLS_CID(0x12, 0x3456789a, 0xbcdef0);
	static const uint8_t wire[] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0};
	uint8_t out[DTLS_OWN_CID_LEN];

	assert_int_equal(DTLS_CID_WORKER(cid), 0x12);
	assert_int_equal(DTLS_CID_SLOT(cid), 0x3456789a);
	assert_int_equal(DTLS_CID_GENERATION(cid), 0xbcdef0);
	dtls_cid_write(cid, out);
	assert_memory_equal(out, wire, sizeof(wire));
}

static void a_session_is_found_by_its_connection_id_only(void **state)
{
	struct dtls_session *session = establish(1, true);
	uint64_t cid = dtls_table_cid(&table, session);
	struct dp_peer peer = peer_of(1);

	assert_ptr_equal(dtls_table_find(&table, cid), session);
	assert_ptr_equal(dtls_table_at(&table, DTLS_CID_SLOT(cid), DTLS_CID_GENERATION(cid)),
			 session);
	assert_null(dtls_table_find(&table, cid ^ 1));                   // another generation
	assert_null(dtls_table_find(&table, cid ^ 1ull << 56));          // another worker
	assert_null(dtls_table_find(&table, cid + (1ull << 24)));        // a slot never used
	assert_null(dtls_table_find(&table, cid | 0xffffffffull << 24)); // no slot at all
	assert_null(dtls_table_by_peer(&table, &peer));
}

static void a_reserved_slot_is_found_before_it_has_keys(void **state)
{
	struct dtls_session *session = dtls_table_new(&table, 9);

	assert_int_equal(session->state, DTLS_SESSION_RESERVED);
	assert_ptr_equal(dtls_table_find(&table, dtls_table_cid(&table, session)), session);
	dtls_table_remove(&table, session);
	assert_int_equal(table.count, 0);
}

static void the_connection_id_of_a_removed_session_names_nothing(void **state)
{
	struct dtls_session *session = establish(1, true), *next;
	uint64_t cid = dtls_table_cid(&table, session);

	dtls_table_remove(&table, session);
	assert_null(dtls_table_find(&table, cid));
	next = dtls_table_new(&table, DTLS_CID_GENERATION(cid)); // the same random number again
	assert_ptr_equal(next, session);
	assert_null(dtls_table_find(&table, cid));
}

static void removal_wipes_the_keys(void **state)
{
	static const uint8_t zeros[DTLS_KEY_MAX];
	struct dtls_session *session = establish(1, true);

	dtls_table_remove(&table, session);
	assert_memory_equal(session->read_key, zeros, sizeof(zeros));
}

static void removal_wipes_the_traffic_secrets_of_dtls_13(void **state)
{
	static const struct dtls_traffic_secrets zeros;
	struct dtls_session *gone = establish_by(DTLS_13_AES128_GCM, 1, true);
	struct dtls_session *kept = establish_by(DTLS_13_AES128_GCM, 2, true);

	assert_int_equal(dtls_table_secrets(&table, gone)->read[31], 0x88);
	assert_int_equal(dtls_table_secrets(&table, gone)->write[31], 0x99);
	dtls_table_remove(&table, gone);
	assert_memory_equal(dtls_table_secrets(&table, gone), &zeros, sizeof(zeros));
	assert_int_equal(dtls_table_secrets(&table, kept)->read[0], 0x88);
}

// What must not be touched cannot be.
static void dtls_12_needs_no_memory_for_traffic_secrets(void **state)
{
	struct dtls_session *gone;

	assert_int_equal(mprotect(table.secrets, MAX * sizeof(*table.secrets), PROT_NONE), 0);
	gone = establish(1, true);
	establish(2, false); // goes with the table
	dtls_table_remove(&table, gone);
	assert_int_equal(table.count, 1);
}

static void no_more_than_max_sessions_fit(void **state)
{
	struct dtls_session *last = NULL;

	for (uint32_t i = 0; i < MAX; i++)
		last = establish(i, i & 1);
	assert_null(dtls_table_new(&table, 1));
	dtls_table_remove(&table, last);
	assert_ptr_equal(dtls_table_new(&table, 1), last);
}

static void sessions_without_connection_id_are_found_by_peer(void **state)
{
	struct prng random = {3};
	struct dtls_session *sessions[MAX];

	for (uint32_t i = 0; i < MAX; i++)
		sessions[i] = establish(i, false);
	// Some go, and the others must still be found.
	for (uint32_t i = 0; i < MAX; i++)
		if (prng_below(&random, 2)) {
			dtls_table_remove(&table, sessions[i]);
			sessions[i] = NULL;
		}
	for (uint32_t i = 0; i < MAX; i++) {
		struct dp_peer peer = peer_of(i);

		assert_ptr_equal(dtls_table_by_peer(&table, &peer), sessions[i]);
		peer.local++; // the same device at another address of ours
		assert_null(dtls_table_by_peer(&table, &peer));
	}
}

static void a_new_session_takes_the_place_of_its_peers_old_one(void **state)
{
	struct dtls_session *old = establish(1, false), *new = dtls_table_new(&table, 2);
	struct dtls_keys keys = {.suite = DTLS_12_AES128_CCM_8};
	struct dp_peer peer = peer_of(1);

	assert_int_equal(dtls_session_init(new, NULL, &keys), 0);
	assert_ptr_equal(dtls_table_bind(&table, new, &peer), old);
	assert_ptr_equal(dtls_table_by_peer(&table, &peer), new);
	dtls_table_remove(&table, old);
	assert_ptr_equal(dtls_table_by_peer(&table, &peer), new);
	dtls_table_remove(&table, new);
	assert_null(dtls_table_by_peer(&table, &peer));
}

static void a_session_moves_to_another_peer(void **state)
{
	struct dtls_session *by_cid = establish(1, true), *by_peer = establish(2, false);
	struct dp_peer one = peer_of(1), two = peer_of(2), three = peer_of(3), got;

	assert_null(dtls_table_bind(&table, by_cid, &three));
	dtls_session_peer(by_cid, &got);
	assert_memory_equal(&got, &three, sizeof(got));
	assert_null(dtls_table_bind(&table, by_peer, &one));
	assert_null(dtls_table_by_peer(&table, &two));
	assert_ptr_equal(dtls_table_by_peer(&table, &one), by_peer);
}

static void a_peer_comes_back_as_it_was_put_in(void **state)
{
	struct dtls_session *session = establish(1, true);
	struct dp_peer ethernet = {.udp_port_be16 = 7, .port = 3, .local = 4, .mac = "\1\2\3\4\5"};
	struct dp_peer zone = {.udp_port_be16 = 8, .port = 1, .scope_id = 0x01020304};
	struct dp_peer got;

	memset(ethernet.addr, 9, sizeof(ethernet.addr));
	dtls_table_bind(&table, session, &ethernet);
	dtls_session_peer(session, &got);
	assert_memory_equal(&got, &ethernet, sizeof(got));
	dtls_table_bind(&table, session, &zone);
	dtls_session_peer(session, &got);
	assert_memory_equal(&got, &zone, sizeof(got));
}

static void a_certain_slot_can_be_taken_back(void **state)
{
	uint64_t cid = DTLS_CID(WORKER, 1234, 77);
	struct dtls_session *session = dtls_table_new_at(&table, cid);

	assert_non_null(session);
	assert_ptr_equal(dtls_table_find(&table, cid), session);
	assert_null(dtls_table_new_at(&table, cid));
	assert_null(dtls_table_new_at(&table, DTLS_CID(WORKER, MAX, 1)));
	assert_null(dtls_table_new_at(&table, DTLS_CID(WORKER + 1, 1, 1)));
	// The slots that were skipped are not lost.
	for (uint32_t i = 1; i < MAX; i++)
		assert_non_null(dtls_table_new(&table, i));
	assert_null(dtls_table_new(&table, 1));
}

static void count_and_remove(struct dtls_session *session, void *arg)
{
	(*(uint32_t *)arg)++;
	dtls_table_remove(&table, session);
}

static void count_and_leave(struct dtls_session *session, void *arg)
{
	(*(uint32_t *)arg)++;
}

static uint32_t sweep_until(uint64_t from_s, uint64_t to_s, dtls_expire_cb_t fire)
{
	uint32_t fired = 0;

	for (uint64_t s = from_s; s <= to_s; s++)
		while (dtls_table_sweep(&table, START_US + s * SECOND, 10, fire, &fired) == 10)
			;
	return fired;
}

static void sessions_that_are_never_used_expire(void **state)
{
	for (uint32_t i = 0; i < 1000; i++)
		establish(i, i & 1);
	assert_int_equal(sweep_until(0, FRESH_S - 1, count_and_remove), 0);
	assert_int_equal(sweep_until(FRESH_S, FRESH_S + 6, count_and_remove), 1000);
	assert_int_equal(table.count, 0);
}

static void a_used_session_expires_when_it_was_idle_for_long(void **state)
{
	struct dtls_session *session = establish(1, true);

	session->state = DTLS_SESSION_ACTIVE;
	session->seen = dtls_tick(START_US + 3000 * SECOND);
	assert_int_equal(sweep_until(0, 3000 + IDLE_S - 1, count_and_remove), 0);
	assert_int_equal(sweep_until(3000 + IDLE_S, 3000 + IDLE_S + 6, count_and_remove), 1);
}

static void what_is_not_removed_comes_again(void **state)
{
	establish(1, true);
	assert_true(sweep_until(0, FRESH_S + 20, count_and_leave) > 5);
}

static void a_sweep_does_no_more_than_it_may(void **state)
{
	uint32_t fired = 0, calls = 0;

	for (uint32_t i = 0; i < 1000; i++)
		establish(i, true);
	while (fired < 1000 && calls++ < 1000)
		assert_true(dtls_table_sweep(&table, START_US + 100 * SECOND, 3, count_and_remove,
					     &fired) <= 3);
	assert_int_equal(fired, 1000);
	assert_true(calls >= 333);
}

static void a_table_has_no_more_slots_than_a_connection_id_can_name(void **state)
{
	struct dtls_table huge;

	assert_int_equal(dtls_table_init(&huge, UINT32_MAX, 0, seed, 0, SECOND, SECOND), 0);
	assert_int_equal(huge.max, DTLS_SLOTS_MAX); // more do not fit into a Connection ID
	dtls_table_fini(&huge);
}

static void the_stalest_of_a_few_is_seldom_one_in_use(void **state)
{
	struct prng random = {1};
	struct dtls_session *kept = NULL;
	unsigned in_use = 0;

	assert_null(dtls_table_stalest(&table, 1, NULL));
	for (uint32_t i = 0; i < 1000; i++) {
		kept = establish(i, true);
		kept->seen = table.now - (i % 2 ? 0 : 1000);
	}
	for (unsigned i = 0; i < 1000; i++) {
		struct dtls_session *stale = dtls_table_stalest(&table, prng_next(&random), kept);

		assert_non_null(stale);
		assert_ptr_not_equal(stale, kept);
		in_use += stale->seen == table.now;
	}
	assert_in_range(in_use, 0, 5);
}

static void only_established_sessions_are_stale(void **state)
{
	struct dtls_session *other = establish(1, true);

	for (uint32_t i = 0; i < 20; i++)
		assert_non_null(dtls_table_new(&table, i));
	for (unsigned i = 0; i < 100; i++) {
		struct dtls_session *stale = dtls_table_stalest(&table, i, NULL);
		assert_true(!stale || stale == other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_connection_id_names_worker_slot_and_generation,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_session_is_found_by_its_connection_id_only,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_stalest_of_a_few_is_seldom_one_in_use, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(only_established_sessions_are_stale, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_reserved_slot_is_found_before_it_has_keys, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			the_connection_id_of_a_removed_session_names_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(removal_wipes_the_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(removal_wipes_the_traffic_secrets_of_dtls_13,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(dtls_12_needs_no_memory_for_traffic_secrets, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_more_than_max_sessions_fit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sessions_without_connection_id_are_found_by_peer,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_new_session_takes_the_place_of_its_peers_old_one,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_session_moves_to_another_peer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_peer_comes_back_as_it_was_put_in, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_certain_slot_can_be_taken_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(sessions_that_are_never_used_expire, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_used_session_expires_when_it_was_idle_for_long,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_removed_comes_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sweep_does_no_more_than_it_may, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_table_has_no_more_slots_than_a_connection_id_can_name, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
