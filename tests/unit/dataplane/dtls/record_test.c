// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/export.h"
#include "dataplane/dtls/record.h"
#include "tests/unit/dataplane/dtls/mirror.h"

#define ROOM 20000

static struct dtls_aead *aead;
static struct dtls_session gateway, device;

struct datagram {
	uint8_t buf[ROOM];
	uint8_t *data;
	uint16_t len;
	struct dtls_record rec; // as sealed
};

static struct datagram sent, copy;

static int set_up(void **state)
{
	aead = dtls_aead_new(NULL);
	return aead ? 0 : -1;
}

static int tear_down(void **state)
{
	dtls_aead_free(aead);
	return 0;
}

static void connect(enum dtls_suite suite, bool with_cid)
{
	assert_int_equal(mirror_make(&gateway, &device, suite, with_cid), 0);
}

static enum dtls_verdict seal_as(struct datagram *d, uint8_t type, const void *data, uint16_t len)
{
	memset(&d->rec, 0, sizeof(d->rec));
	d->rec.session = &device;
	d->rec.data = d->buf + DTLS_SEAL_HEAD;
	d->rec.len = len;
	d->rec.type = type;
	if (len > 0)
		memcpy(d->rec.data, data, len);
	dtls_seal(aead, &d->rec, 1);
	d->data = d->rec.data;
	d->len = d->rec.len;
	return d->rec.verdict;
}

static void send_text(struct datagram *d, const char *text)
{
	assert_int_equal(seal_as(d, DTLS_CONTENT_DATA, text, (uint16_t)strlen(text)), DTLS_DATA);
}

static enum dtls_verdict receive(struct dtls_record *rec, uint8_t *data, size_t len)
{
	enum dtls_verdict verdict;

	memset(rec, 0, sizeof(*rec));
	rec->session = &gateway;
	rec->secrets = mirror_secrets(&gateway);
	rec->data = data;
	verdict = dtls_head_parse(&rec->head, data, len);
	if (verdict == DTLS_DATA && (size_t)rec->head.len + rec->head.body != len)
		return DTLS_TRUNCATED; // it ends before the datagram does; nothing else is in there
	if (verdict == DTLS_DATA) {
		dtls_open(aead, rec, 1, 1);
		verdict = rec->verdict;
	}
	return verdict;
}

static enum dtls_verdict receive_copy(const struct datagram *d)
{
	struct dtls_record rec;

	memcpy(copy.buf, d->data, d->len);
	return receive(&rec, copy.buf, d->len);
}

// Each suite, without and with Connection IDs.
#define FOR_EACH_SUITE(suite, cid)                                               \
	for (int suite = DTLS_SUITE_NONE + 1; suite < DTLS_SUITE_COUNT; suite++) \
		for (int cid = 0; cid < 2; cid++)

static void what_one_side_seals_the_other_opens(void **state)
{
	static const uint16_t sizes[] = {0, 1, 6, 7, 8, 15, 16, 17, 64, 1200, DTLS_PLAINTEXT_MAX};
	static uint8_t data[DTLS_PLAINTEXT_MAX];

	memset(data, 0x42, sizeof(data));
	FOR_EACH_SUITE(suite, cid)
	{
		connect((enum dtls_suite)suite, cid);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct dtls_record rec;

			assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, data, sizes[i]),
					 DTLS_DATA);
			assert_true(sent.data >= sent.buf);
			assert_true(sent.len <= sizes[i] + DTLS_SEAL_HEAD + DTLS_SEAL_TAIL);
			assert_int_equal(receive(&rec, sent.data, sent.len), DTLS_DATA);
			assert_int_equal(rec.type, DTLS_CONTENT_DATA);
			assert_int_equal(rec.len, sizes[i]);
			assert_memory_equal(rec.data, data, sizes[i]);
			assert_int_equal(rec.number, sent.rec.number);
			assert_true(rec.newest);
			assert_int_equal(gateway.state, DTLS_SESSION_ACTIVE);
		}
	}
}

