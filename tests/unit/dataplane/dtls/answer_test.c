// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/record.h"
#include "tests/unit/dataplane/dtls/mirror.h"

#define ROOM 512

static struct dtls_aead *aead;
static struct dtls_session gateway, device;

// The last record that was opened, its bytes and the answer to it.
static struct dtls_record rec;
static uint8_t wire[ROOM], kept[ROOM], answer[DTLS_ANSWER_MAX];
static size_t wire_len, answer_len;

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

static void connect(enum dtls_suite suite)
{
	assert_int_equal(mirror_make(&gateway, &device, suite, true), 0);
}

static void seal(struct dtls_session *from, uint8_t type, const void *data, uint16_t len)
{
	uint8_t buf[ROOM];
	struct dtls_record out = {
		.session = from, .data = buf + DTLS_SEAL_HEAD, .len = len, .type = type};

	memcpy(out.data, data, len);
	dtls_seal(aead, &out, 1);
	assert_int_equal(out.verdict, DTLS_DATA);
	memcpy(kept, out.data, out.len);
	wire_len = out.len;
}

// The first record of a datagram, which the session opens; how long it was.
static size_t open_at(struct dtls_session *to, const uint8_t *data, size_t len)
{
	memmove(wire, data, len);
	rec = (struct dtls_record){.session = to, .secrets = mirror_secrets(to), .data = wire};
	assert_int_equal(dtls_head_parse(&rec.head, wire, len), DTLS_DATA);
	dtls_open(aead, &rec, 1, 1);
	return (size_t)rec.head.len + rec.head.body;
}

static enum dtls_verdict pass(uint8_t type, const void *data, uint16_t len)
{
	seal(&device, type, data, len);
	open_at(&gateway, kept, wire_len);
	return rec.verdict;
}

static void get_answer(void)
{
	assert_true(dtls_verdict_answers(rec.verdict));
	answer_len = dtls_answer(aead, &rec, answer);
	assert_true(answer_len > 0 && answer_len <= sizeof(answer));
}

static void put_message(uint8_t out[static 64], uint8_t type, uint16_t seq, const void *body,
			uint8_t len)
{
	memset(out, 0, 12);
	out[0] = type;
	out[3] = out[11] = len;
	out[5] = (uint8_t)seq;
	memcpy(out + 12, body, len);
}

static enum dtls_verdict pass_message(uint8_t type, uint16_t seq, const void *body, uint8_t len)
{
	uint8_t message[64];

	put_message(message, type, seq, body, len);
	return pass(DTLS_CONTENT_HANDSHAKE, message, 12 + len);
}

static void alerts_close_or_do_not(void **state)
{
	connect(DTLS_12_AES128_CCM_8);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\1\132", 2), DTLS_WARNING);
	assert_int_equal(gateway.state, DTLS_SESSION_FRESH);
	assert_false(dtls_verdict_answers(rec.verdict));
	assert_int_equal(dtls_answer(aead, &rec, answer), 0);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\2\50", 2), DTLS_FATAL_ALERT);
	assert_int_equal(gateway.state, DTLS_SESSION_CLOSED);
	assert_int_equal(pass(DTLS_CONTENT_DATA, "x", 1), DTLS_CLOSED);
	connect(DTLS_13_AES128_GCM); // the level says nothing
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\2\132", 2), DTLS_WARNING);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\1\50", 2), DTLS_FATAL_ALERT);
	assert_int_equal(gateway.state, DTLS_SESSION_CLOSED);
}

static void an_alert_of_another_shape_makes_no_sense(void **state)
{
	connect(DTLS_12_AES128_CCM_8);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\1", 1), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\1\0\0", 3), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\3\0", 2), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\0\0", 2), DTLS_BAD_INNER);
	assert_int_equal(gateway.state, DTLS_SESSION_FRESH);
}

