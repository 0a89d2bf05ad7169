// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/observe/registered.h"
#include "tests/unit/control/support/device.h"

static struct ctl_record *record_of(const char *links)
{
	union device_event event;
	struct ctl_record *record;
	const char *why;
	uint8_t code;

	device_register(&event, DEVICE_LOCATION(1), "ep=dev&lwm2m=1.1&lt=300", links);
	record = ctl_record_from_register(&event.ev, &code, &why);
	assert_non_null(record);
	return record;
}

static void assert_has(const char *links, const char *text, bool expected)
{
	struct ctl_record *record = record_of(links);
	struct lwm2m_path path;

	assert_true(lwm2m_path_parse(&path, text, strlen(text)));
	assert_int_equal(ctl_record_has(record, &path), expected);
	free(record);
}

static void objects_and_instances_that_were_listed_are_there(void **state)
{
	static const char links[] = "</1/0>,</3/0>,</3303/0>,</3303/1>";

	assert_has(links, "/", true);
	assert_has(links, "/3303", true);
	assert_has(links, "/3303/1", true);
	assert_has(links, "/3303/1/5700", true);
	assert_has(links, "/3/0/7/1", true);
	assert_has(links, "/3303/2", false);
	assert_has(links, "/3303/2/5700", false);
	assert_has(links, "/4", false);
	assert_has(links, "/33", false);
}

static void an_object_listed_without_instances_stands_for_whichever_it_has(void **state)
{
	assert_has("</3/0>,</5>", "/5/0", true);
	assert_has("</3/0>,</5>;ver=1.1,</5/0>", "/5/0/1", true);
	assert_has("</3/0>,</5>;ver=1.1,</5/0>", "/5/1", false);
}

static void the_alternate_root_is_left_out(void **state)
{
	static const char links[] = "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/3/0>";

	assert_has(links, "/3/0", true);
	assert_has(links, "/4/0", false);
}

static uint16_t free_id(const char *links)
{
	struct ctl_record *record = record_of(links);
	struct ctl_registered registered;
	uint16_t id;

	assert_int_equal(ctl_registered_init(&registered, record), 0);
	id = ctl_registered_free_id(&registered, 5);
	ctl_registered_fini(&registered);
	free(record);
	return id;
}

static void the_first_id_that_is_not_listed_is_free(void **state)
{
	assert_int_equal(free_id("</3/0>"), 0);
	assert_int_equal(free_id("</5>,</3/0>"), 0);
	assert_int_equal(free_id("</5/1>,</6/0>"), 0);
	assert_int_equal(free_id("</5/1>,</5/0>,</5/1>,</5/3>,</5>"), 2);
	assert_int_equal(free_id("</4/0>,</5/0>,</6/1>"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_instances_that_were_listed_are_there),
		cmocka_unit_test(an_object_listed_without_instances_stands_for_whichever_it_has),
		cmocka_unit_test(the_alternate_root_is_left_out),
		cmocka_unit_test(the_first_id_that_is_not_listed_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
