// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Blocks that are too many, too large, out of place or too late: stages/block.c, blockwise.c.
#include "tests/unit/dataplane/blocks.h"

static void bodies_that_are_too_large_are_4_13_with_what_would_do(void **state)
{
	struct coap_opt opt;
	uint32_t value = 0;

	// By what is announced.
	assert_int_equal(ASK(.mid = 1, .query = QUERY, .more = true, .body = links(16), .len = 16,
			     .size1 = BODY_MAX + 1),
			 COAP_REQUEST_ENTITY_TOO_LARGE);
	assert_true(answer_option(COAP_OPT_SIZE1, &value));
	assert_int_equal(value, BODY_MAX);
	assert_false(coap_msg_find_opt(&msg, COAP_OPT_BLOCK1, &opt));
	assert_int_equal(ASK(.mid = 2, .query = QUERY, .more = true, .body = links(16), .len = 16,
			     .size1 = BODY_MAX),
			 COAP_CONTINUE);
	// By where it gets to, and far beyond.
	send_blocks((struct part){.mid = 10, .query = QUERY, .szx = 6}, BODY_MAX);
	assert_int_equal(ASK(.mid = 20, .query = QUERY, .num = 4, .szx = 6, .body = "x", .len = 1),
			 COAP_REQUEST_ENTITY_TOO_LARGE);
	assert_true(answer_option(COAP_OPT_SIZE1, &value));
	assert_int_equal(value, BODY_MAX);
	assert_int_equal(
		ASK(.mid = 21, .query = QUERY, .num = 0xfffff, .szx = 6, .body = "x", .len = 1),
		COAP_REQUEST_ENTITY_TOO_LARGE);
	assert_int_equal(ASK(.mid = 22, .query = QUERY, .num = 0xfffff, .more = true, .szx = 6,
			     .body = links(1024), .len = 1024),
			 COAP_REQUEST_ENTITY_TOO_LARGE);
	expect_no_event();
}

static void a_first_block_beyond_the_limit_is_told_a_smaller_size(void **state)
{
	gateway_close(&gw);
	gateway_open(&gw, (struct gateway_params){.body_max = 300});
	gateway_ready(&gw);
	assert_int_equal(ASK(.mid = 1, .query = QUERY, .more = true, .szx = 6, .body = links(1024),
			     .len = 1024),
			 COAP_REQUEST_ENTITY_TOO_LARGE);
	expect_echo(0, true, 4);
	send_blocks((struct part){.mid = 10, .query = QUERY, .szx = 4}, 300);
	assert_int_equal(gw.w[0]->assembly.count, 1);
}

static void blocks_of_the_wrong_size_are_4_00(void **state)
{
	assert_int_equal(ASK(.mid = 1, .query = QUERY, .more = true, .body = links(15), .len = 15),
			 COAP_BAD_REQUEST);
	assert_int_equal(ASK(.mid = 2, .query = QUERY, .more = true, .body = links(17), .len = 17),
			 COAP_BAD_REQUEST);
	assert_int_equal(ASK(.mid = 3, .query = QUERY, .body = links(17), .len = 17),
			 COAP_BAD_REQUEST);
	assert_int_equal(ASK(.mid = 4, .query = QUERY, .szx = 7, .body = "x", .len = 1),
			 COAP_BAD_REQUEST);
	assert_int_equal(gw.w[0]->assembly.count, 0);
}