static void a_burst_of_many_sessions_and_suites_keeps_its_order(void **state)
{
	static struct dtls_session gateways[DTLS_BURST], devices[DTLS_BURST];
	static uint8_t bufs[DTLS_BURST][256];
	struct dtls_record recs[DTLS_BURST];

	memset(recs, 0, sizeof(recs));
	for (unsigned i = 0; i < DTLS_BURST; i++) {
		enum dtls_suite suite = 1 + i % (DTLS_SUITE_COUNT - 1);

		assert_int_equal(mirror_make(&gateways[i], &devices[i], suite, i & 1), 0);
		recs[i].session = &devices[i];
		recs[i].data = bufs[i] + DTLS_SEAL_HEAD;
		recs[i].len = (uint16_t)(i * 2);
		recs[i].type = DTLS_CONTENT_DATA;
		memset(recs[i].data, (int)i, recs[i].len);
	}
	devices[20].state = DTLS_SESSION_CLOSED;
	dtls_seal(aead, recs, DTLS_BURST);
	assert_int_equal(recs[20].verdict, DTLS_CLOSED);
	assert_int_equal(recs[20].len, 40);
	for (unsigned i = 0; i < DTLS_BURST; i++) {
		recs[i].session = &gateways[i];
		if (i == 20)
			recs[i].session = NULL;
		else
			assert_int_equal(dtls_head_parse(&recs[i].head, recs[i].data, recs[i].len),
					 DTLS_DATA);
	}
	recs[33].data[recs[33].len - 1] ^= 1;
	dtls_open(aead, recs, DTLS_BURST, 1);
	for (unsigned i = 0; i < DTLS_BURST; i++) {
		enum dtls_verdict wanted = i == 20   ? DTLS_UNKNOWN_CID
					   : i == 33 ? DTLS_BAD_MAC
						     : DTLS_DATA;

		assert_int_equal(recs[i].verdict, wanted);
		if (wanted != DTLS_DATA)
			continue;
		assert_int_equal(recs[i].len, i * 2);
		for (unsigned k = 0; k < recs[i].len; k++)
			assert_int_equal(recs[i].data[k], i);
	}
}

static void a_record_is_taken_once_even_within_a_burst(void **state)
{
	static uint8_t bufs[3][256];

	FOR_EACH_SUITE(suite, cid)
	{
		struct dtls_record recs[3];

		connect((enum dtls_suite)suite, cid);
		send_text(&sent, "once");
		memset(recs, 0, sizeof(recs));
		for (int i = 0; i < 3; i++) {
			memcpy(bufs[i], sent.data, sent.len);
			recs[i].session = &gateway;
			recs[i].data = bufs[i];
			dtls_head_parse(&recs[i].head, bufs[i], sent.len);
		}
		dtls_open(aead, recs, 3, 1);
		assert_int_equal(recs[0].verdict, DTLS_DATA);
		assert_int_equal(recs[1].verdict, DTLS_REPLAY);
		assert_int_equal(recs[2].verdict, DTLS_REPLAY);
		assert_int_equal(receive_copy(&sent), DTLS_REPLAY);
	}
}

static void reordered_records_are_taken_as_far_as_the_window_reaches(void **state)
{
	static struct datagram all[70];

	FOR_EACH_SUITE(suite, cid)
	{
		connect((enum dtls_suite)suite, cid);
		for (int i = 0; i < 70; i++)
			send_text(&all[i], "reordered");
		assert_int_equal(receive_copy(&all[69]), DTLS_DATA);
		for (int i = 68; i >= 0; i--) {
			enum dtls_verdict wanted = i >= 6 ? DTLS_DATA : DTLS_REPLAY;

			assert_int_equal(receive_copy(&all[i]), wanted);
			assert_int_equal(receive_copy(&all[i]), DTLS_REPLAY);
		}
		assert_int_equal(receive_copy(&all[69]), DTLS_REPLAY);
	}
}

