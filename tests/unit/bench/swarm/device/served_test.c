// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/bench/swarm/device/rig.h"

static void a_repeated_request_gets_the_same_answer_and_is_done_once(void **state)
{
	struct rig *rig = *state;
	struct rig_request req = {.code = COAP_POST, .path = "/3442/0/0"};
	uint8_t first[DEVICE_DATAGRAM_MAX];
	assert_int_equal(rig_ask(rig, &req), COAP_CHANGED);
	size_t len = rig->sent_len[0];
	memcpy(first, rig->sent[0], len);
	req.again = true;
	rig_wait(rig, 246 * (uint64_t)SECOND);
	assert_int_equal(rig_ask(rig, &req), COAP_CHANGED);
	assert_int_equal(rig->sent_len[0], len);
	assert_memory_equal(rig->sent[0], first, len);
	assert_int_equal(rig->counters.executes, 1);
	assert_int_equal(rig->counters.duplicates, 1);
}

static void after_exchange_lifetime_it_is_a_new_request(void **state)
{
	struct rig *rig = *state;
	struct rig_request req = {.code = COAP_POST, .path = "/3442/0/0"};
	assert_int_equal(rig_ask(rig, &req), COAP_CHANGED);
	rig_wait(rig, 248 * (uint64_t)SECOND);
	req.again = true;
	assert_int_equal(rig_ask(rig, &req), COAP_CHANGED);
	assert_int_equal(rig->counters.executes, 2);
}

static void a_repeated_non_confirmable_request_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct rig_request req = {.code = COAP_POST, .path = "/3442/0/0", .non = true};
	assert_int_equal(rig_ask(rig, &req), COAP_CHANGED);
	assert_int_equal(rig->msg.type, COAP_NON);
	req.again = true;
	assert_int_equal(rig_ask(rig, &req), 0);
	assert_int_equal(rig->counters.executes, 1);
}

static void a_separate_response_follows_the_empty_ack(void **state)
{
	struct rig *rig = *state;
	struct rig_request req = {.code = COAP_POST, .path = "/3442/0/0", .token = 5};
	rig->config.separate_ms = 500;
	assert_int_equal(rig_ask(rig, &req), COAP_EMPTY);
	assert_int_equal(rig->msg.type, COAP_ACK);
	req.again = true;
	assert_int_equal(rig_ask(rig, &req), COAP_EMPTY);
	rig_forget(rig);
	rig_wait(rig, SECOND);
	assert_int_equal(rig->sent_count, 1);
	assert_int_equal(rig->msg.type, COAP_CON);
	assert_int_equal(rig->msg.code, COAP_CHANGED);
	assert_int_equal(rig->msg.token[0], 5);
	rig_wait(rig, 3 * SECOND);
	assert_int_equal(rig->sent_count, 2);
	rig_empty(rig, COAP_ACK, rig->msg.mid);
	rig_forget(rig);
	rig_wait(rig, 20 * SECOND);
	assert_int_equal(rig->sent_count, 0);
	assert_int_equal(rig->counters.executes, 1);
}

static void unknown_critical_options_are_4_02(void **state)
{
	struct rig *rig = *state;
	struct rig_request req = {.code = COAP_GET, .path = "/3/0/9", .options = {{2049, 1}}};
	assert_int_equal(rig_ask(rig, &req), COAP_BAD_OPTION);
	req.options[0].number = 2048;
	assert_int_equal(rig_ask(rig, &req), COAP_CONTENT);
}

static void a_ping_is_answered_with_reset(void **state)
{
	struct rig *rig = *state;
	rig_empty(rig, COAP_CON, 77);
	assert_int_equal(rig->msg.type, COAP_RST);
	assert_int_equal(rig->msg.mid, 77);
}

static void a_sleeping_device_hears_nothing_until_it_speaks(void **state)
{
	struct rig *rig = *state;
	rig->config.queue_mode = true;
	rig->config.awake_s = 10;
	rig->config.lifetime_s = 60;
	rig_restart(rig);
	assert_int_equal(rig_get(rig, "/3/0/9", 0), COAP_CONTENT);
	rig_wait(rig, 9 * SECOND);
	assert_int_equal(rig_get(rig, "/3/0/9", 0), COAP_CONTENT);
	rig_wait(rig, 10 * SECOND);
	assert_true(rig_told(rig, "asleep"));
	assert_int_equal(rig_get(rig, "/3/0/9", 0), 0);
	assert_true(rig_told(rig, "dropped"));
	rig_wait(rig, 12 * SECOND); // the Update
	assert_true(rig_told(rig, "awake"));
	rig_answer(rig, COAP_CHANGED, 0, NULL, 0);
	assert_int_equal(rig_get(rig, "/3/0/9", 0), COAP_CONTENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_repeated_request_gets_the_same_answer_and_is_done_once),
		T(after_exchange_lifetime_it_is_a_new_request),
		T(a_repeated_non_confirmable_request_is_dropped),
		T(a_separate_response_follows_the_empty_ack),
		T(unknown_critical_options_are_4_02),
		T(a_ping_is_answered_with_reset),
		T(a_sleeping_device_hears_nothing_until_it_speaks),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
