// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The registration interface against control: what is promised, kept, refused, lost and restored.
// promise.c, lifetime.c, commands.c, stages/register.c, update.c, deregister.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/lifetime.h"
#include "dataplane/loop.h"
#include "dataplane/promise.h"
#include "tests/unit/support/device.h"

#define S 1000000ull

static struct gateway gw;
static struct gateway_event ev;

static int set_up(void **state)
{
	gateway_open(&gw, (struct gateway_params){0});
	return 0;
}

static int set_up_ready(void **state)
{
	set_up(state);
	gateway_ready(&gw);
	return 0;
}

static int tear_down(void **state)
{
	gateway_detach(&gw);
	gateway_run(&gw);
	assert_int_equal(GATEWAY_COUNT(&gw, rx_datagrams),
			 GATEWAY_COUNT(&gw, tx_datagrams) + gateway_drops(&gw));
	gateway_close(&gw);
	return 0;
}

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static uint8_t code_of(struct datagram d)
{
	return device_ask(&gw, 0, &d).msg.code; // 0: no answer
}

static void expect_event(uint16_t type, uint64_t seq, uint64_t location)
{
	do
		assert_true(gateway_event(&gw, 0, &ev));
	while (ev.type == BRIDGE_EV_TOUCH && type != BRIDGE_EV_TOUCH);
	assert_int_equal(ev.type, type);
	assert_int_equal(ev.seq, seq);
	if (location)
		assert_int_equal(ev.location, location);
}

static void expect_no_event(void)
{
	gateway_run(&gw);
	assert_false(gateway_event(&gw, 0, &ev));
}

static void commit(uint64_t seq)
{
	gateway_commit(&gw, 0, seq);
	gateway_run(&gw);
}

static uint8_t taken_code(void)
{
	struct datagram answer;

	return gateway_take(&gw, 0, &answer) ? answer.msg.code : 0;
}

