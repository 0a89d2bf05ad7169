// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/swarm/load/order.h"
#include "bench/swarm/load/scenario.h"

static struct scenario sc;
static char why[256];

static int reset(void **state)
{
	scenario_init(&sc);
	why[0] = 0;
	return 0;
}

static int read_text(const char *text)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", text);
	FILE *in = fmemopen(copy, strlen(copy), "r");
	int rc = scenario_read(&sc, in, "s.swarm", why);
	fclose(in);
	return rc;
}

static void a_scenario_says_what_the_fleet_is_and_does(void **state)
{
	assert_int_equal(read_text("# a fleet\n"
				   "devices 1000000\n"
				   "addresses 10.0.0.0/12   # many\n"
				   "lifetime 300\n"
				   "timeout 0.5\n"
				   "order sequential\n"
				   "\n"
				   "register window=4096\n"
				   "update rate=200000 seconds=2.5 duplicates=1.5%\n"
				   "update rounds=3\n"),
			 0);
	assert_int_equal(scenario_check(&sc, false, why), 0);
	assert_int_equal(sc.devices, 1000000);
	assert_int_equal(sc.address, 0x0a000000);
	assert_int_equal(sc.address_bits, 20);
	assert_int_equal(sc.lifetime_s, 300);
	assert_int_equal(sc.timeout_ms, 500);
	assert_true(sc.sequential);
	assert_int_equal(sc.phases_count, 3);
	assert_int_equal(sc.phases[0].kind, PHASE_REGISTER);
	assert_int_equal(sc.phases[0].window, 4096);
	assert_int_equal(sc.phases[0].rounds, 1);
	assert_int_equal(sc.phases[1].rate, 200000);
	assert_int_equal(sc.phases[1].duration_ms, 2500);
	assert_int_equal(sc.phases[1].duplicates, 15000);
	assert_int_equal(sc.phases[1].rounds, 0);
	assert_int_equal(sc.phases[2].rounds, 3);
	assert_int_equal(sc.phases[2].line, 10);
}

static void a_later_line_overrides_an_earlier_one(void **state)
{
	assert_int_equal(read_text("devices 5\ndevices 7\n"), 0);
	assert_int_equal(sc.devices, 7);
}

static void errors_name_file_line_and_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"devices 10\nregistr\n",
		 "s.swarm:2: neither a phase nor a setting with one value: registr"},
		{"colour red\n", "s.swarm:1: neither a phase nor a setting: colour"},
		{"devices 0\n", "s.swarm:1: 0 is not a number from 1 to 100000000"},
		{"devices 1e3\n", "s.swarm:1: 1e3 is not a number from 1 to 100000000"},
		{"devices -1\n", "s.swarm:1: -1 is not a number from 1 to 100000000"},
		{"\n\nregister window\n", "s.swarm:3: not NAME=VALUE: window"},
		{"register seconds=3\n",
		 "s.swarm:1: goes once over the fleet, not for seconds: register"},
		{"register rounds=3\n", "s.swarm:1: not a parameter of this phase: rounds"},
		{"update seconds=1 rounds=2\n", "s.swarm:1: has both rounds and seconds: update"},
		{"update duplicates=5\n", "s.swarm:1: not a percentage: 5"},
		{"update duplicates=101%\n", "s.swarm:1: 101 is not a number above 0, up to 100"},
		{"update seconds=nan\n", "s.swarm:1: nan is not a number above 0, up to 86400"},
		{"pause\n", "s.swarm:1: needs seconds=N: pause"},
		{"pause window=3\n", "s.swarm:1: pause has no such parameter: window"},
		{"observe rate=3\n", "s.swarm:1: observe has no such parameter: rate"},
		{"notify rate=3 per-device=1\n", "s.swarm:1: has both rate and per-device: notify"},
		{"notify non duplicates=1%\n",
		 "s.swarm:1: has duplicates that nobody would answer: notify"},
		{"update con\n", "s.swarm:1: not NAME=VALUE: con"},
		{"register per-device=1\n", "s.swarm:1: not a parameter of this phase: per-device"},
		{"addresses 10.0.0.1/8\n", "s.swarm:1: has bits behind its prefix: 10.0.0.1"},
		{"addresses 10.0.0.0\n", "s.swarm:1: not ADDRESS/LENGTH: 10.0.0.0"},
		{"addresses ::/8\n", "s.swarm:1: not an IPv4 address: ::"},
		{"dtls\n", "s.swarm:1: needs psk=KEY: dtls"},
		{"dtls psk\n", "s.swarm:1: not NAME=VALUE: psk"},
		{"dtls psk=012\n",
		 "s.swarm:1: not a key of 1 to 30 bytes in hexadecimal digits: 012"},
		{"dtls psk=0g\n", "s.swarm:1: not hexadecimal digits: 0g"},
		{"dtls psk=00 cid=maybe\n", "s.swarm:1: neither yes nor no: maybe"},
		{"dtls psk=00 key=1\n", "s.swarm:1: dtls has no such parameter: key"},
		{"dtls psk=00 pad=600\n", "s.swarm:1: 600 is not a number from 1 to 512"},
		{"dtls psk=00 pad=64 cid=no\n",
		 "s.swarm:1: has pad= for records without a Connection ID: dtls"},
		{"order reverse\n", "s.swarm:1: neither random nor sequential: reverse"},
		{"update a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1\n", "s.swarm:1: one word too many: h=1"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset(NULL);
		assert_int_equal(read_text(cases[i].text), -EINVAL);
		assert_string_equal(why, cases[i].why);
	}
}

