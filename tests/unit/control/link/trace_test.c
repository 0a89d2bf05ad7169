// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The messages of devices that somebody looks at.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/hub.h"
#include "control/link/coap_log.h"
#include "control/link/link.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static struct fake_dataplane dp;
static char heard[2048];

static void on_event(const struct ctl_event *event, void *arg)
{
	if (event->type == CTL_COAPLOG)
		snprintf(heard, sizeof(heard), "%.*s", (int)event->json_len, event->json);
}

static void step(void *arg)
{
	fake_step(&dp);
}

static bool ready(void *arg)
{
	return fake_is_ready(&dp) && ctl_link_state(gw.ctl.link) == CTL_LINK_READY;
}

static bool all_committed(void *arg)
{
	return dp.committed[0] == dp.seq[0] && dp.committed[1] == dp.seq[1];
}

static bool traced(void *arg)
{
	return dp.traces == 1;
}

static bool not_traced(void *arg)
{
	return dp.traces == 0;
}

static bool something_heard(void *arg)
{
	return heard[0] != '\0';
}

static void run_until(bool (*condition)(void *))
{
	assert_true(gateway_run_until(&gw, condition, step, NULL));
}

static int setup(void **state)
{
	gateway_init(&gw);
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	assert_int_equal(ctl_hub_subscribe(gw.ctl.hub, on_event, NULL), 0);
	heard[0] = '\0';
	run_until(ready);
	return 0;
}

static int teardown(void **state)
{
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
	return 0;
}

static void register_at(uint64_t location)
{
	union device_event event;

	fake_promise(&dp, &event,
		     device_register(&event, location, "ep=dev&lwm2m=1.1&lt=300", "</3/0>"));
	run_until(all_committed);
}

static void a_device_is_traced_from_the_first_reader_to_the_last(void **state)
{
	register_at(DEVICE_LOCATION(3));
	assert_int_equal(ctl_link_watch(gw.ctl.link, "dev", 3), 0);
	run_until(traced);
	assert_int_equal(dp.traced_location, DEVICE_LOCATION(3));
	assert_int_equal(ctl_link_watch(gw.ctl.link, "dev", 3), 0);
	ctl_link_unwatch(gw.ctl.link, "dev", 3);
	step(NULL);
	assert_int_equal(dp.traces, 1);
	ctl_link_unwatch(gw.ctl.link, "dev", 3);
	run_until(not_traced);
	ctl_link_unwatch(gw.ctl.link, "other", 5); // was never watched
}

static void a_device_that_comes_later_is_traced_when_it_registers(void **state)
{
	assert_int_equal(ctl_link_watch(gw.ctl.link, "dev", 3), 0);
	assert_int_equal(dp.traces, 0);
	register_at(DEVICE_LOCATION(3));
	run_until(traced);
	dp.traces = 0;
	register_at(DEVICE_LOCATION(256 + 3));
	run_until(traced);
	assert_int_equal(dp.traced_location, DEVICE_LOCATION(256 + 3));
}

static bool attached_twice(void *arg)
{
	return dp.attaches == 2 && dp.traces == 1;
}

static void a_dataplane_that_comes_back_is_told_again(void **state)
{
	register_at(DEVICE_LOCATION(3));
	assert_int_equal(ctl_link_watch(gw.ctl.link, "dev", 3), 0);
	run_until(traced);
	fake_stop(&dp);
	fake_start(&dp, gw.state);
	dp.attaches = 1;
	run_until(attached_twice);
}

static void trace(uint16_t flags, const void *coap, uint32_t len)
{
	union {
		struct bridge_trace trace;
		union device_event event;
	} up = {.trace = {.location = DEVICE_LOCATION(3), .wall_ms = 1795000000042u}};
	struct bridge_record *rec;
	struct bridge_ring *ring = &dp.seg.channels[1].events;
	uint64_t one = 1;

	up.trace.coap_len = len;
	memcpy(up.trace.coap, coap, len);
	rec = bridge_ring_reserve(ring, BRIDGE_EV_TRACE, (uint32_t)sizeof(up.trace) + len);
	assert_non_null(rec);
	rec->flags = flags;
	memcpy(rec + 1, &up.event.record + 1, sizeof(up.trace) + len - sizeof(*rec));
	if (bridge_ring_publish(ring))
		assert_int_equal(write(dp.seg.event_doorbell, &one, sizeof(one)), sizeof(one));
	run_until(something_heard);
}

