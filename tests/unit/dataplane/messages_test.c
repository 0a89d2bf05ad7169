// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The message layer: what a worker answers by itself, what it drops and under which name, and how
// it treats repetitions. stages/coap_in.c, dedup.c and dispatch.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/lifetime.h"

#include "tests/unit/support/device.h"

static struct gateway gw;

static int set_up(void **state)
{
	gateway_open(&gw, (struct gateway_params){0});
	gateway_ready(&gw);
	return 0;
}

static int tear_down(void **state)
{
	// Nothing is lost without a name, nothing is answered twice.
	assert_int_equal(GATEWAY_COUNT(&gw, rx_datagrams),
			 GATEWAY_COUNT(&gw, tx_datagrams) + gateway_drops(&gw));
	gateway_close(&gw);
	return 0;
}

static struct datagram raw(const void *bytes, size_t len)
{
	struct datagram d = {.peer = gateway_device(1), .len = len};

	memcpy(d.bytes, bytes, len);
	return d;
}
#define RAW(text) raw(text, sizeof(text) - 1)

static void expect(struct datagram d, enum coap_type type, uint8_t code)
{
	struct datagram answer = device_ask(&gw, 0, &d);
	bool reset = type == COAP_RST;

	assert_true(answer.len > 0);
	assert_int_equal(answer.msg.type, type);
	assert_int_equal(answer.msg.code, code);
	assert_int_equal(answer.bytes[2] << 8 | answer.bytes[3], d.bytes[2] << 8 | d.bytes[3]);
	if (reset)
		assert_int_equal(answer.len, 4);
	else
		assert_memory_equal(answer.bytes + 4, DEVICE_TOKEN, sizeof(DEVICE_TOKEN) - 1);
}

static void expect_silence(struct datagram d)
{
	assert_int_equal(device_ask(&gw, 0, &d).len, 0);
}

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static void a_ping_is_answered_with_rst(void **state)
{
	expect(device_empty(1, COAP_CON, 5), COAP_RST, COAP_EMPTY);
	assert_int_equal(COUNT(pings), 1);
	assert_int_equal(COUNT(rx_bytes), 4);
	assert_int_equal(COUNT(tx_bytes), 4);
}

static void an_empty_non_confirmable_message_is_dropped(void **state)
{
	expect_silence(device_empty(1, COAP_NON, 5));
	assert_int_equal(COUNT(drop_coap_malformed), 1);
}

static void another_version_is_ignored_even_when_confirmable(void **state)
{
	expect_silence(RAW("\x80\x01\x00\x05"));
	expect_silence(RAW("\x00\x01\x00\x05"));
	expect_silence(RAW("\xc0\x01\x00\x05"));
	assert_int_equal(COUNT(drop_coap_version), 3);
}

static void less_than_a_header_is_dropped(void **state)
{
	expect_silence(RAW(""));
	expect_silence(RAW("\x40"));
	expect_silence(RAW("\x40\x01\x00"));
	assert_int_equal(COUNT(drop_coap_malformed), 3);
}

// One of each of enum coap_err, without the first nibble.
static const struct {
	const char *bytes;
	size_t len;
} malformed[] = {
#define M(first_low, rest)                                 \
	{                                                  \
		first_low rest, sizeof(first_low rest) - 1 \
	}
	M("\x09", "\x01\x00\x05\x01\x02\x03\x04\x05\x06\x07\x08\x09"), // token length 9
	M("\x04", "\x01\x00\x05\x01\x02"),                             // token cut
	M("\x01", "\x00\x00\x05\x01"),                                 // empty with a token
	M("\x00", "\x20\x00\x05"),                                     // class 1
	M("\x00", "\xc0\x00\x05"),                                     // class 6
	M("\x00", "\xe0\x00\x05"),                                     // class 7
	M("\x00", "\x01\x00\x05\xf1\x00"),                             // delta 15
	M("\x00", "\x01\x00\x05\x1f\x00"),                             // length 15
	M("\x00", "\x01\x00\x05\xb5rd"),                               // option cut
	M("\x00", "\x01\x00\x05\xe0\xff\xff"),                         // number too large
	M("\x00", "\x01\x00\x05\xff"),                                 // empty payload
#undef M
};

