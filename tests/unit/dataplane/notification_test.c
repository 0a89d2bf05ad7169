// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Notifications of observed resources: stages/response.c, promise.c.
#include "tests/unit/dataplane/one_worker.h"

#define TOKEN_LEN 8

static const uint8_t observe[] = {0x40, 0x01, 0, 0, 0x60, 0x51, '3'};         // Observe: 0
static const uint8_t cancel[] = {0x40, 0x01, 0, 0, 0x61, 0x01, 0x51, '3'};    // Observe: 1
static const uint8_t fetch_off[] = {0x40, 0x05, 0, 0, 0x61, 0x01, 0xff, '3'}; // Observe-Composite

static uint64_t location;
static uint64_t token;

static int set_up_observed(void **state)
{
	set_up_ready(state);
	location = device_registered(&gw, 0, 1, 1, "dev", 86400);
	token = BRIDGE_OBSERVE_TOKEN(location, 5);
	return 0;
}

// From device number, with that token; sequence -1: without an Observe option.
static struct datagram message(uint32_t number, enum coap_type type, uint8_t code, uint16_t mid,
			       uint64_t with, int sequence)
{
	struct datagram d = {.peer = gateway_device(number)};
	uint8_t bytes[TOKEN_LEN];
	struct coap_writer w;

	for (int i = 0; i < TOKEN_LEN; i++)
		bytes[i] = (uint8_t)(with >> (56 - 8 * i));
	coap_write_begin(&w, d.bytes, sizeof(d.bytes), type, code, mid, bytes, TOKEN_LEN);
	if (sequence >= 0)
		coap_write_opt_uint(&w, COAP_OPT_OBSERVE, (uint32_t)sequence);
	coap_write_payload(&w, "21.5", 4);
	d.len = coap_write_finish(&w);
	assert_true(d.len > 0);
	return d;
}

static struct datagram notification(enum coap_type type, uint16_t mid)
{
	return message(1, type, COAP_CONTENT, mid, token, 7);
}

static void expect_notify(uint64_t seq, const struct datagram *d)
{
	expect_event(BRIDGE_EV_NOTIFY, seq, location);
	assert_int_equal(ev.coap_len, d->len);
	assert_memory_equal(ev.coap, d->bytes, d->len);
	assert_memory_equal(ev.peer.addr, d->peer.addr, 16);
	assert_int_equal(ev.wall_ms, (GATEWAY_WALL_US + gw.now_us) / 1000);
}

static void expect_silence(const struct datagram *d)
{
	assert_int_equal(device_ask(&gw, 0, d).len, 0);
}

static void a_confirmable_notification_is_acknowledged_once_control_has_it(void **state)
{
	struct datagram d = notification(COAP_CON, 100), answer;

	expect_silence(&d);
	expect_notify(2, &d);
	expect_silence(&d); // again, meanwhile
	commit(2);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.len, 4);
	assert_int_equal(answer.msg.type, COAP_ACK);
	assert_int_equal(answer.msg.mid, 100);
	answer = device_ask(&gw, 0, &d); // the ACK was lost
	assert_int_equal(answer.msg.type, COAP_ACK);
	expect_no_event();
	assert_int_equal(COUNT(notifications), 1);
	assert_int_equal(COUNT(drop_duplicate_pending), 1);
}

static void a_non_confirmable_notification_is_taken_without_a_word(void **state)
{
	struct datagram d = notification(COAP_NON, 100);

	expect_silence(&d);
	expect_notify(2, &d);
	commit(2);
	assert_int_equal(gateway_drain(&gw), 0);
	expect_silence(&d);
	assert_int_equal(COUNT(drop_duplicate_non), 1);
	assert_int_equal(COUNT(notifications), 1);
	assert_int_equal(COUNT(notifications_non), 1);
	gw.w[0]->counters.tx_datagrams++; // for the tear-down's sum
}

static void a_notification_nobody_wants_is_reset_confirmable_or_not(void **state)
{
	struct datagram con = notification(COAP_CON, 100), non = notification(COAP_NON, 101);
	struct datagram answer;

	expect_silence(&con);
	expect_silence(&non);
	expect_notify(2, &con);
	expect_notify(3, &non);
	gateway_reject(&gw, 0, 2, 0);
	gateway_reject(&gw, 0, 3, 0);
	commit(3);
	for (uint16_t mid = 100; mid < 102; mid++) {
		assert_true(gateway_take(&gw, 0, &answer));
		assert_int_equal(answer.len, 4);
		assert_int_equal(answer.msg.type, COAP_RST);
		assert_int_equal(answer.msg.mid, mid);
	}
	assert_int_equal(COUNT(notifications_rejected), 2);
	assert_int_equal(COUNT(notifications), 0);
	assert_int_equal(device_ask(&gw, 0, &con).msg.type, COAP_RST); // and so its repetition
	expect_no_event();
}

