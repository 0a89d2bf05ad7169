// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_LEN  60u
#define WHOLE_LEN (16u + 16u + 2u + TEXT_LEN + DTLS_TICKET_FACTS + 32u)

static const uint8_t trust[DTLS_TICKET_DIGEST] = "authorities", others[DTLS_TICKET_DIGEST];
static const struct dtls_ticket_keys keys = {
	.known = true, .period = 0x0102, .now = "now", .before = "before"};
static const struct dtls_ticket facts = {
	.credential = 0x1122334455667788,
	.born_s = 1800000000,
	.until_s = 1900000000,
	.suite = 0xc0a8,
	.kind = BRIDGE_CREDENTIAL_RPK,
};

static struct dtls_ticket_binding binding_to(const char *name, const uint8_t *ca)
{
	struct dtls_ticket_binding binding = {.trust = ca};

	dtls_ticket_name((struct dtls_bytes){(const uint8_t *)name, (uint32_t)strlen(name)},
			 binding.name);
	return binding;
}

// As wolfSSL puts it together.
static void make(uint8_t whole[static WHOLE_LEN], const struct dtls_ticket *ticket,
		 const struct dtls_ticket_binding *binding)
{
	uint8_t text[DTLS_TICKET_TEXT];
	size_t len = TEXT_LEN;

	memset(text, 's', TEXT_LEN);
	assert_true(dtls_ticket_seal(&keys, binding, ticket, (const uint8_t *)"twelve bytes", whole,
				     whole + 16, text, &len, whole + WHOLE_LEN - 32));
	assert_int_equal(len, TEXT_LEN + DTLS_TICKET_FACTS);
	whole[32] = 0;
	whole[33] = (uint8_t)len;
	memcpy(whole + 34, text, len);
}

static bool reads(const uint8_t *whole, size_t len, const struct dtls_ticket_keys *with,
		  const struct dtls_ticket_binding *binding, struct dtls_ticket *ticket)
{
	return dtls_ticket_read(with, binding, (struct dtls_bytes){whole, (uint32_t)len}, ticket);
}

static void what_is_sealed_is_read_again(void **state)
{
	struct dtls_ticket_binding binding = binding_to("name", trust);
	uint8_t whole[WHOLE_LEN], text[TEXT_LEN + DTLS_TICKET_FACTS];
	size_t len = sizeof(text);
	struct dtls_ticket ticket;

	make(whole, &facts, &binding);
	assert_int_equal(whole[0], 0xff); // no text begins so
	assert_true(reads(whole, sizeof(whole), &keys, &binding, &ticket));
	assert_memory_equal(&ticket, &facts, sizeof(facts));
	memcpy(text, whole + 34, len);
	assert_true(dtls_ticket_open(&keys, &binding, whole, whole + 16, text, &len,
				     whole + WHOLE_LEN - 32, &ticket));
	assert_int_equal(len, TEXT_LEN);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(text[i], 's');
}

static void no_bit_can_be_changed_and_no_byte_left_out(void **state)
{
	struct dtls_ticket_binding binding = binding_to("name", trust);
	uint8_t whole[WHOLE_LEN + 1] = {0};
	struct dtls_ticket ticket;

	make(whole, &facts, &binding);
	for (size_t bit = 0; bit < 8 * WHOLE_LEN; bit++) {
		whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(reads(whole, WHOLE_LEN, &keys, &binding, &ticket));
		whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < WHOLE_LEN; len++)
		assert_false(reads(whole, len, &keys, &binding, &ticket));
	assert_false(reads(whole, WHOLE_LEN + 1, &keys, &binding, &ticket));
	assert_true(reads(whole, WHOLE_LEN, &keys, &binding, &ticket));
}

static void the_key_of_the_period_before_still_opens_and_none_older(void **state)
{
	struct dtls_ticket_binding binding = binding_to("", trust);
	struct dtls_ticket_keys later = {.known = true, .period = 0x0103};
	uint8_t whole[WHOLE_LEN];
	struct dtls_ticket ticket;

	make(whole, &facts, &binding);
	memcpy(later.before, keys.now, sizeof(later.before));
	assert_true(reads(whole, sizeof(whole), &later, &binding, &ticket));
	later.known = false;
	assert_false(reads(whole, sizeof(whole), &later, &binding, &ticket));
	later.known = true;
	later.period++;
	memcpy(later.now, keys.now, sizeof(later.now));
	assert_false(reads(whole, sizeof(whole), &later, &binding, &ticket));
}

static void a_ticket_is_bound_to_the_name_whichever_case(void **state)
{
	struct dtls_ticket_binding binding = binding_to("North.example", trust);
	struct dtls_ticket_binding same = binding_to("nORTH.EXAMPLE", trust);
	struct dtls_ticket_binding other = binding_to("south.example", trust);
	struct dtls_ticket_binding none = binding_to("", trust);
	uint8_t whole[WHOLE_LEN];
	struct dtls_ticket ticket;

	make(whole, &facts, &binding);
	assert_true(reads(whole, sizeof(whole), &keys, &same, &ticket));
	assert_false(reads(whole, sizeof(whole), &keys, &other, &ticket));
	assert_false(reads(whole, sizeof(whole), &keys, &none, &ticket));
}

static void one_of_a_certificate_is_bound_to_the_authorities_too(void **state)
{
	struct dtls_ticket_binding binding = binding_to("", trust), other = binding_to("", others);
	struct dtls_ticket ticket = facts;
	uint8_t whole[WHOLE_LEN];

	for (uint8_t kind = BRIDGE_CREDENTIAL_PSK; kind <= BRIDGE_CREDENTIAL_X509; kind++) {
		ticket.kind = kind;
		make(whole, &ticket, &binding);
		assert_true(reads(whole, sizeof(whole), &keys, &binding, &ticket));
		assert_int_equal(ticket.kind, kind);
		assert_int_equal(reads(whole, sizeof(whole), &keys, &other, &ticket),
				 kind != BRIDGE_CREDENTIAL_X509);
	}
}

static void without_keys_or_room_nothing_is_sealed(void **state)
{
	struct dtls_ticket_binding binding = binding_to("", trust);
	uint8_t name[16], iv[16], mac[32], text[DTLS_TICKET_TEXT + DTLS_TICKET_FACTS] = {0};
	size_t len = DTLS_TICKET_TEXT - DTLS_TICKET_FACTS + 1;

	assert_false(dtls_ticket_seal(&keys, &binding, &facts, (const uint8_t *)"twelve bytes",
				      name, iv, text, &len, mac));
	len--;
	assert_true(dtls_ticket_seal(&keys, &binding, &facts, (const uint8_t *)"twelve bytes", name,
				     iv, text, &len, mac));
	len = 1;
	assert_false(dtls_ticket_seal(&(struct dtls_ticket_keys){0}, &binding, &facts,
				      (const uint8_t *)"twelve bytes", name, iv, text, &len, mac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_is_read_again),
		cmocka_unit_test(no_bit_can_be_changed_and_no_byte_left_out),
		cmocka_unit_test(the_key_of_the_period_before_still_opens_and_none_older),
		cmocka_unit_test(a_ticket_is_bound_to_the_name_whichever_case),
		cmocka_unit_test(one_of_a_certificate_is_bound_to_the_authorities_too),
		cmocka_unit_test(without_keys_or_room_nothing_is_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