static void malformed_messages_are_reset_when_confirmable_and_dropped_otherwise(void **state)
{
	const size_t n = sizeof(malformed) / sizeof(malformed[0]);

	for (size_t i = 0; i < n; i++) {
		for (int type = COAP_CON; type <= COAP_RST; type++) {
			struct datagram d = raw(malformed[i].bytes, malformed[i].len);

			d.bytes[0] = (uint8_t)(0x40 | type << 4 | (d.bytes[0] & 0xf));
			if (type == COAP_CON)
				expect(d, COAP_RST, COAP_EMPTY);
			else
				expect_silence(d);
		}
	}
	assert_int_equal(COUNT(format_resets), n);
	assert_int_equal(COUNT(drop_coap_malformed), 3 * n);
}

static void a_reset_to_malformed_bytes_is_sent_every_time(void **state)
{
	for (int i = 0; i < 3; i++)
		expect(RAW("\x40\x01\x00\x05\xff"), COAP_RST, COAP_EMPTY);
}

static void requests_in_ack_or_rst_and_stray_ones_are_dropped(void **state)
{
	expect_silence(device_message(1, COAP_ACK, COAP_GET, 1, "x", NULL));
	expect_silence(device_message(1, COAP_RST, COAP_GET, 1, "x", NULL));
	expect_silence(device_empty(1, COAP_ACK, 9));
	expect_silence(device_empty(1, COAP_RST, 9));
	assert_int_equal(COUNT(drop_coap_unexpected), 4);
	expect_silence(device_message(1, COAP_RST, COAP_CONTENT, 1, NULL, NULL));
	assert_int_equal(COUNT(drop_coap_malformed), 1);
}

static void unknown_paths_are_4_04(void **state)
{
	static const char *const paths[] = {
		NULL, "x", "rdx", "rd/a/b", ".well-known", ".well-known/core/x", ".well-known/cor",
		"bs"};
	uint16_t mid = 100;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		expect(device_message(1, COAP_CON, COAP_POST, mid++, paths[i], NULL), COAP_ACK,
		       COAP_NOT_FOUND);
		expect(device_message(1, COAP_NON, COAP_GET, mid++, paths[i], NULL), COAP_NON,
		       COAP_NOT_FOUND);
	}
	assert_int_equal(COUNT(client_errors), mid - 100);
}

static void known_paths_with_other_methods_are_4_05(void **state)
{
	static const struct {
		const char *path;
		uint8_t code;
	} cases[] = {
		{"rd", COAP_GET},
		{"rd", COAP_PUT},
		{"rd", COAP_DELETE},
		{"rd", COAP_FETCH},
		{"rd/AAAAAAAAA", COAP_GET},
		{"rd/AAAAAAAAA", COAP_PUT},
		{".well-known/core", COAP_POST},
		{".well-known/core", COAP_DELETE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(device_message(1, COAP_CON, cases[i].code, (uint16_t)i, cases[i].path, NULL),
		       COAP_ACK, COAP_METHOD_NOT_ALLOWED);
}

static struct datagram get_core(enum coap_type type, uint16_t mid, uint16_t option,
				const char *value, size_t len)
{
	struct device_extra extra = {
		.path = ".well-known/core", .option = option, .value = value, .value_len = len};

	return device_message_with(1, type, COAP_GET, mid, &extra);
}

static void well_known_core_lists_what_there_is(void **state)
{
	struct datagram d = get_core(COAP_CON, 1, 0, NULL, 0), answer = device_ask(&gw, 0, &d);
	struct coap_opt opt;
	struct coap_msg msg;
	uint32_t format;

	assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
	assert_int_equal(msg.code, COAP_CONTENT);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_CONTENT_FORMAT, &opt));
	assert_true(coap_opt_uint(&opt, &format));
	assert_int_equal(format, 40);
	assert_non_null(memmem(msg.payload, msg.payload_len, "</rd>;rt=\"oma.lwm2m\"", 20));
}