static void an_older_record_is_not_the_newest(void **state)
{
	static struct datagram first;
	struct dtls_record rec;

	connect(DTLS_12_AES128_CCM_8, true);
	send_text(&first, "first");
	send_text(&sent, "second");
	assert_int_equal(receive(&rec, sent.data, sent.len), DTLS_DATA);
	assert_true(rec.newest);
	assert_int_equal(receive(&rec, first.data, first.len), DTLS_DATA);
	assert_false(rec.newest);
}

static void assert_intact(const struct dtls_session *before)
{
	struct dtls_session now = gateway;

	now.forged = before->forged;
	assert_memory_equal(&now, before, sizeof(now));
}

static void a_flipped_bit_anywhere_leaves_the_session_intact(void **state)
{
	FOR_EACH_SUITE(suite, cid)
	{
		struct dtls_session before;

		connect((enum dtls_suite)suite, cid);
		send_text(&sent, "flip me");
		before = gateway;
		for (unsigned bit = 0; bit < 8u * sent.len; bit++) {
			sent.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			// The first byte of the epoch in 1.2, and the bits that tell the header
			// of 1.3, may make it something else; never application data.
			assert_int_not_equal(receive_copy(&sent), DTLS_DATA);
			sent.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_intact(&before);
		}
		assert_int_equal(receive_copy(&sent), DTLS_DATA);
	}
}

static void a_truncated_record_leaves_the_session_intact(void **state)
{
	FOR_EACH_SUITE(suite, cid)
	{
		struct dtls_session before;

		connect((enum dtls_suite)suite, cid);
		send_text(&sent, "cut me");
		before = gateway;
		for (uint16_t len = 0; len < sent.len; len++) {
			// Of its true size, so that reading past it is found out.
			uint8_t *exact = malloc(len ? len : 1);
			struct dtls_record rec;

			memcpy(exact, sent.data, len);
			assert_int_equal(receive(&rec, exact, len), DTLS_TRUNCATED);
			free(exact);
			assert_intact(&before);
		}
		assert_int_equal(receive_copy(&sent), DTLS_DATA);
	}
}

static void a_record_that_is_shorter_than_its_tag_is_refused(void **state)
{
	FOR_EACH_SUITE(suite, cid)
	{
		struct dtls_session before;
		unsigned head;

		connect((enum dtls_suite)suite, cid);
		send_text(&sent, "short");
		before = gateway;
		head = (dtls_suite_is_13(suite) ? 5 : 13) + (cid ? DTLS_OWN_CID_LEN : 0);
		for (uint8_t body = 0; body < 16; body++) {
			struct dtls_record rec;
			uint8_t *exact = malloc(head + body);

			memcpy(exact, sent.data, head + body);
			exact[head - 2] = 0;
			exact[head - 1] = body;
			assert_int_equal(receive(&rec, exact, head + body), DTLS_BAD_LENGTH);
			free(exact);
			assert_intact(&before);
		}
	}
}

static void content_longer_than_the_protocol_allows_is_refused(void **state)
{
	static uint8_t data[DTLS_PLAINTEXT_MAX + 2000];

	memset(data, 1, sizeof(data));
	FOR_EACH_SUITE(suite, cid)
	{
		connect((enum dtls_suite)suite, cid);
		assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, data, DTLS_PLAINTEXT_MAX + 1),
				 DTLS_DATA);
		assert_int_equal(receive_copy(&sent), DTLS_BAD_LENGTH);
		assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, data, sizeof(data)), DTLS_DATA);
		assert_int_equal(receive_copy(&sent), DTLS_BAD_LENGTH);
	}
}

