// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What control is told of sessions, and when they wait for it. save.c, gone.c.
#include "tests/unit/dataplane/dtls/resume.h"

#define HAND_MADE 600

static void a_new_session_is_told_with_its_credential(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	assert_int_equal(dtls_kept.count, 1);
	assert_int_equal(dtls_kept.credential, CREDENTIAL);
	assert_non_null(session());
	assert_int_equal(session()->save, DTLS_SAVE_NONE);
	assert_int_equal(COUNT(dtls_saved), 1);
	dtls_client_close(&c);
}

static void what_control_did_not_commit_is_told_to_the_next_one(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	dtls_save_want(gw.w[0], session());
	gateway_run(&gw);
	assert_int_equal(session()->save, DTLS_SAVE_SENT);
	gateway_detach(&gw);
	assert_int_equal(session()->save, DTLS_SAVE_WANTED);
	gateway_ready(&gw);
	assert_true(next_event(BRIDGE_EV_DTLS_SAVE));
	gateway_commit(&gw, 0, ev.seq);
	gateway_run(&gw);
	assert_int_equal(session()->save, DTLS_SAVE_NONE);
	dtls_client_close(&c);
}

static void what_control_refuses_is_not_told_for_ever(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	dtls_save_want(gw.w[0], session());
	assert_true(next_event(BRIDGE_EV_DTLS_SAVE));
	gateway_reject(&gw, 0, ev.seq, COAP_INTERNAL_SERVER_ERROR);
	gateway_commit(&gw, 0, ev.seq);
	assert_false(next_event(BRIDGE_EV_DTLS_SAVE));
	dtls_client_close(&c);
}

// A record that looks like one of the client's last flight, which anybody can make up.
static void send_epoch_2(void)
{
	struct datagram d = {.peer = c.peer, .bytes = {0x2e, 0, 0, 0, 16}, .len = 5 + 16};

	gateway_inject(&gw, 0, &d);
}

static void numbers_that_answers_use_up_are_told_too(void **state)
{
	connect_client(WOLFSSL_DTLSV1_3, false);
	session()->blocks = 1; // with the last answer
	send_epoch_2();
	assert_true(next_event(BRIDGE_EV_DTLS_SAVE));
	gateway_commit(&gw, 0, ev.seq);
	gateway_run(&gw);
	assert_int_equal(session()->blocks, 0);
	dtls_client_close(&c);
}

static void a_session_without_numbers_asks_for_more(void **state)
{
	struct datagram d;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	session()->blocks = DTLS_EXPORT_BLOCKS;
	d = ask(device_update(1, 2, location, NULL));
	assert_int_equal(d.len, 0);
	assert_int_equal(COUNT(drop_dtls_unsaved), 1);
	assert_true(next_event(BRIDGE_EV_DTLS_SAVE));
	gateway_commit(&gw, 0, ev.seq);
	gateway_run(&gw);
	assert_int_equal(ask(device_update(1, 3, location, NULL)).msg.code, COAP_CHANGED);
	dtls_client_close(&c);
}

static void a_session_that_ends_is_told(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	wolfSSL_shutdown(c.ssl);
	assert_true(next_event(BRIDGE_EV_DTLS_END));
	assert_true(ev.location == dtls_kept.cid);
	assert_int_equal(COUNT(dtls_close_notify), 1);
	dtls_client_close(&c);
}

static void one_that_ends_while_control_is_away_is_told_later(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	gateway_detach(&gw);
	wolfSSL_shutdown(c.ssl);
	gateway_run(&gw);
	gateway_ready(&gw);
	assert_true(next_event(BRIDGE_EV_DTLS_END));
	assert_true(ev.location == dtls_kept.cid);
	dtls_client_close(&c);
}

static void ask_for(uint64_t cid)
{
	gateway_command(&gw, 0, BRIDGE_DTLS_KNOWN, &cid, sizeof(cid));
	gateway_run(&gw);
}

