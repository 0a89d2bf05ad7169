// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Several workers: who owns, who answers, what is passed between them. handoff.c, dispatch.c,
// owner.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/handoff.h"
#include "dataplane/lifetime.h"
#include "dataplane/loop.h"
#include "dataplane/pkt.h"
#include "lwm2m/coap/block.h"
#include "tests/unit/support/device.h"

#define WORKERS 4
#define DEVICES 400

static struct gateway gw;

static int set_up(void **state)
{
	gateway_open(&gw, (struct gateway_params){.workers = WORKERS});
	gateway_ready(&gw);
	return 0;
}

static int tear_down(void **state)
{
	gateway_detach(&gw);
	assert_int_equal(GATEWAY_COUNT(&gw, rx_datagrams),
			 GATEWAY_COUNT(&gw, tx_datagrams) + gateway_drops(&gw));
	gateway_close(&gw);
	return 0;
}

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static const char *name_of(uint32_t number)
{
	static char name[32];

	snprintf(name, sizeof(name), "urn:dev:%u", number);
	return name;
}

static uint16_t owner_of(const char *endpoint)
{
	return dp_vshard_of_endpoint(endpoint, strlen(endpoint)) % WORKERS;
}

// A name whose session worker owner keeps.
static const char *name_owned_by(uint16_t owner)
{
	uint32_t n = 0;

	while (owner_of(name_of(n)) != owner)
		n++;
	return name_of(n);
}

static void a_session_lives_where_its_endpoint_hashes_to_whoever_received_it(void **state)
{
	uint32_t expected[WORKERS] = {0};

	for (uint32_t i = 0; i < DEVICES; i++) {
		uint16_t ingress = (uint16_t)(i * 7 / 5 % WORKERS), owner = owner_of(name_of(i));
		uint64_t location = device_registered(&gw, ingress, i, 1, name_of(i), 86400);

		expected[owner]++;
		assert_non_null(dp_session_live(gw.w[owner], location));
		assert_int_equal(dp_session_live(gw.w[owner], location)->peer.worker, ingress);
		// The same exchange again: the same bytes from the same worker, one registration.
		struct datagram d = device_register(i, 1, name_of(i), 86400);
		struct datagram again = device_ask(&gw, ingress, &d);
		assert_int_equal(device_location(&again), location);
		// The device may come in elsewhere the next time.
		d = device_update(i, 2, location, NULL);
		assert_int_equal(device_ask(&gw, (ingress + 1) % WORKERS, &d).msg.code,
				 COAP_CHANGED);
	}
	for (uint16_t i = 0; i < WORKERS; i++)
		assert_int_equal(gw.w[i]->sessions.count, expected[i]);
	assert_int_equal(COUNT(registers), DEVICES);
	assert_int_equal(COUNT(duplicates_answered), DEVICES);
	assert_true(COUNT(handoffs) > DEVICES);
}

static void deduplication_is_the_receiving_workers(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, name_owned_by(3), 86400);
	struct datagram d = device_update(1, 2, location, "lt=86400");
	uint64_t handoffs;

	assert_int_equal(device_ask(&gw, 2, &d).msg.code, COAP_CHANGED);
	handoffs = COUNT(handoffs);
	assert_int_equal(device_ask(&gw, 2, &d).msg.code, COAP_CHANGED);
	assert_int_equal(COUNT(handoffs), handoffs);
	assert_int_equal(gw.w[2]->counters.duplicates_answered, 1);
}

static void ack_response_and_rst_reach_the_owner_by_way_of_any_worker(void **state)
{
	static const uint8_t read_3[] = {0x40, 0x01, 0, 0, 0xb1, '3'};
	struct gateway_event ev;
	struct datagram request, d;

	for (uint16_t owner = 0; owner < WORKERS; owner++) {
		uint64_t location = device_registered(&gw, 1, 7, (uint16_t)(10 + owner),
						      name_owned_by(owner), 86400);
		for (uint16_t by = 0; by < WORKERS; by++) {
			gateway_request(&gw, location, by, read_3, sizeof(read_3));
			gateway_run(&gw);
			// The way the device last came in.
			assert_true(gateway_take(&gw, by == 0 ? 1 : by - 1, &request));
			assert_int_equal(request.msg.mid % WORKERS, owner);
			d = device_empty(7, by % 2 ? COAP_ACK : COAP_RST, request.msg.mid);
			assert_int_equal(device_ask(&gw, by, &d).len, 0);
			if (by % 2) {
				assert_false(gateway_event(&gw, owner, &ev));
				d = device_response(7, COAP_CON, COAP_CONTENT,
						    (uint16_t)(100 + owner * WORKERS + by),
						    request.bytes + 4, 8, "x");
				assert_int_equal(device_ask(&gw, by, &d).msg.type, COAP_ACK);
			}
			assert_true(gateway_event(&gw, owner, &ev));
			assert_int_equal(ev.result, by % 2 ? BRIDGE_ANSWERED : BRIDGE_RESET);
		}
	}
	assert_int_equal(COUNT(requests_answered), 2 * WORKERS);
	assert_int_equal(COUNT(requests_reset), 2 * WORKERS);
	// Not for the tear-down's sum: requests are sent unasked, and these were answers to them.
	gw.w[0]->counters.rx_datagrams += COUNT(requests_sent);
	gw.w[0]->counters.tx_datagrams += COUNT(requests_answered) + COUNT(requests_reset);
}

