// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/bench/swarm/device/rig.h"

static void a_device_registers_and_keeps_its_location(void **state)
{
	struct rig *b = *state;
	rig_wait_deadline(b);
	assert_int_equal(b->msg.code, COAP_POST);
	assert_int_equal(b->msg.type, COAP_CON);
	rig_answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_memory_equal(b->dev.location, "rd\0abc", 7);
	assert_int_equal(b->counters.registers, 1);
}

static void a_created_without_location_is_wrong(void **state)
{
	struct rig *b = *state;
	rig_wait_deadline(b);
	rig_answer(b, COAP_CREATED, COAP_OPT_MAX_AGE, NULL, 0);
	assert_int_equal(b->counters.wrong, 1);
	assert_int_equal(b->dev.state, DEVICE_IDLE);
}

static void a_retransmission_is_the_same_bytes(void **state)
{
	struct rig *b = *state;
	rig_wait_deadline(b);
	rig_wait_deadline(b);
	assert_int_equal(b->sent_count, 2);
	assert_int_equal(b->sent_len[0], b->sent_len[1]);
	assert_memory_equal(b->sent[0], b->sent[1], b->sent_len[0]);
	assert_int_equal(b->counters.retransmissions, 1);
}

static void an_answer_that_never_comes_is_missing(void **state)
{
	struct rig *b = *state;
	rig_wait_deadline(b);
	while (b->dev.uplink.kind == UPLINK_REGISTER)
		rig_wait_deadline(b);
	assert_int_equal(b->counters.missing, 1);
	assert_int_equal(b->counters.retransmissions, 4);
	assert_int_equal(b->dev.state, DEVICE_IDLE);
}

static void an_update_that_gets_404_registers_again_unless_strict(void **state)
{
	struct rig *b = *state;
	rig_become_registered(b);
	rig_wait_deadline(b);
	rig_answer(b, COAP_NOT_FOUND, 0, NULL, 0);
	assert_int_equal(b->counters.reregistrations, 1);
	assert_int_equal(b->dev.uplink.kind, UPLINK_REGISTER);
	b->config.strict = true;
	rig_restart(b);
	rig_wait_deadline(b);
	rig_answer(b, COAP_NOT_FOUND, 0, NULL, 0);
	assert_int_equal(b->counters.wrong, 1);
}

static void unavailable_is_tried_again_after_max_age(void **state)
{
	struct rig *b = *state;
	rig_wait_deadline(b);
	rig_answer(b, COAP_SERVICE_UNAVAILABLE, COAP_OPT_MAX_AGE, "\x05", 1);
	assert_int_equal(b->counters.unavailable, 1);
	assert_int_equal(b->dev.deadline_us, SECOND + 5 * SECOND);
}

static void a_late_copy_of_an_answer_is_a_stray(void **state)
{
	struct rig *b = *state;
	rig_become_registered(b);
	rig_answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_int_equal(b->counters.strays, 1);
	assert_int_equal(b->counters.registers, 1);
}

static void leaving_waits_for_the_update_under_way(void **state)
{
	struct rig *b = *state;
	rig_become_registered(b);
	rig_wait_deadline(b);
	rig_forget(b);
	device_leave(&b->dev, &b->env);
	assert_int_equal(b->sent_count, 0);
	rig_wait_deadline(b); // the Update is sent again
	rig_answer(b, COAP_CHANGED, 0, NULL, 0);
	assert_int_equal(b->msg.code, COAP_DELETE);
	rig_answer(b, COAP_DELETED, 0, NULL, 0);
	assert_int_equal(b->dev.state, DEVICE_GONE);
	assert_int_equal(b->counters.deregisters, 1);
	assert_int_equal(b->counters.strays, 0);
}

static bool has_query(const struct rig *b, const char *query)
{
	struct coap_opt_iter it = coap_opts_begin(&b->msg);
	struct coap_opt opt;
	while (coap_opts_next(&it, &opt)) {
		if (opt.number == COAP_OPT_URI_QUERY && opt.len == strlen(query) &&
		    memcmp(opt.value, query, opt.len) == 0)
			return true;
	}
	return false;
}

