// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The link against a played dataplane with the real socket, segment and rings.
#include "tests/unit/control/link/rig.h"

static void a_register_is_committed_and_told(void **state)
{
	send_register("a", DEVICE_LOCATION(0));
	send_register("b", DEVICE_LOCATION(1));
	run_until(all_committed);
	assert_non_null(find("a"));
	assert_non_null(find("b"));
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 2);
	assert_int_equal(dp.rejects_count, 0);
	assert_string_equal(heard, "R:a R:b ");
}

static void a_device_that_registers_again_is_replaced(void **state)
{
	send_register("a", DEVICE_LOCATION(0));
	send_register("a", DEVICE_LOCATION(256)); // in the same group or not: the same order
	run_until(all_committed);
	send_register("a", DEVICE_LOCATION(512));
	run_until(all_committed);
	assert_string_equal(heard, "R:a D2:a R:a D2:a R:a ");
	assert_int_equal(find("a")->record->location, DEVICE_LOCATION(512));
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 1);
	assert_null(ctl_registry_by_location(gw.ctl.registry, DEVICE_LOCATION(0)));
}

static void updates_in_one_group_are_told_each_as_it_was(void **state)
{
	union device_event event;

	send_register("a", DEVICE_LOCATION(0));
	fake_promise(&dp, &event, device_update(&event, DEVICE_LOCATION(0), "lt=60", NULL));
	fake_promise(&dp, &event, device_update(&event, DEVICE_LOCATION(0), "", "</3/0>"));
	fake_promise(&dp, &event, device_update(&event, DEVICE_LOCATION(0), "lt=61", NULL));
	fake_promise(&dp, &event, device_deregister(&event, DEVICE_LOCATION(0)));
	run_until(all_committed);
	assert_string_equal(heard, "R:a U2/0/60:a U0/1/60:a U2/0/61:a D0:a ");
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 0);
}

static void an_expired_device_goes_with_that_reason(void **state)
{
	union device_event event;

	send_register("a", DEVICE_LOCATION(0));
	device_deregister(&event, DEVICE_LOCATION(0));
	event.record.type = BRIDGE_EV_EXPIRE;
	event.ev.coap_len = 0;
	fake_promise(&dp, &event, sizeof(event.ev));
	run_until(all_committed);
	assert_string_equal(heard, "R:a D1:a ");
}

static void the_end_of_an_unknown_location_is_done_already(void **state)
{
	union device_event event;

	fake_promise(&dp, &event, device_deregister(&event, DEVICE_LOCATION(8)));
	run_until(all_committed);
	assert_int_equal(dp.rejects_count, 0);
	assert_string_equal(heard, "");
}

static bool touched(void *arg)
{
	return strstr(heard, "U0/0/300:a") != NULL;
}

static void a_bare_keep_alive_is_told_and_reaches_the_disk_at_the_latest_when_stopping(void **state)
{
	union device_event event = {.touch = {.location = DEVICE_LOCATION(1)}};
	uint64_t later_ms = DEVICE_WALL_MS + 60000;

	send_register("a", DEVICE_LOCATION(1));
	run_until(all_committed);
	event.record.type = BRIDGE_EV_TOUCH;
	event.touch.wall_ms = later_ms;
	event.touch.peer.udp_port_be16 = 0x1234;
	assert_true(fake_send(&dp, 1, &event, sizeof(event.touch)));
	run_until(touched);
	assert_int_equal(find("a")->seen_ms, later_ms);
	assert_int_equal(find("a")->record->peer.udp_port_be16, 0x1234);
	assert_true(find("a")->dirty);
	gateway_stop(&gw);
	start();
	assert_int_equal(find("a")->seen_ms, later_ms);
	assert_int_equal(find("a")->record->peer.udp_port_be16, 0x1234);
}

static void send_touch(uint64_t wall_ms, uint16_t port)
{
	union device_event event = {.touch = {.location = DEVICE_LOCATION(1)}};

	event.record.type = BRIDGE_EV_TOUCH;
	event.touch.wall_ms = wall_ms;
	event.touch.peer.udp_port_be16 = port;
	assert_true(fake_send(&dp, 1, &event, sizeof(event.touch)));
}