static void zeros_behind_the_type_are_padding(void **state)
{
	static const enum dtls_suite suites[] = {DTLS_12_AES128_CCM_8, DTLS_13_AES128_GCM};

	for (int i = 0; i < 2; i++) {
		// Sealing appends a type of 0, which is one more byte of padding.
		static const uint8_t padded[] = {'h', 'i', DTLS_CONTENT_DATA, 0, 0, 0};
		static const uint8_t empty[] = {DTLS_CONTENT_DATA, 0};
		static const uint8_t nothing[] = {0, 0, 0};
		struct dtls_record rec;

		connect(suites[i], true);
		seal_as(&sent, 0, padded, sizeof(padded));
		assert_int_equal(receive(&rec, sent.data, sent.len), DTLS_DATA);
		assert_int_equal(rec.len, 2);
		assert_memory_equal(rec.data, "hi", 2);
		seal_as(&sent, 0, empty, sizeof(empty));
		assert_int_equal(receive(&rec, sent.data, sent.len), DTLS_DATA);
		assert_int_equal(rec.len, 0);
		seal_as(&sent, 0, nothing, sizeof(nothing));
		assert_int_equal(receive_copy(&sent), DTLS_BAD_INNER);
	}
}

static void an_unknown_content_type_makes_no_sense(void **state)
{
	connect(DTLS_12_AES128_CCM_8, true);
	seal_as(&sent, 99, "?", 1);
	assert_int_equal(receive_copy(&sent), DTLS_BAD_INNER);
	connect(DTLS_13_AES128_CCM_8, false);
	seal_as(&sent, 99, "?", 1);
	assert_int_equal(receive_copy(&sent), DTLS_BAD_INNER);
	connect(DTLS_12_AES128_CCM_8, true);
	seal_as(&sent, DTLS_CONTENT_CCS, "\1", 1);
	assert_int_equal(receive_copy(&sent), DTLS_BAD_INNER);
}

static void types_in_the_clear_have_no_business_in_epoch_1(void **state)
{
	connect(DTLS_12_AES128_CCM_8, false);
	seal_as(&sent, DTLS_CONTENT_CCS, "\1", 1);
	assert_int_equal(receive_copy(&sent), DTLS_BAD_TYPE);
	seal_as(&sent, DTLS_CONTENT_ACK, "\0\0", 2);
	assert_int_equal(receive_copy(&sent), DTLS_BAD_TYPE);
	send_text(&sent, "heartbeat");
	sent.data[0] = 24;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_TYPE);
	sent.data[0] = 19; // not DTLS at all
	assert_int_equal(receive_copy(&sent), DTLS_BAD_TYPE);
	sent.data[0] = 27;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_TYPE);
}

static void another_epoch_is_refused(void **state)
{
	for (int cid = 0; cid < 2; cid++) {
		connect(DTLS_12_AES128_GCM, cid);
		send_text(&sent, "epoch");
		sent.data[4] = 2;
		assert_int_equal(receive_copy(&sent), DTLS_BAD_EPOCH);
		sent.data[4] = 0;
		assert_int_equal(receive_copy(&sent), DTLS_BAD_EPOCH);
		connect(DTLS_13_AES128_GCM, cid);
		send_text(&sent, "epoch");
		sent.data[0] ^= 3; // 3 becomes 0, of which nobody told
		assert_int_equal(receive_copy(&sent), DTLS_BAD_EPOCH);
	}
}

static void another_version_is_refused(void **state)
{
	connect(DTLS_12_AES128_GCM, false);
	send_text(&sent, "version");
	sent.data[2] = 0xfc;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_VERSION);
	sent.data[2] = 0xff; // a ClientHello's, but for epoch 0
	assert_int_equal(receive_copy(&sent), DTLS_BAD_VERSION);
	sent.data[2] = 0xfd;
	gateway.suite = DTLS_13_AES128_GCM;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_VERSION);
	connect(DTLS_13_AES128_GCM, false);
	send_text(&sent, "version");
	gateway.suite = DTLS_12_AES128_GCM;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_VERSION);
}

