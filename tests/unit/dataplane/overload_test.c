// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// More than there is time for: admission.c, stages/admit.c. gateway_device puts all devices into
// one /64, so they are one sender here unless elsewhere() moves them.
#include "tests/unit/dataplane/one_worker.h"

#define PEER_RATE    10u
#define PEER_BURST   20u
#define UNKNOWN_RATE 100u
#define NEW_RATE     5u

static int set_up_limits(void **state, struct config_overload overload)
{
	gateway_open(&gw, (struct gateway_params){.overload = overload});
	gateway_ready(&gw);
	return 0;
}

static int set_up_peer(void **state)
{
	return set_up_limits(
		state, (struct config_overload){.peer_rate = PEER_RATE, .peer_burst = PEER_BURST});
}

static int set_up_unknown(void **state)
{
	return set_up_limits(state, (struct config_overload){.unknown_rate = UNKNOWN_RATE});
}

static int set_up_new(void **state)
{
	return set_up_limits(state, (struct config_overload){.new_rate = NEW_RATE});
}

// From a network of its own.
static struct datagram elsewhere(struct datagram d, uint32_t network)
{
	memcpy(d.peer.addr + 4, &network, sizeof(network));
	return d;
}

static uint32_t max_age(const struct datagram *answer)
{
	struct coap_msg msg;
	struct coap_opt opt;
	uint32_t value = 0;

	assert_int_equal(coap_msg_parse(&msg, answer->bytes, answer->len), COAP_OK);
	assert_memory_equal(msg.token, DEVICE_TOKEN, sizeof(DEVICE_TOKEN) - 1);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_MAX_AGE, &opt));
	assert_true(coap_opt_uint(&opt, &value));
	return value;
}

static struct datagram links(uint32_t number, uint16_t mid)
{
	return device_message(number, COAP_CON, COAP_GET, mid, ".well-known/core", NULL);
}

static struct datagram update_of_nobody(uint32_t number, uint16_t mid)
{
	return device_update(number, mid, BRIDGE_LOCATION(0, 3, 9), NULL);
}

static void an_address_beyond_its_rate_is_told_when_to_come_back(void **state)
{
	struct datagram d, answer;

	for (uint16_t mid = 0; mid < PEER_BURST; mid++)
		assert_int_equal(code_of(links(1, mid)), COAP_CONTENT);
	d = links(2, 100); // another port or host, the same network
	answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_int_equal(answer.msg.type, COAP_ACK);
	assert_int_equal(max_age(&answer), 1);
	assert_int_equal(code_of(elsewhere(links(1, 0), 7)), COAP_CONTENT);
	assert_int_equal(COUNT(too_many), 1);
	// The repetition is not answered from memory.
	gateway_wait(&gw, 1 * S);
	assert_int_equal(code_of(d), COAP_CONTENT);
}

static void only_so_many_are_told(void **state)
{
	for (uint16_t mid = 0; mid < PEER_BURST; mid++)
		assert_int_equal(code_of(links(1, mid)), COAP_CONTENT);
	for (uint16_t mid = 100; mid < 100 + DP_TOO_MANY_RATE; mid++)
		assert_int_equal(code_of(links(1, mid)), COAP_TOO_MANY_REQUESTS);
	assert_int_equal(code_of(links(1, 50)), 0);
	assert_int_equal(COUNT(drop_peer_rate), 1);
}

static void what_is_no_request_is_not_told(void **state)
{
	static const uint8_t token[3];
	struct datagram garbage = {.bytes = {0x4f, 1, 0, 1}, .len = 4, .peer = gateway_device(1)};

	for (uint16_t mid = 0; mid < PEER_BURST; mid++)
		assert_int_equal(code_of(links(1, mid)), COAP_CONTENT);
	assert_int_equal(code_of(device_empty(1, COAP_CON, 1)), 0); // a ping
	assert_int_equal(code_of(device_response(1, COAP_CON, COAP_CONTENT, 2, token, 3, "x")), 0);
	assert_int_equal(code_of(garbage), 0);
	assert_int_equal(COUNT(drop_peer_rate), 3);
	assert_int_equal(COUNT(too_many), 0);
	assert_int_equal(COUNT(format_resets), 0);
}

