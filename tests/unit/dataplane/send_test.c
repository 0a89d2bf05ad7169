// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// LwM2M Send: stages/send.c, and the texts of control's rejections.
#include "tests/unit/dataplane/one_worker.h"

static struct datagram send_as(enum coap_type type, uint8_t code, uint16_t mid, int format)
{
	struct datagram d = {.peer = gateway_device(1)};
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), type, code, mid, DEVICE_TOKEN,
			 sizeof(DEVICE_TOKEN) - 1);
	coap_write_opt(&w, COAP_OPT_URI_PATH, "dp", 2);
	if (format >= 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	coap_write_payload(&w, "[{\"n\":\"/3/0/9\",\"v\":95}]", 24);
	d.len = coap_write_finish(&w);
	return d;
}

static struct datagram send_con(uint16_t mid)
{
	return send_as(COAP_CON, COAP_POST, mid, 110);
}

static void a_send_is_answered_once_control_has_it(void **state)
{
	static const int formats[] = {110, 112};

	for (uint16_t i = 0; i < 4; i++) {
		struct datagram d = send_as(i / 2 ? COAP_NON : COAP_CON, COAP_POST,
					    (uint16_t)(10 + i), formats[i % 2]);
		struct datagram answer;

		assert_int_equal(code_of(d), 0);
		expect_event(BRIDGE_EV_SEND, 1u + i, 0);
		assert_int_equal(ev.location, 0);
		assert_int_equal(ev.coap_len, d.len);
		assert_memory_equal(ev.coap, d.bytes, d.len);
		assert_memory_equal(ev.peer.addr, d.peer.addr, 16);
		commit(1u + i);
		assert_true(gateway_take(&gw, 0, &answer));
		assert_int_equal(answer.msg.code, COAP_CHANGED);
		assert_int_equal(answer.msg.type, i / 2 ? COAP_NON : COAP_ACK);
		assert_memory_equal(answer.bytes + 4, DEVICE_TOKEN, sizeof(DEVICE_TOKEN) - 1);
		if (i < 2) // the answer was lost
			assert_int_equal(code_of(d), COAP_CHANGED);
	}
	assert_int_equal(COUNT(sends), 4);
	expect_no_event();
}

static void a_send_that_is_none_is_refused_here(void **state)
{
	static const uint8_t methods[] = {COAP_GET, COAP_PUT, COAP_DELETE, COAP_FETCH};
	static const int formats[] = {-1, 0, 40, 60, 111, 11542, 65535};
	uint16_t mid = 1;

	for (size_t i = 0; i < sizeof(methods); i++)
		assert_int_equal(code_of(send_as(COAP_CON, methods[i], mid++, 110)),
				 COAP_METHOD_NOT_ALLOWED);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		assert_int_equal(code_of(send_as(COAP_CON, COAP_POST, mid++, formats[i])),
				 COAP_UNSUPPORTED_CONTENT_FORMAT);
	assert_int_equal(code_of(device_message(1, COAP_CON, COAP_POST, mid++, "dp/1", NULL)),
			 COAP_NOT_FOUND);
	expect_no_event();
}

static void a_rejected_send_is_told_why_in_words(void **state)
{
	static const struct {
		uint32_t reason;
		uint8_t code;
		const char *text;
	} cases[] = {
#define X(name, text) {BRIDGE_REASON_##name, COAP_BAD_REQUEST, text},
		BRIDGE_REASONS(X)
#undef X
			{BRIDGE_REASON_COUNT, COAP_NOT_FOUND, NULL},
		{UINT32_MAX, COAP_NOT_FOUND, NULL},
	};
	struct coap_msg msg;

	for (uint16_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct datagram d = send_con((uint16_t)(10 + i)), answer, again;
		const char *text = cases[i].text;

		assert_int_equal(code_of(d), 0);
		gateway_reject_because(&gw, 0, 1u + i, cases[i].code, cases[i].reason);
		commit(1u + i);
		assert_true(gateway_take(&gw, 0, &answer));
		assert_int_equal(coap_msg_parse(&msg, answer.bytes, answer.len), COAP_OK);
		assert_int_equal(msg.code, cases[i].code);
		assert_int_equal(msg.payload_len, text ? strlen(text) : 0);
		if (text)
			assert_memory_equal(msg.payload, text, strlen(text));
		// The same again, without another event.
		again = device_ask(&gw, 0, &d);
		assert_int_equal(again.len, answer.len);
		assert_memory_equal(again.bytes, answer.bytes, answer.len);
		expect_event(BRIDGE_EV_SEND, 1u + i, 0);
		expect_no_event();
	}
	assert_int_equal(COUNT(sends), 0);
}

static void nonsense_for_a_code_is_5_00(void **state)
{
	static const uint32_t codes[] = {0, COAP_CHANGED, COAP_GET, 0xe0, 0x184, UINT32_MAX};

	for (uint16_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(code_of(send_con((uint16_t)(10 + i))), 0);
		gateway_reject_because(&gw, 0, 1u + i, codes[i], 0);
		commit(1u + i);
		assert_int_equal(taken_code(), COAP_INTERNAL_SERVER_ERROR);
	}
}

static void sends_wait_for_control_like_everything_else(void **state)
{
	struct datagram d = send_con(10);

	gateway_wait(&gw, 1 * S);
	assert_int_equal(code_of(d), 0);
	gateway_detach(&gw);
	assert_int_equal(COUNT(drop_parked_lost), 1);
	assert_int_equal(code_of(d), 0);
	assert_int_equal(COUNT(drop_control_away), 1);
	gateway_wait(&gw, DP_PATIENCE_US);
	assert_int_equal(code_of(d), COAP_SERVICE_UNAVAILABLE);
	gateway_ready(&gw);
	assert_int_equal(code_of(send_con(11)), 0);
	expect_event(BRIDGE_EV_SEND, 1, 0);
	commit(1);
	assert_int_equal(taken_code(), COAP_CHANGED);
}

static void whoever_sends_from_a_new_address_is_told_of_first(void **state)
{
	uint64_t location = device_registered(&gw, 0, 2, 1, "dev", 6000);
	struct datagram update = device_update(1, 2, location, NULL), d = send_con(3);

	gateway_inject(&gw, 0, &update);
	gateway_inject(&gw, 0, &d);
	gateway_run(&gw);
	assert_true(gateway_event(&gw, 0, &ev));
	assert_int_equal(ev.type, BRIDGE_EV_TOUCH);
	assert_memory_equal(ev.peer.addr, gateway_device(1).addr, 16);
	assert_true(gateway_event(&gw, 0, &ev));
	assert_int_equal(ev.type, BRIDGE_EV_SEND);
	commit(2);
	assert_int_equal(gateway_drain(&gw), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_send_is_answered_once_control_has_it),
		T(a_send_that_is_none_is_refused_here),
		T(a_rejected_send_is_told_why_in_words),
		T(nonsense_for_a_code_is_5_00),
		T(sends_wait_for_control_like_everything_else),
		T(whoever_sends_from_a_new_address_is_told_of_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
