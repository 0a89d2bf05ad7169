// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions given back by control, nonsense from it, and what it reads of a worker. commands.c.
#include "tests/unit/dataplane/one_worker.h"

static uint64_t location_of(const char *endpoint, uint32_t slot, uint32_t gen)
{
	return BRIDGE_LOCATION(dp_vshard_of_endpoint(endpoint, strlen(endpoint)), slot, gen);
}

static void a_restored_session_lives_on_at_its_location(void **state)
{
	struct dp_peer peer = gateway_device(5);
	uint64_t location = location_of("urn:dev:5", 3, 9);

	gateway_attach(&gw);
	gateway_restore(&gw, 0, location, "urn:dev:5", 60, &peer);
	gateway_run(&gw);
	assert_int_equal(COUNT(restored), 1);
	// Keep-alives are answered at once, before control has finished.
	assert_int_equal(code_of(device_update(5, 1, location, NULL)), COAP_CHANGED);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	gateway_wait(&gw, 61 * S);
	expect_event(BRIDGE_EV_EXPIRE, 1, location);
	commit(1);
	assert_int_equal(gw.w[0]->sessions.count, 0);
}

static void endpoint_names_of_every_length_are_restored(void **state)
{
	char endpoint[256] = "";
	struct dp_peer peer = gateway_device(5);

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.max_sessions = 100000}); // slots by the hundred
	gateway_attach(&gw);
	for (uint32_t len = 1; len <= 255; len++) {
		endpoint[len - 1] = 'e';
		gateway_restore(&gw, 0, location_of(endpoint, len, 1), endpoint, 60, &peer);
	}
	gateway_run(&gw);
	assert_false(gw.w[0]->bridge_failed);
	assert_int_equal(COUNT(restored), 255);
}

static void restoring_what_is_there_reports_it_afresh(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct dp_peer stale = gateway_device(50);

	gateway_detach(&gw);
	gateway_wait(&gw, 7 * S);
	gateway_attach(&gw);
	gateway_restore(&gw, 0, location, "dev", 60, &stale);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	assert_memory_equal(ev.peer.addr, gateway_device(1).addr,
			    16); // its own word, not control's
	assert_int_equal(gw.w[0]->sessions.count, 1);
	assert_int_equal(COUNT(replaced), 0);
}

static void restoring_another_location_of_a_live_endpoint_replaces_it(void **state)
{
	uint64_t old = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct dp_peer peer = gateway_device(1);

	gateway_restore(&gw, 0, location_of("dev", 30, 3), "dev", 60, &peer);
	gateway_run(&gw);
	assert_int_equal(code_of(device_update(1, 2, old, NULL)), COAP_NOT_FOUND);
	assert_int_equal(code_of(device_update(1, 3, location_of("dev", 30, 3), NULL)),
			 COAP_CHANGED);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void restores_that_cannot_be_are_counted(void **state)
{
	uint64_t taken = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct dp_peer peer = gateway_device(1);

	gateway_restore(&gw, 0, location_of("dev", 1, 3) ^ 1, "dev", 60, &peer); // another shard
	gateway_restore(&gw, 0, location_of("dev", 1, 3) | 1ull << 54, "dev", 60, &peer);
	gateway_restore(&gw, 0, location_of("", 1, 3), "", 60, &peer);
	gateway_restore(&gw, 0, location_of("dev", 1, 0), "dev", 60,
			&peer);                                        // a free slot's generation
	gateway_restore(&gw, 0, taken ^ 1ull << 30, "dev", 60, &peer); // the slot is taken
	gateway_run(&gw);
	assert_int_equal(COUNT(restore_failures), 5);
	assert_int_equal(COUNT(restored), 0);
	assert_false(gw.w[0]->bridge_failed);
}

static void a_restored_peer_of_an_earlier_configuration_does_no_harm(void **state)
{
	struct dp_peer peer = gateway_device(5);
	uint64_t location = location_of("dev", 3, 9);

	gateway_attach(&gw);
	peer.port = 9;
	peer.worker = 200;
	peer.local = 250;
	gateway_restore(&gw, 0, location, "dev", 60, &peer);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	gateway_request(&gw, location, 1, "\x40\x01\x00\x00", 4);
	gateway_run(&gw);
	expect_event(BRIDGE_EV_RESPONSE, 0, location);
	assert_int_equal(ev.result, BRIDGE_INVALID);
}

static void expect_bridge_failure(uint16_t type, size_t len)
{
	uint8_t body[64] = {0};

	gateway_command(&gw, 0, type, body, len);
	gateway_run(&gw);
	assert_true(gw.w[0]->bridge_failed);
	// Nothing is read any more, and main closes the bridge.
	gateway_commit(&gw, 0, 1);
	gateway_run(&gw);
	gateway_detach(&gw);
	gateway_ready(&gw);
	assert_false(gw.w[0]->bridge_failed);
}

static void nonsense_from_control_closes_the_bridge(void **state)
{
	expect_bridge_failure(BRIDGE_COMMIT, 0);
	expect_bridge_failure(BRIDGE_COMMIT, 15);
	expect_bridge_failure(BRIDGE_REJECT, 15);
	expect_bridge_failure(BRIDGE_RESTORE, 51);
	expect_bridge_failure(BRIDGE_REQUEST, 23);
	expect_bridge_failure(BRIDGE_CANCEL, 23);
	expect_bridge_failure(BRIDGE_EV_REGISTER, 56);
	expect_bridge_failure(77, 56);
	expect_bridge_failure(UINT16_MAX, 0);
}

static void a_bridge_that_fails_with_answers_parked_loses_no_buffer(void **state)
{
	code_of(device_register(1, 1, "dev", 60));
	expect_bridge_failure(99, 0);
	assert_int_equal(COUNT(drop_parked_lost), 1);
	assert_int_equal(gw.w[0]->sessions.count, 0);
}

static void counters_and_gauges_reach_the_segment(void **state)
{
	device_registered(&gw, 0, 1, 1, "dev", 60);
	gateway_run(&gw);
	const struct bridge_worker_stats *stats = gw.control.channels[0].stats;
	assert_int_equal(stats->counters.registers, 1);
	assert_int_equal(stats->gauges.sessions, 1);
	assert_int_equal(stats->gauges.sessions_max, 1000);
	assert_int_equal(stats->gauges.parked, 0);
	assert_true(stats->counters.busy_cycles > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(a_restored_session_lives_on_at_its_location),
		FRESH(endpoint_names_of_every_length_are_restored),
		T(restoring_what_is_there_reports_it_afresh),
		T(restoring_another_location_of_a_live_endpoint_replaces_it),
		T(restores_that_cannot_be_are_counted),
		FRESH(a_restored_peer_of_an_earlier_configuration_does_no_harm),
		T(nonsense_from_control_closes_the_bridge),
		T(a_bridge_that_fails_with_answers_parked_loses_no_buffer),
		T(counters_and_gauges_reach_the_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
