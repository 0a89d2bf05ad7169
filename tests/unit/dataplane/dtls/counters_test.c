// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every counter and every reason for a loss that DTLS has, caused once through the whole dataplane,
// but for those that the other tests here cause.
#include "tests/unit/dataplane/dtls/resume.h"

#include "dataplane/dtls/aead.h"

#define HOUR 3600000000ull

static void inject(const void *bytes, size_t len)
{
	assert_int_equal(pktio_mem_inject(&gw.port, 0, bytes, len, &c.peer), 0);
	gateway_run(&gw);
}

// What the device would send, not sent.
static size_t caught(uint8_t *out)
{
	struct datagram d = device_update(1, 9, location, NULL);

	c.joined = true;
	assert_int_equal(wolfSSL_write(c.ssl, d.bytes, (int)d.len), (int)d.len);
	c.joined = false;
	memcpy(out, c.waiting, c.waiting_len);
	d.len = c.waiting_len;
	c.waiting_len = 0;
	return d.len;
}

// A record of the device's with any content, by the keys that the gateway has.
static void send_sealed(uint8_t type, const void *content, uint16_t len)
{
	struct dtls_session *s = session(), device = *s;
	uint8_t buf[256];
	struct dtls_record rec = {
		.session = &device, .data = buf + DTLS_SEAL_HEAD, .len = len, .type = type};

	memcpy(device.write_key, s->read_key, sizeof(device.write_key));
	memcpy(device.write_iv, s->read_iv, sizeof(device.write_iv)); // in 1.2 the salt
	device.write_next = s->read_next + 1;
	device.peer_cid_len = s->flags & DTLS_SESSION_F_OWN_CID ? DTLS_OWN_CID_LEN : 0;
	dtls_cid_write(dtls_kept.cid, device.peer_cid);
	memcpy(rec.data, content, len);
	dtls_seal(gw.w[0]->dtls->aead, &rec, 1);
	assert_int_equal(rec.verdict, DTLS_DATA);
	inject(rec.data, rec.len);
}

static void what_is_wrong_with_a_record_is_counted(void **state)
{
	uint8_t good[512], bad[512];
	size_t len;

	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	assert_int_equal(COUNT(dtls_queries), 1);
	assert_int_equal(COUNT(dtls_data), 1);
	len = caught(good);
	memcpy(bad, good, len);
	bad[len - 1] ^= 1;
	inject(bad, len);
	assert_int_equal(COUNT(drop_dtls_bad_mac), 1);
	inject(good, len - 1);
	assert_int_equal(COUNT(drop_dtls_truncated), 1);
	memcpy(bad, good, len);
	bad[2] = 0xff;
	inject(bad, len);
	assert_int_equal(COUNT(drop_dtls_bad_version), 1);
	bad[0] = 30;
	inject(bad, len);
	assert_int_equal(COUNT(drop_dtls_bad_type), 1);
	memcpy(bad, good, len);
	bad[4] = 2; // the epoch
	inject(bad, len);
	assert_int_equal(COUNT(drop_dtls_bad_epoch), 1);
	bad[4] = 1;
	memset(bad + 5, 0xff, 6); // the last number there is
	inject(bad, len);
	assert_int_equal(COUNT(drop_dtls_exhausted), 1);
	memcpy(bad, good, 21);
	bad[19] = 0;
	bad[20] = 5; // not even a tag
	memset(bad + 21, 0, 5);
	inject(bad, 26);
	assert_int_equal(COUNT(drop_dtls_bad_length), 1);
	inject(good, len); // it was not harmed
	inject(good, len);
	assert_int_equal(COUNT(drop_dtls_replay), 1);
	assert_int_equal(COUNT(updates), 1);
	len = caught(good);
	session()->state = DTLS_SESSION_CLOSED;
	inject(good, len);
	assert_int_equal(COUNT(drop_dtls_closed), 1);
	gateway_drain(&gw);
	dtls_client_close(&c);
}

static void a_connection_id_that_was_not_agreed_is_counted(void **state)
{
	uint8_t record[64] = {25, 0xfe, 0xfd, 0, 1};

	connect_client(WOLFSSL_DTLSV1_2, false);
	dtls_cid_write(dtls_kept.cid, record + 11);
	record[20] = 32;
	inject(record, 21 + 32);
	assert_int_equal(COUNT(drop_dtls_bad_cid), 1);
	dtls_client_close(&c);
}

