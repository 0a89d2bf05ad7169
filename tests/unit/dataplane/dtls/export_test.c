// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/mman.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/export.h"
#include "dataplane/dtls/record.h"
#include "tests/unit/dataplane/dtls/mirror.h"

#define WORKER DTLS_CID_WORKER(MIRROR_GATEWAY)
#define SECOND 1000000ull

static struct dtls_aead *aead;
static struct dtls_table table, after; // before and after a restart
static struct dtls_session *gateway, device;
static const uint64_t seed[4] = {1, 2, 3, 4};

static int begin(void **state)
{
	aead = dtls_aead_new(NULL);
	return aead ? 0 : -1;
}

static int end(void **state)
{
	dtls_aead_free(aead);
	return 0;
}

static int set_up(void **state)
{
	if (dtls_table_init(&table, 1000, WORKER, seed, 0, 7200 * SECOND, 60 * SECOND) != 0)
		return -1;
	return dtls_table_init(&after, 1000, WORKER, seed, 0, 7200 * SECOND, 60 * SECOND);
}

static int tear_down(void **state)
{
	dtls_table_fini(&table);
	dtls_table_fini(&after);
	return 0;
}

static void connect(enum dtls_suite suite, bool with_cid)
{
	struct dtls_session made;
	struct dp_peer peer = {.udp_port_be16 = 7, .addr = "device's"};

	assert_int_equal(mirror_make(&made, &device, suite, with_cid), 0);
	gateway = dtls_table_new_at(&table, MIRROR_GATEWAY & ~(0xffffffffull << 24));
	assert_non_null(gateway);
	made.generation = gateway->generation;
	*gateway = made;
	if (dtls_suite_is_13(suite))
		*dtls_table_secrets(&table, gateway) = *mirror_secrets(&made);
	assert_null(dtls_table_bind(&table, gateway, &peer));
}

static struct dtls_record seal(struct dtls_session *from, uint8_t *buf)
{
	struct dtls_record rec = {
		.session = from, .data = buf + DTLS_SEAL_HEAD, .len = 4, .type = DTLS_CONTENT_DATA};

	memcpy(rec.data, "text", 4);
	dtls_seal(aead, &rec, 1);
	assert_int_equal(rec.verdict, DTLS_DATA);
	return rec;
}

static struct dtls_traffic_secrets *secrets_of(const struct dtls_session *session)
{
	if (session == &device)
		return mirror_secrets(&device);
	return dtls_table_secrets(session == gateway ? &table : &after, session);
}

static void open_one(struct dtls_record *rec, struct dtls_session *to, uint8_t *data, size_t len)
{
	*rec = (struct dtls_record){.session = to, .secrets = secrets_of(to), .data = data};
	assert_int_equal(dtls_head_parse(&rec->head, data, len), DTLS_DATA);
	dtls_open(aead, rec, 1, 1);
}

// From a session to another; the number it had.
static uint64_t pass(struct dtls_session *from, struct dtls_session *to)
{
	uint8_t buf[256];
	struct dtls_record rec = seal(from, buf);

	open_one(&rec, to, rec.data, rec.len);
	if (to->state == DTLS_SESSION_RESUMED) {
		assert_int_equal(rec.verdict, DTLS_RESUMED);
		to->state = DTLS_SESSION_ACTIVE;
	} else {
		assert_int_equal(rec.verdict, DTLS_DATA);
	}
	assert_memory_equal(rec.data, "text", 4);
	return rec.number;
}