static void notifications_reach_the_owner_by_way_of_any_worker(void **state)
{
	struct gateway_event ev;
	struct datagram d, answer;
	uint8_t token[8];

	for (uint16_t owner = 0; owner < WORKERS; owner++) {
		uint64_t location = device_registered(&gw, 1, 7, (uint16_t)(10 + owner),
						      name_owned_by(owner), 86400);
		uint64_t number = BRIDGE_OBSERVE_TOKEN(location, 3);

		for (int i = 0; i < 8; i++)
			token[i] = (uint8_t)(number >> (56 - 8 * i));
		for (uint16_t by = 0; by < WORKERS; by++) {
			d = device_response(20 + by, COAP_CON, COAP_CONTENT,
					    (uint16_t)(100 + owner), token, 8, "x");
			assert_int_equal(device_ask(&gw, by, &d).len, 0);
			// From a new address every time, which is told of first.
			assert_true(gateway_event(&gw, owner, &ev));
			assert_int_equal(ev.type, BRIDGE_EV_TOUCH);
			assert_int_equal(ev.peer.worker, by);
			assert_true(gateway_event(&gw, owner, &ev));
			assert_int_equal(ev.type, BRIDGE_EV_NOTIFY);
			assert_int_equal(ev.location, location);
			gateway_commit(&gw, owner, ev.seq);
			gateway_run(&gw);
			assert_true(gateway_take(&gw, by, &answer));
			assert_int_equal(answer.msg.type, COAP_ACK);
		}
	}
	assert_int_equal(COUNT(notifications), WORKERS * WORKERS);
	assert_int_equal(COUNT(moves), WORKERS * WORKERS);
}

static struct datagram block_of_register(const char *endpoint, uint16_t mid, uint32_t num,
					 bool more)
{
	struct datagram d = {.peer = gateway_device(7)};
	struct coap_block block = {num, more, 0};
	struct coap_writer w;
	static const char links[] = "</1/0>,</3/0>,</3303/0>,</3303/1>";
	char ep[64];

	snprintf(ep, sizeof(ep), "ep=%s", endpoint);
	coap_write_begin(&w, d.bytes, sizeof(d.bytes), COAP_CON, COAP_POST, mid, NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "rd");
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, ep);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lwm2m=1.1");
	coap_write_block(&w, COAP_OPT_BLOCK1, &block);
	coap_write_payload(&w, &links[16 * num], more ? 16 : 1);
	d.len = coap_write_finish(&w);
	return d;
}

static void blocks_are_put_together_by_the_owner(void **state)
{
	struct gateway_event ev;
	struct datagram d, answer;
	struct coap_msg msg;

	for (uint16_t owner = 0; owner < WORKERS; owner++) {
		uint16_t mid = (uint16_t)(10 * owner), by = (uint16_t)((owner + 1) % WORKERS);

		for (uint16_t num = 0; num < 2; num++) {
			d = block_of_register(name_owned_by(owner), mid + num, num, true);
			assert_int_equal(device_ask(&gw, by, &d).msg.code, COAP_CONTINUE);
			assert_int_equal(device_ask(&gw, by, &d).msg.code, COAP_CONTINUE);
		}
		assert_int_equal(gw.w[owner]->assembly.count, 1);
		d = block_of_register(name_owned_by(owner), mid + 2, 2, false);
		assert_int_equal(device_ask(&gw, by, &d).len, 0);
		assert_true(gateway_event(&gw, owner, &ev));
		assert_int_equal(ev.type, BRIDGE_EV_REGISTER);
		assert_int_equal(coap_msg_parse(&msg, ev.coap, ev.coap_len), COAP_OK);
		assert_int_equal(msg.payload_len, 33);
		gateway_commit(&gw, owner, ev.seq);
		gateway_run(&gw);
		assert_true(gateway_take(&gw, by, &answer));
		assert_int_equal(answer.msg.code, COAP_CREATED);
		assert_int_equal(gw.w[owner]->assembly.count, 0);
	}
}