static void options_of_well_known_core_are_respected(void **state)
{
	expect(get_core(COAP_NON, 1, 0, NULL, 0), COAP_NON, COAP_CONTENT);
	expect(get_core(COAP_CON, 2, COAP_OPT_ACCEPT, "\x28", 1), COAP_ACK, COAP_CONTENT);
	expect(get_core(COAP_CON, 3, COAP_OPT_ACCEPT, "\x32", 1), COAP_ACK, COAP_NOT_ACCEPTABLE);
	expect(get_core(COAP_CON, 4, COAP_OPT_ACCEPT, "", 0), COAP_ACK, COAP_NOT_ACCEPTABLE);
	expect(get_core(COAP_CON, 5, COAP_OPT_BLOCK2, "\x06", 1), COAP_ACK, COAP_CONTENT);
	expect(get_core(COAP_CON, 6, COAP_OPT_BLOCK2, "\x16", 1), COAP_ACK, COAP_BAD_REQUEST);
	expect(get_core(COAP_CON, 7, COAP_OPT_ETAG, "x", 1), COAP_ACK, COAP_CONTENT); // elective
	expect(get_core(COAP_CON, 8, COAP_OPT_IF_NONE_MATCH, "", 0), COAP_ACK, COAP_CONTENT);
}

static void critical_options_that_are_not_understood_are_4_02_or_dropped(void **state)
{
	static const uint16_t numbers[] = {9, 13, COAP_OPT_Q_BLOCK1, COAP_OPT_BLOCK1, 4711};
	uint16_t mid = 1;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		expect(get_core(COAP_CON, mid++, numbers[i], "", 0), COAP_ACK, COAP_BAD_OPTION);
		expect_silence(get_core(COAP_NON, mid++, numbers[i], "", 0));
	}
	assert_int_equal(COUNT(drop_non_critical_option), 5);
	expect(get_core(COAP_CON, mid++, 4712, "abc", 3), COAP_ACK, COAP_CONTENT); // elective
	expect(get_core(COAP_NON, mid++, COAP_OPT_SIZE1, "12345", 5), COAP_NON, COAP_CONTENT);
	expect(get_core(COAP_CON, mid++, COAP_OPT_URI_HOST, "", 0), COAP_ACK, COAP_BAD_OPTION);
	expect(get_core(COAP_CON, mid++, COAP_OPT_URI_PORT, "abc", 3), COAP_ACK, COAP_BAD_OPTION);
	expect(get_core(COAP_CON, mid++, COAP_OPT_URI_HOST, "h", 1), COAP_ACK, COAP_CONTENT);
}

static void options_that_may_not_repeat_count_as_unknown_when_they_do(void **state)
{
	// Twice Uri-Host before the path; twice Accept.
	expect(RAW("\x43\x01\x00\x01\x11\x22\x33\x31h\x01i\x8b.well-known\x04"
		   "core"),
	       COAP_ACK, COAP_BAD_OPTION);
	expect(RAW("\x43\x01\x00\x02\x11\x22\x33\xbb.well-known\x04"
		   "core\x61\x28\x01\x28"),
	       COAP_ACK, COAP_BAD_OPTION);
}

static void it_is_no_proxy(void **state)
{
	expect(get_core(COAP_CON, 1, COAP_OPT_PROXY_URI, "coap://x", 8), COAP_ACK,
	       COAP_PROXYING_NOT_SUPPORTED);
	expect(get_core(COAP_CON, 2, COAP_OPT_PROXY_SCHEME, "coap", 4), COAP_ACK,
	       COAP_PROXYING_NOT_SUPPORTED);
}

// Sends d again and again: the answer is the same to the byte.
static void expect_same_answer(struct datagram d, unsigned times)
{
	struct datagram first = device_ask(&gw, 0, &d);
	uint64_t answered = COUNT(duplicates_answered);

	assert_true(first.len > 0);
	for (unsigned i = 0; i < times; i++) {
		struct datagram again = device_ask(&gw, 0, &d);

		assert_int_equal(again.len, first.len);
		assert_memory_equal(again.bytes, first.bytes, first.len);
	}
	assert_int_equal(COUNT(duplicates_answered), answered + times);
}

