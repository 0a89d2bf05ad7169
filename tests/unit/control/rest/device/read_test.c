// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/json/float_text.h"
#include "control/json/node_json.h"
#include "control/json/response_json.h"
#include "control/rest/resources.h"
#include "tests/unit/control/rest/contents.h"
#include "tests/unit/control/rest/fixture.h"

static struct fixture f;
static struct ctl_req req;
static struct ctl_resp resp;
static char text[512];
static uint32_t done;

static void count_done(struct ctl_resp *r)
{
	done++;
}

static int setup(void **state)
{
	fixture_init(&f);
	fixture_register(&f, "dev", "</>;rt=\"oma.lwm2m\";ct=112,</3/0>");
	done = 0;
	resp = (struct ctl_resp){.done = count_done};
	return 0;
}

static int teardown(void **state)
{
	ctl_resp_clear(&resp);
	fixture_fini(&f);
	return 0;
}

static struct ctl_text as_text(const char *s)
{
	return (struct ctl_text){s, s ? strlen(s) : 0};
}

// A Read of "ep/3/0/9" with one query parameter, or none.
static int call(const char *path, const char *name, const char *value)
{
	snprintf(text, sizeof(text), "%s", path);
	req = (struct ctl_req){.ctl = &f.ctl, .method = CTL_GET};
	for (char *seg = strtok(text, "/"); seg; seg = strtok(NULL, "/"))
		req.args[req.args_count++] = as_text(seg);
	if (name) {
		req.query[0] = (struct ctl_query){as_text(name), as_text(value)};
		req.query_count = 1;
	}
	return ctl_read_get(&req, &resp);
}

static void assert_answer(unsigned int status, const char *type, const char *body)
{
	assert_int_equal(resp.status, status);
	if (type)
		assert_string_equal(resp.content_type, type);
	else
		assert_null(resp.content_type);
	assert_string_equal(resp.body, body);
}

static void assert_sent(const char *hex)
{
	uint8_t bytes[256];
	size_t len = fixture_hex(hex, bytes, sizeof(bytes));

	assert_int_equal(f.sent_len, len);
	assert_memory_equal(f.sent, bytes, len);
}