static void close_notify_is_answered_with_one(void **state)
{
	connect(DTLS_12_AES128_CCM_8);
	assert_int_equal(pass(DTLS_CONTENT_ALERT, "\1\0", 2), DTLS_CLOSE_NOTIFY);
	assert_int_equal(gateway.state, DTLS_SESSION_CLOSED);
	get_answer();
	open_at(&device, answer, answer_len);
	assert_int_equal(rec.verdict, DTLS_CLOSE_NOTIFY);
}

static void a_record_behind_the_close_in_the_same_burst_is_not_taken(void **state)
{
	struct dtls_record recs[2] = {{.session = &gateway}, {.session = &gateway}};
	uint8_t bufs[2][ROOM];

	connect(DTLS_12_AES128_CCM_8);
	for (int i = 0; i < 2; i++) {
		seal(&device, i ? DTLS_CONTENT_DATA : DTLS_CONTENT_ALERT, "\1\0", 2);
		memcpy(bufs[i], kept, wire_len);
		recs[i].data = bufs[i];
		dtls_head_parse(&recs[i].head, bufs[i], wire_len);
	}
	dtls_open(aead, recs, 2, 1);
	assert_int_equal(recs[0].verdict, DTLS_CLOSE_NOTIFY);
	assert_int_equal(recs[1].verdict, DTLS_CLOSED);
}

static void renegotiation_is_refused(void **state)
{
	connect(DTLS_12_AES128_CCM_8);
	assert_int_equal(pass_message(1, 0, "hello", 5), DTLS_HANDSHAKE);
	get_answer();
	open_at(&device, answer, answer_len);
	assert_int_equal(rec.verdict, DTLS_WARNING);
	assert_int_equal(rec.data[1], DTLS_ALERT_NO_RENEGOTIATION);
	assert_int_equal(pass(DTLS_CONTENT_DATA, "x", 1), DTLS_DATA);
}

static void a_broken_handshake_message_makes_no_sense(void **state)
{
	uint8_t message[64];

	connect(DTLS_12_AES128_CCM_8);
	put_message(message, 20, 2, "verify_data.", 12);
	assert_int_equal(pass(DTLS_CONTENT_HANDSHAKE, message, 23), DTLS_BAD_INNER); // cut
	assert_int_equal(pass(DTLS_CONTENT_HANDSHAKE, message, 25), DTLS_BAD_INNER); // more behind
	message[8] = 1; // a later fragment
	assert_int_equal(pass(DTLS_CONTENT_HANDSHAKE, message, 24), DTLS_BAD_INNER);
	message[8] = 0;
	message[11] = 11; // the first one of two
	assert_int_equal(pass(DTLS_CONTENT_HANDSHAKE, message, 24), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_HANDSHAKE, message, 0), DTLS_BAD_INNER);
}

static void the_last_flight_is_made_again(void **state)
{
	static const uint8_t ccs[] = {20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 4, 0, 0, 1, 1};

	for (enum dtls_suite suite = DTLS_12_AES128_CCM_8; suite <= DTLS_12_AES256_GCM; suite++) {
		connect(suite);
		assert_int_equal(pass_message(20, 2, "of a client.", 12), DTLS_FINISHED_AGAIN);
		get_answer();
		assert_memory_equal(answer, ccs, sizeof(ccs));
		open_at(&device, answer + 14, answer_len - 14);
		assert_int_equal(rec.verdict, DTLS_FINISHED_AGAIN);
		assert_int_equal(rec.data[0], 20);
		assert_int_equal(rec.data[5], 6);
		assert_memory_equal(rec.data + 12, "verify_data.", 12);
		// And again, with later numbers.
		assert_int_equal(pass_message(20, 2, "of a client.", 12), DTLS_FINISHED_AGAIN);
		get_answer();
		assert_int_equal(answer[10], 1);
	}
}