static void a_notification_control_could_not_keep_is_left_to_be_repeated(void **state)
{
	struct datagram d = notification(COAP_CON, 100);

	expect_silence(&d);
	expect_notify(2, &d);
	gateway_reject(&gw, 0, 2, COAP_INTERNAL_SERVER_ERROR);
	commit(2);
	assert_int_equal(gateway_drain(&gw), 0);
	assert_int_equal(COUNT(drop_notification), 1);
	expect_silence(&d);
	expect_notify(3, &d);
	commit(3);
	assert_int_equal(gateway_drain(&gw), 1);
}

static void errors_are_passed_on_as_notifications_too(void **state)
{
	static const uint8_t codes[] = {COAP_NOT_FOUND, COAP_METHOD_NOT_ALLOWED,
					COAP_INTERNAL_SERVER_ERROR, COAP_VALID};
	struct datagram d;

	for (uint16_t i = 0; i < sizeof(codes); i++) {
		d = message(1, COAP_CON, codes[i], (uint16_t)(100 + i), token, -1);
		expect_silence(&d);
		expect_notify(2u + i, &d);
		commit(2u + i);
		assert_int_equal(gateway_drain(&gw), 1);
	}
}

static void every_number_of_an_observation_is_known_and_nothing_else(void **state)
{
	static const uint64_t wrong[] = {1, 1ull << 23, 1ull << 35, 1ull << 36, 1ull << 56};
	struct datagram d;
	uint16_t mid = 100;
	uint64_t seq = 1;

	for (uint32_t number = 0; number < BRIDGE_OBSERVATIONS_MAX; number += 409) {
		token = BRIDGE_OBSERVE_TOKEN(location, number);
		d = notification(COAP_CON, mid++);
		expect_silence(&d);
		expect_notify(++seq, &d);
	}
	commit(seq);
	gateway_drain(&gw);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (int type = COAP_CON; type <= COAP_NON; type++) {
			d = message(1, type, COAP_CONTENT, mid++, token ^ wrong[i], 7);
			assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
		}
	}
	d = notification(COAP_CON, mid);
	d.bytes[0]--; // a token of seven bytes; the eighth is the first option's
	d.bytes[11] = 0x60;
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
	assert_int_equal(COUNT(unknown_resets), 11);
	expect_no_event();
}

static void a_piggybacked_response_is_no_notification(void **state)
{
	struct datagram d = notification(COAP_ACK, 100);

	expect_silence(&d);
	assert_int_equal(COUNT(drop_coap_unexpected), 1);
	expect_no_event();
}

static void observations_end_with_the_registration(void **state)
{
	struct datagram d;

	device_registered(&gw, 0, 1, 2, "dev", 86400); // anew
	d = notification(COAP_CON, 100);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_RST);
}

static void a_device_is_known_by_its_token_wherever_it_is(void **state)
{
	struct datagram d = message(9, COAP_CON, COAP_CONTENT, 100, token, 7);

	expect_silence(&d);
	// The new address first: what comes after may need it.
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	assert_memory_equal(ev.peer.addr, gateway_device(9).addr, 16);
	expect_notify(2, &d);
	commit(2);
	assert_int_equal(gateway_drain(&gw), 1);
	assert_int_equal(COUNT(moves), 1);
	// Requests go there from now on.
	gateway_request(&gw, location, 1, observe, sizeof(observe));
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &d));
	assert_memory_equal(d.peer.addr, gateway_device(9).addr, 16);
	gw.w[0]->counters.rx_datagrams++; // for the tear-down's sum
}

static void a_response_from_another_address_moves_the_session_too(void **state)
{
	struct datagram request, d;

	gateway_request_with(&gw, location, 1, token, observe, sizeof(observe));
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
	d = message(9, COAP_CON, COAP_CONTENT, 100, token, 7);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_ACK);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	expect_event(BRIDGE_EV_RESPONSE, 0, location);
	gw.w[0]->counters.rx_datagrams++; // for the tear-down's sum
}

