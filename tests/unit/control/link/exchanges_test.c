// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/link/exchanges.h"
#include "control/metrics.h"
#include "control/store/exchanges.h"
#include "tests/unit/control/support/gateway.h"

#define NOW 1795000000u

static struct gateway gw; // for its directory
static struct ctl_store *store;
static struct link_exchanges *exchanges;

static void reopen(uint32_t max, uint32_t now_s)
{
	char why[160];

	link_exchanges_free(exchanges);
	ctl_store_close(store);
	store = ctl_store_open(gw.state, (size_t)64 << 20, true, why);
	assert_non_null(store);
	exchanges = link_exchanges_new(store, max, now_s);
	assert_non_null(exchanges);
}

static int set_up(void **state)
{
	gateway_init(&gw);
	reopen(1024, NOW);
	return 0;
}

static int tear_down(void **state)
{
	link_exchanges_free(exchanges);
	ctl_store_close(store);
	exchanges = NULL;
	store = NULL;
	gateway_remove(&gw);
	return 0;
}

// Numbers are their own hashes here, but not 0 and spread over the set.
static uint64_t hash_of(uint64_t n)
{
	return (n + 1) * 0x9e3779b97f4a7c15;
}

static void note(uint64_t from, uint64_t to, uint32_t now_s)
{
	for (uint64_t n = from; n < to; n++)
		link_exchanges_note(exchanges, hash_of(n), now_s);
}

static void commit(uint32_t now_s)
{
	link_exchanges_stage(exchanges, now_s);
	assert_int_equal(ctl_store_commit(store), 0);
}

static void expect_known(uint64_t from, uint64_t to, bool known)
{
	for (uint64_t n = from; n < to; n++)
		assert_int_equal(link_exchanges_known(exchanges, hash_of(n)), known);
}

static int count_value(uint64_t first, uint32_t wall_s, const void *hashes, uint32_t count,
		       void *arg)
{
	++*(unsigned *)arg;
	return 0;
}

static unsigned values(void)
{
	unsigned n = 0;

	assert_int_equal(ctl_store_exchanges_load(store, count_value, &n), 0);
	return n;
}

static void what_was_committed_is_known_after_a_restart(void **state)
{
	note(0, 100, NOW);
	commit(NOW);
	note(100, 101, NOW + 1);
	commit(NOW + 1);
	commit(NOW + 1); // nothing new: no value
	assert_int_equal(values(), 2);
	reopen(1024, NOW + 2);
	expect_known(0, 101, true);
	expect_known(101, 200, false);
	assert_int_equal(link_exchanges_count(exchanges), 101);
}

static void what_was_not_is_not(void **state)
{
	note(0, 10, NOW);
	commit(NOW);
	note(10, 20, NOW);
	expect_known(0, 20, true);            // in the round already
	link_exchanges_stage(exchanges, NOW); // and never submitted
	reopen(1024, NOW);
	expect_known(0, 10, true);
	expect_known(10, 20, false);
	note(15, 25, NOW);
	commit(NOW);
	reopen(1024, NOW);
	expect_known(0, 10, true);
	expect_known(10, 15, false);
	expect_known(15, 25, true);
}

static void after_exchange_lifetime_it_is_forgotten_here_and_on_disk(void **state)
{
	note(0, 10, NOW);
	commit(NOW);
	note(10, 20, NOW + 100);
	commit(NOW + 100);
	note(20, 30, NOW + EXCHANGES_LIFETIME_S - 1);
	commit(NOW + EXCHANGES_LIFETIME_S - 1);
	expect_known(0, 30, true);
	note(30, 31, NOW + EXCHANGES_LIFETIME_S);
	commit(NOW + EXCHANGES_LIFETIME_S);
	expect_known(0, 10, false);
	expect_known(10, 31, true);
	reopen(1024, NOW + EXCHANGES_LIFETIME_S);
	expect_known(0, 10, false);
	expect_known(10, 31, true);
	// What lapsed while control was away is deleted with what comes next.
	reopen(1024, NOW + 1000);
	assert_int_equal(link_exchanges_count(exchanges), 0);
	for (uint64_t n = 40; n < 43; n++) {
		note(n, n + 1, NOW + 1000 * (uint32_t)(n - 39));
		commit(NOW + 1000 * (uint32_t)(n - 39));
	}
	assert_true(values() <= 2);
}