// It names no session, so nobody is asked whose it is.
static void a_send_is_promised_by_the_worker_that_got_it(void **state)
{
	struct gateway_event ev;
	struct coap_writer w;
	uint64_t handoffs = COUNT(handoffs);

	for (uint16_t by = 0; by < WORKERS; by++) {
		struct datagram d = {.peer = gateway_device(7)};

		coap_write_begin(&w, d.bytes, sizeof(d.bytes), COAP_CON, COAP_POST, by, NULL, 0);
		coap_write_opt(&w, COAP_OPT_URI_PATH, "dp", 2);
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 112);
		coap_write_payload(&w, "\x80", 1);
		d.len = coap_write_finish(&w);
		assert_int_equal(device_ask(&gw, by, &d).len, 0);
		assert_true(gateway_event(&gw, by, &ev));
		assert_int_equal(ev.type, BRIDGE_EV_SEND);
		gateway_commit(&gw, by, ev.seq);
		gateway_run(&gw);
		assert_true(gateway_take(&gw, by, &d));
		assert_int_equal(d.msg.code, COAP_CHANGED);
	}
	assert_int_equal(COUNT(handoffs), handoffs);
}

static void message_ids_of_workers_that_do_not_exist_are_nobodys(void **state)
{
	gateway_detach(&gw);
	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.workers = 3});
	struct datagram d = device_empty(1, COAP_ACK, 0x1003);
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
	assert_int_equal(COUNT(drop_coap_unexpected), 1);
}

static void a_request_that_finds_the_ring_full_is_counted_and_new_when_repeated(void **state)
{
	uint64_t location;
	struct datagram d;
	unsigned lost;

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.workers = 2, .ring = 64});
	gateway_ready(&gw);
	location = device_registered(&gw, 0, 1, 1, "a", 86400);
	uint16_t owner = BRIDGE_LOCATION_VSHARD(location) % 2, other = 1 - owner;
	for (uint16_t i = 0; i < 200; i++) {
		d = device_update(1, (uint16_t)(100 + i), location, "lt=86400");
		gateway_inject(&gw, other, &d);
	}
	for (int i = 0; i < 8; i++) // the owner sleeps on
		dp_worker_poll(gw.w[other], gw.now_us, GATEWAY_WALL_US + gw.now_us);
	lost = (unsigned)COUNT(drop_ring_full);
	assert_int_equal(lost, 200 - 63);
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 63);
	for (uint16_t i = 0; i < 200; i++) {
		d = device_update(1, (uint16_t)(100 + i), location, "lt=86400");
		assert_int_equal(device_ask(&gw, other, &d).msg.code, COAP_CHANGED);
	}
	assert_int_equal(COUNT(updates), 200);
}

// Group commit: control's one word answers thousands, most of them another worker's to send.
static void many_answers_committed_at_once_all_arrive(void **state)
{
	const unsigned devices = 1500;
	unsigned answered = 0;

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){
				  .workers = 2, .ring = 256, .max_sessions = 4000, .mbufs = 4095});
	gateway_ready(&gw);
	for (uint32_t i = 0, sent = 0; sent < devices; i++) {
		if (dp_vshard_of_endpoint(name_of(i), strlen(name_of(i))) % 2 != 1)
			continue;
		struct datagram d = device_register(i, 1, name_of(i), 60);
		gateway_inject(&gw, 0, &d);
		if (++sent % 64 == 0)
			gateway_run(&gw);
	}
	gateway_run(&gw);
	assert_int_equal(COUNT(promises), devices);
	assert_int_equal(COUNT(drop_ring_full), 0);
	gateway_commit(&gw, 1, devices);
	for (int i = 0; i < 1000; i++) {
		gateway_round(&gw);
		answered += gateway_drain(&gw);
	}
	assert_int_equal(COUNT(drop_ring_full), 0);
	assert_int_equal(answered, devices);
	assert_int_equal(COUNT(registers), devices);
}

