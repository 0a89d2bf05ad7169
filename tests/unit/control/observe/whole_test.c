// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Notifications of which only the first block came.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/link/link.h"
#include "control/metrics.h"
#include "control/store/outbox.h"
#include "lwm2m/coap/block.h"
#include "tests/unit/control/observe/rig.h"

#define TEXT 0
#define JSON 110

#define FIRST  "0123456789abcdef"
#define SECOND "ghijklmnopqrstuv"
#define LAST   "wxyz"

static const char *const paths[] = {"/3/0/9", "/3/0/0", "/3/0/0,/1/0/1"};

static int setup(void **state)
{
	rig_start(paths, 3);
	rig.gw.cfg.lwm2m.body_max = 4096;
	return 0;
}

static int setup_with_backends(void **state)
{
	setup(state);
	gateway_backend(&rig.gw, "one", "http://127.0.0.1:9/");
	rig.gw.backends[0].raw = true;
	rig_restart();
	return 0;
}

static int teardown(void **state)
{
	rig_stop();
	return 0;
}

struct block {
	int32_t sequence; // -1: without the Observe option
	int32_t num;      // of 16 bytes; -1: without Block2
	bool more;
	uint8_t code; // 0: 2.05
	int32_t format;
	const char *etag;
	const char *payload;
};

static uint32_t block_write(uint8_t *to, size_t cap, uint8_t type, uint64_t token,
			    const struct block *block)
{
	struct coap_block b = {.num = (uint32_t)block->num, .more = block->more, .szx = 0};
	uint64_t token_be = __builtin_bswap64(token);
	struct coap_writer w;

	coap_write_begin(&w, to, cap, type, block->code == 0 ? COAP_CONTENT : block->code, 1,
			 &token_be, sizeof(token_be));
	if (block->etag != NULL)
		coap_write_opt(&w, COAP_OPT_ETAG, block->etag, strlen(block->etag));
	if (block->sequence >= 0)
		coap_write_opt_uint(&w, COAP_OPT_OBSERVE, (uint32_t)block->sequence);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)block->format);
	if (block->num >= 0)
		coap_write_block(&w, COAP_OPT_BLOCK2, &b);
	coap_write_payload(&w, block->payload, strlen(block->payload));
	return (uint32_t)coap_write_finish(&w);
}

static void notify_at(uint64_t location, uint64_t token, const struct block *block)
{
	union device_event event = {.ev = {.location = location, .wall_ms = DEVICE_WALL_MS}};

	event.record.type = BRIDGE_EV_NOTIFY;
	event.ev.coap_len = block_write(event.ev.coap, 1024, COAP_CON, token, block);
	rig_promise(&event, (uint32_t)sizeof(event.ev) + event.ev.coap_len);
}

static void notify(unsigned number, const struct block *block)
{
	notify_at(RIG_LOCATION, rig_token(number), block);
}

static void notify_first(unsigned number, int32_t sequence)
{
	notify(number, &(struct block){.sequence = sequence, .more = true, .payload = FIRST});
}

static void respond(uint32_t result, const struct block *block)
{
	union device_event event = {.response = {.location = rig.dp.request_location,
						 .request_id = rig.dp.request_id,
						 .result = result}};

	event.record.type = BRIDGE_EV_RESPONSE;
	if (result == BRIDGE_ANSWERED)
		event.response.coap_len = block_write(event.response.coap, 1024, COAP_ACK,
						      rig.dp.request_token, block);
	rig.answered = rig.dp.requests;
	assert_true(fake_send(&rig.dp,
			      BRIDGE_LOCATION_VSHARD(rig.dp.request_location) % FAKE_WORKERS,
			      &event, (uint32_t)sizeof(event.response) + event.response.coap_len));
}

// The request is for that block (-1: for the whole), under a token of its own.
static void assert_asked(uint8_t code, int32_t num)
{
	struct coap_block block;
	struct coap_msg msg;
	struct coap_opt opt;

	rig_run_until(rig_is_asked);
	assert_int_equal(coap_msg_parse(&msg, rig.dp.request_coap, rig.dp.request_coap_len),
			 COAP_OK);
	assert_int_equal(msg.code, code);
	assert_false(coap_msg_find_opt(&msg, COAP_OPT_OBSERVE, &opt));
	assert_int_equal(coap_block_find(&msg, COAP_OPT_BLOCK2, &block, NULL), num >= 0);
	if (num >= 0)
		assert_int_equal(block.num, num);
	assert_false(BRIDGE_TOKEN_OBSERVES(rig.dp.request_token));
}