static void a_client_hello_is_told_from_records_of_the_session(void **state)
{
	// Type, version 1.0, epoch 0, number 1, three bytes.
	uint8_t hello[] = {22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 1, 0, 0};
	struct dtls_head head;

	assert_int_equal(dtls_head_parse(&head, hello, sizeof(hello)), DTLS_DATA);
	assert_true(dtls_head_is_plain(&head));
	assert_int_equal(head.len, 13);
	assert_int_equal(head.body, 3);
	hello[4] = 1;
	hello[2] = 0xfd;
	assert_int_equal(dtls_head_parse(&head, hello, sizeof(hello)), DTLS_DATA);
	assert_false(dtls_head_is_plain(&head));
}

static void connection_ids_are_checked(void **state)
{
	connect(DTLS_12_AES128_CCM_8, true);
	send_text(&sent, "cid");
	gateway.flags &= ~DTLS_SESSION_F_OWN_CID; // one that was not agreed
	assert_int_equal(receive_copy(&sent), DTLS_BAD_CID);
	connect(DTLS_12_AES128_CCM_8, true);
	send_text(&sent, "cid");
	gateway.generation++; // another session has the slot by now
	assert_int_equal(receive_copy(&sent), DTLS_BAD_CID);
	connect(DTLS_12_AES128_CCM_8, true);
	device.peer_cid_len = 0;
	send_text(&sent, "none"); // one that was agreed is missing
	assert_int_equal(receive_copy(&sent), DTLS_BAD_CID);
	connect(DTLS_13_AES128_CCM_8, true);
	device.peer_cid_len = 0;
	send_text(&sent, "none"); // which 1.3 permits behind another record
	assert_int_equal(receive_copy(&sent), DTLS_DATA);
}

static void a_closed_or_unfinished_session_takes_nothing(void **state)
{
	connect(DTLS_12_AES128_CCM_8, true);
	send_text(&sent, "late");
	gateway.state = DTLS_SESSION_CLOSED;
	assert_int_equal(receive_copy(&sent), DTLS_CLOSED);
	gateway.state = DTLS_SESSION_RESERVED;
	assert_int_equal(receive_copy(&sent), DTLS_UNKNOWN_CID);
	device.state = DTLS_SESSION_RESERVED;
	assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, "x", 1), DTLS_UNKNOWN_CID);
	device.state = DTLS_SESSION_CLOSED;
	assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, "x", 1), DTLS_CLOSED);
}

static void nothing_is_sealed_with_the_last_numbers(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX];

	connect(DTLS_12_AES128_CCM_8, false);
	device.write_next = 1ull << DTLS_SEQ_BITS | (DTLS_SEQ_MASK - UINT16_MAX - 1);
	assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, "x", 1), DTLS_DATA);
	assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, "x", 1), DTLS_EXHAUSTED);
	assert_int_equal(sent.len, 1);
	assert_true(dtls_close(aead, &device, DTLS_ALERT_CLOSE_NOTIFY, out) > 0);
	connect(DTLS_13_AES128_CCM_8, false);
	device.write_next = 3ull << DTLS_SEQ_BITS | (1u << 23);
	assert_int_equal(seal_as(&sent, DTLS_CONTENT_DATA, "x", 1), DTLS_EXHAUSTED);
}

static void the_very_last_number_is_refused(void **state)
{
	connect(DTLS_12_AES128_CCM_8, false);
	send_text(&sent, "last");
	memset(sent.data + 5, 0xff, 6);
	assert_int_equal(receive_copy(&sent), DTLS_EXHAUSTED);
}

static void too_many_forgeries_use_up_a_key_of_dtls_13(void **state)
{
	connect(DTLS_13_AES128_CCM_8, false);
	gateway.forged = UINT16_MAX - 1;
	send_text(&sent, "forged");
	sent.data[sent.len - 1] ^= 1;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_MAC);
	sent.data[sent.len - 1] ^= 1;
	assert_int_equal(receive_copy(&sent), DTLS_EXHAUSTED);
	// DTLS 1.2 knows no such limit.
	connect(DTLS_12_AES128_CCM_8, false);
	gateway.forged = UINT16_MAX;
	send_text(&sent, "forged");
	sent.data[sent.len - 1] ^= 1;
	assert_int_equal(receive_copy(&sent), DTLS_BAD_MAC);
	sent.data[sent.len - 1] ^= 1;
	assert_int_equal(receive_copy(&sent), DTLS_DATA);
}