static void an_imported_session_goes_on(void **state)
{
	for (enum dtls_suite suite = 1; suite < DTLS_SUITE_COUNT; suite++)
		for (int cid = 0; cid < 2; cid++) {
			struct dtls_exported flat;
			struct dtls_session *back;
			struct dp_peer peer;
			uint64_t last;

			set_up(NULL);
			connect(suite, cid);
			pass(&device, gateway);
			assert_true(dtls_export(&table, gateway, false, 50 * SECOND, &flat));
			last = pass(gateway, &device); // sealed after the snapshot
			assert_true(dtls_exported_cid(&flat) == dtls_table_cid(&table, gateway));
			back = dtls_import(&after, &flat, 0, 9000 * SECOND, NULL);
			assert_non_null(back);
			assert_int_equal(dtls_table_cid(&after, back),
					 dtls_table_cid(&table, gateway));
			dtls_session_peer(back, &peer);
			assert_ptr_equal(dtls_table_by_peer(&after, &peer), cid ? NULL : back);
			assert_true(pass(back, &device) > last);
			pass(&device, back);
			tear_down(NULL);
		}
}

static struct dtls_session *restart(void)
{
	struct dtls_exported flat;

	assert_true(dtls_export(&table, gateway, true, 0, &flat));
	return dtls_import(&after, &flat, 0, 0, NULL);
}

static void a_last_flight_can_be_repeated_after_a_restart(void **state)
{
	struct dtls_session *back;

	connect(DTLS_12_AES256_GCM, true);
	gateway->ticket = 0x12345678;
	gateway->plain_next++;
	back = restart();
	assert_int_equal(back->flags & DTLS_SESSION_F_LAST_FLIGHT, DTLS_SESSION_F_LAST_FLIGHT);
	assert_memory_equal(back->verify_data, "verify_data.", DTLS_VERIFY_LEN);
	assert_int_equal(back->finished_seq, 6);
	assert_int_equal(back->ticket, 0x12345678);
	assert_int_equal(back->plain_next, DTLS_FIRST_SEQ + 1);
}

static void keys_are_renewed_after_a_restart(void **state)
{
	uint8_t update[DTLS_ANSWER_MAX], answer[DTLS_ANSWER_MAX];
	struct dtls_session *back;
	struct dtls_record rec;

	connect(DTLS_13_AES128_CCM_8, true);
	back = restart();
	assert_memory_equal(secrets_of(back), secrets_of(gateway), sizeof(*table.secrets));
	// Of the device, which makes the next ones from its own.
	open_one(&rec, back, update, dtls_key_update(aead, &device, update));
	assert_int_equal(rec.verdict, DTLS_KEY_UPDATE);
	open_one(&rec, &device, answer, dtls_answer(aead, &rec, answer));
	assert_int_equal(rec.verdict, DTLS_ACKED);
	pass(&device, back);
	assert_int_equal(DTLS_EPOCH(back->read_next), 4);
	// And ours.
	open_one(&rec, &device, update, dtls_key_update(aead, back, update));
	assert_int_equal(rec.verdict, DTLS_KEY_UPDATE);
	open_one(&rec, back, answer, dtls_answer(aead, &rec, answer));
	assert_int_equal(rec.verdict, DTLS_ACKED);
	pass(back, &device);
	assert_int_equal(DTLS_EPOCH(device.read_next), 4);
}

// What must not be touched cannot be.
static void dtls_12_is_taken_over_without_memory_for_traffic_secrets(void **state)
{
	connect(DTLS_12_AES128_CCM_8, true);
	assert_int_equal(mprotect(table.secrets, 1000 * sizeof(*table.secrets), PROT_NONE), 0);
	assert_int_equal(mprotect(after.secrets, 1000 * sizeof(*after.secrets), PROT_NONE), 0);
	pass(restart(), &device);
}

// Seals as long as it may. The highest number.
static uint64_t seal_all(struct dtls_session *session)
{
	uint64_t highest = 0;

	for (;;) {
		uint8_t buf[256];
		struct dtls_record rec = {.session = session,
					  .data = buf + DTLS_SEAL_HEAD,
					  .len = 4,
					  .type = DTLS_CONTENT_DATA};

		memset(rec.data, 't', 4);
		dtls_seal(aead, &rec, 1);
		if (rec.verdict != DTLS_DATA) {
			assert_int_equal(rec.verdict, DTLS_UNSAVED);
			return highest;
		}
		highest = rec.number;
	}
}