static void without_a_last_flight_nothing_is_repeated(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX];

	connect(DTLS_12_AES128_CCM_8); // the handshake was an abbreviated one
	gateway.flags &= ~DTLS_SESSION_F_LAST_FLIGHT;
	assert_int_equal(pass_message(20, 2, "of a client.", 12), DTLS_FINISHED_AGAIN);
	assert_int_equal(dtls_answer(aead, &rec, out), 0);
}

static void records_of_epoch_2_get_their_ack_again(void **state)
{
	connect(DTLS_13_AES128_CCM_8);
	seal(&device, DTLS_CONTENT_DATA, "finished, say", 13);
	kept[0] ^= 1; // epoch 3 becomes 2
	open_at(&gateway, kept, wire_len);
	assert_int_equal(rec.verdict, DTLS_FINISHED_AGAIN);
	get_answer();
	open_at(&device, answer, answer_len);
	assert_int_equal(rec.verdict, DTLS_ACKED);
	gateway.flags &= ~DTLS_SESSION_F_LAST_FLIGHT;
	open_at(&gateway, kept, wire_len);
	assert_int_equal(rec.verdict, DTLS_BAD_EPOCH);
}

// They need no key: anybody could have a session use up its numbers, and more sent to the device
// than was sent for it.
static void records_of_epoch_2_get_so_many_acks_only(void **state)
{
	connect(DTLS_13_AES128_CCM_8);
	seal(&device, DTLS_CONTENT_DATA, "finished, say", 13);
	kept[0] ^= 1; // epoch 3 becomes 2
	for (unsigned i = 0; i < DTLS_FLIGHT_ACKS; i++) {
		open_at(&gateway, kept, wire_len);
		assert_int_equal(rec.verdict, DTLS_FINISHED_AGAIN);
		get_answer();
	}
	open_at(&gateway, kept, wire_len);
	assert_int_equal(rec.verdict, DTLS_BAD_EPOCH);
	assert_int_equal(pass(DTLS_CONTENT_DATA, "x", 1), DTLS_DATA);
}

static void an_ack_of_another_shape_makes_no_sense(void **state)
{
	static const uint8_t cut[18] = {0, 17}, odd[17] = {0, 15}, empty[2] = {0, 0};

	connect(DTLS_13_AES128_CCM_8);
	assert_int_equal(pass(DTLS_CONTENT_ACK, cut, sizeof(cut)), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_ACK, odd, sizeof(odd)), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_ACK, empty, 1), DTLS_BAD_INNER);
	assert_int_equal(pass(DTLS_CONTENT_ACK, empty, sizeof(empty)), DTLS_ACKED);
	connect(DTLS_12_AES128_CCM_8);
	assert_int_equal(pass(DTLS_CONTENT_ACK, empty, sizeof(empty)), DTLS_BAD_INNER);
}

// From the gateway to the device and back, until nobody answers any more.
static void settle(struct dtls_session *to, const uint8_t *datagram, size_t len)
{
	uint8_t pending[DTLS_ANSWER_MAX];
	size_t at = 0;

	memcpy(pending, datagram, len);
	while (at < len) {
		at += open_at(to, pending + at, len - at);
		assert_true(rec.verdict < DTLS_FIRST_DROP);
		if (!dtls_verdict_answers(rec.verdict))
			continue;
		get_answer();
		settle(to == &gateway ? &device : &gateway, answer, answer_len);
	}
}

static void keys_are_renewed_in_both_directions(void **state)
{
	connect(DTLS_13_AES128_CCM_8);
	for (unsigned round = 1; round < 10; round++) {
		uint8_t out[DTLS_ANSWER_MAX];

		settle(&device, out, dtls_key_update(aead, &gateway, out));
		assert_int_equal(DTLS_EPOCH(gateway.write_next), 3 + round);
		seal(&gateway, DTLS_CONTENT_DATA, "new", 3);
		open_at(&device, kept, wire_len);
		assert_int_equal(rec.verdict, DTLS_DATA);
		assert_int_equal(DTLS_EPOCH(device.read_next), 3 + round);
		settle(&gateway, out, dtls_key_update(aead, &device, out));
		assert_int_equal(pass(DTLS_CONTENT_DATA, "new", 3), DTLS_DATA);
		assert_int_equal(DTLS_EPOCH(gateway.read_next), 3 + round);
		assert_int_equal(gateway.flags & DTLS_SESSION_F_READ_UPDATE, 0);
	}
}