static bool is_deregistered(void *arg)
{
	return strstr(heard, "D0:a") != NULL;
}

static void a_new_address_alone_is_no_update(void **state)
{
	union device_event event;

	send_register("a", DEVICE_LOCATION(1));
	run_until(all_committed);
	find("a")->heard_ms -= 1024;
	send_touch(DEVICE_WALL_MS, 0x1234);
	send_touch(DEVICE_WALL_MS + 2, 0x1235); // the same one, by a clock that drifts
	send_touch(DEVICE_WALL_MS - 2, 0x1236);
	fake_promise(&dp, &event, device_deregister(&event, DEVICE_LOCATION(3))); // after them
	run_until(all_committed);
	assert_string_equal(heard, "R:a ");
	gateway_stop(&gw);
	fake_stop(&dp);
	fake_start(&dp, gw.state);
	start();
	run_until(ready);
	assert_int_equal(find("a")->seen_ms, DEVICE_WALL_MS);
	assert_int_equal(find("a")->record->peer.udp_port_be16, 0x1236);
	send_touch(DEVICE_WALL_MS, 0x1237); // nothing is known of this device but what is on disk
	send_touch(DEVICE_WALL_MS + 1, 0x1237);
	send_touch(DEVICE_WALL_MS + 1, 0x1238);
	send_touch(DEVICE_WALL_MS + 3, 0x1238); // devices on the same machine are that quick
	fake_promise(&dp, &event, device_deregister(&event, DEVICE_LOCATION(1)));
	run_until(is_deregistered);
	assert_string_equal(heard, "U0/0/300:a U0/0/300:a D0:a ");
}

static void a_request_that_does_not_hold_water_is_rejected_with_its_code(void **state)
{
	union device_event event;

	fake_promise(&dp, &event,
		     device_register(&event, DEVICE_LOCATION(0), "lwm2m=1.1", "</3/0>"));
	fake_promise(&dp, &event,
		     device_register(&event, DEVICE_LOCATION(0), "ep=a&lwm2m=7", "</3/0>"));
	send_register("ok", DEVICE_LOCATION(2));
	run_until(all_committed);
	assert_int_equal(dp.rejects_count, 2);
	assert_int_equal(dp.rejects[0].seq, 1);
	assert_int_equal(dp.rejects[0].code, COAP_BAD_REQUEST);
	assert_int_equal(dp.rejects[1].code, COAP_PRECONDITION_FAILED);
	assert_string_equal(heard, "R:ok ");
}

static void malformed_promise(uint64_t location, uint32_t len, uint32_t coap_len, uint64_t wall_ms)
{
	union device_event event;

	device_register(&event, DEVICE_LOCATION(0), "ep=evil&lwm2m=1.1", "</3/0>");
	event.ev.location = location;
	event.ev.coap_len = coap_len;
	event.ev.wall_ms = wall_ms;
	event.record.seq = dp.seq[0] + 1;
	assert_true(fake_send(&dp, 0, &event, len));
	dp.seq[0]++;
}

static bool errors_counted(void *arg)
{
	return ctl_counters.bridge_errors >= *(uint64_t *)arg;
}

