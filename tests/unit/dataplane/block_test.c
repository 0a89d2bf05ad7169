// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Block-wise transfers from devices (RFC 7959): stages/block.c, and the slices of .well-known/core.
#include "tests/unit/dataplane/blocks.h"

static void a_register_in_blocks_is_one_registration(void **state)
{
	const struct part part = {.mid = 10, .query = QUERY, .szx = 2};
	const size_t total = 64 * 7 + 6;
	struct datagram last = last_block(part, total);
	uint64_t location;

	send_blocks(part, total);
	expect_no_event();
	assert_int_equal(gw.w[0]->assembly.count, 1);
	gateway_run(&gw);
	assert_int_equal(gw.w[0]->gauges.transfers, 1);
	assert_int_equal(ask(&last), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	location = ev.location;
	expect_whole(links(total), total);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
	expect_echo(7, false, 2);
	assert_int_equal(device_location(&answer), location);
	assert_int_equal(gw.w[0]->assembly.count, 0);
	assert_int_equal(gw.w[0]->transfer_wheel.armed, 0);
	assert_int_equal(COUNT(transfers), 1);
	assert_int_equal(code_of(device_update(1, 99, location, NULL)), COAP_CHANGED);
}

// RFC 7959 does not forbid it: a device that does not know the end until it is there.
static void an_empty_last_block_ends_a_body(void **state)
{
	static const char body[] = "</3303/0>,</3/0>"; // 16 bytes

	assert_int_equal(ASK(.mid = 1, .query = QUERY, .more = true, .body = body, .len = 16),
			 COAP_CONTINUE);
	assert_int_equal(ASK(.mid = 2, .query = QUERY, .num = 1), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	expect_whole(body, 16);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
}

static void every_block_size_is_taken_up_to_the_largest_body(void **state)
{
	for (uint8_t szx = 0; szx <= 6; szx++) {
		const struct part part = {
			.mid = (uint16_t)(1000 * szx), .path = "dp", .format = 112, .szx = szx};
		struct datagram last = last_block(part, BODY_MAX);

		send_blocks(part, BODY_MAX);
		assert_int_equal(ask(&last), 0);
		expect_event(BRIDGE_EV_SEND, szx + 1u, 0);
		expect_whole(links(BODY_MAX), BODY_MAX);
		commit(szx + 1u);
		assert_int_equal(taken(), COAP_CHANGED);
		expect_echo(BODY_MAX / coap_block_size(szx) - 1, false, szx);
	}
	assert_int_equal(gw.w[0]->assembly.count, 0);
}

static void an_update_in_blocks_is_an_update(void **state)
{
	uint64_t location = device_registered(&gw, 0, 1, 1, "dev", 600);
	char path[32] = "rd/";
	struct part part = {.mid = 10, .path = path, .szx = 1};
	const size_t total = 3 * 32 + 2;
	struct datagram last;

	bridge_location_encode(location, path + 3);
	last = last_block(part, total);
	send_blocks(part, total);
	assert_int_equal(ask(&last), 0);
	expect_event(BRIDGE_EV_UPDATE, 2, location);
	expect_whole(links(total), total);
	gateway_reject_because(&gw, 0, 2, COAP_BAD_REQUEST, BRIDGE_REASON_PAYLOAD);
	commit(2);
	assert_int_equal(taken(), COAP_BAD_REQUEST);
	expect_echo(3, false, 1);
	assert_int_equal(msg.payload_len, strlen("malformed payload"));
	struct datagram first = answer;
	assert_int_equal(ask(&last), COAP_BAD_REQUEST); // the answer was lost
	assert_memory_equal(answer.bytes, first.bytes, first.len);
}

static void a_single_block_is_the_request_itself(void **state)
{
	struct part part = {.mid = 10, .query = QUERY, .szx = 6, .body = "</1/0>", .len = 6};
	struct datagram d = block_of(&part);

	assert_int_equal(ask(&d), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	expect_whole("</1/0>", 6);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
	expect_echo(0, false, 6);
	assert_int_equal(COUNT(transfers), 0);
}

static void bodies_that_are_wrong_as_a_whole_are_refused_as_a_whole(void **state)
{
	struct part part = {
		.mid = 10, .query = QUERY, .more = true, .body = "</1/0>,</1/1>,</", .len = 16};
	struct datagram last;

	assert_int_equal(ask_part(&part), COAP_CONTINUE);
	part = (struct part){.mid = 11, .query = QUERY, .num = 1, .body = "hello", .len = 5};
	last = block_of(&part);
	assert_int_equal(ask(&last), COAP_BAD_REQUEST);
	assert_int_equal(gw.w[0]->assembly.count, 0);
	expect_no_event();
}

static void repeated_blocks_are_answered_with_the_same_bytes(void **state)
{
	const struct part part = {.mid = 10, .query = QUERY};
	struct datagram first = block_of(&(struct part){.mid = 10,
							.query = QUERY,
							.more = true,
							.body = links(16),
							.len = 16}),
			last = last_block(part, 20);
	struct datagram former;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(&first), COAP_CONTINUE);
		if (i > 0)
			assert_memory_equal(answer.bytes, former.bytes, former.len);
		former = answer;
	}
	assert_int_equal(COUNT(duplicates_answered), 2);
	assert_int_equal(ask(&last), 0);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
	former = answer;
	assert_int_equal(ask(&last), COAP_CREATED);
	assert_int_equal(answer.len, former.len);
	assert_memory_equal(answer.bytes, former.bytes, former.len);
	assert_int_equal(COUNT(promises), 1);
}

static void gaps_and_blocks_of_nothing_are_4_08(void **state)
{
	assert_int_equal(ASK(.mid = 1, .query = QUERY, .num = 1, .body = "x", .len = 1),
			 COAP_REQUEST_ENTITY_INCOMPLETE);
	send_blocks((struct part){.mid = 10, .query = QUERY}, 33);
	// Block 3 when two have come; block 2 with another size, which begins further on.
	assert_int_equal(ASK(.mid = 20, .query = QUERY, .num = 3, .body = "x", .len = 1),
			 COAP_REQUEST_ENTITY_INCOMPLETE);
	assert_int_equal(ASK(.mid = 21, .query = QUERY, .num = 2, .szx = 1, .body = "x", .len = 1),
			 COAP_REQUEST_ENTITY_INCOMPLETE);
	struct coap_opt opt;
	assert_false(coap_msg_find_opt(&msg, COAP_OPT_BLOCK1, &opt));
	assert_int_equal(gw.w[0]->assembly.count, 1);
	assert_int_equal(COUNT(client_errors), 3);
	expect_no_event();
}

static void blocks_may_come_again_or_become_smaller(void **state)
{
	send_blocks((struct part){.mid = 10, .query = QUERY, .szx = 2}, 129);
	// The second one once more, as a new message: nothing changes.
	assert_int_equal(ASK(.mid = 20, .query = QUERY, .num = 1, .more = true, .szx = 2,
			     .body = links(129) + 64, .len = 64),
			 COAP_CONTINUE);
	// On with blocks of 32: 128 bytes are there.
	assert_int_equal(ASK(.mid = 21, .query = QUERY, .num = 4, .more = true, .szx = 1,
			     .body = links(200) + 128, .len = 32),
			 COAP_CONTINUE);
	assert_int_equal(ASK(.mid = 22, .query = QUERY, .num = 5, .szx = 1,
			     .body = links(200) + 160, .len = 1),
			 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	expect_whole(links(161), 161);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
}

static void a_new_first_block_starts_over(void **state)
{
	send_blocks((struct part){.mid = 10, .query = QUERY}, 100);
	send_blocks((struct part){.mid = 30, .query = QUERY}, 17);
	assert_int_equal(gw.w[0]->assembly.count, 1);
	assert_int_equal(ASK(.mid = 40, .query = QUERY, .num = 5, .body = "x", .len = 1),
			 COAP_REQUEST_ENTITY_INCOMPLETE);
	struct datagram last = last_block((struct part){.mid = 40, .query = QUERY}, 20);
	assert_int_equal(ask(&last), 0);
	expect_event(BRIDGE_EV_REGISTER, 1, 0);
	expect_whole(links(20), 20);
	// And once more while the answer is parked: that one's end is not this one's.
	send_blocks((struct part){.mid = 50, .query = QUERY}, 17);
	commit(1);
	assert_int_equal(taken(), COAP_CREATED);
	assert_int_equal(gw.w[0]->assembly.count, 1);
	last = last_block((struct part){.mid = 60, .query = QUERY}, 20);
	assert_int_equal(ask(&last), 0);
	expect_event(BRIDGE_EV_REGISTER, 2, 0);
	expect_whole(links(20), 20);
	commit(2);
	assert_int_equal(taken(), COAP_CREATED);
	assert_int_equal(gw.w[0]->assembly.count, 0);
}

static void transfers_are_told_apart_by_sender_path_query_and_tag(void **state)
{
	static const struct part parts[] = {
		{.query = QUERY},
		{.query = "ep=other&lwm2m=1.1"},
		{.query = QUERY, .tag = "a"},
		{.query = QUERY, .tag = "b"},
		{.query = QUERY, .device = 2},
		{.path = "dp", .format = 110},
		{.path = "dp", .format = 110, .query = "x"},
	};
	const size_t n = sizeof(parts) / sizeof(parts[0]);
	struct part part;

	for (size_t i = 0; i < n; i++) {
		part = parts[i];
		part.mid = (uint16_t)(100 * i);
		send_blocks(part, 16 * (i + 1) + 1); // each has one block more
		assert_int_equal(gw.w[0]->assembly.count, i + 1);
	}
	for (size_t i = 0; i < n; i++) {
		part = parts[i];
		part.mid = (uint16_t)(1000 + 100 * i);
		struct datagram last = last_block(part, 16 * (i + 1) + 6);

		assert_int_equal(ask(&last), 0);
		expect_event(i < 5 ? BRIDGE_EV_REGISTER : BRIDGE_EV_SEND, i + 1, 0);
		expect_whole(links(16 * (i + 1) + 6), 16 * (i + 1) + 6);
	}
	commit(n);
	assert_int_equal(gateway_drain(&gw), n);
	assert_int_equal(gw.w[0]->assembly.count, 0);
}

// What was put together is there still when only its last block is repeated.
static uint8_t ask_core(uint16_t mid, uint32_t num, uint8_t szx, bool size2)
{
	struct datagram d = {.peer = gateway_device(1)};
	struct coap_block block = {num, false, szx};
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), COAP_CON, COAP_GET, mid, NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, ".well-known");
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "core");
	coap_write_block(&w, COAP_OPT_BLOCK2, &block);
	if (size2)
		coap_write_opt_uint(&w, COAP_OPT_SIZE2, 0);
	d.len = coap_write_finish(&w);
	return ask(&d);
}