static void keep_alives_do_not_count(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	for (uint16_t mid = 10; mid < 10 + 5 * PEER_BURST; mid++) {
		gw.now_us += 50;
		assert_int_equal(code_of(device_update(1, mid, location, NULL)), COAP_CHANGED);
	}
	assert_int_equal(COUNT(too_many), 0);
}

static void keep_alives_in_haste_do(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	for (uint16_t mid = 10; mid < 10 + PEER_BURST - 1; mid++)
		assert_int_equal(code_of(device_update(1, mid, location, NULL)), COAP_CHANGED);
	struct datagram d = device_update(1, 100, location, NULL), answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_int_equal(max_age(&answer), 1);
	gw.now_us += 50;
	assert_int_equal(code_of(d), COAP_CHANGED);
}

static void strangers_together_get_so_many_answers(void **state)
{
	for (uint32_t i = 0; i < UNKNOWN_RATE; i++)
		assert_int_equal(code_of(elsewhere(links(1, 1), 1 + i)), COAP_CONTENT);
	struct datagram d = elsewhere(links(1, 1), 500), answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_int_equal(max_age(&answer), DP_RETRY_AFTER_S);
	assert_int_equal(code_of(elsewhere(device_empty(1, COAP_CON, 1), 501)), 0);
	assert_int_equal(COUNT(drop_unknown_rate), 1);
	gateway_wait(&gw, 10000);
	assert_int_equal(code_of(d), COAP_CONTENT);
}

static void use_up_strangers(void)
{
	for (uint32_t i = 0; i < UNKNOWN_RATE; i++)
		assert_int_equal(code_of(elsewhere(update_of_nobody(1, 1), 1 + i)), COAP_NOT_FOUND);
	assert_int_equal(code_of(elsewhere(update_of_nobody(1, 1), 500)), COAP_TOO_MANY_REQUESTS);
}

static void registered_devices_are_served_while_strangers_are_not(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);
	uint64_t token = BRIDGE_OBSERVE_TOKEN(location, 1);
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(token >> (56 - 8 * i));
	use_up_strangers();
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	assert_int_equal(code_of(links(1, 3)), COAP_CONTENT); // known by its address
	// From a new address, by what only it can name.
	struct datagram d = elsewhere(
		device_response(1, COAP_CON, COAP_CONTENT, 4, bytes, sizeof(bytes), "1"), 9);
	assert_int_equal(code_of(d), 0);
	expect_event(BRIDGE_EV_NOTIFY, 2, location);
	assert_int_equal(code_of(elsewhere(device_update(1, 5, location, "lt=70"), 10)), 0);
	expect_event(BRIDGE_EV_UPDATE, 3, location);
	assert_int_equal(code_of(elsewhere(device_deregister(1, 6, location), 11)), 0);
	expect_event(BRIDGE_EV_DEREGISTER, 4, location);
	assert_int_equal(COUNT(drop_unknown_rate), 0);
}

static void restored_devices_are_no_strangers(void **state)
{
	uint32_t vshard = dp_vshard_of_endpoint("dev", 3);
	struct dp_peer peer = gateway_device(1);

	gateway_detach(&gw);
	gateway_run(&gw);
	gateway_attach(&gw);
	gateway_restore(&gw, 0, BRIDGE_LOCATION(vshard, 0, 1), "dev", 60, &peer);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	use_up_strangers();
	assert_int_equal(code_of(links(1, 3)), COAP_CONTENT);
}

static void strangers_may_still_register(void **state)
{
	use_up_strangers();
	device_registered(&gw, 0, 1, 1, "dev", 60);
	// And are known from then on.
	assert_int_equal(code_of(links(1, 2)), COAP_CONTENT);
}