static void a_line_without_end_is_refused(void **state)
{
	char line[600];

	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	assert_int_equal(read_text(line), -EINVAL);
}

static void more_phases_than_fit_are_refused(void **state)
{
	for (unsigned i = 0; i < SCENARIO_PHASES_MAX; i++)
		assert_int_equal(scenario_line(&sc, "register", i, why), 0);
	assert_int_equal(scenario_line(&sc, "register", 99, why), -EINVAL);
}

static void nothing_to_do_is_refused(void **state)
{
	assert_int_equal(scenario_check(&sc, false, why), -EINVAL);
}

static void devices_must_register_before_they_do_anything_else(void **state)
{
	read_text("register\nderegister\nupdate\n");
	assert_int_equal(scenario_check(&sc, false, why), -EINVAL);
	assert_string_equal(why, "line 3: update, but no device is registered by then");
}

static void a_line_says_how_the_fleet_speaks_dtls(void **state)
{
	static const uint8_t psk[] = {0x00, 0xaB, 0xcd};

	assert_int_equal(read_text("dtls psk=00aBcd identity=id pad=64\nregister\nhandshake\n"), 0);
	assert_int_equal(scenario_check(&sc, false, why), 0);
	assert_int_equal(sc.dtls.psk_len, 3);
	assert_memory_equal(sc.dtls.psk, psk, sizeof(psk));
	assert_string_equal(sc.dtls.identity, "id");
	assert_int_equal(sc.dtls.padding, 64);
	assert_false(sc.dtls.without_cid);
}

static void handshakes_need_dtls_and_strangers_hellos_do_not(void **state)
{
	read_text("handshake\n");
	assert_int_equal(scenario_check(&sc, false, why), -EINVAL);
	assert_string_equal(why, "line 1: handshake, but there is no line dtls");
	reset(state);
	read_text("hello rate=1000 seconds=1\n");
	assert_int_equal(scenario_check(&sc, false, why), 0);
	reset(state);
	read_text("dtls psk=00\nhello rate=1000 seconds=1\n");
	assert_int_equal(scenario_check(&sc, false, why), -EINVAL);
	assert_string_equal(why, "line 2: hello, but they come without a line dtls");
}

static void a_phase_that_begins_at_other_addresses_needs_their_ports(void **state)
{
	read_text("addresses 10.0.0.0/24\ndevices 10000000\nregister\nupdate moved rounds=2\n");
	assert_true(sc.phases[1].moved);
	assert_int_equal(scenario_check(&sc, false, why), -EINVAL);
	assert_non_null(strstr(why, "need 78126 ports from 20000"));
}

static void bounced_devices_need_no_registration(void **state)
{
	read_text("update\n");
	assert_int_equal(scenario_check(&sc, true, why), 0);
}

static void devices_that_need_more_ports_than_there_are_are_refused(void **state)
{
	read_text("addresses 10.0.0.0/24\ndevices 10000000\nregister\nmove\n");
	assert_int_equal(scenario_ports(&sc), 39063);
	assert_int_equal(scenario_check(&sc, false, why), -EINVAL);
	assert_non_null(strstr(why, "need 78126 ports from 20000"));
}

static void an_order_has_every_device_once_and_knows_its_place(void **state)
{
	static const uint32_t counts[] = {1, 2, 3, 64, 1000, 65537};
	static uint8_t seen[65537];

	for (size_t c = 0; c < 2 * sizeof(counts) / sizeof(counts[0]); c++) {
		uint32_t count = counts[c / 2];
		struct order order;
		order_init(&order, count, 7, c % 2 == 1);
		memset(seen, 0, sizeof(seen));
		for (uint32_t place = 0; place < count; place++) {
			uint32_t device = order_device(&order, place);
			assert_in_range(device, 0, count - 1);
			assert_int_equal(seen[device]++, 0);
			assert_int_equal(order_place(&order, device), place);
			assert_true(!order.sequential || device == place);
		}
	}
}

static void the_next_device_is_seldom_a_neighbour(void **state)
{
	struct order order;
	unsigned near = 0;

	order_init(&order, 1000000, 1, false);
	for (uint32_t i = 0, last = 0, next; i < 10000; i++, last = next) {
		next = order_device(&order, i);
		near += (next > last ? next - last : last - next) < 1000;
	}
	assert_in_range(near, 0, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_scenario_says_what_the_fleet_is_and_does, reset),
		cmocka_unit_test_setup(a_later_line_overrides_an_earlier_one, reset),
		cmocka_unit_test_setup(errors_name_file_line_and_reason, reset),
		cmocka_unit_test_setup(a_line_without_end_is_refused, reset),
		cmocka_unit_test_setup(more_phases_than_fit_are_refused, reset),
		cmocka_unit_test_setup(nothing_to_do_is_refused, reset),
		cmocka_unit_test_setup(devices_must_register_before_they_do_anything_else, reset),
		cmocka_unit_test_setup(a_line_says_how_the_fleet_speaks_dtls, reset),
		cmocka_unit_test_setup(handshakes_need_dtls_and_strangers_hellos_do_not, reset),
		cmocka_unit_test_setup(a_phase_that_begins_at_other_addresses_needs_their_ports,
				       reset),
		cmocka_unit_test_setup(bounced_devices_need_no_registration, reset),
		cmocka_unit_test_setup(devices_that_need_more_ports_than_there_are_are_refused,
				       reset),
		cmocka_unit_test(an_order_has_every_device_once_and_knows_its_place),
		cmocka_unit_test(the_next_device_is_seldom_a_neighbour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
