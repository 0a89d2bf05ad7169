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

static json_t *event_of(const struct ctl_outbox_entry *entry)
{
	struct ctl_record *record = device_record("dev", 1);
	char *text = cloudevent_text("uuid", 42, entry, record);
	json_t *event = json_loads(text, 0, NULL);

	assert_non_null(event);
	free(text);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_has_every_attribute),
		cmocka_unit_test(an_update_says_what_it_changed),
		cmocka_unit_test(a_deregistration_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
