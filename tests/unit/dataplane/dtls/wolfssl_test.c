// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/record.h"
#include "dataplane/dtls/table.h"
#include "tests/unit/dataplane/dtls/wolf_pair.h"

static const struct pair_options ccm_8 = {"PSK-AES128-CCM-8", 0xc0a8};
static const struct pair_options ccm_8_cid = {"PSK-AES128-CCM-8", 0xc0a8, false, true, "de"};
static const struct pair_options ccm_8_cid_one_way = {"PSK-AES128-CCM-8", 0xc0a8, false, true, ""};
static const struct pair_options ccm_8_cid_10 = {"PSK-AES128-CCM-8", 0xc0a8, false, true,
						 "0123456789"};
static const struct pair_options ccm_cid = {"PSK-AES128-CCM", 0xc0a4, false, true, "de"};
static const struct pair_options gcm = {"PSK-AES128-GCM-SHA256", 0x00a8};
static const struct pair_options gcm_cid = {"PSK-AES128-GCM-SHA256", 0x00a8, false, true, "de"};
static const struct pair_options gcm_256_cid = {"PSK-AES256-GCM-SHA384", 0x00a9, false, true, "de"};
static const struct pair_options gcm_13 = {"TLS13-AES128-GCM-SHA256", 0x1301, true};
static const struct pair_options gcm_13_cid = {"TLS13-AES128-GCM-SHA256", 0x1301, true, true, "de"};
static const struct pair_options ccm_13_cid = {"TLS13-AES128-CCM-SHA256", 0x1304, true, true, "de"};
static const struct pair_options ccm_8_13 = {"TLS13-AES128-CCM8-SHA256", 0x1305, true};
static const struct pair_options ccm_8_13_cid = {"TLS13-AES128-CCM8-SHA256", 0x1305, true, true,
						 "de"};

static struct dtls_aead *aead;
static struct pair pair;
static struct dtls_session session;
static struct dtls_traffic_secrets secrets;

static int set_up(void **state)
{
	struct dtls_keys keys;

	aead = dtls_aead_new(NULL);
	assert_non_null(aead);
	pair_connect(&pair, *state);
	pair_take_keys(&pair, aead, &keys);
	memset(&session, 0, sizeof(session));
	session.generation = DTLS_CID_GENERATION(pair.cid);
	assert_int_equal(dtls_session_init(&session, &secrets, &keys), 0);
	return 0;
}

static int tear_down(void **state)
{
	pair_free(&pair);
	dtls_aead_free(aead);
	return 0;
}

static struct dtls_record open_one(uint8_t *data, size_t len)
{
	struct dtls_record rec = {.session = &session, .secrets = &secrets, .data = data};
	enum dtls_verdict verdict = dtls_head_parse(&rec.head, data, len);

	rec.verdict = verdict;
	if (verdict != DTLS_DATA)
		return rec;
	assert_int_equal(rec.head.len + rec.head.body, len);
	dtls_open(aead, &rec, 1, 7);
	return rec;
}

static struct dtls_record open_next(uint8_t buf[static PAIR_DATAGRAM])
{
	size_t len = pair_from_client(&pair, buf);

	assert_true(len > 0);
	return open_one(buf, len);
}

static void send_data(const void *data, uint16_t len)
{
	uint8_t buf[PAIR_DATAGRAM];
	struct dtls_record rec = {.session = &session,
				  .data = buf + DTLS_SEAL_HEAD,
				  .len = len,
				  .type = DTLS_CONTENT_DATA};

	memcpy(rec.data, data, len);
	dtls_seal(aead, &rec, 1);
	assert_int_equal(rec.verdict, DTLS_DATA);
	pair_to_client(&pair, rec.data, rec.len);
}

static void records_go_both_ways_without_the_wolfssl_object(void **state)
{
	static const uint16_t sizes[] = {1, 5, 15, 16, 17, 64, 128, 1000, 1300};
	uint8_t data[PAIR_DATAGRAM], buf[PAIR_DATAGRAM];

	for (unsigned round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct dtls_record rec;

			memset(data, (int)(i + round), sizeof(data));
			pair_client_write(&pair, data, sizes[i]);
			rec = open_next(buf);
			assert_int_equal(rec.verdict, DTLS_DATA);
			assert_int_equal(rec.len, sizes[i]);
			assert_memory_equal(rec.data, data, sizes[i]);
			assert_int_equal(rec.type, DTLS_CONTENT_DATA);
			assert_true(rec.newest);
			send_data(data, sizes[i]);
			memset(data, 0xff, sizeof(data));
			assert_int_equal(pair_client_read(&pair, data, sizeof(data)), sizes[i]);
			assert_memory_equal(data, rec.data, sizes[i]);
		}
	assert_int_equal(session.state, DTLS_SESSION_ACTIVE);
	assert_int_equal(session.seen, 7);
}

