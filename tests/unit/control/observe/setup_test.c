// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Observations from the REST API and from the configuration, and what becomes of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/link/link.h"
#include "control/rest/http.h"
#include "control/rest/resources.h"
#include "lwm2m/coap/msg.h"
#include "tests/unit/control/observe/rig.h"

#define TEXT 0
#define JSON 110

#define CONTENT_95                                                                                 \
	"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,"          \
	"\"content\":{\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\",\"value\":\"95\"}" \
	"}"

static struct ctl_resp resp;
static struct ctl_req req;
static bool answered;
static char *observe_paths[] = {"/3303", "/4/0"};

static int setup(void **state)
{
	rig_start(NULL, 0);
	return 0;
}

static int teardown(void **state)
{
	rig_stop();
	return 0;
}

static void on_done(struct ctl_resp *r)
{
	answered = true;
}

static bool is_answered(void *arg)
{
	return answered;
}

// path: "3/0/9"; query: "active" or "paths=/3/0/9,/1/0/1".
static void call(ctl_handler_t handler, const char *path, const char *query)
{
	static char segments[64], name[64];
	char *value;
	int rc;

	ctl_resp_clear(&resp);
	resp = (struct ctl_resp){.done = on_done};
	req = (struct ctl_req){.ctl = &rig.gw.ctl, .args = {{"dev", 3}}, .args_count = 1};
	snprintf(segments, sizeof(segments), "%s", path);
	for (char *s = strtok(segments, "/"); s != NULL; s = strtok(NULL, "/"))
		req.args[req.args_count++] = (struct ctl_text){s, strlen(s)};
	snprintf(name, sizeof(name), "%s", query);
	if (name[0] != '\0') {
		value = strchr(name, '=');
		if (value != NULL)
			*value++ = '\0';
		req.query[0].name = (struct ctl_text){name, strlen(name)};
		req.query[0].value = (struct ctl_text){value, value != NULL ? strlen(value) : 0};
		req.query_count = 1;
	}
	answered = false;
	rc = handler(&req, &resp);
	answered = rc == 0;
	assert_true(rc == 0 || rc == CTL_RESP_LATER);
}

static void assert_answer(unsigned status, const char *body)
{
	rig_run_until(is_answered);
	assert_int_equal(resp.status, status);
	assert_int_equal(resp.body_len, strlen(body));
	if (resp.body_len > 0)
		assert_memory_equal(resp.body, body, resp.body_len);
	ctl_resp_clear(&resp);
}

static struct ctl_observation *only(void)
{
	struct ctl_observation *first = ctl_observations_of(rig.gw.ctl.observations, rig_device());

	assert_non_null(first);
	assert_null(first->next);
	return first;
}

static void notify(uint64_t token, int32_t sequence, const char *text)
{
	union device_event event;

	rig_promise(&event, device_notify(&event, rig_device()->record->location, token,
					  COAP_CONTENT, sequence, TEXT, text, strlen(text)));
}

static void assert_request(uint8_t code, uint32_t observe)
{
	struct coap_msg msg;
	struct coap_opt opt;
	uint32_t value;

	assert_int_equal(coap_msg_parse(&msg, rig.dp.request_coap, rig.dp.request_coap_len),
			 COAP_OK);
	assert_int_equal(msg.code, code);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_OBSERVE, &opt));
	assert_true(coap_opt_uint(&opt, &value));
	assert_int_equal(value, observe);
}

static void observe_9(void)
{
	call(ctl_observe_post, "3/0/9", "");
	rig_run_until(rig_is_asked);
	assert_request(COAP_GET, 0);
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 5, TEXT, "95");
	assert_answer(200, CONTENT_95);
}

static void an_observation_is_on_disk_when_the_client_is_told(void **state)
{
	uint64_t token;

	observe_9();
	token = only()->token;
	assert_true(BRIDGE_TOKEN_OBSERVES(token));
	assert_int_equal(token, rig.dp.request_token);
	rig_restart();
	assert_int_equal(only()->token, token);
	assert_int_equal(only()->state, CTL_OBSERVATION_ACTIVE);
	assert_int_equal(rig.dp.requests, 0);
	notify(token, 1, "96");
	assert_non_null(strstr(rig.heard, "\"96\""));
}