static void answer(int32_t num, bool more, const char *payload)
{
	respond(BRIDGE_ANSWERED,
		&(struct block){.sequence = -1, .num = num, .more = more, .payload = payload});
}

static bool is_heard(void *arg)
{
	return rig.heard[0] != '\0';
}

static void assert_told(const char *text)
{
	rig_run_until(is_heard);
	assert_non_null(strstr(rig.heard, text));
	assert_ptr_equal(strchr(rig.heard, '\n'), rig.heard + strlen(rig.heard) - 1); // once
	rig.heard[0] = '\0';
}

static void fetch_all(void)
{
	assert_asked(COAP_GET, 1);
	answer(1, true, SECOND);
	assert_asked(COAP_GET, 2);
	answer(2, false, LAST);
}

static bool is_marked(unsigned number)
{
	return ctl_observation_by_token(rig.gw.ctl.observations, rig_device(), rig_token(number))
		       ->partial != CTL_OBSERVATION_WHOLE;
}

static bool on_entry(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	if (view->record != NULL)
		return true;
	assert_int_equal(view->data.raw_len, 36);
	assert_memory_equal(view->raw, FIRST SECOND LAST, 36);
	(*(unsigned *)arg)++;
	return true;
}

static void the_rest_is_fetched_and_the_whole_is_one_event(void **state)
{
	unsigned entries = 0;

	notify_first(1, 5); // acknowledged when this returns
	rig_assert_heard("");
	rig_assert_rejected(0, 0, 0);
	assert_true(is_marked(1));
	fetch_all();
	assert_told("\"res\":\"/3/0/0\",\"val\":{\"kind\":\"singleResource\",\"id\":0,\"type\":"
		    "\"STRING\",\"value\":\"" FIRST SECOND LAST "\"}");
	assert_false(is_marked(1));
	assert_int_equal(ctl_outbox_read(rig.gw.ctl.store, 0, on_entry, &entries), 0);
	assert_int_equal(entries, 1);
	rig_restart();
	assert_int_equal(rig.dp.requests, 0);
}

static void of_a_composite_the_paths_are_asked_for_again(void **state)
{
	notify(2, &(struct block){.sequence = 5,
				  .more = true,
				  .format = JSON,
				  .payload = "[{\"n\":\"/3/0/0\", "});
	assert_asked(COAP_FETCH, 1);
	respond(BRIDGE_ANSWERED,
		&(struct block){
			.sequence = -1, .num = 1, .format = JSON, .payload = "\"vs\":\"me\"}]"});
	assert_told("\"value\":\"me\"},\"/1/0/1\":null},\"paths\":[\"/3/0/0\",\"/1/0/1\"]");
}

static void a_newer_notification_takes_its_place(void **state)
{
	uint64_t before = ctl_counters.notifications_superseded;

	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	notify(1, &(struct block){.sequence = 6, .num = -1, .payload = "short"});
	assert_told("\"value\":\"short\"");
	assert_false(is_marked(1));
	notify_first(1, 7);
	assert_asked(COAP_GET, 1);
	rig.answered = rig.dp.requests;
	notify_first(1, 8);
	assert_int_equal(ctl_counters.notifications_superseded, before + 2);
	fetch_all();
	assert_told("\"value\":\"" FIRST SECOND LAST "\"");
	notify_first(1, 10);
	assert_asked(COAP_GET, 1);
	notify_first(1, 9); // overtaken
	answer(1, false, LAST);
	assert_told("\"value\":\"" FIRST LAST "\"");
}

static void two_paths_are_fetched_one_after_the_other(void **state)
{
	notify_first(1, 5);
	notify(0, &(struct block){.sequence = 5, .more = true, .payload = "0000000000000000"});
	assert_asked(COAP_GET, 1);
	fetch_all();
	assert_told("\"res\":\"/3/0/0\"");
	assert_asked(COAP_GET, 1);
	answer(1, false, "7");
	assert_told("\"res\":\"/3/0/9\"");
}