static void old_keys_stay_until_new_ones_have_shown_themselves(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX], update[DTLS_ANSWER_MAX];
	struct dtls_session before;
	struct dtls_traffic_secrets secrets;
	size_t len;

	connect(DTLS_13_AES128_GCM);
	len = dtls_key_update(aead, &device, update);
	open_at(&gateway, update, len);
	assert_int_equal(rec.verdict, DTLS_KEY_UPDATE);
	assert_int_equal(pass(DTLS_CONTENT_DATA, "old", 3), DTLS_DATA);
	// The ACK is lost, the peer repeats it in another record.
	open_at(&gateway, out, dtls_key_update(aead, &device, out));
	assert_int_equal(rec.verdict, DTLS_KEY_UPDATE);
	assert_int_equal(gateway.message_in, 4);
	get_answer();
	// Somebody makes up a record under the new keys.
	seal(&device, DTLS_CONTENT_DATA, "forged", 6);
	kept[0] ^= 3; // epoch 3 becomes 4
	before = gateway;
	secrets = *mirror_secrets(&gateway);
	open_at(&gateway, kept, wire_len);
	assert_int_equal(rec.verdict, DTLS_BAD_MAC);
	before.forged++;
	assert_memory_equal(&gateway, &before, sizeof(before));
	assert_memory_equal(mirror_secrets(&gateway), &secrets, sizeof(secrets));
	settle(&device, answer, answer_len);
	assert_int_equal(pass(DTLS_CONTENT_DATA, "new", 3), DTLS_DATA);
	assert_int_equal(DTLS_EPOCH(gateway.read_next), 4);
	assert_int_equal(gateway.forged, 0);
	open_at(&gateway, update, len); // of the old epoch
	assert_int_equal(rec.verdict, DTLS_BAD_EPOCH);
}