static void a_notification_that_overtakes_the_answer_is_taken(void **state)
{
	call(ctl_observe_post, "3/0/9", "");
	rig_run_until(rig_is_asked);
	notify(rig.dp.request_token, 6, "96");
	assert_non_null(strstr(rig.heard, "\"96\""));
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 5, TEXT, "95");
	assert_answer(200, CONTENT_95);
	assert_int_equal(only()->sequence, 6);
	rig_assert_rejected(0, 0, 0);
}

static void
an_observation_agreed_to_after_the_client_left_is_listed_and_can_be_cancelled(void **state)
{
	char expected[256];
	uint64_t token;

	call(ctl_observe_post, "3/0/9", "");
	rig_run_until(rig_is_asked);
	token = rig.dp.request_token;
	rig_respond(BRIDGE_TIMEOUT, 0, -1, -1, "");
	assert_answer(504, "Request timeout");
	notify(token, 5, "95"); // the answer, to nobody's request any more
	assert_non_null(strstr(rig.heard, "\"95\""));
	assert_int_equal(only()->state, CTL_OBSERVATION_ACTIVE);
	rig_restart();
	snprintf(expected, sizeof(expected),
		 "[{\"paths\":[\"/3/0/9\"],\"composite\":false,\"state\":\"active\","
		 "\"automatic\":false,\"since\":%llu}]",
		 (unsigned long long)only()->since_ms);
	call(ctl_observations_get, "", "");
	assert_answer(200, expected);
	call(ctl_observe_delete, "3/0/9", "");
	assert_answer(200, "");
	notify(token, 6, "96");
	rig_assert_rejected(1, 0, 0);
}

static void one_that_nobody_agreed_to_in_time_is_gone(void **state)
{
	call(ctl_observe_post, "3/0/9", "");
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_TIMEOUT, 0, -1, -1, "");
	assert_answer(504, "Request timeout");
	only()->until_ms = 0;
	call(ctl_observations_get, "", "");
	assert_answer(200, "[]");
	notify(rig.dp.request_token, 5, "95");
	rig_assert_rejected(1, 0, 0);
	rig_assert_heard("");
}

static void a_device_that_does_not_observe_is_not_observed(void **state)
{
	call(ctl_observe_post, "3/0/9", "");
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, -1, TEXT, "95");
	assert_answer(200, CONTENT_95);
	rig_restart();
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
}

static void an_error_leaves_nothing_behind(void **state)
{
	call(ctl_observe_post, "3/0/9", "");
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_ANSWERED, COAP_NOT_FOUND, -1, -1, "");
	assert_answer(200, "{\"status\":\"NOT_FOUND(404)\",\"valid\":true,\"success\":false,"
			   "\"failure\":true}");
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
}

static void observing_again_takes_a_new_token_and_forgets_the_old_one(void **state)
{
	uint64_t token;

	observe_9();
	token = only()->token;
	observe_9();
	assert_int_not_equal(only()->token, token);
	notify(token, 7, "1");
	rig_assert_rejected(1, 0, 0);
	rig_restart();
	assert_int_not_equal(only()->token, token);
}

static void
passive_cancellation_is_answered_at_once_and_the_next_notification_gets_rst(void **state)
{
	uint64_t token;

	observe_9();
	token = only()->token;
	call(ctl_observe_delete, "3/0/9", "");
	assert_answer(200, "");
	assert_null(resp.content_type);
	notify(token, 7, "1");
	rig_assert_rejected(1, 0, 0);
	call(ctl_observe_delete, "3/0/9", ""); // there is none: the same
	assert_answer(200, "");
	rig_restart();
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
}