static void a_message_becomes_an_event(void **state)
{
	uint8_t coap[64];
	struct coap_writer w;

	register_at(DEVICE_LOCATION(3));
	coap_write_begin(&w, coap, sizeof(coap), COAP_CON, COAP_GET, 7, "\x01\xab", 2);
	coap_write_opt_uint(&w, COAP_OPT_OBSERVE, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "3");
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "0");
	trace(1, coap, (uint32_t)coap_write_finish(&w));
	assert_string_equal(heard, "{\"ep\":\"dev\",\"timestamp\":1795000000042,\"incoming\":"
				   "false,\"type\":\"CON\",\"code\":\"GET\",\"mId\":7,\"token\":"
				   "\"01ab\",\"options\":\"Observe: 0 - Uri-Path: \\\"3\\\", "
				   "\\\"0\\\"\"}");
	heard[0] = '\0';
	coap_write_begin(&w, coap, sizeof(coap), COAP_ACK, COAP_EMPTY, 7, NULL, 0);
	trace(0, coap, (uint32_t)coap_write_finish(&w));
	assert_string_equal(heard, "{\"ep\":\"dev\",\"timestamp\":1795000000042,\"incoming\":true,"
				   "\"type\":\"ACK\",\"mId\":7,\"token\":\"\"}");
}

static const char *logged(struct coap_writer *w)
{
	static char text[1024];
	struct ctl_record *record = device_record("dev", 1);
	struct json_out out = {0}, scratch = {0};
	struct coap_log log = {.record = record, .incoming = true};

	assert_int_equal(coap_msg_parse(&log.msg, w->buf, coap_write_finish(w)), COAP_OK);
	coap_log_out(&out, &log, &scratch);
	assert_false(out.failed);
	snprintf(text, sizeof(text), "%.*s", (int)out.len, out.text);
	json_out_free(&out);
	json_out_free(&scratch);
	free(record);
	return strstr(text, "\"token\"");
}

static void options_and_payload_are_told_as_what_they_are(void **state)
{
	uint8_t coap[256];
	struct coap_writer w;

	coap_write_begin(&w, coap, sizeof(coap), COAP_NON, COAP_CONTENT, 7, NULL, 0);
	coap_write_opt(&w, COAP_OPT_ETAG, "\xca\xfe", 2);
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 11542);
	coap_write_opt_uint(&w, COAP_OPT_BLOCK2, 2 << 4 | 8 | 6);
	coap_write_opt(&w, 65001, "\x01", 1);
	coap_write_payload(&w, "\xc8\x01", 2);
	assert_string_equal(logged(&w), "\"token\":\"\",\"options\":\"ETag: 0xcafe - "
					"Content-Format: 11542 - Block2: 2/1/1024 - 65001: 0x01\","
					"\"payload\":\"Hex:c801\"}");
	coap_write_begin(&w, coap, sizeof(coap), COAP_CON, COAP_POST, 7, NULL, 0);
	coap_write_opt(&w, COAP_OPT_URI_QUERY, "ep=\xff", 4);
	coap_write_payload(&w, "</3/0>", 6);
	assert_string_equal(logged(&w), "\"token\":\"\",\"options\":\"Uri-Query: \\\"ep="
					"\xef\xbf\xbd\\\"\",\"payload\":\"</3/0>\"}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_device_is_traced_from_the_first_reader_to_the_last),
		TEST(a_device_that_comes_later_is_traced_when_it_registers),
		TEST(a_dataplane_that_comes_back_is_told_again),
		TEST(a_message_becomes_an_event),
		cmocka_unit_test(options_and_payload_are_told_as_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
