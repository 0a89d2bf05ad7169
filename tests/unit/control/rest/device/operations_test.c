// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Everything that is asked of a device but Read: what the device gets, byte for byte as the
// reference server sent it where a capture has it, and what the client is told.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/control/rest/device/caller.h"

static struct fixture f;
static struct caller c;

static int setup(void **state)
{
	fixture_init(&f);
	f.cfg.lwm2m.queue_ttl_s = 100;
	// As Leshan's demo client registers, and Wakaama's two.
	fixture_register(&f, "le",
			 "</>;rt=\"oma.lwm2m\";ct=\"60 110 112 11542 11543\",</1/0>,</3>;ver=1.2,"
			 "</3/0>,</3303/0>,</3303/1>");
	fixture_register(&f, "wk", "</>;rt=\"oma.lwm2m\";ct=110,</1/0>,</3/0>");
	fixture_register(&f, "wkc", "</>;rt=\"oma.lwm2m\";ct=112,</1/0>,</3303/0>,</3303/1>");
	fixture_register(&f, "plain", "</1/0>,</3/0>");
	return 0;
}

static int teardown(void **state)
{
	caller_clear(&c);
	fixture_fini(&f);
	return 0;
}

static int call(const char *url, const char *body)
{
	return caller_call(&c, &f, url, body);
}

static void assert_sent(const char *hex)
{
	char text[2 * sizeof(f.sent) + 1];

	for (size_t i = 0; i < f.sent_len; i++)
		snprintf(text + 2 * i, 3, "%02x", f.sent[i]);
	assert_string_equal(text, hex);
}

// Asked, sent as that, answered with that, and told.
static void assert_exchange(const char *url, const char *body, const char *sent, const char *answer,
			    const char *told)
{
	assert_int_equal(call(url, body), CTL_RESP_LATER);
	assert_sent(sent);
	fixture_answer(&f, answer);
	assert_int_equal(c.done, 1);
	caller_assert(&c, 200, CTL_TYPE_JSON, told);
}

static void assert_refused(const char *url, const char *body, const char *text)
{
	assert_int_equal(call(url, body), 0);
	assert_int_equal(c.resp.status, 400);
	assert_string_equal(c.resp.body, text);
}

#define CHANGED "{\"status\":\"CHANGED(204)\",\"valid\":true,\"success\":true,\"failure\":false}"
#define FAILED(status, valid) \
	"{\"status\":\"" status "\",\"valid\":" valid ",\"success\":false,\"failure\":true}"

static void a_write_replaces(void **state)
{
	assert_exchange(
		"PUT /api/clients/le/1/0/1?timeout=3&replace=true",
		"{\"id\":1,\"kind\":\"singleResource\",\"value\":\"60\",\"type\":\"INTEGER\"}",
		"40030000b13101300131122d16ffc1013c", "60440001", CHANGED);
	assert_int_equal(f.timeout_ms, 3000);
}

static void a_write_without_replace_adds(void **state)
{
	assert_exchange("PUT /api/clients/le/1/0?timeout=3&replace=false",
			"{\"id\":0,\"kind\":\"instance\",\"resources\":[{\"id\":1,"
			"\"kind\":\"singleResource\",\"value\":\"90\",\"type\":\"INTEGER\"}]}",
			"40020000b1310130122d16ffc1015a", "60440001", CHANGED);
}

static void a_write_takes_the_format_it_is_told(void **state)
{
	assert_exchange(
		"PUT /api/clients/le/3/0/14?format=SENML_CBOR",
		"{\"id\":14,\"kind\":\"singleResource\",\"value\":\"+02\",\"type\":\"STRING\"}",
		"40030000b13301300231341170ff81a203632b303221672f332f302f3134", "60860001",
		FAILED("NOT_ACCEPTABLE(406)", "false"));
}