static void active_cancellation_uses_the_token_and_tells_the_value(void **state)
{
	uint64_t token;

	observe_9();
	token = only()->token;
	call(ctl_observe_delete, "3/0/9", "active");
	rig_run_until(rig_is_asked);
	assert_request(COAP_GET, 1);
	assert_int_equal(rig.dp.request_token, token);
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, -1, TEXT, "95");
	assert_answer(200, CONTENT_95);
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
	rig_restart();
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
	call(ctl_observe_delete, "3/0/9", "active");
	assert_answer(404, "no observation for path /3/0/9 for  client 'dev'");
}

static void a_cancellation_that_the_device_does_not_answer_changes_nothing(void **state)
{
	observe_9();
	call(ctl_observe_delete, "3/0/9", "active");
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_TIMEOUT, 0, -1, -1, "");
	assert_answer(504, "Request timeout");
	notify(only()->token, 7, "1");
	rig_assert_rejected(0, 0, 0);
}

static void composites_are_observed_and_cancelled(void **state)
{
	static const char payload[] = "[{\"n\":\"/3/0/9\",\"v\":50}]";
	union device_event event;

	call(ctl_observe_composite_post, "", "paths=/3/0/9,/1/0/1");
	rig_run_until(rig_is_asked);
	assert_request(COAP_FETCH, 0);
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 5, JSON, payload);
	rig_run_until(is_answered);
	assert_int_equal(resp.status, 200);
	assert_true(only()->composite);
	rig_promise(&event, device_notify(&event, RIG_LOCATION, only()->token, COAP_CONTENT, 6,
					  JSON, payload, strlen(payload)));
	assert_non_null(strstr(rig.heard, "\"paths\":[\"/3/0/9\",\"/1/0/1\"]"));
	call(ctl_observe_composite_delete, "", "paths=/1/0/1,/3/0/9"); // in any order
	assert_answer(200, "");
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
	call(ctl_observe_composite_delete, "", "paths=/1/0/1,/3/0/9");
	assert_answer(200, "");
	req.query[1].name = (struct ctl_text){"active", 6};
	req.query_count = 2;
	answered = ctl_observe_composite_delete(&req, &resp) == 0;
	assert_answer(404, "no composite observation for paths [/1/0/1, /3/0/9] for  client 'dev'");
}

static void what_is_observed_is_listed(void **state)
{
	char expected[256];

	call(ctl_observations_get, "", "");
	assert_answer(200, "[]");
	observe_9();
	snprintf(expected, sizeof(expected),
		 "[{\"paths\":[\"/3/0/9\"],\"composite\":false,\"state\":\"active\","
		 "\"automatic\":false,\"since\":%llu}]",
		 (unsigned long long)only()->since_ms);
	call(ctl_observations_get, "", "");
	assert_answer(200, expected);
}

static void register_again(unsigned n)
{
	union device_event event;

	rig_promise(&event, device_register(&event, DEVICE_LOCATION(256 * n + 3),
					    "ep=dev&lwm2m=1.1&lt=300", "</3/0>,</3303/0>"));
}

static void a_device_that_registers_again_is_observed_again(void **state)
{
	uint64_t token;

	observe_9();
	token = only()->token;
	register_again(1);
	rig_run_until(rig_is_asked);
	assert_int_equal(rig.dp.request_location, DEVICE_LOCATION(256 + 3));
	assert_int_not_equal(rig.dp.request_token, token);
	token = rig.dp.request_token;
	assert_int_equal(BRIDGE_TOKEN_CHECK(token), 7); // of its new location
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 1, TEXT, "95");
	notify(token, 2, "96");
	assert_int_equal(only()->state, CTL_OBSERVATION_ACTIVE);
	rig_restart();
	assert_int_equal(only()->token, token);
	assert_int_equal(only()->state, CTL_OBSERVATION_ACTIVE);
}

static bool is_wanted(void *arg)
{
	return only()->state == CTL_OBSERVATION_WANTED;
}

static void touch(void)
{
	union device_event event = {.touch = {.location = rig_device()->record->location,
					      .wall_ms = rig_device()->seen_ms + 30000,
					      .peer = rig_device()->record->peer}};

	event.record.type = BRIDGE_EV_TOUCH;
	assert_true(fake_send(&rig.dp, 1, &event, sizeof(event.touch)));
}