static void who_sends_most_is_cut_off_first(void **state)
{
	gateway_close(&gw);
	set_up_limits(state, (struct config_overload){.peer_rate = 10,
						      .peer_burst = 2 * UNKNOWN_RATE,
						      .unknown_rate = UNKNOWN_RATE});
	uint32_t served = 0;
	for (uint16_t mid = 0; mid < 200; mid++)
		served += code_of(links(1, mid)) == COAP_CONTENT;
	assert_in_range(served, UNKNOWN_RATE / 2, UNKNOWN_RATE - 20);
	assert_int_equal(code_of(elsewhere(links(1, 1), 3)), COAP_CONTENT);
}

// While answers run short a message costs its address more, and so it has to wait for longer.
static void what_costs_more_comes_back_later(void **state)
{
	gateway_close(&gw);
	set_up_limits(state, (struct config_overload){.peer_rate = 1,
						      .peer_burst = DP_SHORTAGE_WEIGHT + 4,
						      .unknown_rate = UNKNOWN_RATE});
	for (uint32_t i = 0; i < UNKNOWN_RATE / 2 + 10; i++)
		assert_int_equal(code_of(elsewhere(links(1, 1), 1 + i)), COAP_CONTENT);
	assert_int_equal(code_of(links(1, 1)), COAP_CONTENT);
	struct datagram d = links(1, 2), answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_in_range(max_age(&answer), DP_SHORTAGE_WEIGHT - 4, DP_SHORTAGE_WEIGHT - 3);
	gateway_wait(&gw, max_age(&answer) * S);
	assert_int_equal(code_of(d), COAP_CONTENT);
}

static void the_last_packet_buffers_are_for_registered_devices(void **state)
{
	struct rte_mbuf *held[2047];
	unsigned n = 0;
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	while (n < 1850 && (held[n] = rte_pktmbuf_alloc(gw.pool)))
		n++;
	gateway_round(&gw);
	assert_int_equal(code_of(elsewhere(links(1, 1), 3)), COAP_TOO_MANY_REQUESTS);
	assert_int_equal(code_of(elsewhere(device_empty(1, COAP_CON, 1), 3)), 0);
	assert_int_equal(COUNT(drop_buffers_kept), 1);
	assert_int_equal(code_of(links(1, 2)), COAP_CONTENT);
	assert_int_equal(code_of(device_update(1, 3, location, NULL)), COAP_CHANGED);
	rte_pktmbuf_free_bulk(held, n);
	gateway_round(&gw);
	assert_int_equal(code_of(elsewhere(links(1, 1), 3)), COAP_CONTENT);
}

static void what_registered_devices_send_is_handled_first(void **state)
{
	struct datagram answer, d = elsewhere(links(1, 1), 5);

	device_registered(&gw, 0, 1, 1, "dev", 60);
	gateway_inject(&gw, 0, &d);
	d = links(1, 2);
	gateway_inject(&gw, 0, &d);
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.msg.mid, 2);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.msg.mid, 1);
}

static void an_address_is_forgotten_under_a_name(void **state)
{
	// More than the table has room for, each with something in its bucket.
	for (uint32_t i = 0; i < 100000; i++) {
		struct datagram d = elsewhere(links(1, 1), i);

		gateway_inject(&gw, 0, &d);
		gateway_round(&gw);
		gateway_drain(&gw);
	}
	assert_true(COUNT(senders_displaced) > 0);
}

static void new_endpoints_beyond_their_rate_are_told_to_come_back(void **state)
{
	char endpoint[16];

	for (uint16_t i = 0; i < NEW_RATE; i++) {
		snprintf(endpoint, sizeof(endpoint), "dev%u", i);
		device_registered(&gw, 0, i, i, endpoint, 60);
	}
	struct datagram d = device_register(9, 9, "dev9", 60), answer = device_ask(&gw, 0, &d);
	assert_int_equal(answer.msg.code, COAP_TOO_MANY_REQUESTS);
	assert_int_equal(max_age(&answer), DP_RETRY_AFTER_S);
	// One that is registered may do so again.
	device_registered(&gw, 0, 1, 100, "dev1", 60);
	gateway_wait(&gw, 1 * S);
	assert_int_equal(code_of(d), 0);
	commit(NEW_RATE + 2);
	assert_int_equal(taken_code(), COAP_CREATED);
}