static void a_write_takes_the_format_that_the_device_has(void **state)
{
	static const struct {
		const char *endpoint, *options; // up to the payload
	} devices[] = {
		{"le", "122d16ff"},
		{"wk", "116eff"},
		{"wkc", "1170ff"},
		{"plain", "10ff"},
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		char url[64], expected[64], text[64];

		snprintf(url, sizeof(url), "PUT /api/clients/%s/1/0/1", devices[i].endpoint);
		assert_int_equal(call(url, "{\"value\":60}"), CTL_RESP_LATER);
		snprintf(expected, sizeof(expected), "40030000b13101300131%s", devices[i].options);
		for (size_t k = 0; k < strlen(expected) / 2; k++)
			snprintf(text + 2 * k, 3, "%02x", f.sent[k]);
		assert_string_equal(text, expected);
		fixture_end(&f, CTL_OP_TIMEOUT);
	}
}

static void a_write_of_a_resource_instance_goes_to_it(void **state)
{
	assert_int_equal(call("PUT /api/clients/plain/1/0/1/0?format=TEXT", "{\"value\":\"60\"}"),
			 CTL_RESP_LATER);
	assert_sent("40030000b131013001310130"
		    "10ff3630");
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void a_large_write_goes_in_blocks(void **state)
{
	char *body = malloc(5000);

	assert_non_null(body);
	memset(body, '0', 4999);
	memcpy(body, "{\"type\":\"OPAQUE\",\"value\":\"", 26);
	memcpy(body + 4997, "\"}", 3);
	body[4999] = '\0';
	memmove(body + 4996, "\"}", 3); // an even number of digits
	assert_int_equal(call("PUT /api/clients/le/5/0/0?format=OPAQUE", body), CTL_RESP_LATER);
	free(body);
	assert_true(f.sent_len > 1024 && f.sent_len < 1100);
	fixture_answer(&f, "605f0001d10e0e"); // 2.31 with Block1 0/1/1024
	assert_int_equal(f.requests, 2);
	fixture_end(&f, CTL_OP_TIMEOUT);
	caller_assert(&c, 504, NULL, "Request timeout");
}

static void what_cannot_be_written_is_refused(void **state)
{
	static const struct {
		const char *url, *body, *text;
	} cases[] = {
		{"PUT /api/clients/nobody/1/0", "{}", "No registered client with id 'nobody'"},
		{"PUT /api/clients/le/1", "{}", "Invalid request: /1 cannot be written"},
		{"PUT /api/clients/le/1/0/1", "[]", "Invalid request body: it is not an object"},
		{"PUT /api/clients/le/1/0/1", "{}",
		 "Invalid request body: /1/0/1 is of no known kind"},
		{"PUT /api/clients/le/1/0/1", "{\"kind\":\"instance\",\"resources\":[]}",
		 "Invalid request body: /1/0/1 is of another kind"},
		{"PUT /api/clients/le/1/0/1", "{\"id\":2,\"value\":1}",
		 "Invalid request body: /1/0/1 has another id"},
		{"PUT /api/clients/le/1/0/1", "{\"value\":\"x\"}",
		 "Invalid request body: /1/0/1 is not an integer"},
		{"PUT /api/clients/le/1/0/1", "{\"value\":1,\"type\":\"WORD\"}",
		 "Invalid request body: /1/0/1 has an unknown type"},
		{"PUT /api/clients/le/1/0/1?replace=false", "{\"value\":1}",
		 "Invalid request: only an object instance or a multiple resource can be written "
		 "with replace=false"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].url, cases[i].body, cases[i].text);
	assert_int_equal(call("PUT /api/clients/le/1/0/1", "{\"value\":"), 0);
	assert_int_equal(c.resp.status, 400);
	assert_memory_equal(c.resp.body, "Invalid request body: ", 22);
	assert_int_equal(f.requests, 0);
}

static void what_cannot_be_encoded_is_refused(void **state)
{
	assert_refused("PUT /api/clients/le/1/0/1", "{\"value\":true,\"type\":\"BOOLEAN\"}",
		       "Invalid request body: /1/0/1: value is not of the resource's type");
	f.cfg.lwm2m.body_max = 16;
	assert_refused("PUT /api/clients/le/3/0/15?format=TEXT",
		       "{\"value\":\"longer than sixteen bytes\"}",
		       "Invalid request body: payload is larger than there is room for");
	assert_refused("PUT /api/clients/le/composite",
		       "{\"/3/0/15\":{\"value\":\"longer than sixteen bytes\"}}",
		       "Invalid request body: payload is larger than there is room for");
}

static void an_execute_is_a_post(void **state)
{
	assert_exchange("POST /api/clients/le/1/0/8?timeout=3", NULL, "40020000b13101300138",
			"60440001", CHANGED);
}

static void the_arguments_of_an_execute_are_text(void **state)
{
	assert_exchange("POST /api/clients/le/3/0/5", "0='x'", "40020000b1330130013510ff303d277827",
			"60800001", FAILED("BAD_REQUEST(400)", "true"));
}

static void arguments_beyond_the_limit_are_refused(void **state)
{
	f.cfg.lwm2m.body_max = 4;
	assert_refused("POST /api/clients/le/3/0/5", "0='x'",
		       "Invalid request body: it is larger than lwm2m.body_max");
}

static void a_create_names_its_instance(void **state)
{
	assert_exchange("POST /api/clients/le/3303?timeout=3",
			"{\"id\":5,\"kind\":\"instance\",\"resources\":[]}",
			"40020000b433333033122d16ff0005", "60410001",
			"{\"status\":\"CREATED(201)\",\"valid\":true,\"success\":true,"
			"\"failure\":false}");
}

static void the_device_says_where_it_created(void **state)
{
	assert_int_equal(
		call("POST /api/clients/le/3303", "{\"kind\":\"instance\",\"resources\":[]}"),
		CTL_RESP_LATER);
	fixture_answer(&f, "6041000184333330330137");
	caller_assert(&c, 200, CTL_TYPE_JSON,
		      "{\"status\":\"CREATED(201)\",\"valid\":true,\"success\":true,"
		      "\"failure\":false,\"location\":\"3303/7\"}");
}

static void without_an_id_the_device_chooses_in_tlv(void **state)
{
	assert_int_equal(call("POST /api/clients/le/3303",
			      "{\"resources\":[{\"id\":5701,\"value\":\"C\"}]}"),
			 CTL_RESP_LATER);
	assert_sent("40020000b433333033122d16ffe1164543"); // the resource alone
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void without_an_id_the_first_free_one_is_taken_elsewhere(void **state)
{
	assert_int_equal(call("POST /api/clients/wkc/3303?format=SENML_JSON",
			      "{\"resources\":[{\"id\":5701,\"value\":\"C\"}]}"),
			 CTL_RESP_LATER);
	assert_non_null(memmem(f.sent, f.sent_len, "/3303/2/", 8));
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void an_id_may_stand_in_the_url(void **state)
{
	assert_int_equal(call("POST /api/clients/le/3303/5", "{\"resources\":[]}"), CTL_RESP_LATER);
	assert_sent("40020000b433333033122d16ff0005");
	fixture_end(&f, CTL_OP_TIMEOUT);
	assert_refused("POST /api/clients/le/3303/5", "{\"id\":6,\"resources\":[]}",
		       "Invalid request body: /3303/5 has another id");
}

static void a_create_without_a_sound_instance_is_refused(void **state)
{
	assert_refused("POST /api/clients/le/3303", "{\"id\":65535,\"resources\":[]}",
		       "Invalid request body: the instance has no valid id");
	assert_refused("POST /api/clients/le/3303", "{\"id\":5,\"value\":1}",
		       "Invalid request body: /3303/5 is of another kind");
	assert_refused("POST /api/clients/le/3303/5/0/1", "{}",
		       "Invalid request: /3303/5/0/1 cannot be created");
}

static void a_delete_is_a_delete(void **state)
{
	assert_exchange("DELETE /api/clients/le/3303/5?timeout=3", NULL, "40040000b4333330330135",
			"60420001",
			"{\"status\":\"DELETED(202)\",\"valid\":true,\"success\":true,"
			"\"failure\":false}");
	assert_refused("DELETE /api/clients/le/3303", NULL,
		       "Invalid request: /3303 cannot be deleted");
}

static void a_discover_lists_links(void **state)
{
	assert_exchange("GET /api/clients/le/3/0/9/discover?timeout=3", NULL,
			"40010000b1330130013961"
			"28",
			"60450001c128ff3c2f332f302f393e3b706d696e3d31",
			"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,"
			"\"failure\":false,\"objectLinks\":[{\"url\":\"/3/0/9\","
			"\"attributes\":{\"pmin\":\"1\"}}]}");
}

static void a_discover_that_is_not_links_is_an_error(void **state)
{
	static const char *const bad[] = {"60450001c128ff3c2f33", "60450001c0ff3c2f333e"};

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(call("GET /api/clients/le/3/discover", NULL), CTL_RESP_LATER);
		fixture_answer(&f, bad[i]);
		assert_int_equal(c.resp.status, 500);
	}
	assert_refused("GET /api/clients/le/3/0/0/0/discover", NULL,
		       "Invalid request: /3/0/0/0 cannot be discovered");
}

static void attributes_become_a_query(void **state)
{
	assert_exchange("PUT /api/clients/le/3/0/13/attributes?pmin=1&timeout=3&pmax=3", NULL,
			"40030000b133013002313346706d696e3d3106706d61783d33", "60440001", CHANGED);
}

static void an_attribute_without_a_value_is_taken_back(void **state)
{
	assert_int_equal(call("PUT /api/clients/le/3/attributes?gt=-1.5&pmin", NULL),
			 CTL_RESP_LATER);
	assert_sent("40030000b1334767743d2d312e3504706d696e");
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void attributes_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *query, *text;
	} cases[] = {
		{"bogus=1", "bogus attribute is unknown or not a LWM2M attribute"},
		{"dim=1", "dim attribute is unknown or not a LWM2M attribute"},
		{"pmin=1.5", "pmin attribute must be a whole number of seconds"},
		{"epmax=-1", "epmax attribute must be a whole number of seconds"},
		{"pmax=", "pmax attribute must be a whole number of seconds"},
		{"gt=1e5", "gt attribute must be a number"},
		{"st=1.2.3", "st attribute must be a number"},
		{"lt=-", "lt attribute must be a number"},
		{"timeout=3", "none are given"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char url[128], text[128];

		snprintf(url, sizeof(url), "PUT /api/clients/le/3/0/13/attributes?%s",
			 cases[i].query);
		snprintf(text, sizeof(text), "Invalid attributes: %s", cases[i].text);
		assert_refused(url, NULL, text);
	}
}

static void a_composite_read_asks_for_its_paths(void **state)
{
	assert_exchange(
		"GET /api/clients/le/"
		"composite?paths=/3/0/0,/1/0/1&pathformat=SENML_CBOR&nodeformat=SENML_CBOR",
		NULL, "40050000c1705170ff82a100662f332f302f30a100662f312f302f31",
		"60450001c170ff82a200662f312f302f3102185aa200662f332f302f30036144",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,"
		"\"content\":{\"/3/0/0\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\","
		"\"value\":\"D\"},\"/1/0/1\":{\"kind\":\"singleResource\",\"id\":1,"
		"\"type\":\"INTEGER\",\"value\":\"90\"}}}");
}

static void a_composite_read_in_json_is_that_of_the_reference(void **state)
{
	assert_int_equal(call("GET /api/clients/le/composite?paths=/3/0/0,/1/0/1&"
			      "pathformat=SENML_JSON&nodeformat=SENML_JSON",
			      NULL),
			 CTL_RESP_LATER);
	assert_sent("40050000c16e516eff5b7b226e223a222f332f302f30227d2c7b226e223a222f312f302f31"
		    "227d5d");
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void a_composite_takes_the_format_that_the_device_has(void **state)
{
	assert_int_equal(call("GET /api/clients/wk/composite?paths=/3", NULL), CTL_RESP_LATER);
	assert_int_equal(f.sent[5], 110);
	fixture_end(&f, CTL_OP_TIMEOUT);
	assert_int_equal(call("GET /api/clients/wkc/composite?paths=/3", NULL), CTL_RESP_LATER);
	assert_int_equal(f.sent[5], 112);
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void what_a_composite_answer_lacks_is_null(void **state)
{
	assert_int_equal(call("GET /api/clients/le/composite?paths=/3/0/0,/1/0/1,/3", NULL),
			 CTL_RESP_LATER);
	fixture_answer(&f, "60450001c170ff81a200662f332f302f30036144");
	caller_assert(
		&c, 200, CTL_TYPE_JSON,
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,"
		"\"content\":{\"/3/0/0\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\","
		"\"value\":\"D\"},\"/1/0/1\":null,\"/3\":{\"instances\":[{\"kind\":\"instance\","
		"\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\","
		"\"value\":\"D\"}],\"id\":0}],\"kind\":\"obj\",\"id\":3}}}");
}

static void a_composite_request_that_is_not_sound_is_refused(void **state)
{
	char many[400] = "GET /api/clients/le/composite?paths=";

	assert_refused("GET /api/clients/le/composite", NULL, "Invalid request: paths is missing");
	assert_refused("GET /api/clients/le/composite?paths=/3,x", NULL,
		       "Invalid request: org.eclipse.leshan.core.node.InvalidLwM2mPathException: "
		       "Invalid elements in path x");
	assert_refused("GET /api/clients/le/composite?paths=/3&pathformat=TLV", NULL,
		       "Invalid pathformat 'TLV' (SENML_JSON or SENML_CBOR)");
	assert_refused("GET /api/clients/le/composite?paths=/3&nodeformat=", NULL,
		       "Invalid nodeformat '' (SENML_JSON or SENML_CBOR)");
	for (int i = 0; i < 33; i++)
		strcat(many, "/3/0/9,");
	assert_refused(many, NULL, "Invalid request: more than 32 paths");
}

static void a_composite_write_is_an_ipatch(void **state)
{
	assert_int_equal(
		call("PUT /api/clients/le/composite?pathformat=SENML_JSON&nodeformat=SENML_JSON",
		     "{\"/3/0/14\":{\"id\":14,\"kind\":\"singleResource\",\"value\":\"+03\","
		     "\"type\":\"STRING\"},\"/1/0/2\":{\"id\":2,\"kind\":\"singleResource\","
		     "\"value\":\"1\",\"type\":\"INTEGER\"}}"),
		CTL_RESP_LATER);
	assert_int_equal(f.sent[1], COAP_IPATCH);
	assert_int_equal(f.sent[5], 110);
	fixture_answer(&f, "60440001");
	caller_assert(&c, 200, CTL_TYPE_JSON, CHANGED);
}

// Leshan refuses it, which fails the OMA's test case int-230 there.
static void a_composite_write_takes_multiple_resources(void **state)
{
	assert_int_equal(call("PUT /api/clients/le/composite",
			      "{\"/3/0/11\":{\"id\":11,\"kind\":\"multiResource\","
			      "\"values\":{\"0\":\"1\",\"1\":2},\"type\":\"INTEGER\"}}"),
			 CTL_RESP_LATER);
	fixture_answer(&f, "60440001");
	caller_assert(&c, 200, CTL_TYPE_JSON, CHANGED);
}

static void a_composite_write_that_is_not_sound_is_refused(void **state)
{
	assert_refused("PUT /api/clients/le/composite", "{}",
		       "Invalid request body: it has no path");
	assert_refused("PUT /api/clients/le/composite", "{\"3\":{\"value\":1}}",
		       "Invalid request body: '3' is not a path");
	assert_refused("PUT /api/clients/le/composite", "{\"/3/0/14\":{\"value\":1}}",
		       "Invalid request body: /3/0/14 is not a string");
}

static void a_sleeping_device_is_asked_later(void **state)
{
	f.ctl.queue = (struct ctl_queue *)&f;
	f.asleep = true;
	assert_int_equal(call("PUT /api/clients/le/1/0/1?ttl=30", "{\"value\":60}"),
			 CTL_RESP_LATER);
	assert_int_equal(f.requests, 0);
	assert_int_equal(f.queued.kind, CTL_WRITE_REPLACE);
	assert_int_equal(f.queued_ttl_ms, 30000);
	assert_int_equal(f.queued.payload_len, 3);
	assert_memory_equal(f.queued_payload, "\xc1\x01\x3c", 3);
	fixture_queued(&f, 42, 0);
	assert_int_equal(c.done, 1);
	caller_assert(&c, 200, CTL_TYPE_JSON,
		      "{\"ep\":\"le\",\"path\":\"/1/0/1\",\"requestId\":42,\"delayed\":true}");
}

static void what_is_queued_lives_as_long_as_configured(void **state)
{
	f.ctl.queue = (struct ctl_queue *)&f;
	f.asleep = true;
	assert_int_equal(call("GET /api/clients/le/1", NULL), CTL_RESP_LATER);
	assert_int_equal(f.queued_ttl_ms, 100000);
	fixture_queued(&f, 0, -EIO);
	assert_int_equal(c.resp.status, 500);
	assert_refused("GET /api/clients/le/1?ttl=0", NULL, "Invalid ttl (1 to 31536000 seconds)");
}

static void a_full_queue_is_unavailable(void **state)
{
	f.ctl.queue = (struct ctl_queue *)&f;
	f.asleep = true;
	f.queue_full = -EDQUOT;
	assert_int_equal(call("GET /api/clients/le/1", NULL), 0);
	caller_assert(&c, 503, CTL_TYPE_TEXT, "Too many operations wait for this device already");
	f.queue_full = -ENOMEM;
	assert_int_equal(call("GET /api/clients/le/1", NULL), -ENOMEM);
}

static void a_client_that_goes_away_leaves_its_operation_queued(void **state)
{
	f.ctl.queue = (struct ctl_queue *)&f;
	f.asleep = true;
	assert_int_equal(call("GET /api/clients/le/1", NULL), CTL_RESP_LATER);
	c.resp.cancel(c.resp.cancel_arg);
	fixture_queued(&f, 1, 0);
	assert_int_equal(c.done, 0);
}

static void what_waits_can_be_seen_and_taken_back(void **state)
{
	assert_int_equal(call("GET /api/clients/le/queue", NULL), 0);
	caller_assert(&c, 200, CTL_TYPE_JSON, "[{\"requestId\":7}]");
	assert_int_equal(call("DELETE /api/clients/le/queue/7", NULL), 0);
	caller_assert(&c, 200, NULL, "");
	assert_int_equal(call("DELETE /api/clients/le/queue/8", NULL), 0);
	caller_assert(&c, 404, CTL_TYPE_TEXT,
		      "No operation '8' waits for 'le', or it is under way");
	assert_int_equal(call("DELETE /api/clients/le/queue/x", NULL), 0);
	assert_int_equal(c.resp.status, 404);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_write_replaces),
		T(a_write_without_replace_adds),
		T(a_write_takes_the_format_it_is_told),
		T(a_write_takes_the_format_that_the_device_has),
		T(a_write_of_a_resource_instance_goes_to_it),
		T(a_large_write_goes_in_blocks),
		T(what_cannot_be_written_is_refused),
		T(what_cannot_be_encoded_is_refused),
		T(an_execute_is_a_post),
		T(the_arguments_of_an_execute_are_text),
		T(arguments_beyond_the_limit_are_refused),
		T(a_create_names_its_instance),
		T(the_device_says_where_it_created),
		T(without_an_id_the_device_chooses_in_tlv),
		T(without_an_id_the_first_free_one_is_taken_elsewhere),
		T(an_id_may_stand_in_the_url),
		T(a_create_without_a_sound_instance_is_refused),
		T(a_delete_is_a_delete),
		T(a_discover_lists_links),
		T(a_discover_that_is_not_links_is_an_error),
		T(attributes_become_a_query),
		T(an_attribute_without_a_value_is_taken_back),
		T(attributes_that_are_none_are_refused),
		T(a_composite_read_asks_for_its_paths),
		T(a_composite_read_in_json_is_that_of_the_reference),
		T(a_composite_takes_the_format_that_the_device_has),
		T(what_a_composite_answer_lacks_is_null),
		T(a_composite_request_that_is_not_sound_is_refused),
		T(a_composite_write_is_an_ipatch),
		T(a_composite_write_takes_multiple_resources),
		T(a_composite_write_that_is_not_sound_is_refused),
		T(a_sleeping_device_is_asked_later),
		T(what_is_queued_lives_as_long_as_configured),
		T(a_full_queue_is_unavailable),
		T(a_client_that_goes_away_leaves_its_operation_queued),
		T(what_waits_can_be_seen_and_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