static void queue_mode_is_a_letter_in_1_0_and_a_parameter_in_1_1(void **state)
{
	struct rig *b = *state;
	b->config.queue_mode = true;
	rig_wait_deadline(b);
	assert_true(has_query(b, "Q"));
	assert_true(has_query(b, "b=U"));
	assert_true(has_query(b, "lwm2m=1.1"));
	b->config.version = 10;
	rig_wait_deadline(b);
	assert_true(has_query(b, "b=UQ"));
	assert_false(has_query(b, "Q"));
	assert_true(has_query(b, "lwm2m=1.0"));
}

static void an_alternate_root_stands_before_every_link(void **state)
{
	struct rig *b = *state;
	b->config.root = "/alt";
	b->config.test_object = false;
	b->config.formats_count = 2;
	device_fini(&b->dev);
	device_init(&b->dev, &b->config, 0, b->env.now_us);
	rig_wait_deadline(b);
	rig_assert_payload(b, "</alt>;rt=\"oma.lwm2m\";ct=\"60 110\",</alt/1/0>,</alt/3/0>,"
			      "</alt/4/0>,</alt/5/0>,</alt/6/0>,</alt/3303>;ver=1.1,</alt/3303/0>");
}

static void a_register_in_blocks_follows_the_size_the_server_wants(void **state)
{
	struct rig *b = *state;
	uint8_t block = 0 << 4 | 8 | 1; // 32 bytes from now on
	b->config.block_size = 64;
	rig_wait_deadline(b);
	assert_int_equal(rig_option(b, COAP_OPT_BLOCK1), 0 << 4 | 8 | 2);
	assert_int_equal(b->msg.payload_len, 64);
	rig_answer(b, COAP_CONTINUE, COAP_OPT_BLOCK1, &block, 1);
	assert_int_equal(rig_option(b, COAP_OPT_BLOCK1), 2 << 4 | 8 | 1);
	assert_int_equal(b->msg.payload_len, 32);
	block = 2 << 4 | 8 | 1;
	while ((rig_option(b, COAP_OPT_BLOCK1) & 8) != 0)
		rig_answer(b, COAP_CONTINUE, COAP_OPT_BLOCK1, &block, 1);
	rig_answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_int_equal(b->dev.state, DEVICE_REGISTERED);
}

static void echo_is_given_back(void **state)
{
	struct rig *b = *state;
	struct coap_opt opt;
	rig_wait_deadline(b);
	rig_answer(b, COAP_UNAUTHORIZED, COAP_OPT_ECHO, "fresh", 5);
	assert_true(coap_msg_find_opt(&b->msg, COAP_OPT_ECHO, &opt));
	assert_int_equal(opt.len, 5);
	rig_answer(b, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_int_equal(b->dev.state, DEVICE_REGISTERED);
	assert_int_equal(b->counters.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_device_registers_and_keeps_its_location,
						rig_setup_new, rig_teardown),
		cmocka_unit_test_setup_teardown(a_created_without_location_is_wrong, rig_setup_new,
						rig_teardown),
		cmocka_unit_test_setup_teardown(a_retransmission_is_the_same_bytes, rig_setup_new,
						rig_teardown),
		cmocka_unit_test_setup_teardown(an_answer_that_never_comes_is_missing,
						rig_setup_new, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_update_that_gets_404_registers_again_unless_strict, rig_setup_new,
			rig_teardown),
		cmocka_unit_test_setup_teardown(unavailable_is_tried_again_after_max_age,
						rig_setup_new, rig_teardown),
		cmocka_unit_test_setup_teardown(a_late_copy_of_an_answer_is_a_stray, rig_setup_new,
						rig_teardown),
		cmocka_unit_test_setup_teardown(leaving_waits_for_the_update_under_way,
						rig_setup_new, rig_teardown),
		cmocka_unit_test_setup_teardown(
			queue_mode_is_a_letter_in_1_0_and_a_parameter_in_1_1, rig_setup_new,
			rig_teardown),
		cmocka_unit_test_setup_teardown(an_alternate_root_stands_before_every_link,
						rig_setup_new, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_register_in_blocks_follows_the_size_the_server_wants, rig_setup_new,
			rig_teardown),
		cmocka_unit_test_setup_teardown(echo_is_given_back, rig_setup_new, rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