static void new_endpoints_beyond_that_are_dropped(void **state)
{
	char endpoint[16];

	for (uint16_t i = 0; i < NEW_RATE; i++) {
		snprintf(endpoint, sizeof(endpoint), "dev%u", i);
		device_registered(&gw, 0, i, i, endpoint, 60);
	}
	for (uint16_t i = 0; i < DP_TOO_MANY_RATE; i++)
		assert_int_equal(code_of(device_register(9, i, "dev9", 60)),
				 COAP_TOO_MANY_REQUESTS);
	assert_int_equal(code_of(device_register(9, 5000, "dev9", 60)), 0);
	assert_int_equal(COUNT(drop_new_rate), 1);
}

static void a_stranger_s_send_waits_for_those_of_registered_devices(void **state)
{
	struct device_extra value = {
		.path = "dp", .option = COAP_OPT_CONTENT_FORMAT, .value = "\x6e", .value_len = 1};
	struct datagram d = device_message_with(1, COAP_CON, COAP_POST, 7, &value);

	device_registered(&gw, 0, 1, 1, "dev", 60);
	// As if so many waited.
	gw.w[0]->parked.head -= DP_PARKED_MAX - DP_PARKED_MAX / 8;
	assert_int_equal(code_of(elsewhere(d, 1)), COAP_SERVICE_UNAVAILABLE);
	assert_int_equal(code_of(d), 0);
	gw.w[0]->parked.head += DP_PARKED_MAX - DP_PARKED_MAX / 8;
	expect_event(BRIDGE_EV_SEND, 2, 0);
}

static void a_ring_that_control_keeps_empty_lets_every_new_device_in(void **state)
{
	struct bridge_ring *ring = &gw.w[0]->channel->events;
	uint32_t len = BRIDGE_RECORD_MAX / 2;
	char endpoint[16];

	for (uint32_t sent = 0; sent < BRIDGE_EVENT_SLOTS * BRIDGE_SLOT; sent += len) {
		struct bridge_trace *trace =
			(struct bridge_trace *)bridge_ring_reserve(ring, BRIDGE_EV_TRACE, len);

		assert_non_null(trace);
		trace->coap_len = len - sizeof(*trace);
		bridge_ring_publish(ring);
		assert_true(gateway_event(&gw, 0, &ev));
		snprintf(endpoint, sizeof(endpoint), "dev%u", sent / len);
		device_registered(&gw, 0, sent / len, 1, endpoint, 60);
	}
}

#define L(name, limits) cmocka_unit_test_setup_teardown(name, set_up_##limits, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		L(an_address_beyond_its_rate_is_told_when_to_come_back, peer),
		L(only_so_many_are_told, peer),
		L(what_is_no_request_is_not_told, peer),
		L(keep_alives_do_not_count, peer),
		L(keep_alives_in_haste_do, peer),
		L(strangers_together_get_so_many_answers, unknown),
		L(registered_devices_are_served_while_strangers_are_not, unknown),
		L(restored_devices_are_no_strangers, unknown),
		L(strangers_may_still_register, unknown),
		L(who_sends_most_is_cut_off_first, peer),
		L(what_costs_more_comes_back_later, peer),
		L(the_last_packet_buffers_are_for_registered_devices, unknown),
		L(what_registered_devices_send_is_handled_first, unknown),
		L(an_address_is_forgotten_under_a_name, peer),
		L(new_endpoints_beyond_their_rate_are_told_to_come_back, new),
		L(new_endpoints_beyond_that_are_dropped, new),
		T(a_stranger_s_send_waits_for_those_of_registered_devices),
		T(a_ring_that_control_keeps_empty_lets_every_new_device_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