static void a_repeated_last_flight_of_the_client_is_answered(void **state)
{
	const struct pair_options *options = *state;
	uint8_t out[DTLS_ANSWER_MAX], buf[PAIR_DATAGRAM];
	size_t len = 0, at = 0, answers = 0;
	struct dtls_record rec;

	// wolfSSL's client thinks that it is done: what it sent last is what it would repeat. In
	// DTLS 1.2 the record is not seen before, as far as the session knows.
	memcpy(buf, pair.client_last, pair.client_last_len);
	while (at < pair.client_last_len) {
		rec = (struct dtls_record){
			.session = &session, .secrets = &secrets, .data = buf + at};
		assert_int_equal(dtls_head_parse(&rec.head, buf + at, pair.client_last_len - at),
				 DTLS_DATA);
		dtls_open(aead, &rec, 1, 7);
		at += rec.head.len + rec.head.body;
		if (rec.verdict != DTLS_FINISHED_AGAIN)
			continue;
		len = dtls_answer(aead, &rec, out);
		assert_true(len > 0 && len <= sizeof(out));
		answers++;
	}
	assert_int_equal(answers, 1);
	assert_int_equal(out[0] & (options->tls_13 ? 0xe0 : 0xff),
			 options->tls_13 ? 0x20 : DTLS_CONTENT_CCS);
	// The client takes it for what it is and goes on.
	pair_to_client(&pair, out, len);
	assert_int_equal(pair_client_read(&pair, buf, sizeof(buf)), -1);
	assert_int_equal(wolfSSL_get_error(pair.client, -1), WOLFSSL_ERROR_WANT_READ);
	send_data("on", 2);
	assert_int_equal(pair_client_read(&pair, buf, sizeof(buf)), 2);
}

static void close_notify_of_the_client_closes_and_is_answered(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX], buf[PAIR_DATAGRAM];
	struct dtls_record rec;
	size_t len;

	wolfSSL_shutdown(pair.client);
	rec = open_next(buf);
	assert_int_equal(rec.verdict, DTLS_CLOSE_NOTIFY);
	assert_int_equal(session.state, DTLS_SESSION_CLOSED);
	len = dtls_answer(aead, &rec, out);
	pair_to_client(&pair, out, len);
	assert_int_equal(wolfSSL_shutdown(pair.client), WOLFSSL_SUCCESS);
}

static void an_alert_of_ours_ends_the_client(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX], buf[PAIR_DATAGRAM];
	size_t len = dtls_close(aead, &session, DTLS_ALERT_ACCESS_DENIED, out);
	WOLFSSL_ALERT_HISTORY history;

	assert_true(len > 0);
	pair_to_client(&pair, out, len);
	assert_int_equal(pair_client_read(&pair, buf, sizeof(buf)), -1);
	assert_int_equal(wolfSSL_get_alert_history(pair.client, &history), WOLFSSL_SUCCESS);
	assert_int_equal(history.last_rx.code, DTLS_ALERT_ACCESS_DENIED);
	assert_int_equal(dtls_close(aead, &session, DTLS_ALERT_CLOSE_NOTIFY, out), 0);
}

static void exchange(const char *text)
{
	uint8_t buf[PAIR_DATAGRAM];
	struct dtls_record rec;
	uint16_t len = (uint16_t)strlen(text);

	pair_client_write(&pair, text, len);
	rec = open_next(buf);
	assert_int_equal(rec.verdict, DTLS_DATA);
	assert_memory_equal(rec.data, text, len);
	send_data(text, len);
	assert_int_equal(pair_client_read(&pair, buf, sizeof(buf)), len);
	assert_memory_equal(buf, text, len);
}

static void the_client_renews_its_keys(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX], buf[PAIR_DATAGRAM];

	for (unsigned round = 0; round < 6; round++) {
		struct dtls_record rec;

		assert_int_equal(wolfSSL_update_keys(pair.client), WOLFSSL_SUCCESS);
		rec = open_next(buf);
		assert_int_equal(rec.verdict, DTLS_KEY_UPDATE);
		pair_to_client(&pair, out, dtls_answer(aead, &rec, out));
		assert_int_equal(pair_client_read(&pair, buf, sizeof(buf)), -1);
		while (pair_from_client(&pair, buf) > 0)
			;
		exchange("renewed");
		assert_int_equal(DTLS_EPOCH(session.read_next), 4 + round);
	}
}

static void we_renew_our_keys(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX], buf[PAIR_DATAGRAM];

	for (unsigned round = 0; round < 6; round++) {
		struct dtls_record rec;

		pair_to_client(&pair, out, dtls_key_update(aead, &session, out));
		send_data("still old", 9);
		assert_int_equal(pair_client_read(&pair, buf, sizeof(buf)), 9);
		rec = open_next(buf);
		assert_int_equal(rec.verdict, DTLS_ACKED);
		assert_int_equal(DTLS_EPOCH(session.write_next), 4 + round);
		exchange("new");
	}
}

#define CASE(test, options)                                                                   \
	{                                                                                     \
#test " (" #options ")", test, set_up, tear_down, (void *)(uintptr_t)&options \
	}
#define ALL(options)                                                              \
	CASE(records_go_both_ways_without_the_wolfssl_object, options),           \
		CASE(a_repeated_last_flight_of_the_client_is_answered, options),  \
		CASE(close_notify_of_the_client_closes_and_is_answered, options), \
		CASE(an_alert_of_ours_ends_the_client, options)
#define ALL_13(options) \
	ALL(options), CASE(the_client_renews_its_keys, options), CASE(we_renew_our_keys, options)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALL(ccm_8),           ALL(ccm_8_cid),     ALL(ccm_8_cid_one_way), ALL(ccm_8_cid_10),
		ALL(ccm_cid),         ALL(gcm),           ALL(gcm_cid),           ALL(gcm_256_cid),
		ALL_13(gcm_13),       ALL_13(gcm_13_cid), ALL_13(ccm_13_cid),     ALL_13(ccm_8_13),
		ALL_13(ccm_8_13_cid),
	};
	int failed;

	wolfSSL_Init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	wolfSSL_Cleanup();
	return failed;
}
