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

#include "control/store/record.h"
#include "tests/unit/control/support/device.h"

// The first Register of two real clients, as captured.
static const char leshan_queue[] =
	"4802fd41ccdff54d6d1d6d58b272641128315104623d5554096c776d326d3d312e31056c743d33300665703d"
	"6c6532ff3c2f3e3b72743d226f6d612e6c776d326d223b63743d223630203131302031313220313135343220"
	"3131353433222c3c2f312f303e2c3c2f333e3b7665723d312e322c3c2f332f303e2c3c2f362f303e2c3c2f33"
	"3330333e3b7665723d312e312c3c2f333330332f303e2c3c2f333434322f303e";
static const char wakaama[] =
	"4402992f2f993ac8b272641128396c776d326d3d312e310665703d776b3103623d55056c743d3330ff3c2f3e"
	"3b72743d226f6d612e6c776d326d223b63743d3131302c3c2f313e3b7665723d312e312c3c2f312f303e2c3c"
	"2f322f303e2c3c2f332f303e2c3c2f342f303e2c3c2f352f303e2c3c2f362f303e2c3c2f372f303e2c3c2f33"
	"313032343e3b7665723d312e302c3c2f33313032342f31303e2c3c2f33313032342f31313e2c3c2f33313032"
	"342f31323e";

static struct ctl_record *record_of(const union device_event *event)
{
	const char *why = NULL;
	uint8_t code;

	return ctl_record_from_register(&event->ev, &code, &why);
}

static void assert_endpoint(const struct ctl_record *rec, const char *name)
{
	assert_int_equal(rec->endpoint_len, strlen(name));
	assert_memory_equal(ctl_record_endpoint(rec), name, rec->endpoint_len);
}

static void leshan_in_queue_mode_is_recorded_as_it_registered(void **state)
{
	union device_event event;
	struct ctl_record *rec;

	device_event_hex(&event, 5, leshan_queue);
	rec = record_of(&event);
	assert_non_null(rec);
	assert_endpoint(rec, "le2");
	assert_int_equal(rec->lifetime_s, 30);
	assert_int_equal(rec->lwm2m_version, 11);
	assert_int_equal(rec->binding, LWM2M_BINDING_U | LWM2M_BINDING_T);
	assert_int_equal(rec->queue_mode, 1);
	assert_int_equal(rec->location, 5);
	assert_int_equal(rec->registered_ms, DEVICE_WALL_MS);
	assert_int_equal(rec->params_len, 0);
	assert_memory_equal(ctl_record_links(rec), "</>;rt=", 7);
	assert_int_equal(ctl_record_check(rec, rec->bytes), 0);
	free(rec);
}

static void wakaama_is_recorded_as_it_registered(void **state)
{
	union device_event event;
	struct ctl_record *rec;

	device_event_hex(&event, 6, wakaama);
	rec = record_of(&event);
	assert_non_null(rec);
	assert_endpoint(rec, "wk1");
	assert_int_equal(rec->binding, LWM2M_BINDING_U);
	assert_int_equal(rec->queue_mode, 0);
	assert_memory_equal(ctl_record_links(rec) + rec->links_len - 11, "</31024/12>", 11);
	free(rec);
}

static void parameters_the_enabler_does_not_define_are_kept(void **state)
{
	union device_event event;
	struct ctl_record *rec;

	device_register(&event, 1, "ep=a&x=1&lwm2m=1.1&flag&sms=49123", "</3/0>");
	rec = record_of(&event);
	assert_non_null(rec);
	assert_int_equal(rec->params_len, 9);
	assert_memory_equal(ctl_record_params(rec), "x=1\0flag\0", 9);
	assert_int_equal(ctl_record_check(rec, rec->bytes), 0);
	assert_memory_equal(ctl_record_sms(rec), "49123", 5);
	assert_memory_equal(ctl_record_links(rec), "</3/0>", 6);
	assert_int_equal(rec->lifetime_s, LWM2M_LIFETIME_DEFAULT_S);
	free(rec);
}

static void a_register_without_endpoint_is_refused_with_4_00(void **state)
{
	union device_event event;
	const char *why = NULL;
	uint8_t code = 0;

	device_register(&event, 1, "lwm2m=1.1", "</3/0>");
	assert_null(ctl_record_from_register(&event.ev, &code, &why));
	assert_int_equal(code, COAP_BAD_REQUEST);
	assert_non_null(why);
}