static void well_known_core_is_served_in_slices(void **state)
{
	char text[2048];
	struct coap_block block;
	struct coap_opt opt;
	uint32_t size2 = 0;
	uint16_t mid = 1;

	for (uint8_t szx = 0; szx <= 6; szx++) {
		size_t len = 0;

		block.more = true;
		for (uint32_t num = 0; block.more; num++) {
			assert_int_equal(ask_core(mid++, num, szx, num == 0), COAP_CONTENT);
			assert_true(coap_block_find(&msg, COAP_OPT_BLOCK2, &block, NULL));
			assert_int_equal(block.num, num);
			assert_int_equal(block.szx, szx);
			assert_int_equal(answer_option(COAP_OPT_SIZE2, &size2), num == 0);
			assert_true(msg.payload_len <= coap_block_size(szx));
			memcpy(text + len, msg.payload, msg.payload_len);
			len += msg.payload_len;
		}
		assert_int_equal(len, size2);
		assert_memory_equal(text, "</.well-known/core>", 19);
		assert_non_null(memmem(text, len, "</rd>;rt=\"oma.lwm2m\"", 20));
		assert_int_equal(ask_core(mid++, block.num + 1, szx, false), COAP_BAD_REQUEST);
		assert_int_equal(ask_core(mid++, 0xfffff, szx, false), COAP_BAD_REQUEST);
	}
	assert_int_equal(ask_core(mid++, 0, 7, false), COAP_BAD_REQUEST);
	struct datagram d = device_message(1, COAP_CON, COAP_GET, mid, ".well-known/core", NULL);
	assert_int_equal(ask(&d), COAP_CONTENT);
	assert_false(coap_msg_find_opt(&msg, COAP_OPT_BLOCK2, &opt));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		B(a_register_in_blocks_is_one_registration),
		B(an_empty_last_block_ends_a_body),
		B(every_block_size_is_taken_up_to_the_largest_body),
		B(an_update_in_blocks_is_an_update),
		B(a_single_block_is_the_request_itself),
		B(bodies_that_are_wrong_as_a_whole_are_refused_as_a_whole),
		B(repeated_blocks_are_answered_with_the_same_bytes),
		B(gaps_and_blocks_of_nothing_are_4_08),
		B(blocks_may_come_again_or_become_smaller),
		B(a_new_first_block_starts_over),
		B(transfers_are_told_apart_by_sender_path_query_and_tag),
		B(well_known_core_is_served_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
