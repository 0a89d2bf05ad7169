// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/bench/swarm/device/rig.h"

#define JSON 110
#define TLV  11542

static uint8_t post(struct rig *rig, const char *path, uint16_t format, const char *text)
{
	return rig_ask(rig, &(struct rig_request){.code = COAP_POST,
						  .path = path,
						  .payload = text,
						  .len = strlen(text),
						  .options = {{COAP_OPT_CONTENT_FORMAT, format}}});
}

static uint8_t put(struct rig *rig, const char *path, uint16_t format, const char *text)
{
	return rig_ask(rig, &(struct rig_request){.code = COAP_PUT,
						  .path = path,
						  .payload = text,
						  .len = strlen(text),
						  .options = {{COAP_OPT_CONTENT_FORMAT, format}}});
}

static uint8_t simple(struct rig *rig, uint8_t code, const char *path)
{
	return rig_ask(rig, &(struct rig_request){.code = code, .path = path});
}

static void a_resource_is_read_in_every_format_and_in_no_other(void **state)
{
	struct rig *rig = *state;
	static const uint16_t formats[] = {0, 60, 110, 112, 11542, 1542, 11543, 1543};
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		assert_int_equal(rig_get(rig, "/3/0/9", formats[i]), COAP_CONTENT);
		assert_int_equal(rig_option(rig, COAP_OPT_CONTENT_FORMAT), formats[i]);
	}
	assert_int_equal(rig_get(rig, "/3/0/9", 0), COAP_CONTENT);
	rig_assert_payload(rig, "95");
	assert_int_equal(rig_get(rig, "/3/0/9", 42), COAP_NOT_ACCEPTABLE);
	assert_int_equal(rig_get(rig, "/3442/0/150", 42), COAP_CONTENT);
	rig_assert_payload(rig, "\x01\x23\x45\x67\x89\xab\xcd\xef");
	assert_int_equal(rig_get(rig, "/3/0/9", 4711), COAP_NOT_ACCEPTABLE);
	assert_int_equal(rig_get(rig, "/3/0", 0), COAP_NOT_ACCEPTABLE);
}

static void without_accept_the_answer_has_the_default_format(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(simple(rig, COAP_GET, "/3303/0/5701"), COAP_CONTENT);
	assert_int_equal(rig_option(rig, COAP_OPT_CONTENT_FORMAT), TLV);
	rig_assert_payload(rig, "\xe3\x16\x45"
				"Cel");
	rig->config.default_format = 0;
	assert_int_equal(simple(rig, COAP_GET, "/3303/0/5701"), COAP_CONTENT);
	rig_assert_payload(rig, "Cel");
	assert_int_equal(simple(rig, COAP_GET, "/3303/0"), COAP_CONTENT);
	assert_int_equal(rig_option(rig, COAP_OPT_CONTENT_FORMAT), JSON);
}

static void what_may_not_be_read_is_refused_with_the_right_code(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(simple(rig, COAP_GET, "/0"), COAP_UNAUTHORIZED);
	assert_int_equal(simple(rig, COAP_GET, "/0/0/1"), COAP_UNAUTHORIZED);
	assert_int_equal(simple(rig, COAP_GET, "/99"), COAP_NOT_FOUND);
	assert_int_equal(simple(rig, COAP_GET, "/3/1"), COAP_NOT_FOUND);
	assert_int_equal(simple(rig, COAP_GET, "/3/0/99"), COAP_NOT_FOUND);
	assert_int_equal(simple(rig, COAP_GET, "/3/0/7/5"), COAP_NOT_FOUND);
	assert_int_equal(simple(rig, COAP_GET, "/3/0/4"), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(simple(rig, COAP_GET, "/5/0/0"), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(simple(rig, COAP_GET, "/bogus"), COAP_NOT_FOUND);
}

static void a_resource_instance_is_read_and_written(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_get(rig, "/3/0/7/1", 0), COAP_CONTENT);
	rig_assert_payload(rig, "5000");
	assert_int_equal(rig_put_text(rig, "/3442/0/1120/1", "8"), COAP_CHANGED);
	assert_int_equal(rig_get(rig, "/3442/0/1120/1", 0), COAP_CONTENT);
	rig_assert_payload(rig, "8");
	assert_int_equal(rig_put_text(rig, "/3442/0/1120/9", "8"), COAP_NOT_FOUND);
}

static void a_write_in_text_changes_the_value_and_is_told(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_put_text(rig, "/3/0/14", "+02"), COAP_CHANGED);
	assert_true(rig_told(rig, "write /3/0/14 +02"));
	assert_int_equal(rig_get(rig, "/3/0/14", 0), COAP_CONTENT);
	rig_assert_payload(rig, "+02");
}

