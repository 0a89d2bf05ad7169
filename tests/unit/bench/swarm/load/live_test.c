// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Devices that number their messages, and the journal of what became of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/load/result.h"
#include "tests/unit/bench/swarm/load/rig.h"

static char *text;
static size_t text_len;

static void living_devices(uint32_t devices, const char *line)
{
	rig_with_devices(devices);
	t.sc.phases[0].kind = PHASE_LIVE;
	swarm_free(t.swarm);
	t.swarm = swarm_new(&t.sc, &t.port, HZ);
	assert_non_null(t.swarm);
	t.swarm->live->journal = open_memstream(&text, &text_len);
	rig_begin(line);
}

static int teardown(void **state)
{
	fclose(t.swarm->live->journal);
	free(text);
	return rig_teardown(state);
}

// The last lines of the journal are these, without time and duration.
static void assert_journal(const char *const *lines, unsigned n)
{
	char *at = text, *end;

	fflush(t.swarm->live->journal);
	at = text;
	for (unsigned i = 0; i < n; i++) {
		double wall, took;
		int skip = 0;
		assert_int_equal(sscanf(at, "%lf %lf %n", &wall, &took, &skip), 2);
		assert_true(wall > 1e9 && took >= 0);
		end = strchr(at, '\n');
		assert_non_null(end);
		*end = 0;
		assert_string_equal(at + skip, lines[i]);
		at = end + 1;
	}
	assert_int_equal(*at, 0);
}

static void accept_register(unsigned i, const char *id)
{
	rig_queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = id});
	rig_poll_after(0);
}

// Whatever the device does next is told apart by its code and path.
static void accept(unsigned i)
{
	struct coap_msg msg = rig_sent(i);
	bool leaves = msg.code == COAP_DELETE;

	rig_queue_reply(
		i, (struct reply){.type = COAP_ACK, .code = leaves ? COAP_DELETED : COAP_CHANGED});
	rig_poll_after(0);
}

static void a_device_registers_by_itself_and_numbers_what_it_says(void **state)
{
	const char *const journal[] = {
		"ack register swarm-0000 1 first ",
		"ack leave swarm-0000 2 first ",
		"ack register swarm-0000 3 second ",
	};

	living_devices(1, "live rounds=3 window=1 leave=100%");
	rig_poll_after(0);
	assert_int_equal(rig_sent(0).code, COAP_POST);
	assert_non_null(memmem(t.sent[0].bytes, t.sent[0].len, "lt=86401", 8));
	accept_register(0, "first");
	assert_int_equal(rig_sent(1).code, COAP_DELETE);
	accept(1);
	assert_non_null(memmem(t.sent[2].bytes, t.sent[2].len, "lt=86403", 8));
	accept_register(2, "second");
	assert_true(swarm_is_done(t.swarm));
	assert_true(rig_ok());
	assert_journal(journal, 3);
}

static void without_an_observation_it_updates_and_sends(void **state)
{
	unsigned updates = 0, sends = 0;

	living_devices(1, "live rounds=100 window=1");
	rig_poll_after(0);
	accept_register(0, "id");
	for (unsigned i = 1; i < 100; i++) {
		char lifetime[24];
		struct coap_msg msg = rig_sent(i);
		struct coap_opt opt;
		snprintf(lifetime, sizeof(lifetime), "lt=%u", 86400 + i + 1);
		assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_PATH, &opt));
		if (opt.len == 2 && memcmp(opt.value, "dp", 2) == 0) {
			sends++;
		} else {
			assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_QUERY, &opt));
			assert_int_equal(opt.len, strlen(lifetime));
			assert_memory_equal(opt.value, lifetime, opt.len);
			updates++;
		}
		accept(i);
	}
	assert_true(swarm_is_done(t.swarm));
	assert_true(updates > 10 && sends > 10);
}

static void a_lost_message_is_sent_again_in_the_same_bytes_and_then_another_one(void **state)
{
	living_devices(1, "live rounds=2 window=1");
	rig_poll_after(0);
	accept_register(0, "id");
	rig_poll_after(2 * HZ);
	rig_poll_after(4 * HZ);
	assert_int_equal(t.sent_n, 4);
	assert_int_equal(t.sent[1].len, t.sent[3].len);
	assert_memory_equal(t.sent[1].bytes, t.sent[3].bytes, t.sent[1].len);
	rig_poll_after(8 * HZ);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.lost, 1);
	assert_int_equal(t.swarm->counters.missing, 0);
	assert_true(rig_ok());
	fflush(t.swarm->live->journal);
	assert_non_null(strstr(text, " lost "));
}

static void a_device_that_may_be_registered_or_not_registers(void **state)
{
	const char *const journal[] = {"lost register swarm-0000 1 - "};

	living_devices(1, "live rounds=2 window=1");
	rig_poll_after(0);
	rig_poll_after(2 * HZ);
	rig_poll_after(4 * HZ);
	assert_int_equal(t.sent_n, 3);
	rig_poll_after(8 * HZ);
	assert_int_equal(t.sent_n, 4);
	assert_non_null(memmem(t.sent[3].bytes, t.sent[3].len, "lt=86402", 8));
	assert_journal(journal, 1);
}

static void after_5_03_a_device_rests_no_longer_than_the_scenario_says(void **state)
{
	const char *const journal[] = {"refused register swarm-0000 1 - "};

	living_devices(1, "live rounds=2 window=1 rest=3");
	rig_poll_after(0);
	rig_queue_reply(
		0,
		(struct reply){.type = COAP_ACK, .code = COAP_SERVICE_UNAVAILABLE, .max_age = 30});
	rig_poll_after(0);
	assert_int_equal(t.sent_n, 1);
	assert_journal(journal, 1);
	rig_poll_after(3 * HZ);
	assert_int_equal(t.sent_n, 2);
	assert_non_null(memmem(t.sent[1].bytes, t.sent[1].len, "lt=86402", 8));
}