static void a_read_is_a_get_of_the_path(void **state)
{
	assert_int_equal(call("dev/3/0/9", NULL, NULL), CTL_RESP_LATER);
	assert_sent("40010000b1330130"
		    "0139");
	assert_int_equal(f.timeout_ms, 5000);
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void a_format_becomes_an_accept_option(void **state)
{
	assert_int_equal(call("dev/3", "format", "SENML_CBOR"), CTL_RESP_LATER);
	assert_sent("40010000b1336170");
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void text_is_an_empty_accept_option(void **state)
{
	assert_int_equal(call("dev/3", "format", "text"), CTL_RESP_LATER);
	assert_sent("40010000b13360");
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void an_alternate_path_comes_first(void **state)
{
	fixture_register(&f, "alt", "</a/b>;rt=\"oma.lwm2m\",</a/b/3/0>");
	assert_int_equal(call("alt/3", NULL, NULL), CTL_RESP_LATER);
	assert_sent("40010000b16101620133");
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void the_timeout_is_in_seconds(void **state)
{
	assert_int_equal(call("dev/3", "timeout", "30"), CTL_RESP_LATER);
	assert_int_equal(f.timeout_ms, 30000);
	fixture_end(&f, CTL_OP_TIMEOUT);
}

static void a_bad_timeout_is_refused(void **state)
{
	static const char *const bad[] = {"0", "x", "-1", "86401", ""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(call("dev/3", "timeout", bad[i]), 0);
		assert_int_equal(resp.status, 400);
		ctl_resp_clear(&resp);
	}
}

static void a_bad_format_is_refused(void **state)
{
	assert_int_equal(call("dev/3", "format", "XML"), 0);
	assert_answer(400, CTL_TYPE_TEXT, "Invalid format 'XML'");
}

static void an_unknown_endpoint_is_refused(void **state)
{
	assert_int_equal(call("nobody/3/0", NULL, NULL), 0);
	assert_answer(400, CTL_TYPE_TEXT, "No registered client with id 'nobody'");
}

#define INVALID "Invalid request: org.eclipse.leshan.core.node.InvalidLwM2mPathException: "

static void a_path_that_is_not_of_numbers_is_refused(void **state)
{
	assert_int_equal(call("dev/abc", NULL, NULL), 0);
	assert_answer(400, NULL, INVALID "Invalid elements in path abc");
	ctl_resp_clear(&resp);
	assert_int_equal(call("dev/3/70000", NULL, NULL), 0);
	assert_answer(400, NULL, INVALID "Invalid elements in path 3/70000");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	assert_int_equal(call("dev/3/0/0/0/0", NULL, NULL), 0);
	assert_answer(400, NULL, INVALID "Invalid length for path 3/0/0/0/0");
}

static void recorded_answers_become_what_leshan_made_of_them(void **state)
{
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "dev/%s", contents[i].path);
		assert_int_equal(call(path, NULL, NULL), CTL_RESP_LATER);
		fixture_answer(&f, contents[i].response);
		assert_int_equal(done, i + 1);
		assert_answer(200, CTL_TYPE_JSON, contents[i].json);
		ctl_resp_clear(&resp);
	}
}

static void an_error_of_the_device_carries_its_diagnostic(void **state)
{
	assert_int_equal(call("dev/3/0", NULL, NULL), CTL_RESP_LATER);
	fixture_answer(&f, "60840001ff6e6f7065");
	assert_answer(200, CTL_TYPE_JSON,
		      "{\"status\":\"NOT_FOUND(404)\",\"valid\":true,\"success\":false,"
		      "\"failure\":true,\"errormessage\":\"nope\"}");
}

static void a_code_that_read_does_not_know_is_not_valid(void **state)
{
	assert_int_equal(call("dev/3/0", NULL, NULL), CTL_RESP_LATER);
	fixture_answer(&f, "60440001");
	assert_answer(200, CTL_TYPE_JSON,
		      "{\"status\":\"CHANGED(204)\",\"valid\":false,\"success\":false,"
		      "\"failure\":true}");
}

static void no_answer_is_a_gateway_timeout(void **state)
{
	assert_int_equal(call("dev/3/0", NULL, NULL), CTL_RESP_LATER);
	fixture_end(&f, CTL_OP_TIMEOUT);
	assert_int_equal(done, 1);
	assert_answer(504, NULL, "Request timeout");
}

static void every_other_outcome_has_a_status(void **state)
{
	static const struct {
		enum ctl_op_result result;
		unsigned int status;
	} outcomes[] = {
		{CTL_OP_RESET, 500},
		{CTL_OP_GONE, 400},
		{CTL_OP_UNAVAILABLE, 503},
		{CTL_OP_INVALID, 400},
	};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		assert_int_equal(call("dev/3/0", NULL, NULL), CTL_RESP_LATER);
		fixture_end(&f, outcomes[i].result);
		assert_int_equal(resp.status, outcomes[i].status);
		ctl_resp_clear(&resp);
	}
}

static void an_answer_that_cannot_be_decoded_is_an_internal_error(void **state)
{
	static const char *const bad[] = {
		"60450001c22d16ffc8",     // TLV cut short
		"60450001c16eff7b7d",     // SenML JSON
		"60450001ff41",           // no format for an instance
		"60450001c3010000ff41",   // a format that is no 16-bit number
		"60450001c22d16b108ff41", // first of several blocks
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(call("dev/3/0", NULL, NULL), CTL_RESP_LATER);
		fixture_answer(&f, bad[i]);
		assert_int_equal(resp.status, 500);
		assert_null(resp.content_type);
		ctl_resp_clear(&resp);
	}
}

static void a_request_that_cannot_be_made_is_an_error(void **state)
{
	f.out_of_memory = true;
	assert_int_equal(call("dev/3/0", NULL, NULL), -ENOMEM);
	assert_int_equal(done, 0);
}

static void a_client_that_goes_away_cancels_the_request(void **state)
{
	assert_int_equal(call("dev/3/0", NULL, NULL), CTL_RESP_LATER);
	resp.cancel(resp.cancel_arg);
	assert_int_equal(f.cancelled, 1);
	assert_int_equal(done, 0);
}

static void floats_read_as_java_prints_them(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0.0"},
		{-0.0, "-0.0"},
		{18, "18.0"},
		{-166, "-166.0"},
		{0.1, "0.1"},
		{0.001, "0.001"},
		{0.00012, "1.2E-4"},
		{9999999, "9999999.0"},
		{1e7, "1.0E7"},
		{1.25e100, "1.25E100"},
		{(double)27.986064910888672f, "27.986064910888672"},
		{1.0 / 0.0, "Infinity"},
		{-1.0 / 0.0, "-Infinity"},
		{0.0 / 0.0, "NaN"},
	};
	char out[CTL_FLOAT_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ctl_float_text(cases[i].value, out);
		assert_string_equal(out, cases[i].text);
	}
}