static void blocks_where_no_body_belongs_are_4_02(void **state)
{
	static const struct part parts[] = {
		{.mid = 1, .path = "rd/AAAAAAAAA", .code = COAP_DELETE},
		{.mid = 2, .path = ".well-known/core", .code = COAP_GET},
		{.mid = 3, .path = "x"},
		{.mid = 4, .code = COAP_PUT},
		{.mid = 5, .path = "dp", .code = COAP_GET},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_int_equal(ask_part(&parts[i]), COAP_BAD_OPTION);
	assert_int_equal(ASK(.mid = 9, .path = "x", .type = COAP_NON), 0);
	assert_int_equal(COUNT(drop_non_critical_option), 1);
}

static void a_transfer_nobody_ends_expires(void **state)
{
	send_blocks((struct part){.mid = 10, .query = QUERY}, 33);
	gateway_wait(&gw, COAP_EXCHANGE_LIFETIME_US - 1 * S);
	assert_int_equal(gw.w[0]->assembly.count, 1);
	assert_int_equal(ASK(.mid = 20, .query = QUERY, .num = 2, .more = true,
			     .body = links(48) + 32, .len = 16),
			 COAP_CONTINUE); // and lives anew
	gateway_wait(&gw, COAP_EXCHANGE_LIFETIME_US - 1 * S);
	assert_int_equal(gw.w[0]->assembly.count, 1);
	gateway_wait(&gw, 2 * S);
	assert_int_equal(gw.w[0]->assembly.count, 0);
	assert_int_equal(COUNT(transfers_expired), 1);
	assert_int_equal(ASK(.mid = 30, .query = QUERY, .num = 3, .body = "x", .len = 1),
			 COAP_REQUEST_ENTITY_INCOMPLETE);
}

// Strangers, each from a network of its own.
static uint8_t first_block(uint32_t network)
{
	struct part part = {.query = QUERY, .more = true, .body = links(16), .len = 16};
	struct datagram d = block_of(&part);

	memcpy(d.peer.addr + 4, &network, sizeof(network));
	return ask(&d);
}

static void transfers_of_strangers_beyond_their_share_are_told_to_come_back(void **state)
{
	uint32_t value;

	for (uint32_t i = 1; i <= DP_TRANSFERS_UNKNOWN; i++)
		assert_int_equal(first_block(i), COAP_CONTINUE);
	assert_int_equal(first_block(5000), COAP_SERVICE_UNAVAILABLE);
	assert_true(answer_option(COAP_OPT_MAX_AGE, &value));
	assert_int_equal(COUNT(transfers_refused), 1);
	// Not so a registered device.
	device_registered(&gw, 0, 1, 100, "other", 600);
	assert_int_equal(
		ASK(.mid = 101, .query = QUERY, .more = true, .body = links(16), .len = 16),
		COAP_CONTINUE);
	// None is displaced before its time.
	gateway_wait(&gw, COAP_EXCHANGE_LIFETIME_US + 1 * S);
	assert_int_equal(COUNT(transfers_expired), DP_TRANSFERS_UNKNOWN + 1);
	assert_int_equal(first_block(5001), COAP_CONTINUE);
}

static void one_address_cannot_hold_all_transfers(void **state)
{
	struct part part = {.query = QUERY, .more = true, .body = links(16), .len = 16};
	char tag[8];

	part.tag = tag;
	for (part.mid = 0; part.mid < DP_TRANSFERS_PEER; part.mid++) {
		snprintf(tag, sizeof(tag), "%x", part.mid);
		assert_int_equal(ask_part(&part), COAP_CONTINUE);
	}
	snprintf(tag, sizeof(tag), "more");
	assert_int_equal(ask_part(&part), COAP_SERVICE_UNAVAILABLE);
	assert_int_equal(first_block(1), COAP_CONTINUE);
}

static void a_last_block_that_comes_twice_while_it_waits_is_one_event(void **state)
{
	const struct part part = {.mid = 10, .query = QUERY};
	struct datagram last = last_block(part, 40);

	send_blocks(part, 40);
	assert_int_equal(ask(&last), 0);
	last.bytes[3] += 50; // another message id
	assert_int_equal(ask(&last), 0);
	assert_int_equal(COUNT(drop_duplicate_pending), 1);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	expect_no_event();
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
}

static void a_long_reason_is_cut_to_what_a_repetition_is_answered_with(void **state)
{
	struct part part = {.mid = 10, .query = "ep=dev&lwm2m=1.1&lt=0"};
	struct datagram last, first;

	send_blocks(part, 40);
	last = last_block(part, 40);
	assert_int_equal(ask(&last), COAP_BAD_REQUEST);
	first = answer;
	assert_true(msg.payload_len > 0);
	assert_int_equal(ask(&last), COAP_BAD_REQUEST);
	assert_int_equal(answer.len, first.len);
	assert_memory_equal(answer.bytes, first.bytes, first.len);
}

static void the_last_block_alone_is_repeated_when_control_was_away(void **state)
{
	const struct part part = {.mid = 10, .query = QUERY};
	struct datagram last = last_block(part, 40);

	gateway_wait(&gw, 1 * S);
	send_blocks(part, 40);
	assert_int_equal(ask(&last), 0);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 1);
	assert_int_equal(ask(&last), 0); // nobody to promise it to
	assert_int_equal(COUNT(drop_control_away), 1);
	gateway_ready(&gw);
	assert_int_equal(ask(&last), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	expect_whole(links(40), 40);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
	assert_int_equal(gw.w[0]->assembly.count, 0);
}

static void an_answer_parked_longer_than_its_transfer_lives_is_sent(void **state)
{
	const struct part part = {.mid = 10, .path = "dp", .format = 110, .type = COAP_NON};
	struct datagram last = last_block(part, 40);

	send_blocks(part, 40);
	assert_int_equal(ask(&last), 0);
	gateway_wait(&gw, COAP_EXCHANGE_LIFETIME_US + 1 * S);
	assert_int_equal(gw.w[0]->assembly.count, 0);
	commit(1);
	assert_int_equal(taken(), COAP_CHANGED);
	expect_echo(2, false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		B(bodies_that_are_too_large_are_4_13_with_what_would_do),
		B(a_first_block_beyond_the_limit_is_told_a_smaller_size),
		B(blocks_of_the_wrong_size_are_4_00),
		B(blocks_where_no_body_belongs_are_4_02),
		B(a_transfer_nobody_ends_expires),
		B(transfers_of_strangers_beyond_their_share_are_told_to_come_back),
		B(one_address_cannot_hold_all_transfers),
		B(a_last_block_that_comes_twice_while_it_waits_is_one_event),
		B(a_long_reason_is_cut_to_what_a_repetition_is_answered_with),
		B(the_last_block_alone_is_repeated_when_control_was_away),
		B(an_answer_parked_longer_than_its_transfer_lives_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