static void a_new_address_is_told_later_when_there_is_no_room(void **state)
{
	struct bridge_ring *events = &gw.segment.channels[0].events;
	struct datagram d = message(9, COAP_CON, COAP_CONTENT, 100, token, 7);

	while (bridge_ring_reserve(events, BRIDGE_EV_TOUCH, 64))
		;
	expect_silence(&d);
	assert_int_equal(COUNT(drop_notification), 1);
	assert_int_equal(COUNT(touches), 0);
	while (gateway_event(&gw, 0, &ev))
		;
	gateway_run(&gw);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	assert_memory_equal(ev.peer.addr, gateway_device(9).addr, 16);
}

static void no_answer_at_all_while_control_is_away_however_long(void **state)
{
	struct datagram con = notification(COAP_CON, 100), non = notification(COAP_NON, 101);

	gateway_detach(&gw);
	for (int i = 0; i < 3; i++) { // never 5.03: it is no request
		expect_silence(&con);
		expect_silence(&non);
		gateway_wait(&gw, DP_PATIENCE_US);
	}
	assert_int_equal(COUNT(drop_notification), 6);
	gateway_ready(&gw);
	expect_silence(&con);
	expect_event(BRIDGE_EV_NOTIFY, 1, location);
	commit(1);
	assert_int_equal(gateway_drain(&gw), 1);
}

static void one_that_was_parked_when_control_went_is_forgotten(void **state)
{
	struct datagram d = notification(COAP_CON, 100);

	expect_silence(&d);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 1);
	gateway_ready(&gw);
	expect_silence(&d);
	expect_event(BRIDGE_EV_NOTIFY, 1, location);
	commit(1);
	assert_int_equal(gateway_drain(&gw), 1);
}

// The dataplane was restarted: nothing is left of what it knew.
static void a_session_restored_a_moment_ago_is_known_by_its_tokens(void **state)
{
	struct datagram d = notification(COAP_CON, 100), stranger;
	struct dp_peer peer = gateway_device(1);

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){0});
	expect_silence(&d); // it may be one we know
	assert_int_equal(COUNT(drop_restoring), 1);
	gateway_attach(&gw);
	expect_silence(&d);
	gateway_restore(&gw, 0, location, "dev", 86400, &peer);
	gateway_run(&gw);
	expect_silence(&d); // no promise yet
	assert_int_equal(COUNT(drop_notification), 1);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	expect_silence(&d);
	expect_notify(1, &d);
	commit(1);
	assert_int_equal(gateway_drain(&gw), 1);
	stranger = message(2, COAP_NON, COAP_CONTENT, 1, token ^ 1, 7);
	assert_int_equal(device_ask(&gw, 0, &stranger).msg.type, COAP_RST);
}

static struct datagram asked(const uint8_t *bytes, size_t len)
{
	struct datagram request;

	gateway_request_with(&gw, location, 1, token, bytes, len);
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
	for (int i = 0; i < TOKEN_LEN; i++)
		assert_int_equal(request.bytes[4 + i], (uint8_t)(token >> (56 - 8 * i)));
	gw.w[0]->counters.rx_datagrams++; // for the tear-down's sum
	return request;
}

static void the_first_response_to_an_observe_is_its_answer_and_the_next_is_none(void **state)
{
	struct datagram request = asked(observe, sizeof(observe));
	struct datagram d = message(1, COAP_ACK, COAP_CONTENT, request.msg.mid, token, 1);

	expect_silence(&d);
	expect_event(BRIDGE_EV_RESPONSE, 0, location);
	gw.w[0]->counters.tx_datagrams++;
	d = notification(COAP_CON, 100);
	expect_silence(&d);
	expect_notify(2, &d);
	commit(2);
	assert_int_equal(gateway_drain(&gw), 1);
	// Observed again with the same token: its answer may be separate.
	asked(observe, sizeof(observe));
	d = notification(COAP_CON, 101);
	assert_int_equal(device_ask(&gw, 0, &d).msg.type, COAP_ACK);
	expect_event(BRIDGE_EV_RESPONSE, 0, location);
}

static void a_notification_during_another_request_is_one(void **state)
{
	struct datagram request, d = notification(COAP_CON, 100);

	gateway_request(&gw, location, 1, observe, sizeof(observe));
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &request));
	expect_silence(&d);
	expect_notify(2, &d);
	commit(2);
	assert_int_equal(gateway_drain(&gw), 1);
	assert_int_equal(gw.w[0]->exchanges.count, 1);
	gw.w[0]->counters.rx_datagrams++;
}

