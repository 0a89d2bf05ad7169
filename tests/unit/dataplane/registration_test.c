// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Register, Update and De-register against control: what is promised, answered, refused and
// replaced. promise.c, stages/register.c, update.c, deregister.c.
#include "tests/unit/dataplane/one_worker.h"

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

static void an_update_that_changes_something_is_one_event(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	code_of(device_update(1, 2, location, "lt=100"));
	assert_true(gateway_event(&gw, 0, &ev));
	assert_int_equal(ev.type, BRIDGE_EV_UPDATE);
	commit(2);
	assert_int_equal(taken_code(), COAP_CHANGED);
	expect_no_event();
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
	assert_int_equal(dp_session_rest(&gw.w[0]->sessions, session)->binding, 5);
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
	assert_int_equal(gw.w[0]->sessions.count, 0);
	assert_int_equal(gw.w[0]->session_wheel.armed, 0);
	gateway_wait(&gw,
		     247 * S); // until then control is asked, as it may be from before a restart
	assert_int_equal(code_of(device_deregister(1, 6, location)), COAP_NOT_FOUND);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		T(an_update_that_changes_something_is_one_event),
		T(updates_under_way_do_not_undo_each_other),
		T(an_update_parked_while_its_session_is_replaced_is_4_04),
		T(a_session_serves_until_its_deregistration_is_committed),
		T(locations_that_never_were_are_4_04),
		FRESH(nothing_is_said_of_locations_before_the_first_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