static void a_write_that_is_wrong_changes_nothing(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_put_text(rig, "/3/0/9", "1"), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(rig_put_text(rig, "/1/0/1", "soon"), COAP_BAD_REQUEST);
	assert_int_equal(put(rig, "/1/0/1", 4711, "1"), COAP_UNSUPPORTED_CONTENT_FORMAT);
	assert_int_equal(rig_put_text(rig, "/0/0/0", "x"), COAP_UNAUTHORIZED);
	assert_int_equal(rig_put_text(rig, "/3/0/77", "x"), COAP_NOT_FOUND);
	assert_int_equal(post(rig, "/3/0", JSON,
			      "[{\"bn\":\"/3/0/\",\"n\":\"14\",\"vs\":\"+9\"},"
			      "{\"n\":\"9\",\"v\":1}]"),
			 COAP_METHOD_NOT_ALLOWED);
	rig_get(rig, "/3/0/14", 0);
	rig_assert_payload(rig, "+01:00");
	assert_int_equal(rig->counters.writes, 0);
}

static void replacing_an_instance_removes_what_may_be_missing(void **state)
{
	struct rig *rig = *state;
	const char *body = "[{\"bn\":\"/1/0/\",\"n\":\"2\",\"v\":5}]";
	assert_int_equal(put(rig, "/1/0", JSON, body), COAP_CHANGED);
	assert_int_equal(rig_get(rig, "/1/0/2", 0), COAP_CONTENT);
	rig_assert_payload(rig, "5");
	assert_int_equal(rig_get(rig, "/1/0/3", 0), COAP_NOT_FOUND);
	assert_int_equal(rig_get(rig, "/1/0/1", 0), COAP_CONTENT);
}

static void a_partial_write_leaves_the_rest(void **state)
{
	struct rig *rig = *state;
	const char *body = "[{\"bn\":\"/1/0/\",\"n\":\"2\",\"v\":5}]";
	assert_int_equal(post(rig, "/1/0", JSON, body), COAP_CHANGED);
	assert_int_equal(rig_get(rig, "/1/0/3", 0), COAP_CONTENT);
}

static void a_new_lifetime_is_told_to_the_server(void **state)
{
	struct rig *rig = *state;
	struct coap_opt opt;
	assert_int_equal(rig_put_text(rig, "/1/0/1", "60"), COAP_CHANGED);
	assert_int_equal(rig->sent_count, 2);
	assert_int_equal(coap_msg_parse(&rig->msg, rig->sent[1], rig->sent_len[1]), COAP_OK);
	assert_int_equal(rig->msg.code, COAP_POST);
	assert_true(coap_msg_find_opt(&rig->msg, COAP_OPT_URI_QUERY, &opt));
	assert_memory_equal(opt.value, "lt=60", 5);
}

