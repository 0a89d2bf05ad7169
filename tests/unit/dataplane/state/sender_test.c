// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/state/sender.h"

#define NOW 1000000u // us

static const uint64_t seed[4] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
				 0x2545f4914f6cdd1d};
static struct dp_senders senders;
static bool displaced;

static int set_up(void **state)
{
	return dp_senders_init(&senders, 1); // one line, so that all fall there
}

static int tear_down(void **state)
{
	dp_senders_fini(&senders);
	return 0;
}

static struct dp_sender *get(uint64_t name)
{
	return dp_sender_get(&senders, name << 8, NOW, &displaced);
}

static void an_address_has_one_name_whatever_its_port(void **state)
{
	struct dp_peer a = {.addr = {[10] = 0xff, [11] = 0xff, [12] = 192, [15] = 1}}, b = a;

	b.udp_port_be16 = 7;
	b.local = 1;
	assert_int_equal(dp_sender_name(&a, seed), dp_sender_name(&b, seed));
	b.addr[15] = 2;
	assert_int_not_equal(dp_sender_name(&a, seed), dp_sender_name(&b, seed));
}

static void a_network_of_ipv6_is_one_sender(void **state)
{
	struct dp_peer a = {.addr = {0x20, 1}}, b = {.addr = {0x20, 1}};

	b.addr[8] = 5;
	b.addr[15] = 1;
	assert_int_equal(dp_sender_name(&a, seed), dp_sender_name(&b, seed));
	b.addr[7] = 1;
	assert_int_not_equal(dp_sender_name(&a, seed), dp_sender_name(&b, seed));
	b.addr[7] = 0;
	b.scope_id = 3; // fe80:: is another network on every link
	assert_int_not_equal(dp_sender_name(&a, seed), dp_sender_name(&b, seed));
}

static void an_address_finds_its_entry_again(void **state)
{
	struct dp_sender *sender = get(1);

	assert_false(displaced);
	assert_false(dp_sender_is_known(sender));
	assert_ptr_not_equal(get(2), sender);
	assert_ptr_equal(get(1), sender);
}

static void who_is_not_limited_goes_first_without_loss(void **state)
{
	for (uint64_t i = 1; i <= DP_SENDER_WAYS; i++)
		get(i)->full_ns = (NOW + (i == 3 ? 0 : 1000)) * 1000;
	struct dp_sender *third = get(3);
	assert_ptr_equal(get(9), third);
	assert_false(displaced);
}

static void a_limited_one_goes_when_all_are_and_that_is_told(void **state)
{
	for (uint64_t i = 1; i <= DP_SENDER_WAYS; i++)
		get(i)->full_ns = (NOW + i) * 1000;
	struct dp_sender *first = get(1);
	assert_ptr_equal(get(9), first);
	assert_true(displaced);
}

static void strangers_never_displace_known_addresses(void **state)
{
	for (uint64_t i = 1; i <= DP_SENDER_WAYS; i++)
		dp_sender_know(&senders, i << 8, NOW, &displaced);
	struct dp_sender *stranger = get(9);
	assert_ptr_equal(stranger, get(10)); // they share what is left
	assert_false(dp_sender_is_known(stranger));
	for (uint64_t i = 1; i <= DP_SENDER_WAYS; i++)
		assert_true(dp_sender_is_known(get(i)));
}

static void a_known_address_takes_the_place_of_a_stranger_before_another_known_one(void **state)
{
	for (uint64_t i = 1; i <= DP_SENDER_WAYS; i++)
		dp_sender_know(&senders, i << 8, NOW, &displaced);
	get(2)->full_ns = 1; // silent for longest
	dp_sender_know(&senders, 9 << 8, NOW, &displaced);
	assert_true(displaced);
	assert_true(dp_sender_is_known(get(9)));
	assert_false(dp_sender_is_known(get(2)));
	get(9)->name = 12 << 8; // a stranger now
	dp_sender_know(&senders, 13 << 8, NOW, &displaced);
	assert_false(displaced);
	assert_true(dp_sender_is_known(get(13)));
}

static void a_stranger_becomes_known_in_its_place(void **state)
{
	struct dp_sender *sender = get(1);

	dp_sender_know(&senders, 1 << 8, NOW, &displaced);
	assert_false(displaced);
	assert_ptr_equal(get(1), sender);
	assert_true(dp_sender_is_known(sender));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_one_name_whatever_its_port),
		cmocka_unit_test(a_network_of_ipv6_is_one_sender),
		T(an_address_finds_its_entry_again),
		T(who_is_not_limited_goes_first_without_loss),
		T(a_limited_one_goes_when_all_are_and_that_is_told),
		T(strangers_never_displace_known_addresses),
		T(a_known_address_takes_the_place_of_a_stranger_before_another_known_one),
		T(a_stranger_becomes_known_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
