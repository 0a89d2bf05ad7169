// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions that go on in another process. save.c, proof.c.
#include "tests/unit/dataplane/dtls/resume.h"

// After kill -9: what is left is what control has.
static void crash(void)
{
	gateway_close(&gw);
	open_gateway();
}

static void come_back(uint32_t skipped)
{
	gateway_attach(&gw);
	give_back_session(skipped);
	give_back_registration();
	gateway_restore_end(&gw, 0);
	gateway_run(&gw);
}

// The device answers the ping, as every CoAP endpoint does.
static void answer_ping(const struct datagram *ping)
{
	struct datagram reset = {.bytes = {0x70, 0, ping->bytes[2], ping->bytes[3]}, .len = 4};

	assert_int_equal(ping->len, 4);
	assert_int_equal(ping->msg.type, COAP_CON);
	assert_int_equal(ping->msg.code, COAP_EMPTY);
	dtls_client_send(&c, &reset);
}

static void goes_on_after_a_crash(int version, bool cid)
{
	struct datagram answer;

	connect_client(version, cid);
	register_client();
	crash();
	come_back(0);
	assert_int_equal(COUNT(dtls_restored), 1);
	answer = ask(device_update(1, 2, location, NULL));
	answer_ping(&answer);
	assert_int_equal(COUNT(updates), 0);
	assert_int_equal(ask(device_update(1, 2, location, NULL)).msg.code, COAP_CHANGED);
	assert_int_equal(ask(device_update(1, 3, location, "lt=300")).msg.code, COAP_CHANGED);
	assert_int_equal(COUNT(dtls_proofs_wanted), 1);
	assert_int_equal(COUNT(dtls_proofs), 1);
	assert_int_equal(COUNT(drop_dtls_resumed), 2); // the first Update, and the RST
	assert_int_equal(COUNT(dtls_handshakes_psk), 0);
	dtls_client_close(&c);
}

static void a_session_goes_on_after_a_crash_once_its_device_has_shown_itself(void **state)
{
	goes_on_after_a_crash(WOLFSSL_DTLSV1_2, true);
}

static void so_does_one_without_a_connection_id(void **state)
{
	goes_on_after_a_crash(WOLFSSL_DTLSV1_2, false);
}

static void so_does_one_of_dtls_13(void **state)
{
	goes_on_after_a_crash(WOLFSSL_DTLSV1_3, true);
}

static void the_device_may_have_moved_meanwhile(void **state)
{
	struct datagram answer;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	crash();
	come_back(0);
	c.peer = gateway_device(77);
	answer = ask(device_update(1, 2, location, NULL));
	assert_int_equal(COUNT(dtls_moves), 0); // a record that somebody kept would say as much
	answer_ping(&answer);
	assert_int_equal(COUNT(dtls_moves), 1);
	assert_int_equal(ask(device_update(1, 2, location, NULL)).msg.code, COAP_CHANGED);
	dtls_client_close(&c);
}

static void what_was_received_before_the_crash_is_not_taken_again(void **state)
{
	struct datagram d, answer;
	uint8_t recorded[1024];
	size_t len;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	d = device_update(1, 2, location, "lt=77");
	c.joined = true; // caught on its way
	assert_int_equal(wolfSSL_write(c.ssl, d.bytes, (int)d.len), (int)d.len);
	c.joined = false;
	len = c.waiting_len;
	c.waiting_len = 0;
	memcpy(recorded, c.waiting, len);
	assert_int_equal(pktio_mem_inject(&gw.port, 0, recorded, len, &c.peer), 0);
	assert_true(next_event(BRIDGE_EV_UPDATE)); // once, as it should be
	crash();
	come_back(0);
	while (next_event(BRIDGE_EV_UPDATE))
		fail_msg("an Update that nobody sent");
	assert_int_equal(pktio_mem_inject(&gw.port, 0, recorded, len, &c.peer), 0);
	assert_false(next_event(BRIDGE_EV_UPDATE));
	answer = dtls_client_take(&c);
	answer_ping(&answer);
	assert_int_equal(pktio_mem_inject(&gw.port, 0, recorded, len, &c.peer), 0);
	assert_false(next_event(BRIDGE_EV_UPDATE));
	assert_int_equal(COUNT(drop_dtls_replay), 1);
	d = device_update(1, 3, location, "lt=78");
	dtls_client_send(&c, &d);
	assert_true(next_event(BRIDGE_EV_UPDATE));
	dtls_client_close(&c);
}

static void a_graceful_stop_loses_nothing(void **state)
{
	uint64_t number;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	assert_int_equal(ask(device_update(1, 2, location, NULL)).msg.code, COAP_CHANGED);
	number = session()->write_next;
	gw.w[0]->draining = true;
	gateway_run(&gw);
	assert_false(gw.w[0]->drained);
	dtls_control_answer(&gw);
	assert_true(gw.w[0]->drained);
	assert_int_equal(session()->state, DTLS_SESSION_CLOSED);
	crash();
	come_back(0);
	assert_int_equal(session()->write_next, number);
	assert_int_equal(ask(device_update(1, 3, location, NULL)).msg.code, COAP_CHANGED);
	assert_int_equal(COUNT(dtls_proofs_wanted), 0);
	dtls_client_close(&c);
}

