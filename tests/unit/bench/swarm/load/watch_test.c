// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/load/watch.h"
#include "lwm2m/codec/decode.h"

static uint8_t request[128];

static struct coap_msg ask(const char *segments, uint32_t observe, int accept)
{
	struct coap_writer w;
	struct coap_msg msg;
	coap_write_begin(&w, request, sizeof(request), COAP_CON, COAP_GET, 7, "tokentok", 8);
	coap_write_opt_uint(&w, COAP_OPT_OBSERVE, observe);
	while (*segments != 0) {
		size_t len = strcspn(segments, "/");
		coap_write_opt(&w, COAP_OPT_URI_PATH, segments, len);
		segments += len + (segments[len] != 0);
	}
	if (accept >= 0)
		coap_write_opt_uint(&w, COAP_OPT_ACCEPT, (uint32_t)accept);
	assert_int_equal(coap_msg_parse(&msg, request, coap_write_finish(&w)), COAP_OK);
	return msg;
}

// Decodes as the gateway does, and returns the temperature.
static double temperature(const struct coap_msg *msg, uint16_t format, const char *text)
{
	static uint8_t room[4096];
	struct lwm2m_arena arena = lwm2m_arena_begin(room, sizeof(room));
	struct lwm2m_decode_error err;
	struct lwm2m_node *node;
	struct lwm2m_path path;
	assert_true(lwm2m_path_parse(&path, text, strlen(text)));
	assert_true(lwm2m_decode(&lwm2m_model_builtin, format, &path, msg->payload,
				 msg->payload_len, &arena, &node, &err));
	while (node->first != NULL)
		node = node->first;
	assert_int_equal(node->value.type, LWM2M_FLOAT);
	return node->value.number;
}

static uint32_t option(const struct coap_msg *msg, uint16_t number)
{
	struct coap_opt opt;
	uint32_t value;
	if (!coap_msg_find_opt(msg, number, &opt) || !coap_opt_uint(&opt, &value))
		return UINT32_MAX;
	return value;
}

static void whatever_is_observed_and_accepted_can_be_decoded(void **state)
{
	static const struct {
		const char *segments, *path;
		int accept;
		uint16_t format;
	} cases[] = {
		{"3303", "/3303", -1, 112},
		{"3303", "/3303", 11542, 11542},
		{"3303/0", "/3303/0", 112, 112},
		{"3303/0", "/3303/0", 11542, 11542},
		{"3303/0/5700", "/3303/0/5700", 112, 112},
		{"3303/0/5700", "/3303/0/5700", 11542, 11542},
		{"3303/0/5700", "/3303/0/5700", 0, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct watch watch = {0};
		uint8_t out[WATCH_MESSAGE_MAX];
		struct coap_msg msg = ask(cases[i].segments, 0, cases[i].accept);
		assert_int_equal(watch_asked(&watch, &msg), COAP_CONTENT);
		size_t len = watch_answer(&watch, 21.125, &msg, out);
		assert_int_equal(coap_msg_parse(&msg, out, len), COAP_OK);
		assert_int_equal(option(&msg, COAP_OPT_CONTENT_FORMAT), cases[i].format);
		uint32_t first = option(&msg, COAP_OPT_OBSERVE);
		assert_true(temperature(&msg, cases[i].format, cases[i].path) == 21.125);
		watch.number++;
		len = watch_notification(&watch, 1234567.25, COAP_CON, 1234, out);
		assert_true(len <= WATCH_MESSAGE_MAX);
		assert_int_equal(coap_msg_parse(&msg, out, len), COAP_OK);
		assert_int_equal(msg.type, COAP_CON);
		assert_int_equal(msg.mid, 1234);
		assert_memory_equal(msg.token, "tokentok", 8);
		assert_int_equal(option(&msg, COAP_OPT_OBSERVE), first + 1);
		assert_true(temperature(&msg, cases[i].format, cases[i].path) == 1234567.25);
	}
}

static void what_the_device_does_not_have_is_refused(void **state)
{
	struct watch watch = {0};
	struct coap_msg msg = ask("3/0", 0, -1);
	assert_int_equal(watch_asked(&watch, &msg), COAP_NOT_FOUND);
	msg = ask("3303/0/5700/1", 0, -1);
	assert_int_equal(watch_asked(&watch, &msg), COAP_NOT_FOUND);
	msg = ask("3303", 0, 110);
	assert_int_equal(watch_asked(&watch, &msg), COAP_NOT_ACCEPTABLE);
	msg = ask("3303", 0, 0);
	assert_int_equal(watch_asked(&watch, &msg), COAP_NOT_ACCEPTABLE);
	msg.code = COAP_FETCH;
	assert_int_equal(watch_asked(&watch, &msg), COAP_METHOD_NOT_ALLOWED);
	assert_int_equal(watch.token_len, 0);
}

static void observe_1_ends_it_with_the_value(void **state)
{
	struct watch watch = {0};
	uint8_t out[WATCH_MESSAGE_MAX];
	struct coap_msg msg = ask("3303", 0, 112);
	assert_int_equal(watch_asked(&watch, &msg), COAP_CONTENT);
	msg = ask("3303", 1, 112);
	assert_int_equal(watch_asked(&watch, &msg), COAP_CONTENT);
	assert_int_equal(watch.token_len, 0);
	size_t len = watch_answer(&watch, 21.5, &msg, out);
	assert_int_equal(coap_msg_parse(&msg, out, len), COAP_OK);
	assert_int_equal(option(&msg, COAP_OPT_OBSERVE), UINT32_MAX);
	assert_int_equal(option(&msg, COAP_OPT_CONTENT_FORMAT), 112);
}

static void a_send_goes_to_dp(void **state)
{
	uint8_t out[WATCH_MESSAGE_MAX];
	struct coap_opt opt;
	struct coap_msg msg;
	size_t len = watch_send(21.5, 5, 0x0102, out);
	assert_int_equal(coap_msg_parse(&msg, out, len), COAP_OK);
	assert_int_equal(msg.code, COAP_POST);
	assert_int_equal(msg.mid, 5);
	assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_PATH, &opt));
	assert_int_equal(opt.len, 2);
	assert_memory_equal(opt.value, "dp", 2);
	assert_int_equal(option(&msg, COAP_OPT_CONTENT_FORMAT), 112);
	assert_true(temperature(&msg, 112, "/") == 21.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_observed_and_accepted_can_be_decoded),
		cmocka_unit_test(what_the_device_does_not_have_is_refused),
		cmocka_unit_test(observe_1_ends_it_with_the_value),
		cmocka_unit_test(a_send_goes_to_dp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
