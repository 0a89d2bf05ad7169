// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/bench/swarm/device/rig.h"

static uint8_t observe(struct rig *rig, const char *path, uint32_t value)
{
	struct rig_request req = {.code = COAP_GET,
				  .path = path,
				  .token = 7,
				  .options = {{COAP_OPT_OBSERVE, value}, {COAP_OPT_ACCEPT, 0}}};
	return rig_ask(rig, &req);
}

static void attributes(struct rig *rig, const char *path, const char *query)
{
	struct rig_request req = {.code = COAP_PUT, .path = path, .query = query};
	assert_int_equal(rig_ask(rig, &req), COAP_CHANGED);
}

static void set(struct rig *rig, const char *path, const char *text)
{
	struct lwm2m_path p;
	assert_true(lwm2m_path_parse(&p, path, strlen(path)));
	rig_forget(rig);
	assert_true(device_set(&rig->dev, &rig->env, &p, text));
	device_on_time(&rig->dev, &rig->env);
}

static void a_change_is_notified_with_the_token_and_a_growing_number(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(observe(rig, "/3303/0/5700", 0), COAP_CONTENT);
	uint32_t first = rig_option(rig, COAP_OPT_OBSERVE);
	assert_true(rig_told(rig, "observe /3303/0/5700 token 07"));
	set(rig, "/3303/0/5700", "21.5");
	assert_int_equal(rig->sent_count, 1);
	assert_int_equal(rig->msg.type, COAP_NON);
	assert_int_equal(rig->msg.token[0], 7);
	assert_true(rig_option(rig, COAP_OPT_OBSERVE) > first);
	rig_assert_payload(rig, "21.5");
	set(rig, "/3/0/9", "50"); // somebody else's
	assert_int_equal(rig->sent_count, 0);
}

static void a_confirmable_notification_is_repeated_until_its_ack(void **state)
{
	struct rig *rig = *state;
	rig->config.confirmable = true;
	observe(rig, "/3303/0/5700", 0);
	set(rig, "/3303/0/5700", "21.5");
	assert_int_equal(rig->msg.type, COAP_CON);
	uint16_t mid = rig->msg.mid;
	rig_wait(rig, 3 * SECOND);
	assert_int_equal(rig->sent_count, 2);
	assert_int_equal(rig->msg.mid, mid);
	set(rig, "/3303/0/5700", "22.5"); // waits for the ACK of the one before
	assert_int_equal(rig->sent_count, 0);
	rig_empty(rig, COAP_ACK, mid);
	assert_true(rig_told(rig, "acked"));
	assert_int_equal(rig->sent_count, 1);
	rig_assert_payload(rig, "22.5");
	assert_true(device_awaits(&rig->dev, rig->msg.mid));
}

static void pmin_holds_back_and_pmax_repeats(void **state)
{
	struct rig *rig = *state;
	attributes(rig, "/3303/0/5700", "pmin=5&pmax=20");
	observe(rig, "/3303/0/5700", 0);
	set(rig, "/3303/0/5700", "21");
	assert_int_equal(rig->sent_count, 0);
	rig_wait(rig, 5 * SECOND);
	assert_int_equal(rig->sent_count, 1);
	rig_forget(rig);
	rig_wait(rig, 19 * SECOND);
	assert_int_equal(rig->sent_count, 0);
	rig_wait(rig, SECOND);
	assert_int_equal(rig->sent_count, 1);
}

static void attributes_of_the_object_hold_below_it(void **state)
{
	struct rig *rig = *state;
	attributes(rig, "/3303", "pmin=5");
	observe(rig, "/3303/0/5700", 0);
	set(rig, "/3303/0/5700", "21");
	assert_int_equal(rig->sent_count, 0);
	rig_wait(rig, 5 * SECOND);
	assert_int_equal(rig->sent_count, 1);
}

static void only_crossing_gt_or_lt_or_a_step_counts(void **state)
{
	struct rig *rig = *state;
	attributes(rig, "/3303/0/5700", "gt=30&lt=10&st=8");
	observe(rig, "/3303/0/5700", 0); // 20
	set(rig, "/3303/0/5700", "25");
	assert_int_equal(rig->sent_count, 0);
	set(rig, "/3303/0/5700", "31");
	assert_int_equal(rig->sent_count, 1);
	set(rig, "/3303/0/5700", "35");
	assert_int_equal(rig->sent_count, 0);
	set(rig, "/3303/0/5700", "29");
	assert_int_equal(rig->sent_count, 1);
	set(rig, "/3303/0/5700", "21");
	assert_int_equal(rig->sent_count, 1);
	set(rig, "/3303/0/5700", "14");
	assert_int_equal(rig->sent_count, 0);
	set(rig, "/3303/0/5700", "9");
	assert_int_equal(rig->sent_count, 1);
}