static void malformed_events_are_refused_and_stop_nothing(void **state)
{
	union device_event event;
	uint64_t errors = ctl_counters.bridge_errors + 9;

	malformed_promise(DEVICE_LOCATION(0), 20, 10, DEVICE_WALL_MS); // shorter than its fields
	malformed_promise(DEVICE_LOCATION(0), 100, 4000000000u, DEVICE_WALL_MS);
	malformed_promise(DEVICE_LOCATION(1), 100, 28, DEVICE_WALL_MS); // another worker's
	malformed_promise(UINT64_MAX - 1, 100, 28, DEVICE_WALL_MS);
	malformed_promise(DEVICE_LOCATION(0), 100, 28, UINT64_MAX);
	memset(&event, 0xff, sizeof(event));
	event.record.seq = 0;
	assert_true(fake_send(&dp, 0, &event, 64)); // no such type
	event.record.type = BRIDGE_EV_TOUCH;
	assert_true(fake_send(&dp, 0, &event, 32));
	event.record.type = BRIDGE_EV_RESPONSE;
	assert_true(fake_send(&dp, 0, &event, 128));
	event.record.type = BRIDGE_EV_REGISTER;
	event.record.seq = 1; // was used
	assert_true(fake_send(&dp, 0, &event, 128));
	send_register("ok", DEVICE_LOCATION(2));
	run_until(all_committed);
	assert_true(gateway_run_until(&gw, errors_counted, step, &errors));
	assert_int_equal(ctl_counters.bridge_errors, errors);
	assert_int_equal(dp.rejects_count, 5);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(dp.rejects[i].code, COAP_INTERNAL_SERVER_ERROR);
	assert_non_null(find("ok"));
	assert_null(find("evil"));
	assert_int_equal(dp.attaches, 1);
}

static void a_location_is_not_given_to_two_devices(void **state)
{
	send_register("a", DEVICE_LOCATION(0));
	send_register("b", DEVICE_LOCATION(0));
	run_until(all_committed);
	assert_int_equal(dp.rejects_count, 1);
	assert_non_null(find("a"));
	assert_null(find("b"));
}

static void random_events_never_stop_control(void **state)
{
	union device_event event;
	uint32_t random = 1;

	for (int i = 0; i < 5000; i++) {
		uint32_t len;

		for (size_t b = 0; b < 256; b++) {
			random = random * 1664525 + 1013904223;
			event.bytes[b] = (uint8_t)(random >> 24);
		}
		len = 16 + (random >> 8) % 240;
		event.record.type = (uint16_t)(1 + (random >> 4) % 7);
		event.ev.location &= (UINT64_C(1) << BRIDGE_LOCATION_BITS) - 1;
		event.ev.location &= ~UINT64_C(1);
		event.ev.wall_ms = DEVICE_WALL_MS;
		if (random & 8)
			event.ev.coap_len =
				len > sizeof(event.ev) ? len - (uint32_t)sizeof(event.ev) : 0;
		event.record.seq = dp.seq[0] + 1;
		if (fake_send(&dp, 0, &event, len))
			dp.seq[0]++;
		if (i % 100 == 0) {
			uv_run(&gw.loop, UV_RUN_NOWAIT);
			fake_step(&dp);
		}
	}
	send_register("ok", DEVICE_LOCATION(1));
	run_until(all_committed);
	assert_non_null(find("ok"));
}

static void when_the_dataplane_comes_back_it_is_told_everything(void **state)
{
	for (unsigned n = 0; n < 300; n++) {
		char name[16];

		snprintf(name, sizeof(name), "dev-%u", n);
		send_register(name, DEVICE_LOCATION(n));
	}
	run_until(all_committed);
	fake_stop(&dp);
	assert_int_equal(uv_run(&gw.loop, UV_RUN_NOWAIT) != 0, true);
	fake_start(&dp, gw.state);
	dp.attaches = 1;
	run_until(attached_twice);
	assert_int_equal(dp.restored, 300);
	assert_int_equal(dp.misplaced, 0);
	send_register("new", DEVICE_LOCATION(301));
	run_until(all_committed);
}

static void a_broken_ring_is_left_for_a_new_one(void **state)
{
	send_register("a", DEVICE_LOCATION(0));
	run_until(all_committed);
	atomic_store(&dp.seg.channels[0].events.shm->head, UINT64_MAX / 2);
	uint64_t one = 1;
	assert_int_equal(write(dp.seg.event_doorbell, &one, sizeof(one)), sizeof(one));
	run_until(attached_twice);
	assert_int_equal(dp.restored, 1);
}

static bool full_house_restored(void *arg)
{
	return ready(NULL);
}