static void the_first_record_after_a_restart_is_reason_for_a_new_snapshot(void **state)
{
	unsigned count;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	crash();
	come_back(3);
	count = dtls_kept.count;
	dtls_control_answer(&gw);
	assert_int_equal(dtls_kept.count, count);
	ask(device_update(1, 2, location, NULL));
	dtls_control_answer(&gw);
	assert_int_equal(dtls_kept.count, count + 1);
	assert_int_equal(session()->blocks, 0);
	assert_int_equal(session()->save, DTLS_SAVE_NONE);
	dtls_client_close(&c);
}

static void a_second_restore_by_the_same_process_changes_nothing(void **state)
{
	uint64_t number;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	crash();
	gateway_attach(&gw); // and control dies in the middle of it
	give_back_session(0);
	gateway_run(&gw);
	number = session()->write_next;
	gateway_detach(&gw);
	come_back(0);
	assert_int_equal(COUNT(dtls_restored), 1);
	assert_int_equal(session()->write_next, number);
	dtls_client_close(&c);
}

static void one_that_ended_before_all_were_back_stays_over(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	crash();
	gateway_attach(&gw);
	give_back_session(0);
	gateway_run(&gw);
	wolfSSL_shutdown(c.ssl);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_close_notify), 1); // answered with a number of the first block
	gateway_detach(&gw);                           // control has not heard of it
	come_back(0);
	assert_null(session());
	assert_int_equal(COUNT(dtls_restored), 1);
	assert_true(next_event(BRIDGE_EV_DTLS_END));
	assert_true(ev.location == dtls_kept.cid);
	dtls_client_close(&c);
}

static void sessions_that_cannot_be_used_are_counted(void **state)
{
	struct dtls_kept kept;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	crash();
	gateway_attach(&gw);
	dtls_kept.session[200] ^= 1; // a Connection ID in the bytes that is another's
	dtls_kept.cid ^= 1;
	give_back_session(0);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_restore_failures), 1);
	dtls_kept.cid ^= 1;
	memcpy(&kept, &dtls_kept, sizeof(kept));
	memset(dtls_kept.session, 0, sizeof(dtls_kept.session));
	give_back_session(0);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_restore_failures), 2);
	memcpy(&dtls_kept, &kept, sizeof(kept));
	gw.port.secure = PKTIO_PLAIN; // the port speaks no DTLS any more
	give_back_session(0);
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_restore_failures), 3);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	assert_false(gw.w[0]->bridge_failed);
	dtls_client_close(&c);
}

static void a_session_of_another_worker_is_nonsense(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	crash();
	gateway_attach(&gw);
	dtls_kept.cid |= 1ull << 56;
	give_back_session(0);
	gateway_run(&gw);
	assert_true(gw.w[0]->bridge_failed);
	dtls_client_close(&c);
}

static void nobody_is_told_to_shake_hands_before_all_sessions_are_back(void **state)
{
	struct datagram d = device_register(1, 1, "dev-1", 300);

	connect_client(WOLFSSL_DTLSV1_2, true);
	crash();
	dtls_client_send(&c, &d);
	assert_int_equal(dtls_client_take(&c).len, 0);
	assert_int_equal(c.alert, -1);
	assert_int_equal(COUNT(drop_restoring), 1);
	gateway_ready(&gw); // without it
	dtls_client_send(&c, &d);
	dtls_client_take(&c);
	assert_int_equal(c.alert, DTLS_ALERT_INTERNAL_ERROR);
	assert_int_equal(COUNT(drop_dtls_unknown_cid), 1);
	dtls_client_close(&c);
}

static void no_handshake_takes_a_slot_before_that(void **state)
{
	struct dtls_client other;

	crash();
	dtls_client_open(&other, &gw,
			 (struct dtls_client_params){.version = WOLFSSL_DTLSV1_2,
						     .suites = "PSK-AES128-CCM-8",
						     .identity = "one",
						     .key = "key of device one",
						     .number = 1});
	dtls_client_step(&other);
	dtls_client_step(&other); // with the cookie
	assert_int_equal(COUNT(drop_restoring), 1);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	gateway_ready(&gw);
	wolfSSL_dtls_got_timeout(other.ssl);
	assert_true(dtls_client_connect(&other));
	dtls_client_close(&other);
}

static void an_alert_is_never_longer_than_what_it_answers(void **state)
{
	const uint8_t record[] = {0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}; // DTLS 1.3
	struct dp_peer peer = gateway_device(1);

	assert_int_equal(pktio_mem_inject(&gw.port, 0, record, sizeof(record), &peer), 0);
	gateway_run(&gw);
	assert_int_equal(COUNT(drop_dtls_unknown_cid), 1);
	assert_int_equal(COUNT(dtls_alerts), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_session_goes_on_after_a_crash_once_its_device_has_shown_itself),
		T(so_does_one_without_a_connection_id),
		T(so_does_one_of_dtls_13),
		T(the_device_may_have_moved_meanwhile),
		T(what_was_received_before_the_crash_is_not_taken_again),
		T(a_graceful_stop_loses_nothing),
		T(the_first_record_after_a_restart_is_reason_for_a_new_snapshot),
		T(a_second_restore_by_the_same_process_changes_nothing),
		T(one_that_ended_before_all_were_back_stays_over),
		T(sessions_that_cannot_be_used_are_counted),
		T(a_session_of_another_worker_is_nonsense),
		T(nobody_is_told_to_shake_hands_before_all_sessions_are_back),
		T(no_handshake_takes_a_slot_before_that),
		T(an_alert_is_never_longer_than_what_it_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