static void assert_value(struct lwm2m_value value, const char *expected)
{
	struct lwm2m_node node = {.kind = LWM2M_KIND_RESOURCE_INSTANCE, .id = 1, .value = value};
	json_t *json = ctl_node_json(&node);
	char *dump = json_dumps(json_object_get(json, "value"), JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(json_string_value(json_object_get(json, "kind")), "resourceInstance");
	assert_string_equal(dump, expected);
	free(dump);
	json_decref(json);
}

static void every_type_of_value_has_its_form(void **state)
{
	static const uint8_t bytes[] = {0x00, 0xff, 0x41};

	assert_value((struct lwm2m_value){.type = LWM2M_INTEGER, .integer = INT64_MIN},
		     "\"-9223372036854775808\"");
	assert_value((struct lwm2m_value){.type = LWM2M_UNSIGNED_INTEGER, .natural = UINT64_MAX},
		     "\"18446744073709551615\"");
	assert_value((struct lwm2m_value){.type = LWM2M_FLOAT, .number = 1.5}, "\"1.5\"");
	assert_value((struct lwm2m_value){.type = LWM2M_BOOLEAN, .boolean = true}, "true");
	assert_value((struct lwm2m_value){.type = LWM2M_OPAQUE, .bytes = {bytes, 3}}, "\"00ff41\"");
	assert_value((struct lwm2m_value){.type = LWM2M_TIME, .integer = 12}, "12000");
	assert_value((struct lwm2m_value){.type = LWM2M_OBJLNK, .objlnk = {3, 65535}},
		     "{\"objectId\":3,\"objectInstanceId\":65535}");
	assert_value((struct lwm2m_value){.type = LWM2M_STRING, .bytes = {bytes + 2, 1}}, "\"A\"");
}

static void a_root_lists_its_objects(void **state)
{
	struct lwm2m_node object = {.kind = LWM2M_KIND_OBJECT, .id = 3};
	struct lwm2m_node root = {.kind = LWM2M_KIND_ROOT, .first = &object, .last = &object};
	json_t *json = ctl_node_json(&root);
	char *dump = json_dumps(json, JSON_COMPACT);

	assert_string_equal(dump, "{\"kind\":\"root\",\"objects\":[{\"instances\":[],"
				  "\"kind\":\"obj\",\"id\":3}]}");
	free(dump);
	json_decref(json);
}

static void codes_without_a_name_are_unknown(void **state)
{
	char status[CTL_STATUS_MAX];

	ctl_status_text(COAP_CODE(4, 31), status);
	assert_string_equal(status, "UNKNOWN(431)");
	ctl_status_text(COAP_UNSUPPORTED_CONTENT_FORMAT, status);
	assert_string_equal(status, "UNSUPPORTED_CONTENT_FORMAT(415)");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_read_is_a_get_of_the_path),
		T(a_format_becomes_an_accept_option),
		T(text_is_an_empty_accept_option),
		T(an_alternate_path_comes_first),
		T(the_timeout_is_in_seconds),
		T(a_bad_timeout_is_refused),
		T(a_bad_format_is_refused),
		T(an_unknown_endpoint_is_refused),
		T(a_path_that_is_not_of_numbers_is_refused),
		T(a_path_that_is_too_long_is_refused),
		T(recorded_answers_become_what_leshan_made_of_them),
		T(an_error_of_the_device_carries_its_diagnostic),
		T(a_code_that_read_does_not_know_is_not_valid),
		T(no_answer_is_a_gateway_timeout),
		T(every_other_outcome_has_a_status),
		T(an_answer_that_cannot_be_decoded_is_an_internal_error),
		T(a_request_that_cannot_be_made_is_an_error),
		T(a_client_that_goes_away_cancels_the_request),
		cmocka_unit_test(floats_read_as_java_prints_them),
		cmocka_unit_test(every_type_of_value_has_its_form),
		cmocka_unit_test(a_root_lists_its_objects),
		cmocka_unit_test(codes_without_a_name_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