static void a_register_is_answered_when_control_has_it_on_disk(void **state)
{
	struct datagram d = device_register(1, 1, "dev", 60), answer;

	assert_int_equal(code_of(d), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	assert_int_equal(ev.coap_len, d.len);
	assert_memory_equal(ev.coap, d.bytes, d.len);
	assert_int_equal(ev.wall_ms, (GATEWAY_WALL_US + gw.now_us) / 1000);
	assert_memory_equal(ev.peer.addr, d.peer.addr, 16);
	uint64_t location = ev.location;
	assert_true(BRIDGE_LOCATION_GEN(location) != 0);
	// Not in force yet.
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_NOT_FOUND);
	assert_int_equal(code_of(d), 0); // repeated: still waits
	assert_int_equal(COUNT(drop_duplicate_pending), 1);
	expect_no_event();
	commit(1);
	assert_true(gateway_take(&gw, 0, &answer));
	assert_int_equal(answer.msg.type, COAP_ACK);
	assert_int_equal(answer.msg.code, COAP_CREATED);
	assert_int_equal(device_location(&answer), location);
	assert_false(gateway_take(&gw, 0, &answer));
	assert_int_equal(code_of(device_update(1, 3, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(registers), 1);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void a_refused_register_leaves_nothing_behind(void **state)
{
	code_of(device_register(1, 1, "dev", 60));
	gateway_reject(&gw, 0, 1, COAP_FORBIDDEN);
	gateway_run(&gw);
	assert_int_equal(taken_code(), 0); // the COMMIT that covers it is what counts
	commit(1);
	assert_int_equal(taken_code(), COAP_FORBIDDEN);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(COUNT(registers), 0);
	// A success code would not be a refusal.
	code_of(device_register(1, 2, "dev", 60));
	gateway_reject(&gw, 0, 2, COAP_CHANGED);
	commit(2);
	assert_int_equal(taken_code(), COAP_INTERNAL_SERVER_ERROR);
}

static void a_refusal_is_repeated_without_asking_control_again(void **state)
{
	struct datagram d = device_register(1, 1, "dev", 60);

	code_of(d);
	gateway_reject(&gw, 0, 1, COAP_FORBIDDEN);
	commit(1);
	assert_int_equal(taken_code(), COAP_FORBIDDEN);
	assert_int_equal(code_of(d), COAP_FORBIDDEN);
	assert_int_equal(COUNT(promises), 1);
}

static void a_register_whose_stored_answer_was_overwritten_is_handled_once_more(void **state)
{
	struct datagram d = device_register(1, 1, "dev", 60);
	struct dp_dedup *dedup = &gw.w[0]->dedup;

	device_registered(&gw, 0, 1, 1, "dev", 60);
	memset(dedup->replies, 0, sizeof(*dedup->replies));
	for (int i = 0; i < 3; i++)
		assert_int_equal(code_of(d), 0);
	expect_event(BRIDGE_EV_REGISTER, 2, 0);
	expect_no_event(); // one, not three
	commit(2);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(code_of(d), COAP_CREATED);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void rejects_and_commits_of_what_is_not_parked_change_nothing(void **state)
{
	gateway_reject(&gw, 0, 1, COAP_FORBIDDEN);
	commit(0);
	commit(5);
	commit(UINT64_MAX);
	code_of(device_register(1, 1, "dev", 60));
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	assert_int_equal(taken_code(), 0); // not committed ahead of time
	gateway_reject(&gw, 0, 2, COAP_FORBIDDEN);
	gateway_reject(&gw, 0, UINT64_MAX, COAP_FORBIDDEN);
	commit(UINT64_MAX);
	assert_int_equal(taken_code(), COAP_CREATED);
	commit(1);
	assert_int_equal(taken_code(), 0);
}

static void wrong_registers_are_refused_without_control(void **state)
{
	static const struct {
		const char *query, *payload;
		uint8_t code;
	} cases[] = {
		{"lt=60&lwm2m=1.1", "</3/0>", COAP_BAD_REQUEST}, // no ep
		{"ep=dev&lwm2m=9.9", "</3/0>", COAP_PRECONDITION_FAILED},
		{"ep=dev&ep=dev&lwm2m=1.1", "</3/0>", COAP_BAD_REQUEST},
		{"ep=dev&lwm2m=1.1", NULL, COAP_BAD_REQUEST},
		{NULL, "</3/0>", COAP_BAD_REQUEST},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device_extra extra = {
			.path = "rd", .query = cases[i].query, .payload = cases[i].payload};

		assert_int_equal(
			code_of(device_message_with(1, COAP_CON, COAP_POST, (uint16_t)i, &extra)),
			cases[i].code);
	}
	struct datagram d = device_register(1, 99, "dev", 60);
	d.bytes[0] |= COAP_NON << 4;
	assert_int_equal(code_of(d), COAP_BAD_REQUEST);
	expect_no_event();
}

static void a_new_register_replaces_the_former_once_it_is_committed(void **state)
{
	uint64_t old = device_registered(&gw, 0, 1, 1, "dev", 60);

	code_of(device_register(1, 2, "dev", 60));
	expect_event(BRIDGE_EV_REGISTER, 2, 0);
	uint64_t location = ev.location;
	assert_int_equal(code_of(device_update(1, 3, old, NULL)), COAP_CHANGED);
	commit(2);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(code_of(device_update(1, 4, old, NULL)), COAP_NOT_FOUND);
	assert_int_equal(code_of(device_update(1, 5, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(replaced), 1);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void two_registers_under_way_leave_the_later_one(void **state)
{
	code_of(device_register(1, 1, "dev", 60));
	code_of(device_register(1, 2, "dev", 60));
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	uint64_t first = ev.location;
	expect_event(BRIDGE_EV_REGISTER, 2, 0);
	uint64_t second = ev.location;
	commit(2);
	assert_int_equal(gateway_drain(&gw), 2);
	assert_int_equal(code_of(device_update(1, 3, first, NULL)), COAP_NOT_FOUND);
	assert_int_equal(code_of(device_update(1, 4, second, NULL)), COAP_CHANGED);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void updates_that_change_nothing_need_no_control(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	assert_int_equal(code_of(device_update(1, 3, location, "lt=60")), COAP_CHANGED);
	assert_int_equal(code_of(device_update(1, 4, location, "lt=60&b=U")), COAP_CHANGED);
	assert_int_equal(COUNT(promises), 1);
	assert_int_equal(COUNT(updates), 3);
	assert_int_equal(code_of(device_update(1, 5, location, "lt=0")), COAP_BAD_REQUEST);
	assert_int_equal(code_of(device_update(1, 6, location, "ep=dev")), COAP_BAD_REQUEST);
}

static void updates_that_change_something_are_promises(void **state)
{
	static const char *const queries[] = {"lt=61", "b=US", "sms=123", "x=y", "Q"};
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);
	uint64_t seq = 2;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++, seq++) {
		assert_int_equal(
			code_of(device_update(1, (uint16_t)(10 + i), location, queries[i])), 0);
		do
			assert_true(gateway_event(&gw, 0, &ev));
		while (ev.type == BRIDGE_EV_TOUCH);
		assert_int_equal(ev.type, BRIDGE_EV_UPDATE);
		assert_int_equal(ev.seq, seq);
		commit(seq);
		assert_int_equal(taken_code(), COAP_CHANGED);
	}
	struct datagram d = device_update(1, 30, location, NULL);
	memcpy(d.bytes + d.len, "\x11\x28\xff</1>", 7); // Content-Format after the path
	d.len += 7;
	assert_int_equal(code_of(d), 0);
	commit(seq);
	assert_int_equal(taken_code(), COAP_CHANGED);
	assert_int_equal(COUNT(updates), 6);
}

static void an_update_takes_effect_with_its_commit_and_not_when_refused(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);
	const struct dp_session *session = dp_session_live(gw.w[0], location);

	code_of(device_update(1, 2, location, "lt=100"));
	assert_int_equal(session->lifetime_s, 60);
	gateway_reject(&gw, 0, 2, COAP_FORBIDDEN);
	commit(2);
	assert_int_equal(taken_code(), COAP_FORBIDDEN);
	assert_int_equal(session->lifetime_s, 60);
	code_of(device_update(1, 3, location, "lt=100"));
	commit(3);
	assert_int_equal(session->lifetime_s, 100);
}

static void updates_under_way_do_not_undo_each_other(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);
	const struct dp_session *session = dp_session_live(gw.w[0], location);

	code_of(device_update(1, 2, location, "lt=100"));
	code_of(device_update(1, 3, location, "b=US"));
	commit(3);
	assert_int_equal(gateway_drain(&gw), 2);
	assert_int_equal(session->lifetime_s, 100);
	assert_int_equal(session->binding, 5);
}

static void an_update_parked_while_its_session_is_replaced_is_4_04(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	code_of(device_register(1, 2, "dev", 60));
	code_of(device_update(1, 3, location, "lt=100"));
	code_of(device_deregister(1, 4, location));
	commit(2);
	assert_int_equal(taken_code(), COAP_CREATED);
	commit(4);
	assert_int_equal(taken_code(), COAP_NOT_FOUND);
	assert_int_equal(taken_code(), COAP_DELETED); // it is gone, as was asked
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void a_session_serves_until_its_deregistration_is_committed(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);
	struct datagram d = device_deregister(1, 2, location);

	assert_int_equal(code_of(d), 0);
	expect_event(BRIDGE_EV_DEREGISTER, 2, location);
	assert_memory_equal(ev.coap, d.bytes, d.len);
	assert_int_equal(code_of(device_update(1, 3, location, NULL)), COAP_CHANGED);
	assert_int_equal(code_of(device_deregister(1, 4, location)), 0); // a second one
	commit(3);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(code_of(device_update(1, 5, location, NULL)), COAP_NOT_FOUND);
	assert_int_equal(code_of(device_deregister(1, 6, location)), COAP_NOT_FOUND);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(gw.w[0]->session_wheel.armed, 0);
}

static void locations_that_never_were_are_4_04(void **state)
{
	static const char *const paths[] = {"rd/",      "rd/AAAAAAAAA", "rd/_________",
					    "rd/short", "rd/AAAA+AAAA", "rd/AAAAAAAAAA"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(code_of(device_message(1, COAP_CON, COAP_POST, (uint16_t)i,
							paths[i], NULL)),
				 COAP_NOT_FOUND);
}

static void nothing_is_said_of_locations_before_the_first_restore(void **state)
{
	struct datagram d = device_update(1, 1, BRIDGE_LOCATION(3, 0, 5), NULL);

	assert_int_equal(code_of(d), 0);
	assert_int_equal(code_of(device_deregister(1, 2, BRIDGE_LOCATION(3, 0, 5))), 0);
	gateway_attach(&gw);
	assert_int_equal(code_of(d), 0);
	assert_int_equal(code_of(device_response(1, COAP_CON, COAP_CONTENT, 3,
						 (const uint8_t *)"12345678", 8, NULL)),
			 0);
	assert_int_equal(COUNT(drop_restoring), 4);
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	assert_int_equal(code_of(d), COAP_NOT_FOUND); // the repetition is handled as new
}

static void a_session_expires_after_its_lifetime(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	gateway_wait(&gw, 59 * S);
	expect_no_event();
	gateway_wait(&gw, 1 * S + 40000);
	expect_event(BRIDGE_EV_EXPIRE, 2, location);
	assert_int_equal(ev.coap_len, 0);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_NOT_FOUND);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	commit(2);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(gw.w[0]->session_wheel.armed, 0);
	assert_int_equal(COUNT(expirations), 1);
}

static void a_refreshed_session_does_not_expire(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	for (uint16_t i = 0; i < 10; i++) {
		gateway_wait(&gw, 50 * S);
		assert_int_equal(code_of(device_update(1, (uint16_t)(10 + i), location, NULL)),
				 COAP_CHANGED);
	}
	assert_int_equal(COUNT(promises), 1);
	gateway_wait(&gw, 61 * S);
	assert_int_equal(COUNT(promises), 2);
}

static void a_lifetime_of_136_years_is_kept(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", UINT32_MAX);

	gw.now_us += 3600 * S;
	gateway_run(&gw);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	assert_int_equal(COUNT(promises), 1);
}

static void nothing_expires_while_control_is_away(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	gateway_detach(&gw);
	gateway_wait(&gw, 100 * S);
	assert_int_equal(code_of(device_update(1, 2, location, NULL)), COAP_CHANGED);
	gateway_wait(&gw, 100 * S);
	gateway_ready(&gw);
	gateway_wait(&gw, 2 * S);
	expect_event(BRIDGE_EV_EXPIRE, 1, location);
}

static void an_expiry_that_control_refuses_or_forgets_is_told_again(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	gateway_wait(&gw, 61 * S);
	expect_event(BRIDGE_EV_EXPIRE, 2, location);
	gateway_reject(&gw, 0, 2, COAP_INTERNAL_SERVER_ERROR);
	commit(2);
	gateway_wait(&gw, 2 * S);
	expect_event(BRIDGE_EV_EXPIRE, 3, location);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 0); // no device waited
	gateway_ready(&gw);
	gateway_wait(&gw, 2 * S);
	expect_event(BRIDGE_EV_EXPIRE, 1, location);
	commit(1);
	assert_int_equal(gw.w[0]->sessions.count, 0);
}

static void an_update_whose_session_ended_while_it_was_parked_is_not_acknowledged(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 1);

	code_of(device_update(1, 2, location, "lt=1000"));
	gateway_wait(&gw, 2 * S); // control is slow: the old lifetime ends first
	commit(2);
	assert_int_equal(taken_code(), COAP_NOT_FOUND);
	commit(3);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(gw.w[0]->session_wheel.armed, 0);
}

static void a_session_that_expires_while_its_end_is_parked_ends_once(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 1);

	code_of(device_deregister(1, 2, location));
	gateway_wait(&gw, 2 * S);
	assert_int_equal(COUNT(promises), 3);
	commit(3);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(COUNT(expirations), 0);
}

static void an_update_from_a_new_address_moves_the_session_and_is_reported_once(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 600);
	struct dp_peer moved = gateway_device(77);

	gateway_wait(&gw, 10 * S);
	for (uint16_t i = 0; i < 5; i++) { // one burst
		struct datagram d =
			device_update(i < 4 ? 1 : 77, (uint16_t)(10 + i), location, NULL);

		gateway_inject(&gw, 0, &d);
	}
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 5);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	assert_memory_equal(ev.peer.addr, moved.addr, 16);
	assert_int_equal(ev.wall_ms, (GATEWAY_WALL_US + gw.now_us) / 1000);
	expect_no_event();
	assert_int_equal(COUNT(touches), 1);
}

