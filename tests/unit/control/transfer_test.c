// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Transfers over a fake downlink: the test is the device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/transfer.h"
#include "lwm2m/coap/block.h"
#include "tests/unit/control/rest/fixture.h"

#define BODY_LEN 3000u

static struct fixture f;
static struct ctl_reg *reg;
static uint8_t body[BODY_LEN];
static struct coap_msg sent; // what the device got last
static struct {
	uint32_t count;
	struct ctl_transfer_outcome outcome;
	uint8_t payload[BODY_LEN];
	bool has_format;
} ended;

static int setup(void **state)
{
	fixture_init(&f);
	reg = fixture_register(&f, "dev", "</5/0>");
	memset(&ended, 0, sizeof(ended));
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7 + i / 256);
	return 0;
}

static int teardown(void **state)
{
	assert_null(f.cb);
	fixture_fini(&f);
	return 0;
}

static void on_end(const struct ctl_transfer_outcome *outcome, void *arg)
{
	struct coap_opt opt;

	ended.count++;
	ended.outcome = *outcome;
	if (outcome->result != CTL_OP_ANSWERED)
		return;
	assert_true(outcome->response.payload_len <= sizeof(ended.payload));
	if (outcome->response.payload_len > 0)
		memcpy(ended.payload, outcome->response.payload, outcome->response.payload_len);
	ended.has_format = coap_msg_find_opt(&outcome->response, COAP_OPT_CONTENT_FORMAT, &opt);
}

static void look(void)
{
	assert_int_equal(coap_msg_parse(&sent, f.sent, f.sent_len), COAP_OK);
}

// The path "5", Content-Format 42.
static const uint8_t options[] = {0xb1, '5', 0x11, 42};

static struct ctl_transfer *start(uint8_t code, uint32_t body_len)
{
	const struct ctl_transfer_request request = {.code = code,
						     .options = options,
						     .options_len = body_len > 0 ? 4 : 2,
						     .body = body,
						     .body_len = body_len};
	struct ctl_transfer *transfer =
		ctl_transfer_start(&f.ctl, reg, &request, 700, on_end, NULL);

	assert_non_null(transfer);
	look();
	return transfer;
}

struct reply {
	uint8_t code;
	const char *etag;
	const char *echo;
	uint32_t size2;
	bool block1, block2;
	struct coap_block block;
	const uint8_t *payload;
	uint32_t len;
};

// Answers and looks at what is sent next, if anything.
static void reply(struct reply r)
{
	uint32_t requests = f.requests;
	struct coap_writer w;
	uint8_t coap[1280];

	coap_write_begin(&w, coap, sizeof(coap), COAP_ACK, r.code, 1, NULL, 0);
	if (r.etag)
		coap_write_opt_str(&w, COAP_OPT_ETAG, r.etag);
	if (r.len > 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 42);
	if (r.block2)
		coap_write_block(&w, COAP_OPT_BLOCK2, &r.block);
	if (r.block1)
		coap_write_block(&w, COAP_OPT_BLOCK1, &r.block);
	if (r.size2 > 0)
		coap_write_opt_uint(&w, COAP_OPT_SIZE2, r.size2);
	if (r.echo)
		coap_write_opt_str(&w, COAP_OPT_ECHO, r.echo);
	coap_write_payload(&w, r.payload, r.len);
	fixture_answer_bytes(&f, coap, coap_write_finish(&w));
	if (f.requests > requests)
		look();
}

static void assert_block1(uint32_t num, bool more, uint8_t szx)
{
	struct coap_block block;
	uint32_t from = num * coap_block_size(szx);

	assert_true(coap_block_find(&sent, COAP_OPT_BLOCK1, &block, NULL));
	assert_int_equal(block.num, num);
	assert_int_equal(block.more, more);
	assert_int_equal(block.szx, szx);
	assert_int_equal(sent.payload_len, more ? coap_block_size(szx) : BODY_LEN - from);
	assert_memory_equal(sent.payload, body + from, sent.payload_len);
}