static void repetitions_are_answered_with_the_same_bytes(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 60);

	expect_same_answer(device_register(1, 1, "dev", 60), 3);       // stored
	expect_same_answer(device_update(1, 2, location, "lt=60"), 3); // a code
	expect_same_answer(device_update(1, 2, location, NULL), 3);    // known to the session
	expect_same_answer(get_core(COAP_CON, 3, 0, NULL, 0), 3);      // made again
	expect_same_answer(get_core(COAP_CON, 4, 4711, "", 0), 3);     // with a diagnostic
	expect_same_answer(device_update(1, 5, location ^ 1ull << 40, "lt=60"), 3); // without one
	expect_same_answer(device_update(1, 6, location, "lt=x"), 3);
	expect_same_answer(
		device_response(1, COAP_CON, COAP_CONTENT, 7, (const uint8_t *)"nobody", 6, NULL),
		3);
	assert_int_equal(COUNT(unknown_resets), 1);
	assert_int_equal(COUNT(registers), 1);
	assert_int_equal(COUNT(updates), 2);
	assert_int_equal(COUNT(promises), 1);
	assert_int_equal(COUNT(dedup_evictions), 0);
}

static void the_fourth_keep_alive_within_the_window_displaces_the_first(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 3600);

	for (uint16_t mid = 2; mid <= 5; mid++) {
		struct datagram d = device_update(1, mid, location, NULL);
		assert_int_equal(device_ask(&gw, 0, &d).msg.code, COAP_CHANGED);
	}
	assert_int_equal(COUNT(dedup_evictions), 1);
	assert_int_equal(COUNT(updates), 4);
	expect_same_answer(device_update(1, 3, location, NULL), 1);
}

static void a_late_keep_alive_from_a_former_address_moves_nobody(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 3600);
	struct datagram former = device_update(1, 2, location, NULL);
	struct datagram moved = device_update(2, 2, location, NULL);
	const struct dp_session *session = dp_session_live(gw.w[0], location);

	device_ask(&gw, 0, &former);
	device_ask(&gw, 0, &moved);
	assert_int_equal(COUNT(updates), 2);
	assert_memory_equal(session->peer.addr, moved.peer.addr, 16);
	assert_int_equal(device_ask(&gw, 0, &former).msg.code, COAP_CHANGED);
	assert_int_equal(COUNT(updates), 2);
	assert_int_equal(COUNT(duplicates_answered), 1);
	assert_memory_equal(session->peer.addr, moved.peer.addr, 16);
}

static void a_confirmable_message_is_new_again_after_247_s(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 3600);
	struct datagram d = device_update(1, 2, location, NULL);

	device_ask(&gw, 0, &d);
	gw.now_us += 246900000;
	device_ask(&gw, 0, &d);
	assert_int_equal(COUNT(updates), 1);
	gw.now_us += 5000000; // a keep-alive's time is kept to 4 s
	device_ask(&gw, 0, &d);
	assert_int_equal(COUNT(updates), 2);
	d = device_update(1, 3, location, "lt=3600");
	device_ask(&gw, 0, &d);
	gw.now_us += 246900000;
	device_ask(&gw, 0, &d);
	assert_int_equal(COUNT(updates), 3);
	gw.now_us += 200000;
	device_ask(&gw, 0, &d);
	assert_int_equal(COUNT(updates), 4);
}

static void a_non_confirmable_message_is_new_again_after_145_s(void **state)
{
	struct datagram d = get_core(COAP_NON, 2, 0, NULL, 0);

	assert_true(device_ask(&gw, 0, &d).len > 0);
	expect_silence(d);
	gw.now_us += 144900000;
	expect_silence(d);
	assert_int_equal(COUNT(drop_duplicate_non), 2);
	gw.now_us += 200000;
	assert_true(device_ask(&gw, 0, &d).len > 0);
}