static void what_changed_meanwhile_is_fetched_from_its_beginning(void **state)
{
	notify(1, &(struct block){.sequence = 5, .more = true, .etag = "a", .payload = FIRST});
	assert_asked(COAP_GET, 1);
	respond(BRIDGE_ANSWERED,
		&(struct block){.sequence = -1, .num = 1, .etag = "b", .payload = LAST});
	assert_asked(COAP_GET, -1);
	answer(-1, false, "other");
	assert_told("\"value\":\"other\"");
}

static void what_cannot_be_fetched_is_told_with_its_first_block(void **state)
{
	uint64_t before = ctl_counters.notifications_undecodable;

	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	respond(BRIDGE_TIMEOUT, NULL);
	assert_told("\"res\":\"/3/0/0\",\"val\":null,\"error\":\"the device did not answer when "
		    "asked for the rest\",\"raw\":{\"contentFormat\":0,\"payload\":"
		    "\"MDEyMzQ1Njc4OWFiY2RlZg==\"}}");
	assert_false(is_marked(1));
	notify_first(1, 6);
	assert_asked(COAP_GET, 1);
	respond(BRIDGE_RESET, NULL);
	assert_told("\"error\":\"the device refused to be asked for the rest\"");
	notify_first(1, 7);
	assert_asked(COAP_GET, 1);
	answer(3, false, LAST);
	assert_told("\"error\":\"a block is not the one that was asked for\",\"raw\":{");
	notify_first(1, 8);
	for (int32_t num = 1; num >= -1; num -= 2) { // the rest, then all of it
		assert_asked(COAP_GET, num);
		respond(BRIDGE_ANSWERED,
			&(struct block){
				.sequence = -1, .num = -1, .code = COAP_NOT_FOUND, .payload = ""});
	}
	assert_told("\"error\":\"NOT_FOUND(404)\",\"raw\":{");
	assert_int_equal(ctl_counters.notifications_undecodable, before + 4);
}

static void no_more_is_taken_than_the_limit(void **state)
{
	rig.gw.cfg.lwm2m.body_max = 40;
	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	answer(1, true, SECOND);
	assert_asked(COAP_GET, 2);
	answer(2, true, FIRST);
	assert_told("\"error\":\"body is larger than lwm2m.body_max\",\"raw\":{");
}

static void of_a_device_that_leaves_it_is_told_first(void **state)
{
	union device_event event;

	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	rig_promise(&event, device_deregister(&event, RIG_LOCATION));
	assert_told("\"error\":\"the device left before the rest was fetched\",\"raw\":{");
}

static void of_a_device_that_expires_too(void **state)
{
	union device_event event;

	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	device_deregister(&event, RIG_LOCATION);
	event.record.type = BRIDGE_EV_EXPIRE;
	event.ev.coap_len = 0;
	rig_promise(&event, sizeof(event.ev));
	assert_told("\"error\":\"the device left before the rest was fetched\"");
	rig_restart();
	rig_promise(&event, device_register(&event, DEVICE_LOCATION(256 + 3),
					    "ep=dev&lwm2m=1.1&lt=300", "</3/0>"));
	for (struct ctl_observation *o = ctl_observations_of(rig.gw.ctl.observations, rig_device());
	     o != NULL; o = o->next)
		assert_int_equal(o->partial, CTL_OBSERVATION_WHOLE);
}

static void a_device_that_registers_anew_is_asked_on(void **state)
{
	union device_event event;

	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	rig.answered = rig.dp.requests;
	rig_promise(&event, device_register(&event, DEVICE_LOCATION(256 + 3),
					    "ep=dev&lwm2m=1.1&lt=300", "</3/0>"));
	assert_asked(COAP_GET, 1);
	assert_int_equal(rig.dp.request_location, DEVICE_LOCATION(256 + 3));
	answer(1, false, LAST);
	assert_told("\"value\":\"" FIRST LAST "\"");
}

static void the_last_one_ends_the_observation_when_it_is_told(void **state)
{
	notify_first(1, -1);
	assert_true(is_marked(1));
	fetch_all();
	assert_told("\"value\":\"" FIRST SECOND LAST "\"");
	notify(1, &(struct block){.sequence = 9, .num = -1, .payload = "1"});
	rig_assert_rejected(1, 0, 0);
	rig_restart();
	assert_null(ctl_observation_by_token(rig.gw.ctl.observations, rig_device(), rig_token(1)));
}