static void assert_block2(uint32_t num, uint8_t szx)
{
	struct coap_block block;

	assert_true(coap_block_find(&sent, COAP_OPT_BLOCK2, &block, NULL));
	assert_int_equal(block.num, num);
	assert_int_equal(block.szx, szx);
	assert_false(block.more);
}

static bool has(uint16_t number)
{
	struct coap_opt opt;

	return coap_msg_find_opt(&sent, number, &opt);
}

static void assert_ended(uint8_t code, const char *why)
{
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.outcome.result, CTL_OP_ANSWERED);
	if (why)
		assert_string_equal(ended.outcome.why, why);
	else
		assert_null(ended.outcome.why);
	assert_int_equal(ended.outcome.response.code, code);
}

// 2.31, or what the device says in its place, to the block of that number.
static void go_on(uint8_t code, uint32_t num, uint8_t szx)
{
	reply((struct reply){.code = code, .block1 = true, .block = {num, true, szx}});
}

// A piece of the answer, of 1024 bytes unless it is the last.
static void piece(uint32_t num, const char *etag)
{
	uint32_t from = num * 1024, left = BODY_LEN - from;

	reply((struct reply){.code = COAP_CONTENT,
			     .etag = etag,
			     .block2 = true,
			     .block = {num, left > 1024, 6},
			     .payload = body + from,
			     .len = left > 1024 ? 1024 : left});
}

static void what_fits_goes_in_one_message(void **state)
{
	start(COAP_PUT, 1024);
	assert_false(has(COAP_OPT_BLOCK1));
	assert_int_equal(sent.payload_len, 1024);
	assert_int_equal(f.timeout_ms, 700);
	reply((struct reply){.code = COAP_CHANGED});
	assert_ended(COAP_CHANGED, NULL);
}

static void a_large_body_goes_in_blocks(void **state)
{
	struct coap_opt opt;
	uint32_t size = 0;

	start(COAP_PUT, BODY_LEN);
	assert_block1(0, true, 6);
	assert_true(coap_msg_find_opt(&sent, COAP_OPT_SIZE1, &opt) && coap_opt_uint(&opt, &size));
	assert_int_equal(size, BODY_LEN);
	assert_true(has(COAP_OPT_CONTENT_FORMAT));
	go_on(COAP_CONTINUE, 0, 6);
	assert_block1(1, true, 6);
	assert_false(has(COAP_OPT_SIZE1));
	assert_int_equal(f.timeout_ms, 700);
	go_on(COAP_CONTINUE, 1, 6);
	assert_block1(2, false, 6);
	reply((struct reply){.code = COAP_CHANGED, .block1 = true, .block = {2, false, 6}});
	assert_ended(COAP_CHANGED, NULL);
}

static void a_success_before_the_last_block_means_go_on(void **state)
{
	start(COAP_PUT, BODY_LEN);
	go_on(COAP_CHANGED, 0, 6);
	assert_block1(1, true, 6);
	reply((struct reply){.code = COAP_CHANGED});
	assert_block1(2, false, 6);
	reply((struct reply){.code = COAP_CHANGED});
	assert_ended(COAP_CHANGED, NULL);
}

static void a_smaller_size_is_followed_from_where_the_body_is(void **state)
{
	start(COAP_PUT, BODY_LEN);
	go_on(COAP_CONTINUE, 0, 4);
	assert_block1(4, true, 4);
	for (uint32_t num = 4; num < BODY_LEN / 256; num++)
		go_on(COAP_CONTINUE, num, 4);
	assert_block1(BODY_LEN / 256, false, 4);
	reply((struct reply){.code = COAP_CHANGED});
	assert_ended(COAP_CHANGED, NULL);
}