static void a_burst_may_bring_several_records_under_new_keys(void **state)
{
	struct dtls_record recs[4];
	uint8_t bufs[4][ROOM], out[DTLS_ANSWER_MAX];

	connect(DTLS_13_AES128_CCM);
	settle(&gateway, out, dtls_key_update(aead, &device, out));
	for (int i = 0; i < 4; i++) {
		if (i < 3)
			seal(&device, DTLS_CONTENT_DATA, "new", 3);
		memcpy(bufs[i], kept, wire_len); // the last one twice
		recs[i] = (struct dtls_record){
			.session = &gateway, .secrets = mirror_secrets(&gateway), .data = bufs[i]};
		dtls_head_parse(&recs[i].head, bufs[i], wire_len);
	}
	dtls_open(aead, recs, 4, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(recs[i].verdict, i < 3 ? DTLS_DATA : DTLS_REPLAY);
}

static void a_burst_is_taken_in_order_when_keys_change_in_it(void **state)
{
	struct dtls_record recs[3];
	uint8_t bufs[3][ROOM], out[DTLS_ANSWER_MAX];

	connect(DTLS_13_AES128_CCM);
	seal(&device, DTLS_CONTENT_DATA, "old", 3);
	memcpy(bufs[1], kept, wire_len);
	recs[1].len = (uint16_t)wire_len;
	settle(&gateway, out, dtls_key_update(aead, &device, out));
	seal(&device, DTLS_CONTENT_ALERT, "\1\0", 2);
	memcpy(bufs[0], kept, wire_len);
	recs[0].len = (uint16_t)wire_len;
	seal(&device, DTLS_CONTENT_DATA, "new", 3);
	memcpy(bufs[2], kept, wire_len);
	recs[2].len = (uint16_t)wire_len;
	for (int i = 0; i < 3; i++) {
		uint16_t len = recs[i].len;

		recs[i] = (struct dtls_record){
			.session = &gateway, .secrets = mirror_secrets(&gateway), .data = bufs[i]};
		assert_int_equal(dtls_head_parse(&recs[i].head, bufs[i], len), DTLS_DATA);
	}
	dtls_open(aead, recs, 3, 1);
	assert_int_equal(recs[0].verdict, DTLS_CLOSE_NOTIFY);
	assert_int_equal(recs[1].verdict, DTLS_CLOSED);
	assert_int_equal(recs[2].verdict, DTLS_CLOSED);
}

static void a_key_update_that_asks_gets_one_back(void **state)
{
	uint8_t body = 1;

	connect(DTLS_13_AES128_GCM);
	assert_int_equal(pass_message(24, 3, &body, 1), DTLS_KEY_UPDATE);
	get_answer();
	open_at(&device, answer, answer_len);
	assert_int_equal(rec.verdict, DTLS_ACKED);
	open_at(&device, answer + rec.head.len + rec.head.body,
		answer_len - rec.head.len - rec.head.body);
	assert_int_equal(rec.verdict, DTLS_KEY_UPDATE);
	assert_true(gateway.flags & DTLS_SESSION_F_WRITE_UPDATE);
}

static void key_updates_out_of_order_make_no_sense(void **state)
{
	uint8_t body = 0, bad = 2;

	connect(DTLS_13_AES128_GCM);
	assert_int_equal(pass_message(24, 4, &body, 1), DTLS_BAD_INNER); // one is missing
	assert_int_equal(pass_message(24, 3, &bad, 1), DTLS_BAD_INNER);
	assert_int_equal(pass_message(24, 3, "\0\0", 2), DTLS_BAD_INNER);
	assert_int_equal(gateway.flags & DTLS_SESSION_F_READ_UPDATE, 0);
	assert_int_equal(pass_message(24, 3, &body, 1), DTLS_KEY_UPDATE);
	assert_int_equal(pass_message(24, 4, &body, 1), DTLS_BAD_INNER); // before it came into use
	gateway.flags &= ~DTLS_SESSION_F_READ_UPDATE;
	gateway.message_in = UINT8_MAX;
	assert_int_equal(pass_message(24, 255, &body, 1), DTLS_BAD_INNER);
}

static void other_messages_of_dtls_13_are_acknowledged_and_forgotten(void **state)
{
	connect(DTLS_13_AES128_GCM);
	assert_int_equal(pass_message(9, 3, "\0\0", 2), DTLS_HANDSHAKE); // RequestConnectionId
	get_answer();
	open_at(&device, answer, answer_len);
	assert_int_equal(rec.verdict, DTLS_ACKED);
	assert_int_equal(gateway.message_in, 4);
}

static void our_keys_are_renewed_when_they_have_sealed_enough(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX];
	size_t len;

	connect(DTLS_12_AES128_CCM_8);
	gateway.write_next = (1ull << DTLS_SEQ_BITS) + (1 << 30);
	assert_false(dtls_wants_update(&gateway));
	connect(DTLS_13_AES128_CCM_8);
	assert_false(dtls_wants_update(&gateway));
	gateway.write_next = (3ull << DTLS_SEQ_BITS) + (1 << 22);
	assert_true(dtls_wants_update(&gateway));
	len = dtls_key_update(aead, &gateway, out);
	assert_false(dtls_wants_update(&gateway));
	for (int i = 0; i < 255; i++) // it was lost
		seal(&gateway, DTLS_CONTENT_DATA, "x", 1);
	assert_true(dtls_wants_update(&gateway));
	len = dtls_key_update(aead, &gateway, out);
	assert_false(dtls_wants_update(&gateway));
	device.read_next = gateway.write_next - 1; // it has heard what went before
	settle(&device, out, len);
	assert_int_equal(DTLS_EPOCH(gateway.write_next), 4);
	gateway.message_out = UINT8_MAX; // that often only
	gateway.write_next += 1 << 22;
	assert_false(dtls_wants_update(&gateway));
}