static void short_numbers_and_missing_lengths_are_understood(void **state)
{
	// We do not write such headers.
	static const uint8_t shortest[] = {0x23, 0x77, 1, 2, 3};
	static const uint8_t with_cid[] = {0x3f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 0, 1, 0x55, 0x66};
	struct dtls_head head;

	assert_int_equal(dtls_head_parse(&head, shortest, sizeof(shortest)), DTLS_DATA);
	assert_true(head.unified);
	assert_false(head.has_cid);
	assert_int_equal(head.len, 2);
	assert_int_equal(head.body, 3);
	assert_int_equal(dtls_head_parse(&head, with_cid, sizeof(with_cid)), DTLS_DATA);
	assert_true(head.has_cid);
	assert_true(head.cid == 0x0102030405060708ull);
	assert_int_equal(head.len, 13);
	assert_int_equal(head.body, 1); // another record follows
}

static void beginning_a_block_of_numbers_makes_an_export_due(void **state)
{
	connect(DTLS_12_AES128_CCM_8, false);
	device.write_next = 1ull << DTLS_SEQ_BITS | (3 * DTLS_EXPORT_BLOCK - 2);
	seal_as(&sent, DTLS_CONTENT_DATA, "x", 1);
	assert_false(sent.rec.export_due);
	seal_as(&sent, DTLS_CONTENT_DATA, "x", 1);
	assert_true(sent.rec.export_due);
	device.save = DTLS_SAVE_WANTED;
	seal_as(&sent, DTLS_CONTENT_DATA, "x", 1);
	assert_false(sent.rec.export_due);
}

static void every_verdict_has_a_name(void **state)
{
	assert_string_equal(dtls_verdict_name(DTLS_DATA), "data");
	assert_string_equal(dtls_verdict_name(DTLS_EXHAUSTED), "exhausted");
	for (int v = 0; v < DTLS_VERDICT_COUNT; v++)
		assert_non_null(dtls_verdict_name((enum dtls_verdict)v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_side_seals_the_other_opens),
		cmocka_unit_test(a_burst_of_many_sessions_and_suites_keeps_its_order),
		cmocka_unit_test(a_record_is_taken_once_even_within_a_burst),
		cmocka_unit_test(reordered_records_are_taken_as_far_as_the_window_reaches),
		cmocka_unit_test(an_older_record_is_not_the_newest),
		cmocka_unit_test(a_flipped_bit_anywhere_leaves_the_session_intact),
		cmocka_unit_test(a_truncated_record_leaves_the_session_intact),
		cmocka_unit_test(a_record_that_is_shorter_than_its_tag_is_refused),
		cmocka_unit_test(content_longer_than_the_protocol_allows_is_refused),
		cmocka_unit_test(zeros_behind_the_type_are_padding),
		cmocka_unit_test(an_unknown_content_type_makes_no_sense),
		cmocka_unit_test(types_in_the_clear_have_no_business_in_epoch_1),
		cmocka_unit_test(another_epoch_is_refused),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(a_client_hello_is_told_from_records_of_the_session),
		cmocka_unit_test(connection_ids_are_checked),
		cmocka_unit_test(a_closed_or_unfinished_session_takes_nothing),
		cmocka_unit_test(nothing_is_sealed_with_the_last_numbers),
		cmocka_unit_test(the_very_last_number_is_refused),
		cmocka_unit_test(too_many_forgeries_use_up_a_key_of_dtls_13),
		cmocka_unit_test(short_numbers_and_missing_lengths_are_understood),
		cmocka_unit_test(beginning_a_block_of_numbers_makes_an_export_due),
		cmocka_unit_test(every_verdict_has_a_name),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