static void an_unknown_registration_is_an_error_of_the_gateway(void **state)
{
	const char *const journal[] = {"ack register swarm-0000 1 id ",
				       "wrong leave swarm-0000 2 id code 4.xx"};

	living_devices(1, "live rounds=2 window=1 leave=100%");
	rig_poll_after(0);
	accept_register(0, "id");
	rig_queue_reply(1, (struct reply){.type = COAP_ACK, .code = COAP_NOT_FOUND});
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
	assert_false(rig_ok());
	assert_journal(journal, 2);
}

static void not_found_to_a_repeated_farewell_says_that_the_first_was_heard(void **state)
{
	const char *const journal[] = {"ack register swarm-0000 1 id ",
				       "lost leave swarm-0000 2 id "};

	living_devices(1, "live rounds=2 window=1 leave=100%");
	rig_poll_after(0);
	accept_register(0, "id");
	rig_poll_after(2 * HZ);
	rig_queue_reply(2, (struct reply){.type = COAP_ACK, .code = COAP_NOT_FOUND});
	rig_poll_after(0);
	assert_true(rig_ok());
	assert_journal(journal, 2);
}

static void a_doubled_datagram_is_sent_after_the_answer_and_not_waited_for(void **state)
{
	living_devices(1, "live rounds=1 window=1 duplicates=100%");
	rig_poll_after(0);
	accept_register(0, "id");
	assert_int_equal(t.sent_n, 2);
	assert_memory_equal(t.sent[0].bytes, t.sent[1].bytes, t.sent[0].len);
	assert_true(swarm_is_done(t.swarm));
	accept_register(0, "other");
	assert_int_equal(t.swarm->counters.strays, 1);
	assert_true(rig_ok());
}

static void observe(uint8_t token)
{
	const uint8_t bytes[] = {0x41, COAP_GET, 0, token, token, 0x60, 0x54, '3', '3', '0', '3'};
	struct datagram *d = &t.queued[t.queued_n++];

	d->device = 0;
	d->len = sizeof(bytes);
	memcpy(d->bytes, bytes, sizeof(bytes));
}

// Lets the device go on until it notifies. Returns which datagram that is.
static unsigned until_it_notifies(void)
{
	for (unsigned i = t.sent_n - 1;; i++) {
		assert_in_range(i, 0, t.sent_n - 1);
		if (rig_sent(i).code == COAP_CONTENT && rig_sent(i).type == COAP_CON)
			return i;
		accept(i);
	}
}

static void a_notification_bears_the_number_and_reset_ends_the_run_well_or_not(void **state)
{
	living_devices(1, "live seconds=3600 window=1");
	rig_poll_after(0);
	observe('a');
	accept_register(0, "id");
	t.sent[1] = t.sent[--t.sent_n]; // the answer to the Observe goes
	unsigned at = until_it_notifies();
	double value = t.swarm->live->devices[0].number;
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	bits = __builtin_bswap64(bits);
	assert_memory_equal(t.sent[at].bytes + t.sent[at].len - 8, &bits, 8);

	// Another observation has taken the place of the one that it was sent for.
	observe('b');
	rig_poll_after(0);
	rig_queue_reply(at, (struct reply){.type = COAP_RST, .no_token = true});
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 0);
	t.sent[at + 1] = t.sent[--t.sent_n]; // the answer to the Observe goes
	t.sent_n = at + 2;
	at = until_it_notifies();
	rig_queue_reply(at, (struct reply){.type = COAP_ACK, .no_token = true});
	rig_poll_after(0);
	assert_true(t.swarm->live->devices[0].heard);
	at = until_it_notifies();
	rig_queue_reply(at, (struct reply){.type = COAP_RST, .no_token = true});
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
}

static void an_observation_that_the_gateway_forgot_before_it_was_used_ends_with_reset(void **state)
{
	living_devices(1, "live seconds=3600 window=1");
	rig_poll_after(0);
	observe('a');
	accept_register(0, "id");
	t.sent[1] = t.sent[--t.sent_n]; // the answer to the Observe goes
	unsigned at = until_it_notifies();
	rig_queue_reply(at, (struct reply){.type = COAP_RST, .no_token = true});
	rig_poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 0);
	assert_int_equal(t.swarm->watched, 0);
	assert_int_equal(t.swarm->watches[0].token_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
		TEST(a_device_registers_by_itself_and_numbers_what_it_says),
		TEST(without_an_observation_it_updates_and_sends),
		TEST(a_lost_message_is_sent_again_in_the_same_bytes_and_then_another_one),
		TEST(a_device_that_may_be_registered_or_not_registers),
		TEST(after_5_03_a_device_rests_no_longer_than_the_scenario_says),
		TEST(an_unknown_registration_is_an_error_of_the_gateway),
		TEST(not_found_to_a_repeated_farewell_says_that_the_first_was_heard),
		TEST(a_doubled_datagram_is_sent_after_the_answer_and_not_waited_for),
		TEST(a_notification_bears_the_number_and_reset_ends_the_run_well_or_not),
		TEST(an_observation_that_the_gateway_forgot_before_it_was_used_ends_with_reset),
#undef TEST
	};
	return cmocka_run_group_tests(tests, rig_start, rig_stop);
}