static void control_learns_which_sessions_are_over(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	ask_for(dtls_kept.cid);
	assert_false(next_event(BRIDGE_EV_DTLS_END));
	ask_for(dtls_kept.cid ^ 1);
	assert_true(next_event(BRIDGE_EV_DTLS_END));
	assert_true(ev.location == (dtls_kept.cid ^ 1));
	give_back_session(0); // it is there, or, of a process that has its sessions, over
	dtls_kept.cid ^= 1;
	give_back_session(0);
	assert_true(next_event(BRIDGE_EV_DTLS_END));
	assert_true(ev.location == dtls_kept.cid);
	assert_int_equal(COUNT(dtls_restored), 0);
	assert_int_equal(gw.w[0]->dtls->table.count, 1);
	dtls_client_close(&c);
}

static void sessions_beyond_the_queue_are_found_in_the_table(void **state)
{
	struct dtls_saves *saves = &gw.w[0]->dtls->saves;
	unsigned ended = 0;

	connect_client(WOLFSSL_DTLSV1_2, true);
	while (saves->tail - saves->head < DTLS_SAVES)
		saves->cids[saves->tail++ & (DTLS_SAVES - 1)] = 0; // of no session
	dtls_save_want(gw.w[0], session());
	while (gateway_run(&gw), gateway_event(&gw, 0, &ev)) {
		if (ev.type == BRIDGE_EV_DTLS_SAVE)
			break;
		ended += ev.type == BRIDGE_EV_DTLS_END;
	}
	assert_int_equal(ended, DTLS_SAVES);
	assert_int_equal(ev.type, BRIDGE_EV_DTLS_SAVE);
	assert_true(ev.location == dtls_kept.cid);
	dtls_client_close(&c);
}

static void a_session_waits_when_control_does_not_reserve_numbers(void **state)
{
	struct dtls_session *s;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	s = session();
	s->write_next = (s->write_next & ~DTLS_SEQ_MASK) | (2 * DTLS_EXPORT_BLOCK - 1);
	s->blocks = 1; // a block that no snapshot covers
	gateway_hold(&gw, true);
	assert_int_equal(ask(device_update(1, 2, location, NULL)).msg.code, COAP_CHANGED);
	assert_int_equal(ask(device_update(1, 3, location, NULL)).len, 0);
	assert_int_equal(COUNT(drop_dtls_unsaved), 1);
	gateway_hold(&gw, false);
	dtls_control_answer(&gw);
	assert_int_equal(s->blocks, 0);
	assert_int_equal(ask(device_update(1, 3, location, NULL)).msg.code, COAP_CHANGED);
	dtls_client_close(&c);
}

static void a_snapshot_that_was_overtaken_leads_to_another(void **state)
{
	struct dtls_session *s;

	connect_client(WOLFSSL_DTLSV1_2, true);
	s = session();
	dtls_save_want(gw.w[0], s);
	assert_true(next_event(BRIDGE_EV_DTLS_SAVE));
	s->write_next += DTLS_EXPORT_BLOCK;
	s->blocks = 1;
	gateway_commit(&gw, 0, ev.seq);
	assert_true(next_event(BRIDGE_EV_DTLS_SAVE));
	assert_int_equal(s->blocks, 1);
	gateway_commit(&gw, 0, ev.seq);
	gateway_run(&gw);
	assert_int_equal(s->blocks, 0);
	dtls_client_close(&c);
}

static void new_keys_are_told_when_they_come_into_use(void **state)
{
	unsigned count;

	connect_client(WOLFSSL_DTLSV1_3, true);
	register_client();
	count = dtls_kept.count;
	assert_int_equal(wolfSSL_update_keys(c.ssl), WOLFSSL_SUCCESS);
	gateway_run(&gw);
	dtls_control_answer(&gw);
	assert_int_equal(COUNT(dtls_key_update), 1);
	assert_int_equal(dtls_kept.count, count + 1);
	dtls_client_close(&c);
}

static void another_address_is_told(void **state)
{
	struct dtls_session flat;
	unsigned count;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	count = dtls_kept.count;
	c.peer = gateway_device(99);
	ask(device_update(1, 2, location, NULL));
	dtls_control_answer(&gw);
	assert_int_equal(dtls_kept.count, count + 1);
	memcpy(&flat, dtls_kept.session, sizeof(flat));
	assert_memory_equal(flat.addr, c.peer.addr, sizeof(flat.addr));
	dtls_client_close(&c);
}