static void touches_wait_for_control_and_collect(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);

	gateway_detach(&gw);
	for (uint16_t i = 0; i < 5; i++)
		assert_int_equal(code_of(device_update(1, (uint16_t)(10 + i), location, NULL)),
				 COAP_CHANGED);
	gateway_attach(&gw);
	expect_no_event();
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
	expect_event(BRIDGE_EV_TOUCH, 0, location);
	expect_no_event();
}

static void a_worker_that_polls_without_rest_reports_touches_too(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram d = device_update(1, 2, location, NULL);

	gw.w[0]->housekeeping_us = gw.now_us + 1000;
	gateway_inject(&gw, 0, &d);
	for (int i = 0; i < 3000; i++, gw.now_us++)
		dp_worker_poll(gw.w[0], gw.now_us, GATEWAY_WALL_US + gw.now_us);
	assert_true(gateway_event(&gw, 0, &ev));
	assert_int_equal(ev.type, BRIDGE_EV_TOUCH);
	assert_int_equal(gateway_drain(&gw), 1);
}

static void devices_are_left_to_repeat_themselves_while_control_is_away_for_a_moment(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram d = device_register(2, 1, "other", 60);

	gateway_wait(&gw, 20 * S);
	gateway_detach(&gw);
	assert_int_equal(code_of(d), 0);
	assert_int_equal(code_of(device_update(1, 2, location, "lt=7000")), 0);
	assert_int_equal(code_of(device_deregister(1, 3, location)), 0);
	gateway_wait(&gw, DP_PATIENCE_US - 1 * S);
	assert_int_equal(code_of(d), 0);
	assert_int_equal(COUNT(drop_control_away), 4);
	gateway_wait(&gw, 1 * S);
	struct datagram answer = device_ask(&gw, 0, &d);
	struct coap_opt opt;
	struct coap_msg msg;
	uint32_t max_age = 0;
	assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
	assert_int_equal(msg.code, COAP_SERVICE_UNAVAILABLE);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_MAX_AGE, &opt) &&
		    coap_opt_uint(&opt, &max_age));
	assert_int_equal(max_age, DP_RETRY_AFTER_S);
	assert_int_equal(COUNT(unavailable), 1);
	// What needs no control is served all the while.
	assert_int_equal(code_of(device_update(1, 4, location, NULL)), COAP_CHANGED);
	// While control restores, it is silence again: it will be there soon.
	gateway_attach(&gw);
	assert_int_equal(code_of(device_register(2, 2, "other", 60)), 0);
	assert_int_equal(COUNT(drop_restoring), 1);
}