static void more_registrations_than_the_rings_hold_are_restored_as_room_allows(void **state)
{
	const unsigned devices = 60000;

	for (unsigned n = 0; n < devices; n++) {
		struct ctl_record *record;
		char name[32];

		snprintf(name, sizeof(name), "dev-%u", n);
		record = device_record(name, DEVICE_LOCATION(n));
		ctl_store_put(gw.ctl.store, ctl_store_key_next(gw.ctl.store), record);
		free(record);
	}
	assert_int_equal(ctl_store_commit(gw.ctl.store), 0);
	gateway_stop(&gw);
	fake_hang_up(&dp);
	dp.restore_ends = 0;
	start();
	run_until(full_house_restored);
	assert_int_equal(dp.restored, devices);
	assert_int_equal(dp.misplaced, 0);
}

static bool starved(void *arg)
{
	return bridge_ring_room(&dp.seg.channels[0].events) == 0 || dp.seq[0] >= *(uint64_t *)arg;
}

static void flood(void *arg)
{
	union device_event event;

	// Every one is refused, so that each costs a command.
	for (int i = 0; i < 2000; i++)
		if (fake_promise(&dp, &event,
				 device_register(&event, DEVICE_LOCATION(0), "lwm2m=1.1",
						 "</3/0>")) == 0)
			return;
	fake_step(&dp);
}

static void a_worker_that_takes_no_commands_is_not_drowned_in_them(void **state)
{
	uint64_t events = BRIDGE_COMMAND_SLOTS + 20000;

	dp.deaf = true;
	assert_true(gateway_run_until(&gw, starved, flood, &events));
	send_register("other", DEVICE_LOCATION(1));
	dp.deaf = false;
	run_until(all_committed);
	assert_int_equal(dp.rejects_count, dp.seq[0]);
	assert_int_equal(dp.attaches, 1);
}

static void every_worker_is_told_when_nothing_may_be_promised(void **state)
{
	ctl_hold_set(&gw.ctl.holds, CTL_HOLD_OUTBOX, "full");
	run_until(all_held);
	fake_hang_up(&dp); // another dataplane is told, too
	dp.held[0] = dp.held[1] = false;
	run_until(all_held);
	ctl_hold_clear(&gw.ctl.holds, CTL_HOLD_OUTBOX);
	run_until(none_held);
}

static void a_worker_without_room_is_told_later_that_nothing_may_be_promised(void **state)
{
	struct bridge_ring *ring = &gw.ctl.link->seg.channels[0].commands;

	while (bridge_ring_room(ring) >= LINK_COMMITS_FREE)
		assert_non_null(bridge_ring_reserve(ring, BRIDGE_RESTORE_END,
						    sizeof(struct bridge_record)));
	ctl_hold_set(&gw.ctl.holds, CTL_HOLD_OUTBOX, "full");
	fake_step(&dp);
	assert_true(dp.held[1]);
	assert_false(dp.held[0]);
	link_publish(gw.ctl.link, 0);
	fake_step(&dp);
	send_register("a", DEVICE_LOCATION(1));
	run_until(all_held);
	ctl_hold_clear(&gw.ctl.holds, CTL_HOLD_OUTBOX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_register_is_committed_and_told),
		TEST(a_device_that_registers_again_is_replaced),
		TEST(updates_in_one_group_are_told_each_as_it_was),
		TEST(an_expired_device_goes_with_that_reason),
		TEST(the_end_of_an_unknown_location_is_done_already),
		TEST(a_bare_keep_alive_is_told_and_reaches_the_disk_at_the_latest_when_stopping),
		TEST(a_new_address_alone_is_no_update),
		TEST(a_request_that_does_not_hold_water_is_rejected_with_its_code),
		TEST(malformed_events_are_refused_and_stop_nothing),
		TEST(a_location_is_not_given_to_two_devices),
		TEST(random_events_never_stop_control),
		TEST(when_the_dataplane_comes_back_it_is_told_everything),
		TEST(a_broken_ring_is_left_for_a_new_one),
		TEST(more_registrations_than_the_rings_hold_are_restored_as_room_allows),
		TEST(a_worker_that_takes_no_commands_is_not_drowned_in_them),
		TEST(every_worker_is_told_when_nothing_may_be_promised),
		TEST(a_worker_without_room_is_told_later_that_nothing_may_be_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