static void a_session_that_makes_room_is_told(void **state)
{
	struct dtls_client other;

	gw.w[0]->dtls->max_sessions = 1;
	connect_client(WOLFSSL_DTLSV1_2, true);
	dtls_client_open(&other, &gw, c.params);
	other.peer = gateway_device(2);
	for (unsigned i = 0; i < 20; i++) {
		dtls_client_step(&other);
		if (COUNT(dtls_displaced) > 0)
			break;
		dtls_control_answer(&gw);
	}
	assert_int_equal(COUNT(dtls_displaced), 1);
	assert_true(next_event(BRIDGE_EV_DTLS_END));
	assert_true(ev.location == dtls_kept.cid);
	dtls_client_close(&other);
	dtls_client_close(&c);
}

static void make_sessions(void)
{
	const struct dtls_keys keys = {.suite = DTLS_12_AES128_CCM_8, .own_cid = true};
	struct dtls_table *table = &gw.w[0]->dtls->table;
	struct dp_peer peer = gateway_device(1);

	for (unsigned i = 0; i < HAND_MADE; i++) {
		struct dtls_session *s = dtls_table_new(table, i);

		assert_int_equal(dtls_session_init(s, NULL, &keys), 0);
		s->credential = i % 2 ? 22 : CREDENTIAL;
		assert_null(dtls_table_bind(table, s, &peer));
	}
}

static void gone(uint64_t credential)
{
	gateway_command(&gw, 0, BRIDGE_CREDENTIAL_GONE, &credential, sizeof(credential));
}

static void sessions_of_a_removed_credential_end_some_at_a_time(void **state)
{
	make_sessions();
	gone(CREDENTIAL);
	gateway_round(&gw);
	assert_in_range(COUNT(dtls_revoked), 1, HAND_MADE / 2 - 1);
	gateway_run(&gw);
	gateway_drain(&gw);
	assert_int_equal(COUNT(dtls_revoked), HAND_MADE / 2);
	assert_int_equal(gw.w[0]->dtls->table.count, HAND_MADE / 2);
}

static void many_credentials_are_removed_at_a_time(void **state)
{
	make_sessions();
	for (uint64_t i = 0; i < 3 * DTLS_GONE_MAX; i++)
		gone(1000 + i);
	gone(22);
	gone(CREDENTIAL);
	gateway_run(&gw);
	gateway_drain(&gw);
	assert_int_equal(COUNT(dtls_revoked), HAND_MADE);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
}

static void a_handshake_that_has_its_key_ends_with_the_credential(void **state)
{
	dtls_client_open(&c, &gw,
			 (struct dtls_client_params){.version = WOLFSSL_DTLSV1_2,
						     .suites = "PSK-AES128-CCM-8",
						     .identity = "one",
						     .key = "key of device one",
						     .number = 1});
	dtls_client_step(&c);
	dtls_client_step(&c);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 1);
	gw.w[0]->dtls->handshakes.pool[0].credential = CREDENTIAL;
	gone(CREDENTIAL);
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	dtls_client_close(&c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_session_is_told_with_its_credential),
		T(what_control_did_not_commit_is_told_to_the_next_one),
		T(what_control_refuses_is_not_told_for_ever),
		T(numbers_that_answers_use_up_are_told_too),
		T(a_session_without_numbers_asks_for_more),
		T(a_session_that_ends_is_told),
		T(one_that_ends_while_control_is_away_is_told_later),
		T(control_learns_which_sessions_are_over),
		T(sessions_beyond_the_queue_are_found_in_the_table),
		T(a_session_waits_when_control_does_not_reserve_numbers),
		T(a_snapshot_that_was_overtaken_leads_to_another),
		T(new_keys_are_told_when_they_come_into_use),
		T(another_address_is_told),
		T(a_session_that_makes_room_is_told),
		T(sessions_of_a_removed_credential_end_some_at_a_time),
		T(many_credentials_are_removed_at_a_time),
		T(a_handshake_that_has_its_key_ends_with_the_credential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
