// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/hello.h"

// A datagram put together piece by piece.
struct message {
	uint8_t bytes[512];
	size_t len;
};

static void put(struct message *m, const void *bytes, size_t len)
{
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

static void put_uint(struct message *m, uint64_t value, size_t bytes)
{
	while (bytes-- > 0)
		m->bytes[m->len++] = (uint8_t)(value >> (8 * bytes));
}

static void put_record(struct message *m, uint8_t type, uint16_t epoch, const struct message *body)
{
	put_uint(m, type, 1);
	put_uint(m, 0xfefd, 2);
	put_uint(m, epoch, 2);
	put_uint(m, 7, 6);
	put_uint(m, body->len, 2);
	put(m, body->bytes, body->len);
}

static struct message handshake(uint8_t type, const struct message *body, uint32_t offset,
				uint32_t whole)
{
	struct message m = {0};

	put_uint(&m, type, 1);
	put_uint(&m, whole, 3);
	put_uint(&m, 1, 2);
	put_uint(&m, offset, 3);
	put_uint(&m, body->len, 3);
	put(&m, body->bytes, body->len);
	return m;
}

static void put_extension(struct message *m, uint16_t type, const void *bytes, size_t len)
{
	put_uint(m, type, 2);
	put_uint(m, len, 2);
	if (len > 0)
		put(m, bytes, len);
}

static struct message hello_body(const struct message *exts)
{
	struct message m = {0};

	put_uint(&m, 0xfefd, 2);
	put(&m, "0123456789abcdef0123456789abcdef", 32);
	put_uint(&m, 0, 1);
	put_uint(&m, 4, 1);
	put(&m, "cook", 4);
	put_uint(&m, 4, 2);
	put_uint(&m, 0xc0a81305, 4);
	put_uint(&m, 0x0100, 2);
	if (exts) {
		put_uint(&m, exts->len, 2);
		put(&m, exts->bytes, exts->len);
	}
	return m;
}

static struct message client_hello(const struct message *exts)
{
	struct message body = hello_body(exts), whole = {0};
	struct message message = handshake(1, &body, 0, (uint32_t)body.len);

	put_record(&whole, 22, 0, &message);
	return whole;
}

static void a_hello_without_extensions_is_read(void **state)
{
	struct message m = client_hello(NULL);
	struct dtls_hello hello;

	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_int_equal(hello.cookie.len, 4);
	assert_memory_equal(hello.cookie.data, "cook", 4);
	assert_memory_equal(hello.random, "0123456789abcdef", 16);
	assert_int_equal(hello.suites.len, 4);
	assert_true(dtls_hello_offers(&hello, 0xc0a8));
	assert_true(dtls_hello_offers(&hello, 0x1305));
	assert_false(dtls_hello_offers(&hello, 0xa813)); // not across two suites
	assert_false(hello.wants_13);
	assert_null(hello.identity.data);
}

static void the_extensions_of_dtls_13_are_read(void **state)
{
	struct message exts = {0}, m;
	struct dtls_hello hello;

	put_extension(&exts, 43, "\x04\xfe\xfc\xfe\xfd", 5);
	put_extension(&exts, 44, "\0\x05token", 7);
	put_extension(&exts, 20, "\x02\x02\x00", 3);
	put_extension(&exts, 41, "\0\x09\0\x03one\0\0\0\0", 11);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_true(hello.wants_13);
	assert_true(hello.wants_rpk);
	assert_int_equal(hello.cookie13.len, 5);
	assert_memory_equal(hello.cookie13.data, "token", 5);
	assert_int_equal(hello.identity.len, 3);
	assert_memory_equal(hello.identity.data, "one", 3);
}

static void a_ticket_of_dtls_12_is_told_from_the_wish_for_one(void **state)
{
	struct message exts = {0}, m = client_hello(NULL);
	struct dtls_hello hello;

	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_false(dtls_hello_wants_ticket(&hello));
	assert_null(dtls_hello_ticket(&hello).data);
	put_extension(&exts, 35, NULL, 0);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_true(dtls_hello_wants_ticket(&hello));
	assert_null(dtls_hello_ticket(&hello).data);
	exts.len = 0;
	put_extension(&exts, 35, "ticket", 6);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_true(dtls_hello_wants_ticket(&hello));
	assert_int_equal(dtls_hello_ticket(&hello).len, 6);
	assert_memory_equal(dtls_hello_ticket(&hello).data, "ticket", 6);
}

// identities: as in the extension, without their length.
static void parse_13(struct dtls_hello *hello, const char *modes, size_t modes_len,
		     const void *identities, size_t len)
{
	static struct message m; // what is found lies there
	struct message exts = {0}, list = {0};

	put_extension(&exts, 43, "\x02\xfe\xfc", 3);
	put_extension(&exts, 45, modes, modes_len);
	put_extension(&exts, 35, "not meant", 9);
	put_uint(&list, len, 2);
	put(&list, identities, len);
	put_extension(&exts, 41, list.bytes, list.len);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(hello, m.bytes, m.len));
}