static void of_too_many_the_oldest_are_forgotten_and_counted(void **state)
{
	uint64_t forgotten = ctl_counters.exchanges_forgotten;

	for (uint64_t n = 0; n < 5000; n += 100) {
		note(n, n + 100, NOW);
		commit(NOW);
	}
	assert_int_equal(link_exchanges_count(exchanges), 1024);
	assert_int_equal(ctl_counters.exchanges_forgotten - forgotten, 5000 - 1024);
	expect_known(0, 5000 - 1024, false);
	expect_known(5000 - 1024, 5000, true);
	assert_true(values() <= 12);
	reopen(1024, NOW);
	expect_known(5000 - 1024, 5000, true);
	reopen(64, NOW); // a smaller one reads what fits
	expect_known(5000 - 64, 5000, true);
	expect_known(0, 5000 - 64, false);
}

static void a_group_larger_than_all_there_is_room_for_is_written_as_far_as_it_is_known(void **state)
{
	note(0, 3000, NOW);
	commit(NOW);
	reopen(1024, NOW);
	expect_known(3000 - 1024, 3000, true);
	note(3000, 3001, NOW);
	commit(NOW);
	reopen(1024, NOW);
	expect_known(3000, 3001, true);
}

static void numbers_that_are_missing_on_disk_are_passed_over(void **state)
{
	uint64_t hash = hash_of(7), far = hash_of(8);

	note(0, 10, NOW);
	commit(NOW);
	memcpy(ctl_store_exchanges_put(store, 50, NOW, 1), &hash, sizeof(hash));
	memcpy(ctl_store_exchanges_put(store, 1000000, NOW, 1), &far, sizeof(far));
	assert_int_equal(ctl_store_commit(store), 0);
	reopen(1024, NOW);
	expect_known(8, 9, true);
	assert_int_equal(link_exchanges_count(exchanges), 1); // from before the gap there is none
	note(100, 110, NOW);
	commit(NOW);
	assert_int_equal(values(), 2);
	reopen(1024, NOW);
	expect_known(8, 9, true);
	expect_known(100, 110, true);
}

static void every_part_of_a_message_and_its_sender_counts(void **state)
{
	uint8_t coap[] = {0x41, 0x02, 0x12, 0x34, 0xaa, 0xb2, 'd', 'p', 0xff, 'x'};
	struct dp_peer peer = {.addr = {[15] = 1}, .udp_port_be16 = 99}, other = peer;
	uint64_t hash = link_exchanges_hash(exchanges, &peer, coap, sizeof(coap));

	assert_true(hash != 0);
	other.worker = 3; // the way it came does not
	other.local = 1;
	assert_true(link_exchanges_hash(exchanges, &other, coap, sizeof(coap)) == hash);
	other.addr[0] = 1;
	assert_true(link_exchanges_hash(exchanges, &other, coap, sizeof(coap)) != hash);
	other = peer;
	other.udp_port_be16 = 98;
	assert_true(link_exchanges_hash(exchanges, &other, coap, sizeof(coap)) != hash);
	other = peer;
	other.scope_id = 1;
	assert_true(link_exchanges_hash(exchanges, &other, coap, sizeof(coap)) != hash);
	dp_peer_set_dtls(&other, 1, 1);
	uint64_t session = link_exchanges_hash(exchanges, &other, coap, sizeof(coap));
	dp_peer_set_dtls(&other, 1, 2);
	assert_true(link_exchanges_hash(exchanges, &other, coap, sizeof(coap)) != session);
	for (size_t i = 1; i < sizeof(coap); i++) {
		coap[i] ^= 1;
		assert_true(link_exchanges_hash(exchanges, &peer, coap, sizeof(coap)) != hash);
		coap[i] ^= 1;
	}
	reopen(1024, NOW); // the key is the store's
	assert_true(link_exchanges_hash(exchanges, &peer, coap, sizeof(coap)) == hash);
	coap[0] = 0x51; // Non-confirmable
	assert_true(link_exchanges_hash(exchanges, &peer, coap, sizeof(coap)) == 0);
	assert_true(link_exchanges_hash(exchanges, &peer, NULL, 0) == 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_committed_is_known_after_a_restart),
		TEST(what_was_not_is_not),
		TEST(after_exchange_lifetime_it_is_forgotten_here_and_on_disk),
		TEST(of_too_many_the_oldest_are_forgotten_and_counted),
		TEST(a_group_larger_than_all_there_is_room_for_is_written_as_far_as_it_is_known),
		TEST(numbers_that_are_missing_on_disk_are_passed_over),
		TEST(every_part_of_a_message_and_its_sender_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