static void reset_to_a_notification_ends_the_observation(void **state)
{
	struct rig *rig = *state;
	for (int con = 0; con < 2; con++) {
		rig->config.confirmable = con != 0;
		observe(rig, "/3303/0/5700", 0);
		set(rig, "/3303/0/5700", con ? "1" : "2");
		assert_int_equal(rig->sent_count, 1);
		rig_empty(rig, COAP_RST, rig->msg.mid);
		assert_true(rig_told(rig, "cancelled /3303/0/5700 token 07"));
		set(rig, "/3303/0/5700", "3");
		assert_int_equal(rig->sent_count, 0);
	}
}

static void observe_1_ends_it_too(void **state)
{
	struct rig *rig = *state;
	observe(rig, "/3303/0/5700", 0);
	assert_int_equal(observe(rig, "/3303/0/5700", 1), COAP_CONTENT);
	assert_int_equal(rig_option(rig, COAP_OPT_OBSERVE), UINT32_MAX);
	set(rig, "/3303/0/5700", "3");
	assert_int_equal(rig->sent_count, 0);
}

static void an_instance_that_goes_ends_its_observation_with_4_04(void **state)
{
	struct rig *rig = *state;
	observe(rig, "/3303/0/5700", 0);
	rig_forget(rig);
	assert_true(device_delete(&rig->dev, &rig->env, 3303, 0));
	device_on_time(&rig->dev, &rig->env);
	assert_int_equal(coap_msg_parse(&rig->msg, rig->sent[0], rig->sent_len[0]), COAP_OK);
	assert_int_equal(rig->msg.code, COAP_NOT_FOUND);
}

static void a_composite_observation_reports_all_its_paths(void **state)
{
	struct rig *rig = *state;
	const char *body = "[{\"n\":\"/3/0/9\"},{\"n\":\"/3303/0/5700\"}]";
	struct rig_request req = {.code = COAP_FETCH,
				  .path = "/",
				  .token = 9,
				  .payload = body,
				  .len = strlen(body),
				  .options = {{COAP_OPT_OBSERVE, 0},
					      {COAP_OPT_CONTENT_FORMAT, 110},
					      {COAP_OPT_ACCEPT, 110}}};
	assert_int_equal(rig_ask(rig, &req), COAP_CONTENT);
	assert_true(rig_told(rig, "observe /3/0/9 token 09"));
	assert_true(rig_told(rig, "observe /3303/0/5700 token 09"));
	set(rig, "/3303/0/5700", "21.5");
	assert_int_equal(rig->msg.token[0], 9);
	assert_non_null(memmem(rig->msg.payload, rig->msg.payload_len, "21.5", 4));
	assert_non_null(memmem(rig->msg.payload, rig->msg.payload_len, "95", 2));
}

static void a_new_registration_ends_all_observations(void **state)
{
	struct rig *rig = *state;
	observe(rig, "/3303/0/5700", 0);
	device_register(&rig->dev, &rig->env);
	rig_answer(rig, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	set(rig, "/3303/0/5700", "3");
	assert_int_equal(rig->sent_count, 0);
}

static bool send(struct rig *rig)
{
	struct lwm2m_path path = {.ids = {3303, 0, 5700}, .depth = 3};
	rig_forget(rig);
	bool ok = device_send(&rig->dev, &rig->env, &path, 1);
	device_on_time(&rig->dev, &rig->env);
	return ok;
}

static void send_goes_to_dp_unless_it_is_muted(void **state)
{
	struct rig *rig = *state;
	struct coap_opt opt;
	assert_true(send(rig));
	assert_true(coap_msg_find_opt(&rig->msg, COAP_OPT_URI_PATH, &opt));
	assert_memory_equal(opt.value, "dp", 2);
	assert_int_equal(rig_option(rig, COAP_OPT_CONTENT_FORMAT), 112);
	rig_answer(rig, COAP_CHANGED, 0, NULL, 0);
	assert_true(rig_told(rig, "sent 2.04"));
	assert_int_equal(rig_put_text(rig, "/1/0/23", "1"), COAP_CHANGED);
	assert_false(send(rig));
	assert_true(rig_told(rig, "muted"));
	assert_int_equal(rig->sent_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_change_is_notified_with_the_token_and_a_growing_number),
		T(a_confirmable_notification_is_repeated_until_its_ack),
		T(pmin_holds_back_and_pmax_repeats),
		T(attributes_of_the_object_hold_below_it),
		T(only_crossing_gt_or_lt_or_a_step_counts),
		T(reset_to_a_notification_ends_the_observation),
		T(observe_1_ends_it_too),
		T(an_instance_that_goes_ends_its_observation_with_4_04),
		T(a_composite_observation_reports_all_its_paths),
		T(a_new_registration_ends_all_observations),
		T(send_goes_to_dp_unless_it_is_muted),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