static void a_ticket_of_dtls_13_is_an_identity_that_is_no_text(void **state)
{
	static const char both[] = "\0\x05\xfftick\1\2\3\4\0\x03one\0\0\0\0\0\x03two\0\0\0\0";
	static const char zero[] = "\0\x03o\0e\0\0\0\0";
	struct dtls_hello hello;

	parse_13(&hello, "\x02\x00\x01", 3, both, sizeof(both) - 1);
	assert_true(dtls_hello_wants_ticket(&hello));
	assert_int_equal(dtls_hello_ticket(&hello).len, 5);
	assert_memory_equal(dtls_hello_ticket(&hello).data, "\xfftick", 5);
	assert_int_equal(hello.identity.len, 3);
	assert_memory_equal(hello.identity.data, "one", 3);
	parse_13(&hello, "\x01\x00", 2, both, sizeof(both) - 1); // without ECDHE
	assert_false(dtls_hello_wants_ticket(&hello));
	assert_null(dtls_hello_ticket(&hello).data);
	assert_memory_equal(hello.identity.data, "one", 3);
	parse_13(&hello, "\x01\x01", 2, zero, sizeof(zero) - 1);
	assert_null(hello.identity.data);
	assert_int_equal(dtls_hello_ticket(&hello).len, 3);
	parse_13(&hello, "\x01\x01", 2, both, 8); // cut short in its age
	assert_null(dtls_hello_ticket(&hello).data);
}

static void a_key_share_that_will_do_is_seen_among_others(void **state)
{
	static const char other[] = "\0\x07\0\x1d\0\3abc";
	static const char both[] = "\0\x0d\0\x1d\0\3abc\0\x17\0\2de";
	static const char cut[] = "\0\x06\0\x17\0\3de";
	struct message exts = {0}, m = client_hello(NULL);
	struct dtls_hello hello;

	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_false(hello.has_share || hello.has_groups || hello.has_algorithms);
	put_extension(&exts, 10, "\0\2\0\x17", 4);
	put_extension(&exts, 13, "\0\2\4\3", 4);
	put_extension(&exts, 51, other, sizeof(other) - 1);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_true(hello.has_groups && hello.has_algorithms);
	assert_false(hello.has_share);
	exts.len = 0;
	put_extension(&exts, 51, both, sizeof(both) - 1);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_true(hello.has_share);
	exts.len = 0;
	put_extension(&exts, 51, cut, sizeof(cut) - 1);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_false(hello.has_share);
}

static void a_certificate_before_a_raw_public_key_is_no_wish_for_the_key(void **state)
{
	struct message exts = {0}, m;
	struct dtls_hello hello;

	put_extension(&exts, 20, "\x02\x00\x02", 3);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_false(hello.wants_rpk);
}

static void the_name_that_is_asked_for_is_read(void **state)
{
	struct message exts = {0}, m;
	struct dtls_hello hello;

	put_extension(&exts, 0, "\0\x05\0\0\x02gw", 7);
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_int_equal(hello.name.len, 2);
	assert_memory_equal(hello.name.data, "gw", 2);
	exts.len = 0;
	put_extension(&exts, 0, "\0\x05\x01\0\x02gw", 7); // of another type
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_null(hello.name.data);
	exts.len = 0;
	put_extension(&exts, 0, "\0\x05\0\0\x03gw", 7); // cut short
	m = client_hello(&exts);
	assert_true(dtls_hello_parse(&hello, m.bytes, m.len));
	assert_null(hello.name.data);
}

static void every_prefix_of_a_hello_is_refused(void **state)
{
	struct message exts = {0}, m;
	struct dtls_hello hello;

	put_extension(&exts, 41, "\0\x09\0\x03one\0\0\0\0", 11);
	m = client_hello(&exts);
	for (size_t len = 0; len < m.len; len++) {
		uint8_t *exact = malloc(len + 1); // so that a byte too far is seen

		memcpy(exact, m.bytes, len);
		assert_false(dtls_hello_parse(&hello, exact, len));
		free(exact);
	}
}