static void a_block_that_is_too_large_is_sent_smaller_from_the_start(void **state)
{
	start(COAP_PUT, BODY_LEN);
	reply((struct reply){
		.code = COAP_REQUEST_ENTITY_TOO_LARGE, .block1 = true, .block = {0, false, 5}});
	assert_block1(0, true, 5);
	assert_true(has(COAP_OPT_REQUEST_TAG)); // not to be mixed with what came before
	reply((struct reply){
		.code = COAP_REQUEST_ENTITY_TOO_LARGE, .block1 = true, .block = {0, false, 5}});
	assert_ended(COAP_REQUEST_ENTITY_TOO_LARGE, NULL);
}

static void a_whole_body_that_is_too_large_is_sent_in_blocks(void **state)
{
	start(COAP_PUT, 1000);
	reply((struct reply){
		.code = COAP_REQUEST_ENTITY_TOO_LARGE, .block1 = true, .block = {0, true, 2}});
	assert_true(has(COAP_OPT_BLOCK1));
	assert_int_equal(sent.payload_len, 64);
	reply((struct reply){.code = COAP_FORBIDDEN});
	assert_ended(COAP_FORBIDDEN, NULL);
}

static void what_the_device_lost_is_sent_again_once(void **state)
{
	start(COAP_PUT, BODY_LEN);
	go_on(COAP_CONTINUE, 0, 6);
	reply((struct reply){.code = COAP_REQUEST_ENTITY_INCOMPLETE});
	assert_block1(0, true, 6);
	assert_true(has(COAP_OPT_REQUEST_TAG));
	go_on(COAP_CONTINUE, 0, 6);
	reply((struct reply){.code = COAP_REQUEST_ENTITY_INCOMPLETE});
	assert_ended(COAP_REQUEST_ENTITY_INCOMPLETE, NULL);
}

static void an_error_ends_it_at_any_block(void **state)
{
	start(COAP_PUT, BODY_LEN);
	go_on(COAP_CONTINUE, 0, 6);
	reply((struct reply){.code = COAP_NOT_FOUND});
	assert_ended(COAP_NOT_FOUND, NULL);
}

static void an_acknowledgement_of_another_block_ends_it(void **state)
{
	start(COAP_PUT, BODY_LEN);
	go_on(COAP_CONTINUE, 1, 6);
	assert_ended(COAP_CONTINUE, "a block was acknowledged that was not sent");
}

static void a_large_answer_is_fetched(void **state)
{
	start(COAP_GET, 0);
	piece(0, "a");
	assert_block2(1, 6);
	assert_int_equal(sent.code, COAP_GET);
	assert_true(has(COAP_OPT_URI_PATH));
	piece(1, "a");
	assert_block2(2, 6);
	piece(2, "a");
	assert_ended(COAP_CONTENT, NULL);
	assert_int_equal(ended.outcome.response.payload_len, BODY_LEN);
	assert_memory_equal(ended.payload, body, BODY_LEN);
	assert_true(ended.has_format);
}

static void an_answer_of_one_block_is_whole(void **state)
{
	start(COAP_GET, 0);
	reply((struct reply){.code = COAP_CONTENT,
			     .block2 = true,
			     .block = {0, false, 6},
			     .payload = body,
			     .len = 5});
	assert_ended(COAP_CONTENT, NULL);
	assert_int_equal(ended.outcome.response.payload_len, 5);
}

static void a_large_answer_to_a_fetch_repeats_its_body(void **state)
{
	start(COAP_FETCH, 100);
	piece(0, NULL);
	assert_int_equal(sent.payload_len, 100);
	assert_true(has(COAP_OPT_CONTENT_FORMAT));
	piece(1, NULL);
	piece(2, NULL);
	assert_ended(COAP_CONTENT, NULL);
}