static void answers_parked_when_control_goes_are_forgotten_and_asked_again(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 6000);
	struct datagram reg = device_register(2, 1, "other", 60);
	struct datagram update = device_update(1, 2, location, "lt=7000");
	struct datagram deregister = device_deregister(1, 3, location);

	code_of(reg);
	code_of(update);
	code_of(deregister);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 3);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	gateway_ready(&gw);
	while (gateway_event(&gw, 0, &ev))
		assert_int_equal(ev.type, BRIDGE_EV_TOUCH);
	code_of(reg);
	code_of(update);
	code_of(deregister);
	expect_event(BRIDGE_EV_REGISTER, 1, 0); // counting starts anew with every attach
	commit(3);
	assert_int_equal(taken_code(), COAP_CREATED);
	assert_int_equal(taken_code(), COAP_CHANGED);
	assert_int_equal(taken_code(), COAP_DELETED);
	assert_int_equal(gw.w[0]->sessions.count, 1);
}

static void requests_beyond_max_devices_are_told_to_come_back(void **state)
{
	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.max_sessions = 2});
	gateway_ready(&gw);
	uint64_t first = device_registered(&gw, 0, 1, 1, "a", 60);
	device_registered(&gw, 0, 2, 1, "b", 60);
	assert_int_equal(code_of(device_register(3, 1, "c", 60)), COAP_SERVICE_UNAVAILABLE);
	assert_int_equal(code_of(device_deregister(1, 2, first)), 0);
	commit(3);
	assert_int_equal(taken_code(), COAP_DELETED);
	device_registered(&gw, 0, 3, 2, "c", 60);
}