// RFC 7641 section 3.6: it may have been under way when the cancellation left.
static void a_notification_during_its_cancellation_is_one_still(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
	} cancellations[] = {{cancel, sizeof(cancel)}, {fetch_off, sizeof(fetch_off)}};
	uint64_t seq = 2;

	for (size_t i = 0; i < 2; i++) {
		uint16_t mid = (uint16_t)(100 + 10 * i);
		struct datagram request = asked(cancellations[i].bytes, cancellations[i].len);
		struct datagram d = notification(COAP_CON, mid);

		expect_silence(&d);
		expect_notify(seq, &d);
		commit(seq++);
		assert_int_equal(gateway_drain(&gw), 1);
		// Without an Observe option it is the answer.
		if (i == 0)
			d = message(1, COAP_CON, COAP_CONTENT, mid + 1, token, -1);
		else
			d = message(1, COAP_ACK, COAP_CONTENT, request.msg.mid, token, 8);
		device_ask(&gw, 0, &d);
		gw.w[0]->counters.tx_datagrams += i; // an ACK is not answered
		expect_event(BRIDGE_EV_RESPONSE, 0, location);
		assert_int_equal(ev.result, BRIDGE_ANSWERED);
	}
}

static void tokens_of_other_sessions_are_no_use_to_a_request(void **state)
{
	uint64_t other = device_registered(&gw, 0, 2, 1, "other", 60);
	const uint64_t wrong[] = {
		BRIDGE_OBSERVE_TOKEN(other, 5),
		BRIDGE_OBSERVE_TOKEN(location ^ 1ull << 28, 5),
		BRIDGE_OBSERVE_TOKEN(location ^ 1ull << 8, 5),
		token ^ 1ull << 35,
		1,
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		gateway_request_with(&gw, location, 40 + i, wrong[i], observe, sizeof(observe));
		gateway_run(&gw);
		expect_event(BRIDGE_EV_RESPONSE, 0, location);
		assert_int_equal(ev.request_id, 40 + i);
		assert_int_equal(ev.result, BRIDGE_INVALID);
	}
	assert_int_equal(gateway_drain(&gw), 0);
	assert_int_equal(gw.w[0]->exchanges.count, 0);
}

// Or it might overtake the 2.01, and the device would not know us.
static void a_request_before_the_registration_is_settled_is_to_be_repeated(void **state)
{
	struct datagram d = device_register(2, 1, "new", 60);
	uint64_t fresh;

	expect_silence(&d);
	expect_event(BRIDGE_EV_REGISTER, 2, 0);
	fresh = ev.location;
	gateway_request(&gw, fresh, 41, observe, sizeof(observe));
	gateway_run(&gw);
	expect_event(BRIDGE_EV_RESPONSE, 0, fresh);
	assert_int_equal(ev.result, BRIDGE_BUSY);
	gateway_commit(&gw, 0, 2);
	gateway_request(&gw, fresh, 42, observe, sizeof(observe));
	gateway_run(&gw);
	if (gateway_event(&gw, 0, &ev)) { // the commit is settled at the end of the round
		assert_int_equal(ev.result, BRIDGE_BUSY);
		gateway_request(&gw, fresh, 43, observe, sizeof(observe));
		gateway_run(&gw);
	}
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(taken_code(), COAP_GET);
	gw.w[0]->counters.rx_datagrams++; // for the tear-down's sum
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define O(name) cmocka_unit_test_setup_teardown(name, set_up_observed, tear_down)
		O(a_confirmable_notification_is_acknowledged_once_control_has_it),
		O(a_non_confirmable_notification_is_taken_without_a_word),
		O(a_notification_nobody_wants_is_reset_confirmable_or_not),
		O(a_notification_control_could_not_keep_is_left_to_be_repeated),
		O(errors_are_passed_on_as_notifications_too),
		O(every_number_of_an_observation_is_known_and_nothing_else),
		O(a_piggybacked_response_is_no_notification),
		O(observations_end_with_the_registration),
		O(a_device_is_known_by_its_token_wherever_it_is),
		O(a_response_from_another_address_moves_the_session_too),
		O(a_new_address_is_told_later_when_there_is_no_room),
		O(no_answer_at_all_while_control_is_away_however_long),
		O(one_that_was_parked_when_control_went_is_forgotten),
		O(a_session_restored_a_moment_ago_is_known_by_its_tokens),
		O(the_first_response_to_an_observe_is_its_answer_and_the_next_is_none),
		O(a_notification_during_another_request_is_one),
		O(a_notification_during_its_cancellation_is_one_still),
		O(tokens_of_other_sessions_are_no_use_to_a_request),
		O(a_request_before_the_registration_is_settled_is_to_be_repeated),
#undef O
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