static void a_large_answer_to_a_post_is_fetched_without_its_body(void **state)
{
	start(COAP_POST, BODY_LEN);
	go_on(COAP_CONTINUE, 0, 6);
	go_on(COAP_CONTINUE, 1, 6);
	piece(0, NULL);
	assert_block2(1, 6);
	assert_false(has(COAP_OPT_BLOCK1));
	assert_false(has(COAP_OPT_CONTENT_FORMAT));
	assert_int_equal(sent.payload_len, 0);
	piece(1, "b"); // changed: but a POST is not done twice
	assert_ended(COAP_CONTENT, "the device broke a block-wise answer off");
}

static void an_answer_that_changes_meanwhile_is_fetched_anew_once(void **state)
{
	start(COAP_GET, 0);
	piece(0, "a");
	piece(1, "b");
	assert_false(has(COAP_OPT_BLOCK2));
	piece(0, "b");
	piece(1, "c");
	assert_ended(COAP_CONTENT, "the device broke a block-wise answer off");
}

static void an_answer_that_the_device_forgot_is_fetched_anew(void **state)
{
	start(COAP_GET, 0);
	piece(0, NULL);
	reply((struct reply){.code = COAP_REQUEST_ENTITY_INCOMPLETE});
	assert_false(has(COAP_OPT_BLOCK2));
	piece(0, NULL);
	piece(1, NULL);
	piece(2, NULL);
	assert_ended(COAP_CONTENT, NULL);
	assert_memory_equal(ended.payload, body, BODY_LEN);
}

static void blocks_that_do_not_fit_together_are_an_error(void **state)
{
	start(COAP_GET, 0);
	piece(0, NULL);
	piece(2, NULL);
	assert_ended(COAP_CONTENT, "a block is not the one that was asked for");
}

static void a_first_block_that_is_not_the_first_is_an_error(void **state)
{
	start(COAP_GET, 0);
	piece(1, NULL);
	assert_ended(COAP_CONTENT, "Block2 of the first block is malformed");
}

static void a_block_of_another_size_is_an_error(void **state)
{
	start(COAP_GET, 0);
	reply((struct reply){.code = COAP_CONTENT,
			     .block2 = true,
			     .block = {0, true, 6},
			     .payload = body,
			     .len = 5});
	assert_ended(COAP_CONTENT, "a block is not of the size that it says");
}

static void an_answer_beyond_the_limit_is_an_error(void **state)
{
	f.cfg.lwm2m.body_max = 2000;
	start(COAP_GET, 0);
	piece(0, NULL);
	piece(1, NULL);
	assert_ended(COAP_CONTENT, "body is larger than lwm2m.body_max");
}

static void an_answer_that_says_it_is_beyond_the_limit_is_not_fetched(void **state)
{
	start(COAP_GET, 0);
	reply((struct reply){.code = COAP_CONTENT,
			     .block2 = true,
			     .block = {0, true, 6},
			     .size2 = 40000,
			     .payload = body,
			     .len = 1024});
	assert_ended(COAP_CONTENT, "body is larger than lwm2m.body_max");
}

static void a_device_that_wants_an_echo_gets_it_once(void **state)
{
	struct coap_opt opt;

	start(COAP_PUT, 10);
	reply((struct reply){.code = COAP_UNAUTHORIZED, .echo = "fresh"});
	assert_true(coap_msg_find_opt(&sent, COAP_OPT_ECHO, &opt));
	assert_int_equal(opt.len, 5);
	assert_memory_equal(opt.value, "fresh", 5);
	assert_int_equal(sent.payload_len, 10);
	reply((struct reply){.code = COAP_UNAUTHORIZED, .echo = "again"});
	assert_ended(COAP_UNAUTHORIZED, NULL);
}

static void an_observation_keeps_its_token_to_the_first_block(void **state)
{
	const struct ctl_transfer_request request = {.token = 99,
						     .code = COAP_GET,
						     .observe = true,
						     .options = options,
						     .options_len = 2};

	assert_non_null(ctl_transfer_start(&f.ctl, reg, &request, 700, on_end, NULL));
	look();
	assert_true(has(COAP_OPT_OBSERVE));
	assert_true(f.token == 99);
	piece(0, NULL);
	assert_false(has(COAP_OPT_OBSERVE));
	assert_true(f.token == 0);
	piece(1, NULL);
	piece(2, NULL);
	assert_ended(COAP_CONTENT, NULL);
}