static void what_else_comes_in_records_is_counted(void **state)
{
	const uint8_t hello[] = {1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0};

	connect_client(WOLFSSL_DTLSV1_2, true);
	send_sealed(99, "?", 1);
	assert_int_equal(COUNT(drop_dtls_bad_inner), 1);
	send_sealed(DTLS_CONTENT_HANDSHAKE, hello, sizeof(hello)); // renegotiation
	assert_int_equal(COUNT(dtls_handshake), 1);
	send_sealed(DTLS_CONTENT_ALERT, "\x01\x5a", 2);
	assert_int_equal(COUNT(dtls_warning), 1);
	send_sealed(DTLS_CONTENT_ALERT, "\x02\x14", 2);
	assert_int_equal(COUNT(dtls_fatal_alert), 1);
	assert_null(session());
	gateway_drain(&gw);
	dtls_client_close(&c);
}

static void acknowledgements_are_counted(void **state)
{
	connect_client(WOLFSSL_DTLSV1_3, true);
	send_sealed(DTLS_CONTENT_ACK, "\0\0", 2);
	assert_int_equal(COUNT(dtls_acked), 1);
	dtls_client_close(&c);
}

static void an_answer_for_a_session_that_is_over_is_counted(void **state)
{
	struct datagram d = device_register(1, 1, "dev-1", 300);

	connect_client(WOLFSSL_DTLSV1_2, true);
	dtls_client_send(&c, &d);
	dtls_session_end(gw.w[0], session());
	gateway_commit_all(&gw);
	assert_int_equal(COUNT(drop_dtls_no_session), 1);
	dtls_client_close(&c);
}

static void idle_sessions_are_counted(void **state)
{
	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	gateway_wait(&gw, 1000000);
	assert_int_equal(gw.w[0]->gauges.dtls_sessions, 1);
	assert_int_equal(gw.w[0]->gauges.dtls_handshakes, 0);
	assert_int_equal(gw.w[0]->gauges.dtls_memory, 0);
	gw.now_us += 37 * HOUR;
	gateway_run(&gw);
	assert_int_equal(COUNT(dtls_idle), 1);
	assert_int_equal(gw.w[0]->dtls->table.count, 0);
	dtls_client_close(&c);
}

static void open_client(int version, const char *suites)
{
	dtls_client_open(&c, &gw,
			 (struct dtls_client_params){.version = version,
						     .suites = suites,
						     .identity = "one",
						     .key = "key of device one",
						     .number = 1});
}

// Up to the ServerHello.
static void begin_handshake(void)
{
	open_client(WOLFSSL_DTLSV1_2, "PSK-AES128-CCM-8");
	dtls_client_step(&c);
	dtls_client_step(&c);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 1);
}

static void send_message(uint8_t type, uint8_t seq, const void *body, uint8_t len)
{
	uint8_t record[64] = {22, 0xfe, 0xfd, [10] = 40, [12] = (uint8_t)(12 + len), type};

	record[10] = (uint8_t)(40 + seq); // of the record
	record[16] = len;
	record[18] = seq;
	record[24] = len;
	memcpy(record + 25, body, len);
	inject(record, 25u + len);
}

static void handshake_messages_of_nobody_are_counted(void **state)
{
	c.peer = gateway_device(5);
	send_message(16, 2, "\0\3one", 5);
	assert_int_equal(COUNT(drop_dtls_no_handshake), 1);
}

static void a_key_exchange_that_cannot_be_read_is_counted(void **state)
{
	begin_handshake();
	send_message(16, 2, "\0", 1);
	assert_int_equal(COUNT(drop_dtls_malformed), 1);
	gateway_drain(&gw);
	dtls_client_close(&c);
}

static void datagrams_that_wait_for_control_are_bounded(void **state)
{
	begin_handshake();
	for (unsigned i = 0; i < DTLS_HELD_MAX + 1; i++)
		send_message(16, 2, "\0\3one", 5);
	assert_int_equal(COUNT(drop_dtls_waiting), 1);
	gateway_wait(&gw, 60000000); // it is given up, and lets go of them
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	gateway_drain(&gw);
	dtls_client_close(&c);
}

static void a_message_that_has_no_place_ends_the_handshake(void **state)
{
	begin_handshake();
	send_message(2, 2, "\0", 1); // a ServerHello
	assert_int_equal(COUNT(dtls_failed_other), 1);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	gateway_drain(&gw);
	dtls_client_close(&c);
}