static void what_came_before_a_cancellation_is_still_told(void **state)
{
	static const struct lwm2m_path path = {.ids = {3, 0, 0}, .depth = 3};

	notify_first(1, 5);
	assert_int_equal(ctl_observe_forget(&rig.gw.ctl, rig_device(), &path, 1, false), 0);
	fetch_all();
	assert_told("\"value\":\"" FIRST SECOND LAST "\"");
}

static bool is_ready(void *arg)
{
	return fake_is_ready(&rig.dp) && ctl_link_state(rig.gw.ctl.link) == CTL_LINK_READY;
}

static void when_the_dataplane_comes_back_it_is_fetched_from_its_beginning(void **state)
{
	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	rig.answered = rig.dp.requests;
	fake_hang_up(&rig.dp);
	rig.dp.restore_ends = 0;
	rig_run_until(is_ready);
	assert_asked(COAP_GET, -1);
	answer(0, true, SECOND);
	assert_asked(COAP_GET, 1);
	answer(1, false, LAST);
	assert_told("\"value\":\"" SECOND LAST "\"");
}

static void after_a_restart_it_is_fetched_from_its_beginning(void **state)
{
	notify_first(1, 5);
	assert_asked(COAP_GET, 1);
	rig_restart();
	assert_asked(COAP_GET, -1);
	assert_true(is_marked(1));
	respond(BRIDGE_TIMEOUT, NULL);
	assert_told(
		"\"val\":null,\"error\":\"the device did not answer when asked for the rest\"}");
	assert_false(is_marked(1));
}

static int setup_in_queue_mode(void **state)
{
	rig_start(paths + 1, 1);
	rig.gw.cfg.lwm2m.body_max = 4096;
	return 0;
}

static void a_device_that_sleeps_after_a_restart_is_asked_when_it_wakes(void **state)
{
	uint64_t location = DEVICE_LOCATION(256 + 3);
	union device_event event;

	rig_promise(&event,
		    device_register(&event, location, "ep=dev&lwm2m=1.1&lt=300&Q", "</3/0>"));
	assert_true(rig_device()->record->queue_mode);
	rig_run_until(rig_is_asked); // to be observed again
	respond(BRIDGE_ANSWERED, &(struct block){.sequence = 1, .num = -1, .payload = "1"});
	notify_at(location, rig.dp.request_token,
		  &(struct block){.sequence = 5, .more = true, .payload = FIRST});
	assert_asked(COAP_GET, 1);
	rig_restart();
	assert_false(rig_is_asked(NULL));
	rig_promise(&event, device_update(&event, location, "lt=60", NULL));
	assert_asked(COAP_GET, -1);
	answer(-1, false, LAST);
	assert_told("\"value\":\"" LAST "\"");
}

int main(void)
{
#define TEST(name)          cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_BACKENDS(name) cmocka_unit_test_setup_teardown(name, setup_with_backends, teardown)
	const struct CMUnitTest tests[] = {
		TEST_BACKENDS(the_rest_is_fetched_and_the_whole_is_one_event),
		TEST(of_a_composite_the_paths_are_asked_for_again),
		TEST(a_newer_notification_takes_its_place),
		TEST(two_paths_are_fetched_one_after_the_other),
		TEST(what_changed_meanwhile_is_fetched_from_its_beginning),
		TEST(what_cannot_be_fetched_is_told_with_its_first_block),
		TEST(no_more_is_taken_than_the_limit),
		TEST(of_a_device_that_leaves_it_is_told_first),
		TEST(of_a_device_that_expires_too),
		TEST(a_device_that_registers_anew_is_asked_on),
		TEST(the_last_one_ends_the_observation_when_it_is_told),
		TEST(what_came_before_a_cancellation_is_still_told),
		TEST(when_the_dataplane_comes_back_it_is_fetched_from_its_beginning),
		TEST(after_a_restart_it_is_fetched_from_its_beginning),
		cmocka_unit_test_setup_teardown(
			a_device_that_sleeps_after_a_restart_is_asked_when_it_wakes,
			setup_in_queue_mode, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