static void the_rest_of_a_notification_is_fetched(void **state)
{
	const struct ctl_transfer_request request = {.token = 99,
						     .code = COAP_GET,
						     .observe = true,
						     .options = options,
						     .options_len = 2};
	struct coap_writer w;
	struct coap_msg first;
	uint8_t coap[1280];

	coap_write_begin(&w, coap, sizeof(coap), COAP_CON, COAP_CONTENT, 1, NULL, 0);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 42);
	coap_write_block(&w, COAP_OPT_BLOCK2, &(struct coap_block){0, true, 6});
	coap_write_payload(&w, body, 1024);
	assert_int_equal(coap_msg_parse(&first, coap, coap_write_finish(&w)), COAP_OK);
	assert_true(ctl_transfer_is_partial(&first));
	assert_non_null(ctl_transfer_rest(&f.ctl, reg, &request, &first, 700, on_end, NULL));
	memset(coap, 0, sizeof(coap));
	look();
	assert_block2(1, 6);
	assert_false(has(COAP_OPT_OBSERVE));
	piece(1, NULL);
	piece(2, NULL);
	assert_ended(COAP_CONTENT, NULL);
	assert_memory_equal(ended.payload, body, BODY_LEN);
	assert_true(ended.has_format);
}

static void a_failure_ends_it_at_any_block(void **state)
{
	start(COAP_PUT, BODY_LEN);
	go_on(COAP_CONTINUE, 0, 6);
	fixture_end(&f, CTL_OP_TIMEOUT);
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.outcome.result, CTL_OP_TIMEOUT);
}

static void without_memory_for_the_next_block_it_ends(void **state)
{
	start(COAP_PUT, BODY_LEN);
	f.out_of_memory = true;
	go_on(COAP_CONTINUE, 0, 6);
	assert_ended(COAP_CONTINUE, "out of memory");
}

static void a_cancelled_transfer_is_silent(void **state)
{
	struct ctl_transfer *transfer = start(COAP_GET, 0);

	piece(0, NULL);
	ctl_transfer_cancel(transfer);
	assert_int_equal(f.cancelled, 1);
	assert_int_equal(ended.count, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_fits_goes_in_one_message),
		T(a_large_body_goes_in_blocks),
		T(a_success_before_the_last_block_means_go_on),
		T(a_smaller_size_is_followed_from_where_the_body_is),
		T(a_block_that_is_too_large_is_sent_smaller_from_the_start),
		T(a_whole_body_that_is_too_large_is_sent_in_blocks),
		T(what_the_device_lost_is_sent_again_once),
		T(an_error_ends_it_at_any_block),
		T(an_acknowledgement_of_another_block_ends_it),
		T(a_large_answer_is_fetched),
		T(an_answer_of_one_block_is_whole),
		T(a_large_answer_to_a_fetch_repeats_its_body),
		T(a_large_answer_to_a_post_is_fetched_without_its_body),
		T(an_answer_that_changes_meanwhile_is_fetched_anew_once),
		T(an_answer_that_the_device_forgot_is_fetched_anew),
		T(blocks_that_do_not_fit_together_are_an_error),
		T(a_first_block_that_is_not_the_first_is_an_error),
		T(a_block_of_another_size_is_an_error),
		T(an_answer_beyond_the_limit_is_an_error),
		T(an_answer_that_says_it_is_beyond_the_limit_is_not_fetched),
		T(a_device_that_wants_an_echo_gets_it_once),
		T(an_observation_keeps_its_token_to_the_first_block),
		T(the_rest_of_a_notification_is_fetched),
		T(a_failure_ends_it_at_any_block),
		T(without_memory_for_the_next_block_it_ends),
		T(a_cancelled_transfer_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
