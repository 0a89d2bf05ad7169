// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A fleet that is observed and reports.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/bench/swarm/load/rig.h"

static void queue_bytes(uint32_t device, const void *bytes, size_t len)
{
	struct datagram *d = &t.queued[t.queued_n++];

	d->device = device;
	d->len = (uint16_t)len;
	memcpy(d->bytes, bytes, len);
}

static const uint8_t observe[] = {0x41, COAP_GET, 0, 9, 't', 0x60, 0x54, '3', '3', '0', '3'};

static void observed_devices(uint32_t devices)
{
	rig_with_devices(devices);
	t.swarm->watches = calloc(devices, sizeof(*t.swarm->watches));
	rig_register_all();
	rig_begin("observe seconds=10");
	for (uint32_t i = 0; i < devices; i++)
		queue_bytes(i, observe, sizeof(observe));
	rig_poll_after(0);
	t.sent_n = 0;
}

static void an_observe_phase_ends_when_all_are_observed_or_says_who_is_not(void **state)
{
	observed_devices(3);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.observed, 3);
	assert_true(rig_ok());
	t.swarm->watches[1].token_len = 0;
	t.swarm->watched--;
	rig_begin("observe seconds=10");
	rig_poll_after(0);
	assert_false(swarm_is_done(t.swarm));
	rig_poll_after(10 * HZ);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.missing, 1);
}

static void a_notification_is_answered_by_the_empty_ack_and_repeated_without(void **state)
{
	observed_devices(1);
	rig_begin("notify con");
	rig_poll_after(0);
	struct coap_msg first = rig_sent(0);
	assert_int_equal(first.type, COAP_CON);
	assert_int_equal(first.code, COAP_CONTENT);
	rig_poll_after(2 * HZ);
	assert_int_equal(t.sent_n, 2);
	assert_memory_equal(t.sent[0].bytes, t.sent[1].bytes, t.sent[0].len);
	rig_queue_reply(0, (struct reply){.type = COAP_ACK, .no_token = true});
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, 1);
	assert_int_equal(t.swarm->latency.count, 1);
	assert_true(rig_ok());
}

static void notifications_without_ack_are_refused_by_reset(void **state)
{
	observed_devices(2);
	rig_begin("notify non");
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 2);
	assert_int_equal(rig_sent(0).type, COAP_NON);
	assert_true(swarm_is_done(t.swarm));
	rig_queue_reply(0, (struct reply){.type = COAP_RST, .no_token = true});
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
}

static void a_device_that_can_be_observed_can_be_read(void **state)
{
	static const uint8_t read[] = {0x41, COAP_GET, 0, 9, 't', 0xb4, '3', '3', '0', '3'};
	static const uint8_t write[] = {0x41, COAP_PUT, 0, 10, 't', 0xb4, '3', '3', '0', '3'};

	observed_devices(1);
	rig_begin("pause seconds=10");
	queue_bytes(0, read, sizeof(read));
	queue_bytes(0, write, sizeof(write));
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 2);
	struct coap_msg answer = rig_sent(0);
	struct coap_opt opt;
	assert_int_equal(answer.type, COAP_ACK);
	assert_int_equal(answer.code, COAP_CONTENT);
	assert_false(coap_msg_find_opt(&answer, COAP_OPT_OBSERVE, &opt));
	assert_true(answer.payload_len > 0);
	assert_int_equal(rig_sent(1).code, COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(t.swarm->counters.read, 1);
	assert_int_equal(t.swarm->counters.asked, 1);
	assert_int_equal(t.swarm->watches[0].token_len, 1); // observed as before
}

static void a_send_is_answered_as_an_update_is(void **state)
{
	rig_with_devices(1);
	rig_register_all();
	rig_begin("send");
	rig_poll_after(0);
	assert_int_equal(rig_sent(0).code, COAP_POST);
	rig_queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, 1);
	assert_true(rig_ok());
}

static void a_new_registration_begins_unobserved(void **state)
{
	observed_devices(1);
	rig_begin("reboot");
	rig_poll_after(0);
	assert_int_equal(t.swarm->watched, 0);
	rig_queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = "new"});
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, rig_teardown)
		TEST(an_observe_phase_ends_when_all_are_observed_or_says_who_is_not),
		TEST(a_notification_is_answered_by_the_empty_ack_and_repeated_without),
		TEST(notifications_without_ack_are_refused_by_reset),
		TEST(a_device_that_can_be_observed_can_be_read),
		TEST(a_send_is_answered_as_an_update_is),
		TEST(a_new_registration_begins_unobserved),
#undef TEST
	};
	return cmocka_run_group_tests(tests, rig_start, rig_stop);
}
