// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/state/exchange.h"
#include "dataplane/state/session.h"

static struct dp_exchanges xs;
static struct dp_session near_one, far_one;

static int set_up(void **state)
{
	near_one = (struct dp_session){.peer = {.addr = {1}, .udp_port_be16 = 5}};
	far_one = (struct dp_session){.peer = {.addr = {2}, .udp_port_be16 = 5}};
	return dp_exchanges_init(&xs);
}

static int tear_down(void **state)
{
	dp_exchanges_fini(&xs);
	return 0;
}

static void a_token_gives_back_shard_slot_and_kind(void **state)
{
	uint64_t token = BRIDGE_REQUEST_TOKEN(255, 0xfffff, UINT64_MAX);

	assert_true(token == (UINT64_MAX ^ 1ull << 35));
	token = BRIDGE_REQUEST_TOKEN(0x12, 0x34567, 0xf89abcdef0ull);
	assert_int_equal(BRIDGE_TOKEN_VSHARD(token), 0x12);
	assert_int_equal(BRIDGE_TOKEN_SLOT(token), 0x34567);
	assert_false(BRIDGE_TOKEN_OBSERVES(token));
	assert_true((token & 0x7ffffffffull) == 0x09abcdef0ull);
	token = BRIDGE_OBSERVE_TOKEN(BRIDGE_LOCATION(0x12, 0x34567, 0x3fedcba), 0xffff);
	assert_int_equal(BRIDGE_TOKEN_VSHARD(token), 0x12);
	assert_int_equal(BRIDGE_TOKEN_SLOT(token), 0x34567);
	assert_true(BRIDGE_TOKEN_OBSERVES(token));
	assert_int_equal(BRIDGE_TOKEN_CHECK(token), 0xfedcba);
	assert_int_equal(token >> 24 & 0x7ff, 0x7ff);
}

static void an_exchange_is_found_by_peer_and_message_id(void **state)
{
	struct dp_exchange *a = dp_exchange_new(&xs, &near_one, 10);
	struct dp_exchange *b = dp_exchange_new(&xs, &far_one, 10);
	struct dp_peer peer = near_one.peer;

	assert_ptr_equal(dp_exchange_by_mid(&xs, &near_one.peer, 10), a);
	assert_ptr_equal(dp_exchange_by_mid(&xs, &far_one.peer, 10), b);
	assert_null(dp_exchange_by_mid(&xs, &near_one.peer, 11));
	peer.udp_port_be16++;
	assert_null(dp_exchange_by_mid(&xs, &peer, 10));
	dp_exchange_free(&xs, b); // the head of its bucket
	assert_ptr_equal(dp_exchange_by_mid(&xs, &near_one.peer, 10), a);
	dp_exchange_free(&xs, a);
	assert_null(dp_exchange_by_mid(&xs, &near_one.peer, 10));
	assert_int_equal(xs.count, 0);
}

static void a_freed_one_comes_back_clean(void **state)
{
	struct dp_exchange *a = dp_exchange_new(&xs, &near_one, 10);

	a->token = 5;
	a->request_id = 6;
	dp_exchange_free(&xs, a);
	assert_null(a->session);
	assert_ptr_equal(dp_exchange_new(&xs, &far_one, 11), a);
	assert_int_equal(a->token, 0);
	assert_int_equal(a->request_id, 0);
	assert_null(a->timer.pprev);
}

static void the_pool_ends_at_its_size_and_every_one_can_be_found_and_freed(void **state)
{
	static struct dp_exchange *all[DP_EXCHANGES_MAX];

	for (uint32_t i = 0; i < DP_EXCHANGES_MAX; i++)
		assert_non_null(all[i] = dp_exchange_new(&xs, &near_one, (uint16_t)(i * 4)));
	assert_null(dp_exchange_new(&xs, &near_one, 1));
	for (uint32_t i = 0; i < DP_EXCHANGES_MAX; i += 97)
		assert_ptr_equal(dp_exchange_by_mid(&xs, &near_one.peer, (uint16_t)(i * 4)),
				 all[i]);
	for (uint32_t i = 0; i < DP_EXCHANGES_MAX; i++)
		dp_exchange_free(&xs, all[(i * 4099) % DP_EXCHANGES_MAX]);
	assert_int_equal(xs.count, 0);
	for (uint32_t i = 0; i < DP_EXCHANGE_BUCKETS; i++)
		assert_null(xs.buckets[i]);
	assert_non_null(dp_exchange_new(&xs, &near_one, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_gives_back_shard_slot_and_kind),
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(an_exchange_is_found_by_peer_and_message_id),
		T(a_freed_one_comes_back_clean),
		T(the_pool_ends_at_its_size_and_every_one_can_be_found_and_freed),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