static void answers_wait_for_nobody_when_no_more_can_be_parked(void **state)
{
	char endpoint[16];

	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.max_sessions = 20000, .mbufs = 10000});
	gateway_ready(&gw);
	for (uint32_t i = 0; i < DP_PARKED_MAX; i++) {
		snprintf(endpoint, sizeof(endpoint), "d%u", i);
		struct datagram d = device_register(i, 1, endpoint, 60);
		gateway_inject(&gw, 0, &d);
		if (i % 64 == 0)
			gateway_run(&gw);
	}
	gateway_run(&gw);
	assert_int_equal(COUNT(promises), DP_PARKED_MAX);
	assert_int_equal(gw.w[0]->gauges.parked, DP_PARKED_MAX);
	assert_int_equal(code_of(device_register(99999, 1, "late", 60)), COAP_SERVICE_UNAVAILABLE);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), DP_PARKED_MAX);
	assert_int_equal(gw.w[0]->sessions.count, 0);
}

static void answers_are_5_03_when_the_event_ring_is_full(void **state)
{
	uint8_t code = 0;

	code_of(device_register(1, 1, "dev", 60));
	for (uint16_t i = 2; i < 8000 && code == 0; i++) {
		struct datagram d = device_register(i, 1, "dev", 60);

		for (; d.len < 1200; d.len += 7)
			memcpy(d.bytes + d.len, ",</1/1>", 7);
		code = code_of(d);
	}
	assert_int_equal(code, COAP_SERVICE_UNAVAILABLE);
	assert_true(COUNT(promises) < DP_PARKED_MAX);
	gateway_detach(&gw);
}

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
#define T(name)     cmocka_unit_test_setup_teardown(name, set_up_ready, tear_down)
#define FRESH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_register_is_answered_when_control_has_it_on_disk),
		T(a_refused_register_leaves_nothing_behind),
		T(a_refusal_is_repeated_without_asking_control_again),
		T(a_register_whose_stored_answer_was_overwritten_is_handled_once_more),
		T(rejects_and_commits_of_what_is_not_parked_change_nothing),
		T(wrong_registers_are_refused_without_control),
		T(a_new_register_replaces_the_former_once_it_is_committed),
		T(two_registers_under_way_leave_the_later_one),
		T(updates_that_change_nothing_need_no_control),
		T(updates_that_change_something_are_promises),
		T(an_update_takes_effect_with_its_commit_and_not_when_refused),
		T(updates_under_way_do_not_undo_each_other),
		T(an_update_parked_while_its_session_is_replaced_is_4_04),
		T(a_session_serves_until_its_deregistration_is_committed),
		T(locations_that_never_were_are_4_04),
		FRESH(nothing_is_said_of_locations_before_the_first_restore),
		T(a_session_expires_after_its_lifetime),
		T(a_refreshed_session_does_not_expire),
		T(a_lifetime_of_136_years_is_kept),
		T(nothing_expires_while_control_is_away),
		T(an_expiry_that_control_refuses_or_forgets_is_told_again),
		T(an_update_whose_session_ended_while_it_was_parked_is_not_acknowledged),
		T(a_session_that_expires_while_its_end_is_parked_ends_once),
		T(an_update_from_a_new_address_moves_the_session_and_is_reported_once),
		T(touches_wait_for_control_and_collect),
		T(a_worker_that_polls_without_rest_reports_touches_too),
		T(devices_are_left_to_repeat_themselves_while_control_is_away_for_a_moment),
		T(answers_parked_when_control_goes_are_forgotten_and_asked_again),
		T(requests_beyond_max_devices_are_told_to_come_back),
		T(answers_wait_for_nobody_when_no_more_can_be_parked),
		T(answers_are_5_03_when_the_event_ring_is_full),
		FRESH(a_restored_session_lives_on_at_its_location),
		FRESH(endpoint_names_of_every_length_are_restored),
		T(restoring_what_is_there_reports_it_afresh),
		T(restoring_another_location_of_a_live_endpoint_replaces_it),
		T(restores_that_cannot_be_are_counted),
		FRESH(a_restored_peer_of_an_earlier_configuration_does_no_harm),
		T(nonsense_from_control_closes_the_bridge),
		T(a_bridge_that_fails_with_answers_parked_loses_no_buffer),
		T(counters_and_gauges_reach_the_segment),
#undef FRESH
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