static void an_alert_in_the_middle_of_a_handshake_is_counted(void **state)
{
	const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 60, 0, 2, 2, 40};

	begin_handshake();
	inject(alert, sizeof(alert));
	assert_int_equal(COUNT(dtls_failed_peer), 1);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	gateway_drain(&gw);
	dtls_client_close(&c);
}

static void having_nothing_in_common_is_counted(void **state)
{
	open_client(WOLFSSL_DTLSV1_2, "PSK-AES256-GCM-SHA384");
	assert_false(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_nothing_in_common), 1);
	dtls_client_close(&c);
	open_client(WOLFSSL_DTLSV1_3, "TLS13-AES256-GCM-SHA384");
	assert_false(dtls_client_connect(&c));
	assert_int_equal(COUNT(dtls_nothing_in_common), 2);
	assert_int_equal(COUNT(dtls_cookies), 1);
	dtls_client_close(&c);
}

// Its psk_key_exchange_modes spoilt in every way: wolfSSL has nothing to say to some.
static void hellos_that_make_no_sense_are_counted(void **state)
{
	static const uint8_t modes[] = {0, 45, 0};
	uint8_t *at;

	open_client(WOLFSSL_DTLSV1_3, "TLS13-AES128-CCM-8-SHA256");
	c.joined = true;
	wolfSSL_connect(c.ssl);
	c.joined = false;
	at = memmem(c.waiting, c.waiting_len, modes, sizeof(modes));
	assert_non_null(at);
	for (unsigned bit = 0; bit < 8; bit++) {
		at[4] ^= (uint8_t)(1 << bit);
		inject(c.waiting, c.waiting_len);
		at[4] ^= (uint8_t)(1 << bit);
	}
	gateway_drain(&gw);
	assert_true(COUNT(drop_dtls_hello_bad) > 0);
	assert_int_equal(gw.w[0]->dtls->handshakes.count, 0);
	dtls_client_close(&c);
}

static void hellos_beyond_the_rate_are_counted(void **state)
{
	gw.w[0]->dtls->hellos.left = gw.w[0]->dtls->hellos.per_ms = 0;
	open_client(WOLFSSL_DTLSV1_2, "PSK-AES128-CCM-8");
	dtls_client_step(&c);
	assert_int_equal(COUNT(drop_dtls_hello_rate), 1);
	dtls_client_close(&c);
}

static void hellos_without_room_for_a_session_are_counted(void **state)
{
	gw.w[0]->dtls->table.max = 0;
	open_client(WOLFSSL_DTLSV1_2, "PSK-AES128-CCM-8");
	dtls_client_step(&c);
	dtls_client_step(&c);
	assert_int_equal(COUNT(drop_dtls_sessions_full), 1);
	dtls_client_close(&c);
	gw.w[0]->dtls->table.max = 1000;
}

static void memory_that_is_used_up_is_counted(void **state)
{
	struct dtls_memory *memory = &gw.w[0]->dtls->memory;
	uint64_t max = memory->bytes_max;

	open_client(WOLFSSL_DTLSV1_2, "PSK-AES128-CCM-8");
	dtls_client_step(&c);
	memory->bytes_max = 100;
	dtls_client_step(&c);
	assert_int_equal(COUNT(drop_dtls_memory), 1);
	assert_int_equal(memory->bytes, 0);
	memory->bytes_max = max;
	dtls_client_close(&c);
	begin_handshake();
	memory->bytes_max = memory->bytes;
	dtls_client_connect(&c);
	assert_int_equal(COUNT(dtls_failed_memory), 1);
	assert_int_equal(memory->bytes, 0);
	memory->bytes_max = max;
	dtls_client_close(&c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_wrong_with_a_record_is_counted),
		T(a_connection_id_that_was_not_agreed_is_counted),
		T(what_else_comes_in_records_is_counted),
		T(acknowledgements_are_counted),
		T(an_answer_for_a_session_that_is_over_is_counted),
		T(idle_sessions_are_counted),
		T(handshake_messages_of_nobody_are_counted),
		T(a_key_exchange_that_cannot_be_read_is_counted),
		T(datagrams_that_wait_for_control_are_bounded),
		T(a_message_that_has_no_place_ends_the_handshake),
		T(an_alert_in_the_middle_of_a_handshake_is_counted),
		T(having_nothing_in_common_is_counted),
		T(hellos_that_make_no_sense_are_counted),
		T(hellos_beyond_the_rate_are_counted),
		T(hellos_without_room_for_a_session_are_counted),
		T(memory_that_is_used_up_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
