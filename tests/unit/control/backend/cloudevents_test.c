// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "control/backend/cloudevents.h"
#include "tests/unit/control/support/device.h"

static json_t *event_told(const struct ctl_outbox_view *view, bool raw)
{
	struct json_out out = {0};
	json_t *event;

	cloudevent_out(&out, "uuid", 42, view, raw);
	assert_false(out.failed);
	event = json_loadb(out.text, out.len, 0, NULL);
	assert_non_null(event);
	json_out_free(&out);
	return event;
}

static json_t *event_of(const struct ctl_outbox_entry *entry)
{
	struct ctl_record *record = device_record("dev", 1);
	struct ctl_outbox_view view = {
		.entry = *entry, .record = record, .endpoint = "dev", .endpoint_len = 3};
	json_t *event = event_told(&view, true);

	free(record);
	return event;
}

static void assert_text(const json_t *object, const char *name, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(object, name)), expected);
}

static void a_registration_has_every_attribute(void **state)
{
	struct ctl_outbox_entry entry = {.type = CTL_REGISTERED, .wall_ms = 1795000000007u};
	json_t *event = event_of(&entry);
	const json_t *data = json_object_get(event, "data");

	assert_text(event, "specversion", "1.0");
	assert_text(event, "id", "uuid-42");
	assert_text(event, "source", "/sluice");
	assert_text(event, "type", "sluice.registration");
	assert_text(event, "subject", "dev");
	assert_text(event, "time", "2026-11-18T11:06:40.007Z");
	assert_text(event, "datacontenttype", "application/json");
	assert_text(json_object_get(data, "registration"), "endpoint", "dev");
	assert_int_equal(json_object_size(data), 1);
	assert_int_equal(json_object_size(event), 8);
	json_decref(event);
}

static void an_update_says_what_it_changed(void **state)
{
	struct ctl_outbox_entry entry = {.type = CTL_UPDATED, .update_params = LWM2M_PARAM_LT};
	json_t *event = event_of(&entry);
	const json_t *data = json_object_get(event, "data");

	assert_text(event, "type", "sluice.update");
	assert_true(json_is_object(json_object_get(data, "registration")));
	assert_true(json_is_object(json_object_get(data, "update")));
	json_decref(event);
}

static void a_deregistration_says_why(void **state)
{
	static const char *const reasons[] = {"deregistered", "expired", "replaced"};

	for (uint8_t i = 0; i < 3; i++) {
		struct ctl_outbox_entry entry = {.type = CTL_DEREGISTERED, .reason = i};
		json_t *event = event_of(&entry);

		assert_text(event, "type", "sluice.deregistration");
		assert_text(json_object_get(event, "data"), "reason", reasons[i]);
		json_decref(event);
	}
}

static void a_notification_is_told_as_it_was_made_with_its_payload_for_who_wants_it(void **state)
{
	struct ctl_outbox_view view = {
		.entry = {.type = CTL_NOTIFICATION, .wall_ms = 1795000000007u},
		.data = {.endpoint_len = 4, .json_len = 13, .raw_len = 2, .format = 112},
		.endpoint = "d\"v\\",
		.endpoint_len = 4,
		.json = "{\"ep\":\"d\\\"v\"}",
		.raw = (const uint8_t *)"\x01\xff",
	};
	json_t *event = event_told(&view, false);

	assert_text(event, "type", "sluice.notification");
	assert_text(event, "subject", "d\"v\\");
	assert_text(event, "time", "2026-11-18T11:06:40.007Z");
	assert_int_equal(json_object_size(json_object_get(event, "data")), 1);
	json_decref(event);
	view.entry.type = CTL_SEND;
	event = event_told(&view, true);
	assert_text(event, "type", "sluice.send");
	const json_t *raw = json_object_get(json_object_get(event, "data"), "raw");
	assert_int_equal(json_integer_value(json_object_get(raw, "contentFormat")), 112);
	assert_text(raw, "payload", "Af8=");
	json_decref(event);
	view.data.format = CTL_OUTBOX_NO_FORMAT;
	event = event_told(&view, true);
	raw = json_object_get(json_object_get(event, "data"), "raw");
	assert_true(json_is_null(json_object_get(raw, "contentFormat")));
	json_decref(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_has_every_attribute),
		cmocka_unit_test(an_update_says_what_it_changed),
		cmocka_unit_test(a_deregistration_says_why),
		cmocka_unit_test(
			a_notification_is_told_as_it_was_made_with_its_payload_for_who_wants_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