static void who_does_not_answer_is_asked_again_when_it_is_heard(void **state)
{
	observe_9();
	register_again(1);
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_TIMEOUT, 0, -1, -1, "");
	rig_run_until(is_wanted);
	assert_false(rig_is_asked(NULL));
	touch();
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_ANSWERED, COAP_NOT_FOUND, -1, -1, "");
	rig_run_until(is_wanted);
	assert_true(only()->refused); // and does not want to be asked again
	touch();
	register_again(2);
	rig_run_until(rig_is_asked);
	assert_int_equal(rig.dp.request_location, DEVICE_LOCATION(512 + 3));
}

static void what_is_wanted_is_still_wanted_after_a_restart(void **state)
{
	observe_9();
	register_again(1);
	rig_run_until(rig_is_asked);
	rig_restart();
	assert_int_equal(only()->state, CTL_OBSERVATION_WANTED);
	touch();
	rig_run_until(rig_is_asked);
}

static void a_device_that_registers_again_while_it_is_asked_is_asked_anew(void **state)
{
	observe_9();
	register_again(1);
	rig_run_until(rig_is_asked);
	rig.answered = rig.dp.requests;
	register_again(2);
	rig_run_until(rig_is_asked);
	assert_int_equal(rig.dp.request_location, DEVICE_LOCATION(512 + 3));
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 1, TEXT, "95");
	notify(rig.dp.request_token, 2, "96");
	assert_int_equal(only()->state, CTL_OBSERVATION_ACTIVE);
}

static void what_is_configured_is_observed_on_who_has_it(void **state)
{
	static const char payload[] = "[{\"n\":\"/3303/0/5700\",\"v\":20.5}]";

	rig.gw.cfg.lwm2m.observe = observe_paths;
	rig.gw.cfg.lwm2m.observe_count = 2;
	rig_restart();
	assert_int_equal(rig.dp.requests, 0); // nobody registered
	register_again(1);
	rig_run_until(rig_is_asked);
	assert_request(COAP_GET, 0);
	rig_respond(BRIDGE_ANSWERED, COAP_CONTENT, 1, JSON, payload);
	call(ctl_observations_get, "", "");
	notify(rig.dp.request_token, 2, "x"); // whatever it says, it is taken
	assert_int_equal(only()->state, CTL_OBSERVATION_ACTIVE);
	assert_true(only()->automatic);
	assert_int_equal(rig.dp.requests, 1);
	register_again(2);
	rig_run_until(rig_is_asked);
	rig_respond(BRIDGE_ANSWERED, COAP_METHOD_NOT_ALLOWED, -1, -1, "");
	rig_run_until(is_wanted);
	assert_true(only()->refused);
	// No longer configured: gone with the next registration.
	rig.gw.cfg.lwm2m.observe_count = 0;
	rig_restart();
	register_again(3);
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_observation_is_on_disk_when_the_client_is_told),
		TEST(a_notification_that_overtakes_the_answer_is_taken),
		TEST(an_observation_agreed_to_after_the_client_left_is_listed_and_can_be_cancelled),
		TEST(one_that_nobody_agreed_to_in_time_is_gone),
		TEST(a_device_that_does_not_observe_is_not_observed),
		TEST(an_error_leaves_nothing_behind),
		TEST(observing_again_takes_a_new_token_and_forgets_the_old_one),
		TEST(passive_cancellation_is_answered_at_once_and_the_next_notification_gets_rst),
		TEST(active_cancellation_uses_the_token_and_tells_the_value),
		TEST(a_cancellation_that_the_device_does_not_answer_changes_nothing),
		TEST(composites_are_observed_and_cancelled),
		TEST(what_is_observed_is_listed),
		TEST(a_device_that_registers_again_is_observed_again),
		TEST(who_does_not_answer_is_asked_again_when_it_is_heard),
		TEST(what_is_wanted_is_still_wanted_after_a_restart),
		TEST(a_device_that_registers_again_while_it_is_asked_is_asked_anew),
		TEST(what_is_configured_is_observed_on_who_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
