// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/registration_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/json/json_text.h"
#include "control/json/links_json.h"
#include "tests/unit/control/rest/captures.h"
#include "tests/unit/control/rest/fixture.h"

static void assert_json(json_t *json, const char *expected)
{
	char *text;

	assert_non_null(json);
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
	assert_string_equal(text, expected);
	free(text);
}

// One member of a registration's JSON.
static void assert_member(struct ctl_record *record, const char *key, const char *expected)
{
	json_t *json = ctl_registration_json(record, 2000, false);

	assert_json(json_incref(json_object_get(json, key)), expected);
	json_decref(json);
	free(record);
}

static void recorded_clients_look_as_leshan_shows_them(void **state)
{
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		struct ctl_record *record = fixture_capture(&captures[i]);

		assert_json(ctl_registration_json(record, captures[i].updated_ms, false),
			    captures[i].json);
		free(record);
	}
}

static void links_are_sorted_with_numbers_as_numbers(void **state)
{
	static const char links[] =
		"</10/0>,</3303/1>,</3>;ver=1.1,</3303/0>,</3/0>,</>;rt=\"oma.lwm2m\"";

	assert_json(
		ctl_links_json(links, sizeof(links) - 1),
		"[{\"url\":\"/\",\"attributes\":{\"rt\":\"\\\"oma.lwm2m\\\"\"}},"
		"{\"url\":\"/3\",\"attributes\":{\"ver\":\"1.1\"}},"
		"{\"url\":\"/3/0\",\"attributes\":{}},{\"url\":\"/10/0\",\"attributes\":{}},"
		"{\"url\":\"/3303/0\",\"attributes\":{}},{\"url\":\"/3303/1\",\"attributes\":{}}]");
}

static void an_attribute_without_value_is_null(void **state)
{
	static const char links[] = "</3/0>;obs";

	assert_json(ctl_links_json(links, sizeof(links) - 1),
		    "[{\"url\":\"/3/0\",\"attributes\":{\"obs\":null}}]");
}

static void instances_are_in_order_and_listed_once(void **state)
{
	static const char links[] = "</3303/10>,</3303/2>,</3303/2>,</1/0>,</5>,</3/0/1>,</x/0>";

	assert_json(ctl_links_instances_json(links, sizeof(links) - 1),
		    "{\"1\":[0],\"3303\":[2,10]}");
}

static void an_alternate_path_is_the_root_of_instances(void **state)
{
	static const char links[] = "</lwm2m>;rt=\"oma.lwm2m\";ct=112,</lwm2m/3/0>,</3303/0>";

	assert_json(ctl_links_instances_json(links, sizeof(links) - 1), "{\"3\":[0]}");
	assert_member(fixture_record("a", "", links, 1), "rootPath", "\"/lwm2m/\"");
}

static void the_root_is_a_slash_without_a_root_link(void **state)
{
	assert_member(fixture_record("a", "", "</3/0>", 1), "rootPath", "\"/\"");
}

static void a_one_dot_zero_queue_mode_client_has_q_in_its_binding(void **state)
{
	assert_member(fixture_record("a", "lwm2m=1.0&b=UQ", "</3/0>", 1), "bindingMode", "\"UQ\"");
	assert_member(fixture_record("a", "lwm2m=1.0&b=UQ", "</3/0>", 1), "lwM2mVersion",
		      "\"1.0\"");
}

static void the_sms_number_is_shown_when_there_is_one(void **state)
{
	assert_member(fixture_record("a", "sms=%2B123", "</3/0>", 1), "smsNumber", "\"%2B123\"");
}

static void unknown_parameters_are_additional_attributes(void **state)
{
	assert_member(fixture_record("a", "x=1=2&flag", "</3/0>", 1),
		      "additionalRegistrationAttributes", "{\"x\":\"1=2\",\"flag\":null}");
}

static void an_ipv6_address_is_in_brackets(void **state)
{
	struct ctl_record *record = fixture_record("a", "", "</3/0>", 1);

	memcpy(record->peer.addr, (const uint8_t[16]){0x20, 0x01, 0x0d, 0xb8, [15] = 1}, 16);
	assert_member(record, "address", "\"[2001:db8::1]:5683\"");
}

static void a_registration_over_dtls_is_secure_and_so_is_its_update(void **state)
{
	struct ctl_record *record = fixture_record("a", "", "</3/0>", 1);

	record->secure = 1;
	assert_json(ctl_update_json(record, 0, false),
		    "{\"registrationId\":\"AAAAAAAAB\",\"address\":\"10.0.0.1:5683\","
		    "\"secure\":true,\"additionalAttributes\":{}}");
	assert_member(record, "secure", "true");
}

static void an_update_tells_only_what_it_carried(void **state)
{
	struct ctl_record *record = fixture_record("a", "b=UT", "</3/0>", 1);

	assert_json(ctl_update_json(record, 0, false),
		    "{\"registrationId\":\"AAAAAAAAB\",\"address\":\"10.0.0.1:5683\","
		    "\"secure\":false,\"additionalAttributes\":{}}");
	assert_json(ctl_update_json(record, LWM2M_PARAM_LT | LWM2M_PARAM_BINDING, true),
		    "{\"registrationId\":\"AAAAAAAAB\",\"address\":\"10.0.0.1:5683\","
		    "\"lifetime\":60,\"bindingMode\":\"UT\",\"alternatePath\":\"/\","
		    "\"objectLinks\":[{\"url\":\"/3/0\",\"attributes\":{}}],"
		    "\"secure\":false,\"additionalAttributes\":{}}");
	free(record);
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
	assert_json(json_text("a\xff\xc3\xa9\xe0\x80z", 7), "\"a\uFFFD\u00e9\uFFFD\uFFFDz\"");
	assert_json(json_text("\xed\xa0\x80\xf4\x90", 5), "\"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\"");
	assert_json(json_text("\xf0\x9f\x98\x80", 4), "\"\U0001F600\"");
	assert_json(json_text("", 0), "\"\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_clients_look_as_leshan_shows_them),
		cmocka_unit_test(links_are_sorted_with_numbers_as_numbers),
		cmocka_unit_test(an_attribute_without_value_is_null),
		cmocka_unit_test(instances_are_in_order_and_listed_once),
		cmocka_unit_test(an_alternate_path_is_the_root_of_instances),
		cmocka_unit_test(the_root_is_a_slash_without_a_root_link),
		cmocka_unit_test(a_one_dot_zero_queue_mode_client_has_q_in_its_binding),
		cmocka_unit_test(the_sms_number_is_shown_when_there_is_one),
		cmocka_unit_test(unknown_parameters_are_additional_attributes),
		cmocka_unit_test(an_ipv6_address_is_in_brackets),
		cmocka_unit_test(a_registration_over_dtls_is_secure_and_so_is_its_update),
		cmocka_unit_test(an_update_tells_only_what_it_carried),
		cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