static void the_peer_is_asked_for_new_keys_after_many_forgeries(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX];
	size_t len;

	connect(DTLS_13_AES128_CCM_8);
	gateway.forged = UINT16_MAX / 2 + 1;
	assert_true(dtls_wants_update(&gateway));
	len = dtls_key_update(aead, &gateway, out);
	settle(&device, out, len);
	assert_false(dtls_wants_update(&gateway)); // once
	assert_int_equal(DTLS_EPOCH(device.write_next), 4);
	assert_int_equal(pass(DTLS_CONTENT_DATA, "new", 3), DTLS_DATA);
	assert_int_equal(gateway.forged, 0);
	assert_int_equal(gateway.flags & DTLS_SESSION_F_ASKED, 0);
}

static void closing_says_so_once(void **state)
{
	connect(DTLS_13_AES128_CCM_8);
	answer_len = dtls_close(aead, &gateway, DTLS_ALERT_INTERNAL_ERROR, answer);
	open_at(&device, answer, answer_len);
	assert_int_equal(rec.verdict, DTLS_FATAL_ALERT);
	assert_int_equal(dtls_close(aead, &gateway, DTLS_ALERT_INTERNAL_ERROR, answer), 0);
	assert_false(dtls_wants_update(&gateway));
}

static void nothing_is_said_when_even_the_last_numbers_are_gone(void **state)
{
	connect(DTLS_13_AES128_CCM_8);
	gateway.write_next = (3ull << DTLS_SEQ_BITS) + (1 << 23) + 512;
	assert_int_equal(dtls_key_update(aead, &gateway, answer), 0);
	assert_int_equal(dtls_close(aead, &gateway, DTLS_ALERT_INTERNAL_ERROR, answer), 0);
	assert_int_equal(gateway.state, DTLS_SESSION_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_close_or_do_not),
		cmocka_unit_test(an_alert_of_another_shape_makes_no_sense),
		cmocka_unit_test(close_notify_is_answered_with_one),
		cmocka_unit_test(a_record_behind_the_close_in_the_same_burst_is_not_taken),
		cmocka_unit_test(renegotiation_is_refused),
		cmocka_unit_test(a_broken_handshake_message_makes_no_sense),
		cmocka_unit_test(the_last_flight_is_made_again),
		cmocka_unit_test(without_a_last_flight_nothing_is_repeated),
		cmocka_unit_test(records_of_epoch_2_get_their_ack_again),
		cmocka_unit_test(records_of_epoch_2_get_so_many_acks_only),
		cmocka_unit_test(an_ack_of_another_shape_makes_no_sense),
		cmocka_unit_test(keys_are_renewed_in_both_directions),
		cmocka_unit_test(old_keys_stay_until_new_ones_have_shown_themselves),
		cmocka_unit_test(a_burst_may_bring_several_records_under_new_keys),
		cmocka_unit_test(a_burst_is_taken_in_order_when_keys_change_in_it),
		cmocka_unit_test(a_key_update_that_asks_gets_one_back),
		cmocka_unit_test(key_updates_out_of_order_make_no_sense),
		cmocka_unit_test(other_messages_of_dtls_13_are_acknowledged_and_forgotten),
		cmocka_unit_test(our_keys_are_renewed_when_they_have_sealed_enough),
		cmocka_unit_test(the_peer_is_asked_for_new_keys_after_many_forgeries),
		cmocka_unit_test(closing_says_so_once),
		cmocka_unit_test(nothing_is_said_when_even_the_last_numbers_are_gone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