static void a_session_stops_where_its_snapshot_goes_on(void **state)
{
	struct dtls_exported flat;
	uint64_t highest;
	struct dtls_session *back;

	connect(DTLS_12_AES128_CCM_8, true);
	assert_true(dtls_export(&table, gateway, false, 0, &flat));
	highest = seal_all(gateway);
	for (uint32_t skipped = 0; skipped < 20; skipped++) {
		back = dtls_import(&after, &flat, skipped, 0, NULL);
		assert_non_null(back);
		assert_int_equal(back->write_next, highest + 1);
		highest = seal_all(back); // and was not written anew before the next restart
		dtls_table_remove(&after, back);
	}
}

static void a_snapshot_is_due_with_each_block_until_it_is_asked_for(void **state)
{
	uint8_t buf[256];
	uint64_t first = 0;

	connect(DTLS_13_AES128_GCM, true);
	for (unsigned i = 0; first == 0 && i < 2 * DTLS_EXPORT_BLOCK; i++) {
		struct dtls_record rec = seal(gateway, buf);

		first = rec.export_due ? rec.number : 0;
	}
	assert_int_equal((first + 1) % DTLS_EXPORT_BLOCK, 0);
	assert_true(seal(gateway, buf).export_due);
	gateway->save = DTLS_SAVE_WANTED;
	assert_false(seal(gateway, buf).export_due);
}

static void not_even_an_alert_is_sealed_beyond_the_reserve(void **state)
{
	uint8_t out[DTLS_ANSWER_MAX];

	connect(DTLS_12_AES128_CCM_8, true);
	seal_all(gateway);
	assert_int_equal(dtls_close(aead, gateway, DTLS_ALERT_ACCESS_DENIED, out), 0);
	assert_int_equal(gateway->state, DTLS_SESSION_CLOSED);
}

static void a_dtls_13_session_is_not_imported_too_often(void **state)
{
	struct dtls_exported flat;
	struct dtls_session *back;

	connect(DTLS_13_AES128_GCM, true);
	pass(gateway, &device);
	assert_true(dtls_export(&table, gateway, false, 0, &flat));
	back = dtls_import(&after, &flat, DTLS_IMPORT_SKIPPED_MAX, 0, NULL);
	pass(back, &device); // 16 bits of number are enough
	dtls_table_remove(&after, back);
	assert_null(dtls_import(&after, &flat, DTLS_IMPORT_SKIPPED_MAX + 1, 0, NULL));
	assert_int_equal(errno, EINVAL);
}

static void two_blocks_ahead_is_near_enough_for_16_bits_of_number(void **state)
{
	struct dtls_exported flat;

	connect(DTLS_13_AES128_GCM, true);
	pass(gateway, &device);
	assert_true(dtls_export(&table, gateway, false, 0, &flat));
	pass(dtls_import(&after, &flat, 0, 0, NULL), &device);
}

static void a_final_export_goes_on_where_it_was(void **state)
{
	struct dtls_exported flat;
	uint64_t last;

	connect(DTLS_13_AES128_GCM, true);
	last = pass(gateway, &device);
	assert_true(dtls_export(&table, gateway, true, 0, &flat));
	assert_int_equal(pass(dtls_import(&after, &flat, 0, 0, NULL), &device), last + 1);
}

static void idle_time_goes_on_counting(void **state)
{
	struct dtls_exported flat;
	struct dtls_session *back;

	connect(DTLS_12_AES128_CCM_8, true);
	gateway->state = DTLS_SESSION_ACTIVE;
	gateway->seen = dtls_tick(100 * SECOND);
	assert_true(dtls_export(&table, gateway, true, 600 * SECOND, &flat));
	back = dtls_import(&after, &flat, 0, 50 * SECOND, NULL);
	assert_in_range(dtls_tick(50 * SECOND) - back->seen, dtls_tick(500 * SECOND) - 1,
			dtls_tick(500 * SECOND) + 1);
}