static void a_fragment_of_a_hello_is_refused(void **state)
{
	struct message body = hello_body(NULL), whole = {0}, message;
	struct dtls_hello hello;

	message = handshake(1, &body, 0, (uint32_t)body.len + 10);
	put_record(&whole, 22, 0, &message);
	assert_false(dtls_hello_parse(&hello, whole.bytes, whole.len));
}

static void what_is_no_hello_is_refused(void **state)
{
	struct message body = hello_body(NULL), later = {0}, other = {0}, message;
	struct dtls_hello hello;

	message = handshake(1, &body, 0, (uint32_t)body.len);
	put_record(&later, 22, 1, &message); // protected
	assert_false(dtls_hello_parse(&hello, later.bytes, later.len));
	message = handshake(16, &body, 0, (uint32_t)body.len);
	put_record(&other, 22, 0, &message);
	assert_false(dtls_hello_parse(&hello, other.bytes, other.len));
}

static void an_extension_longer_than_the_rest_is_refused(void **state)
{
	struct message exts = {0}, m;
	struct dtls_hello hello;

	put_uint(&exts, 43, 2);
	put_uint(&exts, 9, 2);
	put(&exts, "\x02\xfe\xfc", 3);
	m = client_hello(&exts);
	assert_false(dtls_hello_parse(&hello, m.bytes, m.len));
}

static void a_pre_shared_key_without_ecdhe_is_told_from_the_rest(void **state)
{
	struct dtls_hello psk = {.suites = {(const uint8_t *)"\xc0\xae\xc0\xa8", 4}};
	struct dtls_hello ecdhe = {.suites = {(const uint8_t *)"\xd0\x01\xc0\xae", 4}};

	assert_true(dtls_hello_psk_12(&psk));
	assert_false(dtls_hello_psk_12(&ecdhe));
	psk.wants_13 = true;
	assert_false(dtls_hello_psk_12(&psk));
}

static void the_last_flight_is_looked_through(void **state)
{
	struct message key = {0}, m = {0}, ccs = {0}, finished = {0}, message;
	struct dtls_bytes identity;
	struct dtls_flight flight;

	put(&key, "\0\x03one", 5);
	message = handshake(16, &key, 0, 5);
	put_record(&m, 22, 0, &message);
	put_uint(&ccs, 1, 1);
	put_record(&m, 20, 0, &ccs);
	put(&finished, "sealed", 6);
	put_record(&m, 22, 1, &finished);
	dtls_flight_scan(&flight, m.bytes, m.len);
	assert_true(flight.change_cipher);
	assert_true(flight.encrypted);
	identity = dtls_client_key_identity(flight.client_key);
	assert_int_equal(identity.len, 3);
	assert_memory_equal(identity.data, "one", 3);
	for (size_t len = 0; len < m.len; len++)
		dtls_flight_scan(&flight, m.bytes, len);
}

static void records_with_a_connection_id_count_as_protected(void **state)
{
	struct dtls_flight flight;

	dtls_flight_scan(&flight, (const uint8_t *)"\x19\xfe\xfd", 3);
	assert_true(flight.encrypted);
	dtls_flight_scan(&flight, (const uint8_t *)"\x2f\x01\x02", 3); // DTLS 1.3
	assert_true(flight.encrypted);
}

static void an_identity_longer_than_its_message_is_none(void **state)
{
	assert_null(dtls_client_key_identity((struct dtls_bytes){(const uint8_t *)"\0\x09one", 5})
			    .data);
	assert_null(dtls_client_key_identity((struct dtls_bytes){0}).data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_without_extensions_is_read),
		cmocka_unit_test(the_extensions_of_dtls_13_are_read),
		cmocka_unit_test(a_ticket_of_dtls_12_is_told_from_the_wish_for_one),
		cmocka_unit_test(a_ticket_of_dtls_13_is_an_identity_that_is_no_text),
		cmocka_unit_test(a_key_share_that_will_do_is_seen_among_others),
		cmocka_unit_test(a_certificate_before_a_raw_public_key_is_no_wish_for_the_key),
		cmocka_unit_test(the_name_that_is_asked_for_is_read),
		cmocka_unit_test(every_prefix_of_a_hello_is_refused),
		cmocka_unit_test(a_fragment_of_a_hello_is_refused),
		cmocka_unit_test(what_is_no_hello_is_refused),
		cmocka_unit_test(an_extension_longer_than_the_rest_is_refused),
		cmocka_unit_test(a_pre_shared_key_without_ecdhe_is_told_from_the_rest),
		cmocka_unit_test(the_last_flight_is_looked_through),
		cmocka_unit_test(records_with_a_connection_id_count_as_protected),
		cmocka_unit_test(an_identity_longer_than_its_message_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
