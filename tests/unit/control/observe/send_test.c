// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Send: who it is from, what is refused and with which code, what is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/metrics.h"
#include "lwm2m/coap/msg.h"
#include "tests/unit/control/observe/rig.h"

#define JSON 110

static int setup(void **state)
{
	rig_start(NULL, 0);
	return 0;
}

static int teardown(void **state)
{
	rig_stop();
	return 0;
}

static void send_from(uint16_t port_be16, int32_t format, const char *payload)
{
	union device_event event;
	uint32_t len = device_send(&event, format, payload, strlen(payload));

	event.ev.peer.udp_port_be16 = port_be16;
	rig_promise(&event, len);
}

static void send_now(int32_t format, const char *payload)
{
	send_from(0x3316, format, payload);
}

static void values_are_told_by_path(void **state)
{
	uint64_t before = ctl_counters.sends;

	send_now(JSON, "[{\"bn\":\"/3303/0/\",\"n\":\"5700\",\"v\":20.5},{\"n\":\"5701\",\"vs\":"
		       "\"Cel\"}]");
	rig_assert_heard("{\"ep\":\"dev\",\"val\":{\"/3303/0/5700\":{\"kind\":\"singleResource\","
			 "\"id\":5700,\"type\":\"FLOAT\",\"value\":\"20.5\"},\"/3303/0/5701\":{"
			 "\"kind\":\"singleResource\",\"id\":5701,\"type\":\"STRING\",\"value\":"
			 "\"Cel\"}}}\n");
	rig_assert_rejected(0, 0, 0);
	assert_int_equal(ctl_counters.sends, before + 1);
}

static void nobody_known_at_that_address_is_4_00(void **state)
{
	send_from(0x1234, JSON, "[{\"n\":\"/3303/0/5700\",\"v\":20.5}]");
	rig_assert_rejected(1, COAP_BAD_REQUEST, BRIDGE_REASON_NOT_REGISTERED);
	rig_assert_heard("");
}

static void a_session_that_is_known_otherwise_needs_no_address(void **state)
{
	static const char payload[] = "[{\"n\":\"/3303/0/5700\",\"v\":20.5}]";
	union device_event event;
	uint32_t len = device_send(&event, JSON, payload, strlen(payload));

	event.ev.peer.udp_port_be16 = 0x1234;
	event.ev.location = RIG_LOCATION;
	rig_promise(&event, len);
	rig_assert_rejected(0, 0, 0);
	assert_non_null(strstr(rig.heard, "20.5"));
}

static void what_is_no_pack_is_refused_with_the_code_that_says_why(void **state)
{
	uint64_t before = ctl_counters.sends_refused;

	send_now(JSON, "[{\"n\":");
	rig_assert_rejected(1, COAP_BAD_REQUEST, BRIDGE_REASON_PAYLOAD);
	send_now(11542, "\xc8");
	rig_assert_rejected(2, COAP_UNSUPPORTED_CONTENT_FORMAT, BRIDGE_REASON_FORMAT);
	send_now(-1, "1");
	rig_assert_rejected(3, COAP_UNSUPPORTED_CONTENT_FORMAT, BRIDGE_REASON_FORMAT);
	send_now(JSON, "[{\"n\":\"/3303/0/5700\",\"v\":20.5},{\"n\":\"/9/0/1\",\"v\":1}]");
	rig_assert_rejected(4, COAP_NOT_FOUND, BRIDGE_REASON_OBJECT);
	send_now(JSON, "[{\"n\":\"/3303/7/5700\",\"v\":20.5}]");
	rig_assert_rejected(5, COAP_NOT_FOUND, BRIDGE_REASON_OBJECT);
	rig_assert_heard("");
	assert_int_equal(ctl_counters.sends_refused, before + 5);
}

static bool committed(void *arg)
{
	return rig.dp.committed[0] == rig.dp.seq[0];
}

static void an_address_that_another_worker_tells_of_in_the_same_round_is_known(void **state)
{
	static const char payload[] = "[{\"n\":\"/3303/0/5700\",\"v\":20.5}]";
	union device_event said = {0}, touch = {.touch = {.location = RIG_LOCATION}};
	uint32_t len = device_send(&said, JSON, payload, strlen(payload));

	// The device's own worker is the second one; the Send comes by the first.
	assert_int_equal(BRIDGE_LOCATION_VSHARD(RIG_LOCATION) % FAKE_WORKERS, 1);
	said.ev.peer.udp_port_be16 = 0x1234;
	touch.record.type = BRIDGE_EV_TOUCH;
	touch.touch.wall_ms = DEVICE_WALL_MS + 1;
	touch.touch.peer = said.ev.peer;
	assert_int_not_equal(fake_promise(&rig.dp, &said, len), 0);
	assert_true(fake_send(&rig.dp, 1, &touch, sizeof(touch.touch)));
	rig_run_until(committed);
	rig_assert_rejected(0, 0, 0);
	assert_non_null(strstr(rig.heard, "20.5"));
}

static void of_one_resource_with_several_times_the_newest_is_the_value(void **state)
{
	send_now(JSON, "[{\"bn\":\"/3303/0/5700\",\"bt\":1795000000,\"v\":1.5},{\"t\":2,\"v\":3.5},"
		       "{\"t\":1,\"v\":2.5}]");
	rig_assert_heard("{\"ep\":\"dev\",\"val\":{\"/3303/0/5700\":{\"kind\":\"singleResource\","
			 "\"id\":5700,\"type\":\"FLOAT\",\"value\":\"3.5\"}}}\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(values_are_told_by_path),
		TEST(nobody_known_at_that_address_is_4_00),
		TEST(a_session_that_is_known_otherwise_needs_no_address),
		TEST(what_is_no_pack_is_refused_with_the_code_that_says_why),
		TEST(an_address_that_another_worker_tells_of_in_the_same_round_is_known),
		TEST(of_one_resource_with_several_times_the_newest_is_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