static void what_is_not_coap_is_refused(void **state)
{
	union device_event event;
	const char *why = NULL;
	uint8_t code = 0;

	device_event_hex(&event, 1, "ff02");
	assert_null(ctl_record_from_register(&event.ev, &code, &why));
	assert_int_equal(code, COAP_BAD_REQUEST);
}

static void an_update_changes_what_it_names_and_nothing_else(void **state)
{
	struct ctl_record *old = device_record("dev", 1), *rec;
	union device_event event;
	const char *why;
	uint8_t code;

	device_update(&event, 1, "lt=77&b=U&sms=1", NULL);
	event.ev.wall_ms += 5000;
	rec = ctl_record_from_update(old, &event.ev, &code, &why);
	assert_non_null(rec);
	assert_endpoint(rec, "dev");
	assert_int_equal(rec->lifetime_s, 77);
	assert_int_equal(rec->sms_len, 1);
	assert_int_equal(rec->registered_ms, old->registered_ms);
	assert_int_equal(rec->updated_ms, old->updated_ms + 5000);
	assert_int_equal(rec->links_len, old->links_len);
	assert_memory_equal(ctl_record_links(rec), ctl_record_links(old), old->links_len);
	free(old);
	old = rec;
	device_update(&event, 1, "", "</3/0>,</5/0>");
	rec = ctl_record_from_update(old, &event.ev, &code, &why);
	assert_non_null(rec);
	assert_int_equal(rec->lifetime_s, 77);
	assert_memory_equal(ctl_record_links(rec), "</3/0>,</5/0>", rec->links_len);
	free(old);
	free(rec);
}

static void an_update_that_names_the_endpoint_is_refused(void **state)
{
	struct ctl_record *old = device_record("dev", 1);
	union device_event event;
	const char *why = NULL;
	uint8_t code = 0;

	device_update(&event, 1, "ep=other", NULL);
	assert_null(ctl_record_from_update(old, &event.ev, &code, &why));
	assert_int_equal(code, COAP_BAD_REQUEST);
	free(old);
}

static void every_truncated_or_inflated_record_is_recognised(void **state)
{
	struct ctl_record *rec = device_record("dev", 1);
	struct ctl_record bad;

	for (size_t len = 0; len < rec->bytes; len++)
		assert_int_not_equal(ctl_record_check(rec, len), 0);
	assert_int_equal(ctl_record_check(rec, rec->bytes), 0);
	memcpy(&bad, rec, sizeof(bad));
	rec->version = CTL_RECORD_VERSION + 1;
	assert_int_not_equal(ctl_record_check(rec, rec->bytes), 0);
	memcpy(rec, &bad, sizeof(bad));
	rec->links_len = UINT32_MAX;
	assert_int_not_equal(ctl_record_check(rec, rec->bytes), 0);
	memcpy(rec, &bad, sizeof(bad));
	rec->location = UINT64_MAX;
	assert_int_not_equal(ctl_record_check(rec, rec->bytes), 0);
	free(rec);
}

static void a_location_is_written_as_the_dataplane_writes_it(void **state)
{
	char text[10];

	ctl_location_text(1, text);
	assert_string_equal(text, "AAAAAAAAB");
	ctl_location_text((UINT64_C(1) << BRIDGE_LOCATION_BITS) - 1, text);
	assert_string_equal(text, "_________");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leshan_in_queue_mode_is_recorded_as_it_registered),
		cmocka_unit_test(wakaama_is_recorded_as_it_registered),
		cmocka_unit_test(parameters_the_enabler_does_not_define_are_kept),
		cmocka_unit_test(a_register_without_endpoint_is_refused_with_4_00),
		cmocka_unit_test(what_is_not_coap_is_refused),
		cmocka_unit_test(an_update_changes_what_it_names_and_nothing_else),
		cmocka_unit_test(an_update_that_names_the_endpoint_is_refused),
		cmocka_unit_test(every_truncated_or_inflated_record_is_recognised),
		cmocka_unit_test(a_location_is_written_as_the_dataplane_writes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