static void repetitions_within_one_burst_are_handled_once(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 3600);
	struct datagram con = device_update(1, 2, location, "lt=3600");
	struct datagram non = get_core(COAP_NON, 3, 0, NULL, 0);

	for (int i = 0; i < 3; i++) {
		gateway_inject(&gw, 0, &con);
		gateway_inject(&gw, 0, &non);
	}
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 2);
	assert_int_equal(COUNT(updates), 1);
	assert_int_equal(COUNT(drop_duplicate_pending), 2);
	assert_int_equal(COUNT(drop_duplicate_non), 2);
	// A keep-alive is answered before the next is looked at.
	con = device_update(1, 4, location, NULL);
	for (int i = 0; i < 3; i++)
		gateway_inject(&gw, 0, &con);
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 3);
	assert_int_equal(COUNT(updates), 2);
	assert_int_equal(COUNT(duplicates_answered), 2);
}

static void the_same_message_id_of_another_device_is_another_message(void **state)
{
	struct datagram a = get_core(COAP_CON, 2, 0, NULL, 0), b = a;

	b.peer = gateway_device(2);
	device_ask(&gw, 0, &a);
	assert_true(device_ask(&gw, 0, &b).len > 0);
	b.peer.udp_port_be16++;
	assert_true(device_ask(&gw, 0, &b).len > 0);
	assert_int_equal(COUNT(duplicates_answered), 0);
}

static void a_full_deduplication_table_counts_what_it_forgets(void **state)
{
	unsigned n = 0;

	for (uint32_t device = 0; COUNT(dedup_evictions) == 0; device++) {
		for (uint16_t mid = 0; mid < 60; mid++) {
			struct datagram d =
				device_message(device, COAP_NON, COAP_GET, mid, "x", NULL);

			gateway_inject(&gw, 0, &d);
		}
		gateway_run(&gw);
		n += gateway_drain(&gw);
		assert_true(n < 200000);
	}
	assert_true(n > gw.w[0]->gauges.dedup_slots / 8);
}

static void datagrams_a_port_does_not_take_are_counted(void **state)
{
	for (uint16_t mid = 0; mid < 1100; mid++) { // the port holds 1024
		struct datagram d = device_empty(1, COAP_CON, mid);

		gateway_inject(&gw, 0, &d);
		if (mid % 32 == 0)
			gateway_round(&gw);
	}
	for (unsigned ms = 0; ms <= 101; ms++) { // what is held is held in vain
		gateway_round(&gw);
		gw.now_us += 1000;
	}
	gateway_run(&gw);
	assert_int_equal(gateway_drain(&gw), 1024);
	assert_int_equal(COUNT(drop_tx_full), 1100 - 1024);
	assert_int_equal(COUNT(tx_bytes), 1024 * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_ping_is_answered_with_rst),
		T(an_empty_non_confirmable_message_is_dropped),
		T(another_version_is_ignored_even_when_confirmable),
		T(less_than_a_header_is_dropped),
		T(malformed_messages_are_reset_when_confirmable_and_dropped_otherwise),
		T(a_reset_to_malformed_bytes_is_sent_every_time),
		T(requests_in_ack_or_rst_and_stray_ones_are_dropped),
		T(unknown_paths_are_4_04),
		T(known_paths_with_other_methods_are_4_05),
		T(well_known_core_lists_what_there_is),
		T(options_of_well_known_core_are_respected),
		T(critical_options_that_are_not_understood_are_4_02_or_dropped),
		T(options_that_may_not_repeat_count_as_unknown_when_they_do),
		T(it_is_no_proxy),
		T(repetitions_are_answered_with_the_same_bytes),
		T(the_fourth_keep_alive_within_the_window_displaces_the_first),
		T(a_late_keep_alive_from_a_former_address_moves_nobody),
		T(a_confirmable_message_is_new_again_after_247_s),
		T(a_non_confirmable_message_is_new_again_after_145_s),
		T(repetitions_within_one_burst_are_handled_once),
		T(the_same_message_id_of_another_device_is_another_message),
		T(a_full_deduplication_table_counts_what_it_forgets),
		T(datagrams_a_port_does_not_take_are_counted),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
