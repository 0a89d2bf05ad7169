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

static void assert_has(const char *links, const char *text, bool expected)
{
	union device_event event;
	struct ctl_record *record;
	struct lwm2m_path path;
	const char *why;
	uint8_t code;

	device_register(&event, DEVICE_LOCATION(1), "ep=dev&lwm2m=1.1&lt=300", links);
	record = ctl_record_from_register(&event.ev, &code, &why);
	assert_non_null(record);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_instances_that_were_listed_are_there),
		cmocka_unit_test(an_object_listed_without_instances_stands_for_whichever_it_has),
		cmocka_unit_test(the_alternate_root_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
