// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Notifications, from the ring to the event and the outbox.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "control/metrics.h"
#include "control/store/outbox.h"
#include "lwm2m/coap/msg.h"
#include "tests/unit/control/observe/rig.h"

#define TEXT 0
#define TLV  11542
#define JSON 110

static const char *const paths[] = {"/3/0/9", "/3/0", "/3/0/9,/1/0/1", "/3303/0/5700"};

static char outbox[8192]; // data of what back ends get, each on its line

static int setup(void **state)
{
	rig_start(paths, 4);
	return 0;
}

static int setup_with_backends(void **state)
{
	rig_start(paths, 4);
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

static bool on_entry(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	size_t len = strlen(outbox);

	if (view->record != NULL)
		return true;
	sprintf(outbox + len, "%.*s raw=%u/%u:%.*s\n", (int)view->data.json_len, view->json,
		view->data.raw_len, view->data.format, (int)view->data.raw_len,
		(const char *)view->raw);
	return true;
}

static void assert_outbox(const char *expected)
{
	outbox[0] = '\0';
	assert_int_equal(ctl_outbox_read(rig.gw.ctl.store, 0, on_entry, NULL), 0);
	assert_string_equal(outbox, expected);
}

static void a_value_is_decoded_and_told(void **state)
{
	rig_notify(0, COAP_CONTENT, 5, TEXT, "95", 2);
	rig_assert_heard("{\"ep\":\"dev\",\"kind\":\"single\",\"res\":\"/3/0/9\",\"val\":{"
			 "\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\",\"value\":"
			 "\"95\"}}\n");
	rig_notify(0, COAP_CONTENT, 6, -1, "96", 2); // text is what nothing said means
	assert_non_null(strstr(rig.heard, "\"96\""));
	rig_assert_rejected(0, 0, 0);
}

static void an_instance_is_told_with_its_resources(void **state)
{
	// As Wakaama sends it: 13 = 3162835669.
	rig_notify(1, COAP_CONTENT, 5, TLV, "\xc8\x0d\x08\0\0\0\0\xbc\x85\x0a\xd5", 11);
	rig_assert_heard("{\"ep\":\"dev\",\"kind\":\"single\",\"res\":\"/3/0\",\"val\":{\"kind\":"
			 "\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":13,"
			 "\"type\":\"TIME\",\"value\":3162835669000}],\"id\":0}}\n");
}

static void a_composite_has_every_path_that_was_asked_for(void **state)
{
	static const char payload[] = "[{\"n\":\"/3/0/9\",\"v\":50}]";

	rig_notify(2, COAP_CONTENT, 5, JSON, payload, strlen(payload));
	rig_assert_heard("{\"ep\":\"dev\",\"kind\":\"composite\",\"val\":{\"/3/0/9\":{\"kind\":"
			 "\"singleResource\",\"id\":9,\"type\":\"INTEGER\",\"value\":\"50\"},"
			 "\"/1/0/1\":null},\"paths\":[\"/3/0/9\",\"/1/0/1\"]}\n");
}

static void what_nobody_observes_gets_rst(void **state)
{
	union device_event event;
	uint64_t before = ctl_counters.notifications_unknown;

	rig_notify(77, COAP_CONTENT, 5, TEXT, "1", 1);
	rig_assert_rejected(1, 0, 0);
	rig_promise(&event, device_notify(&event, DEVICE_LOCATION(900),
					  BRIDGE_OBSERVE_TOKEN(DEVICE_LOCATION(900), 0),
					  COAP_CONTENT, 1, TEXT, "1", 1));
	rig_assert_rejected(2, 0, 0);
	rig_assert_heard("");
	assert_int_equal(ctl_counters.notifications_unknown, before + 2);
}

static void one_that_was_overtaken_is_acknowledged_and_not_told(void **state)
{
	uint64_t before = ctl_counters.notifications_stale;

	rig_notify(0, COAP_CONTENT, 5, TEXT, "5", 1);
	rig_notify(0, COAP_CONTENT, 7, TEXT, "7", 1);
	rig.heard[0] = '\0';
	rig_notify(0, COAP_CONTENT, 6, TEXT, "6", 1);
	rig_assert_heard("");
	rig_assert_rejected(0, 0, 0);
	assert_int_equal(ctl_counters.notifications_stale, before + 1);
	rig_notify(0, COAP_CONTENT, 7, TEXT, "77", 2);
	assert_non_null(strstr(rig.heard, "\"77\""));
	rig_notify(0, COAP_CONTENT, 8, TEXT, "8", 1);
	assert_non_null(strstr(rig.heard, "\"8\""));
}

static void a_late_one_counts_again_after_128_seconds(void **state)
{
	union device_event event;
	uint32_t len;

	rig_notify(0, COAP_CONTENT, 7, TEXT, "7", 1);
	rig.heard[0] = '\0';
	len = device_notify(&event, RIG_LOCATION, rig_token(0), COAP_CONTENT, 6, TEXT, "6", 1);
	event.ev.wall_ms += 128001;
	rig_promise(&event, len);
	assert_non_null(strstr(rig.heard, "\"6\""));
}

static void what_cannot_be_decoded_is_told_with_its_bytes(void **state)
{
	uint64_t before = ctl_counters.notifications_undecodable;

	rig_notify(1, COAP_CONTENT, 5, TLV, "\xc8\x0d\xff", 3);
	assert_non_null(strstr(rig.heard, "\"val\":null,\"error\":\""));
	assert_non_null(
		strstr(rig.heard, "\"raw\":{\"contentFormat\":11542,\"payload\":\"yA3/\"}}"));
	rig.heard[0] = '\0';
	rig_notify(2, COAP_CONTENT, 5, TLV, "\xc8", 1); // no pack
	assert_non_null(strstr(rig.heard, "\"val\":null,\"error\":\""));
	rig.heard[0] = '\0';
	rig_notify(1, COAP_CONTENT, 6, -1, "1", 1); // an instance in no format
	assert_non_null(strstr(rig.heard, "\"raw\":{\"contentFormat\":null,\"payload\":\"MQ==\"}"));
	rig_assert_rejected(0, 0, 0);
	assert_int_equal(ctl_counters.notifications_undecodable, before + 3);
}

static void an_error_ends_the_observation_on_disk_too(void **state)
{
	rig_notify(0, COAP_NOT_FOUND, -1, -1, NULL, 0);
	rig_assert_heard("{\"ep\":\"dev\",\"kind\":\"single\",\"res\":\"/3/0/9\",\"val\":null,"
			 "\"error\":\"NOT_FOUND(404)\"}\n");
	rig_assert_rejected(0, 0, 0);
	rig_notify(0, COAP_CONTENT, 5, TEXT, "1", 1);
	rig_assert_rejected(1, 0, 0);
	rig_restart();
	assert_null(ctl_observation_by_token(rig.gw.ctl.observations, rig_device(), rig_token(0)));
	assert_non_null(
		ctl_observation_by_token(rig.gw.ctl.observations, rig_device(), rig_token(1)));
}

static void a_success_without_the_option_is_the_last_one(void **state)
{
	rig_notify(0, COAP_CONTENT, -1, TEXT, "95", 2);
	assert_non_null(strstr(rig.heard, "\"95\""));
	rig_notify(0, COAP_CONTENT, 5, TEXT, "96", 2);
	rig_assert_rejected(1, 0, 0);
}

static void tokens_are_known_after_a_restart(void **state)
{
	rig_notify(0, COAP_CONTENT, 1000, TEXT, "1", 1);
	rig_restart();
	assert_int_equal(rig.dp.requests, 0); // nothing needs to be said to the device
	rig_notify(0, COAP_CONTENT, 3, TEXT, "2", 1);
	assert_non_null(strstr(rig.heard, "\"2\""));
	rig_assert_rejected(0, 0, 0);
}

static void a_device_that_registered_anew_has_other_tokens(void **state)
{
	union device_event event;

	rig_promise(&event, device_register(&event, DEVICE_LOCATION(256 + 3),
					    "ep=dev&lwm2m=1.1&lt=300", "</3/0>"));
	rig_notify(0, COAP_CONTENT, 5, TEXT, "1", 1);
	rig_assert_rejected(1, 0, 0);
	for (struct ctl_observation *o = ctl_observations_of(rig.gw.ctl.observations, rig_device());
	     o != NULL; o = o->next)
		assert_int_not_equal(o->state, CTL_OBSERVATION_ACTIVE);
}

static void a_device_that_deregisters_is_observed_no_more(void **state)
{
	union device_event event;

	rig_promise(&event, device_deregister(&event, RIG_LOCATION));
	rig_promise(&event, device_register(&event, DEVICE_LOCATION(256 + 3),
					    "ep=dev&lwm2m=1.1&lt=300", "</3/0>"));
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
	rig_restart();
	assert_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
}

static void one_that_expired_is_still_wanted_when_it_comes_back(void **state)
{
	union device_event event;

	device_deregister(&event, RIG_LOCATION);
	event.record.type = BRIDGE_EV_EXPIRE;
	event.ev.coap_len = 0;
	rig_promise(&event, sizeof(event.ev));
	rig_restart();
	rig_promise(&event, device_register(&event, DEVICE_LOCATION(256 + 3),
					    "ep=dev&lwm2m=1.1&lt=300", "</3/0>"));
	assert_non_null(ctl_observations_of(rig.gw.ctl.observations, rig_device()));
}

static void requests_and_rubbish_are_no_notifications(void **state)
{
	uint64_t before = ctl_counters.bridge_errors;
	union device_event event;
	uint32_t len;

	rig_notify(0, COAP_GET, 5, -1, NULL, 0);
	rig_assert_rejected(1, COAP_INTERNAL_SERVER_ERROR, 0);
	len = device_notify(&event, RIG_LOCATION, rig_token(0), COAP_CONTENT, 5, TEXT, "1", 1);
	event.ev.coap_len = 3;
	rig_promise(&event, len);
	rig_assert_rejected(2, COAP_INTERNAL_SERVER_ERROR, 0);
	assert_int_equal(ctl_counters.bridge_errors, before + 2);
	rig_assert_heard("");
}

static void back_ends_get_the_registration_and_the_payload_besides(void **state)
{
	char location[10], expected[512];

	ctl_location_text(RIG_LOCATION, location);
	rig_notify(0, COAP_CONTENT, 5, TEXT, "95", 2);
	snprintf(expected, sizeof(expected),
		 "{\"ep\":\"dev\",\"kind\":\"single\",\"res\":\"/3/0/9\",\"val\":{\"kind\":"
		 "\"singleResource\",\"id\":9,\"type\":\"INTEGER\",\"value\":\"95\"},"
		 "\"registrationId\":\"%s\"} raw=2/0:95\n",
		 location);
	assert_outbox(expected);
}

static void values_with_times_are_told_each_with_its_own(void **state)
{
	static const char payload[] = "[{\"bn\":\"/3303/0/5700\",\"bt\":1795000000,\"v\":20.5},"
				      "{\"t\":10,\"v\":21.5},{\"t\":5,\"v\":19.5}]";
	json_t *data;

	rig_notify(3, COAP_CONTENT, 5, JSON, payload, strlen(payload));
	rig_assert_heard("{\"ep\":\"dev\",\"kind\":\"single\",\"res\":\"/3303/0/5700\",\"val\":{"
			 "\"kind\":\"singleResource\",\"id\":5700,\"type\":\"FLOAT\",\"value\":"
			 "\"21.5\"}}\n");
	outbox[0] = '\0';
	assert_int_equal(ctl_outbox_read(rig.gw.ctl.store, 0, on_entry, NULL), 0);
	data = json_loads(outbox, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(data);
	const json_t *values = json_object_get(data, "values");
	assert_int_equal(json_array_size(values), 3);
	const json_t *second = json_array_get(values, 1);
	assert_string_equal(json_string_value(json_object_get(second, "path")), "/3303/0/5700");
	assert_string_equal(json_string_value(json_object_get(second, "time")),
			    "2026-11-18T11:06:50.000Z");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(second, "node"), "value")),
		"21.5");
	json_decref(data);
}

int main(void)
{
#define TEST(name)          cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_BACKENDS(name) cmocka_unit_test_setup_teardown(name, setup_with_backends, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_value_is_decoded_and_told),
		TEST(an_instance_is_told_with_its_resources),
		TEST(a_composite_has_every_path_that_was_asked_for),
		TEST(what_nobody_observes_gets_rst),
		TEST(one_that_was_overtaken_is_acknowledged_and_not_told),
		TEST(a_late_one_counts_again_after_128_seconds),
		TEST(what_cannot_be_decoded_is_told_with_its_bytes),
		TEST(an_error_ends_the_observation_on_disk_too),
		TEST(a_success_without_the_option_is_the_last_one),
		TEST(tokens_are_known_after_a_restart),
		TEST(a_device_that_registered_anew_has_other_tokens),
		TEST(a_device_that_deregisters_is_observed_no_more),
		TEST(one_that_expired_is_still_wanted_when_it_comes_back),
		TEST(requests_and_rubbish_are_no_notifications),
		TEST_BACKENDS(back_ends_get_the_registration_and_the_payload_besides),
		TEST_BACKENDS(values_with_times_are_told_each_with_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