static void execute_checks_its_arguments(void **state)
{
	struct rig *rig = *state;
	static const char *const good[] = {"", "0", "0='x'", "1,2='a,b'", "0=''"};
	static const char *const bad[] = {"x", "0=x", "0='x", "10", "0,", "0=\"x\""};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(post(rig, "/3442/0/3", 0, good[i]), COAP_CHANGED);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(post(rig, "/3442/0/3", 0, bad[i]), COAP_BAD_REQUEST);
	assert_int_equal(rig->counters.executes, sizeof(good) / sizeof(good[0]));
	assert_int_equal(post(rig, "/3/0/9", 0, ""), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(post(rig, "/3442/0/3", JSON, "[]"), COAP_UNSUPPORTED_CONTENT_FORMAT);
}

static void reboot_is_answered_and_then_done(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(simple(rig, COAP_POST, "/3/0/4"), COAP_CHANGED);
	assert_int_equal(rig->sent_count, 1);
	rig_forget(rig);
	rig_wait(rig, SECOND);
	assert_true(rig_told(rig, "restarted"));
	assert_int_equal(rig->dev.uplink.kind, UPLINK_REGISTER);
}

static void the_update_trigger_makes_an_update(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(simple(rig, COAP_POST, "/1/0/8"), COAP_CHANGED);
	assert_int_equal(rig->dev.uplink.kind, UPLINK_UPDATE);
}

static void an_instance_is_created_announced_and_deleted(void **state)
{
	struct rig *rig = *state;
	const char *body = "[{\"bn\":\"/3303/5/\",\"n\":\"5750\",\"vs\":\"roof\"}]";
	assert_int_equal(post(rig, "/3303", JSON, body), COAP_CREATED);
	struct coap_opt_iter it = coap_opts_begin(&rig->msg);
	struct coap_opt opt;
	assert_true(coap_opts_next(&it, &opt) && opt.number == COAP_OPT_LOCATION_PATH);
	assert_true(coap_opts_next(&it, &opt) && opt.len == 1 && opt.value[0] == '5');
	assert_true(rig_told(rig, "created /3303/5"));
	coap_msg_parse(&rig->msg, rig->sent[1], rig->sent_len[1]);
	assert_non_null(memmem(rig->msg.payload, rig->msg.payload_len, "</3303/5>", 9));
	rig_answer(rig, COAP_CHANGED, 0, NULL, 0);
	assert_int_equal(post(rig, "/3303", JSON, body), COAP_BAD_REQUEST);
	assert_int_equal(rig_get(rig, "/3303/5/5750", 0), COAP_CONTENT);
	rig_assert_payload(rig, "roof");
	assert_int_equal(simple(rig, COAP_DELETE, "/3303/5"), COAP_DELETED);
	assert_int_equal(simple(rig, COAP_DELETE, "/3303/5"), COAP_NOT_FOUND);
	assert_int_equal(simple(rig, COAP_DELETE, "/3/0"), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(post(rig, "/3", JSON, body), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(post(rig, "/99", JSON, body), COAP_NOT_FOUND);
}

static void a_create_without_an_id_gets_the_next_free_one(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(post(rig, "/3303", TLV,
			      "\xe4\x16\x76"
			      "roof"),
			 COAP_CREATED);
	assert_true(rig_told(rig, "created /3303/1"));
}

static void discover_shows_dimensions_versions_and_attributes(void **state)
{
	struct rig *rig = *state;
	struct rig_request set = {.code = COAP_PUT, .path = "/3303/0", .query = "pmin=5&pmax=60"};
	assert_int_equal(rig_ask(rig, &set), COAP_CHANGED);
	assert_int_equal(rig_get(rig, "/3303", 40), COAP_CONTENT);
	rig_assert_payload(rig, "</3303>;ver=1.1,</3303/0>;pmin=5;pmax=60,</3303/0/5601>,"
				"</3303/0/5602>,</3303/0/5605>,</3303/0/5700>,</3303/0/5701>,"
				"</3303/0/5750>");
	assert_int_equal(rig_get(rig, "/3303/0/5700", 40), COAP_CONTENT);
	rig_assert_payload(rig, "</3303/0/5700>;pmin=5;pmax=60");
	assert_int_equal(rig_get(rig, "/3/0/7", 40), COAP_CONTENT);
	rig_assert_payload(rig, "</3/0/7>;dim=2,</3/0/7/0>,</3/0/7/1>");
	assert_int_equal(rig_get(rig, "/99", 40), COAP_NOT_FOUND);
}

static void attributes_that_contradict_themselves_are_refused(void **state)
{
	struct rig *rig = *state;
	static const struct {
		const char *path, *query;
		uint8_t code;
	} cases[] = {
		{"/3/0/9", "gt=50&lt=20&st=5", COAP_CHANGED},
		{"/3/0/9", "gt=20&lt=50", COAP_BAD_REQUEST},
		{"/3/0/9", "st=20", COAP_BAD_REQUEST}, // 20 + 2 x 20 is not below 50
		{"/3/0/9", "gt", COAP_CHANGED},
		{"/3/0/9", "bogus=1", COAP_BAD_REQUEST},
		{"/3/0/9", "pmin=x", COAP_BAD_REQUEST},
		{"/3/0/0", "gt=1", COAP_BAD_REQUEST}, // not a number
		{"/3/0", "gt=1", COAP_BAD_REQUEST},
		{"/3", "epmin=1&epmax=2", COAP_CHANGED},
		{"/99", "pmin=1", COAP_NOT_FOUND},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig_request set = {
			.code = COAP_PUT, .path = cases[i].path, .query = cases[i].query};
		assert_int_equal(rig_ask(rig, &set), cases[i].code);
	}
}

static uint8_t composite(struct rig *rig, uint8_t code, const char *body)
{
	struct rig_request req = {.code = code,
				  .path = "/",
				  .payload = body,
				  .len = strlen(body),
				  .options = {{COAP_OPT_CONTENT_FORMAT, JSON}}};
	return rig_ask(rig, &req);
}

static void composite_reads_leave_out_what_is_not_there(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(composite(rig, COAP_FETCH, "[{\"n\":\"/3/0/9\"},{\"n\":\"/99/0\"}]"),
			 COAP_CONTENT);
	assert_int_equal(rig_option(rig, COAP_OPT_CONTENT_FORMAT), JSON);
	assert_non_null(memmem(rig->msg.payload, rig->msg.payload_len, "95", 2));
	assert_int_equal(composite(rig, COAP_FETCH, "[{\"n\":\"/99/0\"}]"), COAP_NOT_FOUND);
	assert_int_equal(composite(rig, COAP_FETCH, "[{\"n\":"), COAP_BAD_REQUEST);
	assert_int_equal(composite(rig, COAP_FETCH, "[{\"n\":\"/0/0\"}]"), COAP_UNAUTHORIZED);
	rig->config.version = 10;
	assert_int_equal(composite(rig, COAP_FETCH, "[{\"n\":\"/3/0/9\"}]"),
			 COAP_METHOD_NOT_ALLOWED);
}

static void a_composite_write_is_done_in_full_or_not_at_all(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(composite(rig, COAP_IPATCH,
				   "[{\"n\":\"/3/0/14\",\"vs\":\"+7\"},"
				   "{\"n\":\"/3/0/9\",\"v\":1}]"),
			 COAP_METHOD_NOT_ALLOWED);
	rig_get(rig, "/3/0/14", 0);
	rig_assert_payload(rig, "+01:00");
	assert_int_equal(composite(rig, COAP_IPATCH,
				   "[{\"n\":\"/3/0/14\",\"vs\":\"+7\"},"
				   "{\"n\":\"/1/0/2\",\"v\":1},"
				   "{\"n\":\"/3442/0/1120/1\",\"v\":9}]"),
			 COAP_CHANGED);
	assert_int_equal(rig->counters.writes, 3);
	rig_get(rig, "/3442/0/1120/1", 0);
	rig_assert_payload(rig, "9");
	rig_get(rig, "/3442/0/1120/0", 0);
	rig_assert_payload(rig, "1024");
}

static void firmware_goes_through_its_states(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(simple(rig, COAP_POST, "/5/0/2"), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(put(rig, "/5/0/0", 42, "BAD image"), COAP_CHANGED);
	assert_true(rig_told(rig, "firmware 0 5"));
	assert_int_equal(put(rig, "/5/0/0", 42, "image"), COAP_CHANGED);
	assert_true(rig_told(rig, "firmware 2 0"));
	assert_int_equal(simple(rig, COAP_POST, "/5/0/2"), COAP_CHANGED);
	rig_get(rig, "/5/0/3", 0);
	rig_assert_payload(rig, "3");
	rig_wait(rig, SECOND);
	rig_answer(rig, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	rig_get(rig, "/5/0/5", 0);
	rig_assert_payload(rig, "1");
	rig_get(rig, "/3/0/3", 0);
	rig_assert_payload(rig, "2.0.0");
}

static void factory_reset_takes_writes_back(void **state)
{
	struct rig *rig = *state;
	rig_put_text(rig, "/3/0/14", "+02");
	assert_int_equal(simple(rig, COAP_POST, "/3/0/5"), COAP_CHANGED);
	rig_get(rig, "/3/0/14", 0);
	rig_assert_payload(rig, "+01:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_resource_is_read_in_every_format_and_in_no_other),
		T(without_accept_the_answer_has_the_default_format),
		T(what_may_not_be_read_is_refused_with_the_right_code),
		T(a_resource_instance_is_read_and_written),
		T(a_write_in_text_changes_the_value_and_is_told),
		T(a_write_that_is_wrong_changes_nothing),
		T(replacing_an_instance_removes_what_may_be_missing),
		T(a_partial_write_leaves_the_rest),
		T(a_new_lifetime_is_told_to_the_server),
		T(execute_checks_its_arguments),
		T(reboot_is_answered_and_then_done),
		T(the_update_trigger_makes_an_update),
		T(an_instance_is_created_announced_and_deleted),
		T(a_create_without_an_id_gets_the_next_free_one),
		T(discover_shows_dimensions_versions_and_attributes),
		T(attributes_that_contradict_themselves_are_refused),
		T(composite_reads_leave_out_what_is_not_there),
		T(a_composite_write_is_done_in_full_or_not_at_all),
		T(firmware_goes_through_its_states),
		T(factory_reset_takes_writes_back),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