static void what_is_closed_is_not_exported(void **state)
{
	struct dtls_exported flat;

	connect(DTLS_12_AES128_CCM_8, true);
	gateway->state = DTLS_SESSION_CLOSED;
	assert_false(dtls_export(&table, gateway, false, 0, &flat));
	gateway->state = DTLS_SESSION_RESERVED;
	assert_false(dtls_export(&table, gateway, false, 0, &flat));
}

static void a_damaged_export_is_refused(void **state)
{
	struct dtls_exported flat, bad;

	connect(DTLS_12_AES128_CCM_8, true);
	assert_true(dtls_export(&table, gateway, false, 0, &flat));
	for (int i = 0; i < 6; i++) {
		struct dtls_session copy;

		bad = flat;
		memcpy(&copy, flat.bytes, sizeof(copy));
		if (i == 0)
			copy.generation = 0x5d0002; // the format before, of 256 bytes each
		else if (i == 1)
			copy.suite = DTLS_SUITE_COUNT;
		else if (i == 2)
			copy.peer_cid_len = DTLS_PEER_CID_MAX + 1;
		else if (i == 3)
			copy.state = DTLS_SESSION_CLOSED;
		else if (i == 4)
			copy.read_next = 5; // epoch 0
		else
			copy.write_next = 5;
		memcpy(bad.bytes, &copy, sizeof(copy));
		errno = 0;
		assert_null(dtls_import(&after, &bad, 0, 0, NULL));
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(after.count, 0);
}

static void a_slot_is_imported_once(void **state)
{
	struct dtls_exported flat;

	connect(DTLS_12_AES128_CCM_8, true);
	assert_true(dtls_export(&table, gateway, false, 0, &flat));
	assert_non_null(dtls_import(&after, &flat, 0, 0, NULL));
	assert_null(dtls_import(&after, &flat, 0, 0, NULL));
	assert_int_equal(errno, EEXIST);
}

static void an_import_tells_whose_place_it_takes(void **state)
{
	struct dtls_exported flat;
	struct dtls_session *other = NULL, *held, *back;
	struct dp_peer peer;

	connect(DTLS_12_AES128_CCM_8, false);
	assert_true(dtls_export(&table, gateway, false, 0, &flat));
	dtls_session_peer(gateway, &peer);
	held = dtls_table_new_at(&after, DTLS_CID(WORKER, 9, 1));
	assert_null(dtls_table_bind(&after, held, &peer));
	back = dtls_import(&after, &flat, 0, 0, &other);
	assert_non_null(back);
	assert_ptr_equal(other, held);
	assert_ptr_equal(dtls_table_by_peer(&after, &peer), back);
}

static void keys_of_no_suite_are_refused(void **state)
{
	struct dtls_session session = {.state = DTLS_SESSION_RESERVED};
	struct dtls_keys keys = {.suite = DTLS_SUITE_NONE};

	assert_int_equal(dtls_session_init(&session, NULL, &keys), -EINVAL);
	keys.suite = DTLS_SUITE_COUNT;
	assert_int_equal(dtls_session_init(&session, NULL, &keys), -EINVAL);
	keys.suite = DTLS_12_AES128_CCM_8;
	keys.peer_cid_len = DTLS_PEER_CID_MAX + 1;
	assert_int_equal(dtls_session_init(&session, NULL, &keys), -EINVAL);
	assert_int_equal(session.state, DTLS_SESSION_RESERVED);
	keys.peer_cid_len = DTLS_PEER_CID_MAX;
	assert_int_equal(dtls_session_init(&session, NULL, &keys), 0);
	assert_int_equal(session.state, DTLS_SESSION_FRESH);
}

// AES-256 uses all of both keys, and so DTLS 1.2 all of its session but for the IVs' other bytes.
static void keys_and_last_flight_of_dtls_12_lie_apart(void **state)
{
	struct dtls_session session = {0};
	struct dtls_keys keys = {.suite = DTLS_12_AES256_GCM, .finished_seq = 0x1122};
	struct dp_peer peer = {.udp_port_be16 = 0xffff, .port = 0xff, .local = 0xff}, back;

	memset(keys.read_key, 1, DTLS_KEY_MAX);
	memset(keys.read_iv, 2, DTLS_SALT_LEN);
	memset(keys.write_key, 3, DTLS_KEY_MAX);
	memset(keys.write_iv, 4, DTLS_SALT_LEN);
	memset(keys.verify_data, 5, DTLS_VERIFY_LEN);
	memset(peer.addr, 6, sizeof(peer.addr));
	memset(peer.mac, 7, sizeof(peer.mac));
	assert_int_equal(dtls_session_init(&session, NULL, &keys), 0);
	session.ticket = UINT32_MAX;
	session.credential = UINT64_MAX;
	dtls_session_set_endpoint(&session, (1ull << 48) - 1);
	dtls_session_set_peer(&session, &peer);
	assert_memory_equal(session.read_key, keys.read_key, DTLS_KEY_MAX);
	assert_memory_equal(session.read_iv, keys.read_iv, DTLS_SALT_LEN);
	assert_memory_equal(session.write_key, keys.write_key, DTLS_KEY_MAX);
	assert_memory_equal(session.write_iv, keys.write_iv, DTLS_SALT_LEN);
	assert_memory_equal(session.verify_data, keys.verify_data, DTLS_VERIFY_LEN);
	assert_int_equal(session.finished_seq, 0x1122);
	assert_int_equal(session.plain_next, DTLS_FIRST_SEQ);
	assert_int_equal(session.ticket, UINT32_MAX);
	dtls_session_peer(&session, &back);
	assert_memory_equal(&back, &peer, sizeof(peer));
}

static void suites_are_known_by_their_number(void **state)
{
	assert_int_equal(dtls_suite_from_iana(0xc0a8), DTLS_12_AES128_CCM_8);
	assert_int_equal(dtls_suite_from_iana(0xc0ae), DTLS_12_AES128_CCM_8);
	assert_int_equal(dtls_suite_from_iana(0x1305), DTLS_13_AES128_CCM_8);
	assert_int_equal(dtls_suite_from_iana(0x1303), DTLS_SUITE_NONE); // ChaCha20
	assert_int_equal(dtls_suite_from_iana(0xc023), DTLS_SUITE_NONE); // CBC
}

static void an_endpoint_keeps_its_48_bits(void **state)
{
	struct dtls_session session = {0};

	dtls_session_set_endpoint(&session, 0xabcdef012345ull);
	assert_true(dtls_session_endpoint(&session) == 0xabcdef012345ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_imported_session_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_last_flight_can_be_repeated_after_a_restart,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_are_renewed_after_a_restart, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			dtls_12_is_taken_over_without_memory_for_traffic_secrets, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_session_stops_where_its_snapshot_goes_on, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_snapshot_is_due_with_each_block_until_it_is_asked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_even_an_alert_is_sealed_beyond_the_reserve,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_dtls_13_session_is_not_imported_too_often, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			two_blocks_ahead_is_near_enough_for_16_bits_of_number, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_final_export_goes_on_where_it_was, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(idle_time_goes_on_counting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_closed_is_not_exported, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_export_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_slot_is_imported_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_import_tells_whose_place_it_takes, set_up,
						tear_down),
		cmocka_unit_test(keys_of_no_suite_are_refused),
		cmocka_unit_test(keys_and_last_flight_of_dtls_12_lie_apart),
		cmocka_unit_test(suites_are_known_by_their_number),
		cmocka_unit_test(an_endpoint_keeps_its_48_bits),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