static void what_control_committed_before_it_went_is_answered(void **state)
{
	const uint32_t devices = 400;

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.workers = 2, .ring = 64});
	gateway_ready(&gw);
	for (uint32_t i = 0; i < devices; i++) {
		struct datagram d = device_register(i, 1, name_of(i), 60);

		gateway_inject(&gw, 0, &d);
		if (i % 32 == 31)
			gateway_run(&gw);
	}
	gateway_run(&gw);
	assert_int_equal(COUNT(promises), devices);
	gateway_commit(&gw, 0, devices);
	gateway_commit(&gw, 1, devices);
	dp_worker_poll(gw.w[1], gw.now_us, GATEWAY_WALL_US); // fills the ring, no more
	assert_true(gw.w[1]->parked.head <= gw.w[1]->parked.committed);
	dp_worker_poll(gw.w[0], gw.now_us, GATEWAY_WALL_US);
	gateway_detach(&gw);
	assert_int_equal(COUNT(registers), devices);
	assert_int_equal(COUNT(drop_parked_lost), 0);
	assert_int_equal(COUNT(drop_ring_full), 0);
	assert_int_equal(gateway_drain(&gw), devices);
}

static void many_answers_forgotten_at_once_are_all_new_when_repeated(void **state)
{
	const unsigned devices = 1500;

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){
				  .workers = 2, .ring = 256, .max_sessions = 4000, .mbufs = 4095});
	gateway_ready(&gw);
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0, sent = 0; sent < devices; i++) {
			if (dp_vshard_of_endpoint(name_of(i), strlen(name_of(i))) % 2 != 1)
				continue;
			struct datagram d = device_register(i, 1, name_of(i), 60);
			gateway_inject(&gw, 0, &d);
			if (++sent % 64 == 0)
				gateway_run(&gw);
		}
		gateway_run(&gw);
		assert_int_equal(COUNT(promises), devices * (pass + 1));
		gateway_detach(&gw);
		assert_int_equal(COUNT(drop_ring_full), 0);
		gateway_ready(&gw);
	}
}

static void a_sleeping_worker_is_woken_by_what_is_handed_to_it(void **state)
{
	uint64_t rings = 0;
	struct datagram d;

	for (int i = 0; i < WORKERS; i++)
		gw.w[i]->adaptive = true;
	d = device_register(1, 1, name_owned_by(2), 60);
	gateway_inject(&gw, 0, &d);
	atomic_store(&gw.w[2]->asleep, 1);
	dp_worker_poll(gw.w[0], gw.now_us, 0);
	assert_int_equal(read(gw.w[2]->doorbell, &rings, sizeof(rings)), sizeof(rings));
	assert_int_equal(rings, 1);
	// With something in its ring, it does not fall asleep at all.
	dp_worker_sleep(gw.w[2], 1000000);
	assert_int_equal(gw.w[2]->counters.sleeps, 0);
	assert_int_equal(atomic_load(&gw.w[2]->asleep), 0);
	gateway_run(&gw);
	dp_worker_sleep(gw.w[2], 1);
	assert_int_equal(gw.w[2]->counters.sleeps, 1);
	assert_int_equal(atomic_load(&gw.w[2]->asleep), 0);
}

static void a_sleeping_worker_is_woken_by_a_command(void **state)
{
	gateway_commit(&gw, 1, 0);
	dp_worker_sleep(gw.w[1], 1000000);
	assert_int_equal(gw.w[1]->counters.sleeps, 0);
}

static void a_session_restored_for_fewer_workers_is_served(void **state)
{
	struct dp_peer peer = gateway_device(5);
	uint64_t location = BRIDGE_LOCATION(dp_vshard_of_endpoint("x", 1), 4, 5);
	uint16_t owner = BRIDGE_LOCATION_VSHARD(location) % WORKERS;
	struct datagram d;

	peer.worker = 13;   // of sixteen
	gw.port.queues = 2; // this port has queues for two of the four workers
	gateway_restore(&gw, owner, location, "x", 6000, &peer);
	gateway_request(&gw, location, 1, "\x40\x01\x00\x00", 4);
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 1, &d));
	gw.port.queues = WORKERS;
	gw.w[0]->counters.rx_datagrams++; // see above
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_session_lives_where_its_endpoint_hashes_to_whoever_received_it),
		T(deduplication_is_the_receiving_workers),
		T(ack_response_and_rst_reach_the_owner_by_way_of_any_worker),
		T(notifications_reach_the_owner_by_way_of_any_worker),
		T(blocks_are_put_together_by_the_owner),
		T(a_send_is_promised_by_the_worker_that_got_it),
		T(message_ids_of_workers_that_do_not_exist_are_nobodys),
		T(a_request_that_finds_the_ring_full_is_counted_and_new_when_repeated),
		T(many_answers_committed_at_once_all_arrive),
		T(what_control_committed_before_it_went_is_answered),
		T(many_answers_forgotten_at_once_are_all_new_when_repeated),
		T(a_sleeping_worker_is_woken_by_what_is_handed_to_it),
		T(a_sleeping_worker_is_woken_by_a_command),
		T(a_session_restored_for_fewer_workers_is_served),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
