// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a person sees.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/cli/table.h"
#include "tests/unit/control/cli/rig.h"

static void answer(unsigned int n, const char *body)
{
	rig.answers[n].status = 200;
	rig.answers[n].body = body;
}

#define OK "\"status\":\"CONTENT(205)\",\"success\":true,"

static void a_single_value_stands_alone(void **state)
{
	answer(0, "{" OK "\"content\":{\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\","
		  "\"value\":\"95\"}}");
	assert_int_equal(rig_run("read", "dev", "/3/0/9", NULL), 0);
	assert_string_equal(rig.out, "95\n");
	answer(0, "{" OK "\"content\":{\"kind\":\"singleResource\",\"id\":13,\"type\":\"TIME\","
		  "\"value\":1500000000000}}");
	rig_run("read", "dev", "/3/0/13", NULL);
	assert_string_equal(rig.out, "2017-07-14 02:40:00\n");
	answer(0, "{" OK "\"content\":{\"kind\":\"singleResource\",\"id\":6,\"type\":\"BOOLEAN\","
		  "\"value\":true}}");
	rig_run("read", "dev", "/1/0/6", NULL);
	assert_string_equal(rig.out, "true\n");
}

static void an_instance_is_a_table(void **state)
{
	answer(0,
	       "{" OK "\"content\":{\"kind\":\"instance\",\"id\":0,\"resources\":["
	       "{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\",\"value\":\"h\u00e9\"},"
	       "{\"kind\":\"multiResource\",\"id\":7,\"type\":\"INTEGER\","
	       "\"values\":{\"0\":\"3800\",\"1\":\"5000\"}},"
	       "{\"kind\":\"singleResource\",\"id\":22,\"type\":\"OBJLNK\","
	       "\"value\":{\"objectId\":66,\"objectInstanceId\":1}}]}}");
	assert_int_equal(rig_run("read", "dev", "3/0", NULL), 0);
	assert_string_equal(rig.out, "PATH      TYPE     VALUE\n"
				     "/3/0/0    STRING   h\u00e9\n"
				     "/3/0/7/0  INTEGER  3800\n"
				     "/3/0/7/1  INTEGER  5000\n"
				     "/3/0/22   OBJLNK   66:1\n");
}

static void an_object_shows_its_instances(void **state)
{
	answer(0, "{" OK "\"content\":{\"kind\":\"obj\",\"id\":3303,\"instances\":[{\"kind\":"
		  "\"instance\",\"id\":2,\"resources\":[{\"kind\":\"singleResource\",\"id\":5700,"
		  "\"type\":\"FLOAT\",\"value\":\"21.5\"}]}]}}");
	rig_run("read", "dev", "/3303", NULL);
	assert_non_null(strstr(rig.out, "/3303/2/5700  FLOAT  21.5\n"));
}

static void what_a_device_says_cannot_play_with_the_terminal(void **state)
{
	answer(0, "{" OK "\"content\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\","
		  "\"value\":\"a\\u001b[2Jb\\u009bc\\n\"}}");
	rig_run("read", "dev", "/3/0/0", NULL);
	assert_string_equal(rig.out, "a?[2Jb?c?\n");
}

static void devices_are_aligned(void **state)
{
	answer(0, "[{\"endpoint\":\"a\",\"registrationId\":\"r1\",\"lastUpdate\":1500000000000,"
		  "\"address\":\"10.0.0.1:5683\",\"lwM2mVersion\":\"1.1\",\"lifetime\":300,"
		  "\"queuemode\":false},"
		  "{\"endpoint\":\"longer-name\",\"registrationId\":\"r2\",\"lastUpdate\":0,"
		  "\"address\":\"[::1]:1\",\"lwM2mVersion\":\"1.0\",\"lifetime\":86400,"
		  "\"queuemode\":true,\"sleeping\":true}]");
	assert_int_equal(rig_run("devices", "--prefix", "x&y", "--limit", "7", NULL), 0);
	assert_string_equal(rig.target, "/api/clients?prefix=x%26y&limit=7");
	assert_string_equal(
		rig.out,
		"ENDPOINT     LWM2M  REACHABLE  LIFETIME  LAST SEEN            ADDRESS\n"
		"a            1.1    always     300 s     2017-07-14 02:40:00  10.0.0.1:5683\n"
		"longer-name  1.0    asleep     86400 s   1970-01-01 00:00:00  [::1]:1\n");
	assert_int_equal(rig_run("devices", "--names", NULL), 0);
	assert_string_equal(rig.out, "a\nlonger-name\n");
	assert_int_equal(rig_run("devices", "--json", NULL), 0);
	assert_string_equal(rig.target, "/api/clients");
	assert_memory_equal(rig.out, "[{\"endpoint\":\"a\"", 16);
}

static void a_long_list_is_fetched_in_pages(void **state)
{
	static char page[64000] = "[";

	for (unsigned i = 0; i < 1000; i++)
		sprintf(page + strlen(page), "%s{\"endpoint\":\"e%u\",\"registrationId\":\"r%u\"}",
			i > 0 ? "," : "", i, i);
	strcat(page, "]");
	answer(0, page);
	answer(1, "[{\"endpoint\":\"last\",\"registrationId\":\"x\"}]");
	assert_int_equal(rig_run("devices", "--names", NULL), 0);
	assert_int_equal(rig.asked, 2);
	assert_string_equal(rig.target, "/api/clients?limit=1000&after=r999");
	assert_non_null(strstr(rig.out, "e999\nlast\n"));
}

static void one_device_is_shown_with_its_objects(void **state)
{
	answer(0, "{\"endpoint\":\"a\",\"registrationId\":\"r1\",\"address\":\"10.0.0.1:5683\","
		  "\"lwM2mVersion\":\"1.1\",\"lifetime\":300,\"bindingMode\":\"U\","
		  "\"registrationDate\":0,\"lastUpdate\":0,\"queuemode\":true,\"sleeping\":false,"
		  "\"objectLinks\":[{\"url\":\"/\",\"attributes\":{\"rt\":\"oma.lwm2m\"}},"
		  "{\"url\":\"/3/0\",\"attributes\":{}}]}");
	assert_int_equal(rig_run("device", "a", NULL), 0);
	assert_non_null(strstr(rig.out, "Reachable      awake\n"));
	assert_non_null(strstr(rig.out, "PATH  ATTRIBUTES\n/     rt=oma.lwm2m\n/3/0  \n"));
}

static void a_queued_operation_is_explained(void **state)
{
	answer(0, "{\"ep\":\"dev\",\"path\":\"/3/0/9\",\"requestId\":17,\"delayed\":true}");
	assert_int_equal(rig_run("read", "dev", "/3/0/9", NULL), 0);
	assert_non_null(strstr(rig.out, "queued as request 17"));
	assert_non_null(strstr(rig.out, "sluicectl queue dev"));
	assert_int_equal(rig_run("write", "dev", "/1/0/1", "3", "--json", NULL), 0);
	assert_non_null(strstr(rig.out, "\"delayed\":true"));
}

static void what_waits_is_listed(void **state)
{
	answer(0, "[{\"requestId\":17,\"path\":\"/3/0/9\",\"operation\":\"read\","
		  "\"queued\":1500000000000,\"expires\":1500000060000}]");
	assert_int_equal(rig_run("queue", "dev", NULL), 0);
	assert_string_equal(rig.out,
			    "ID  OPERATION  PATH    QUEUED               EXPIRES\n"
			    "17  read       /3/0/9  2017-07-14 02:40:00  2017-07-14 02:41:00\n");
	answer(0, "[]");
	rig_run("queue", "dev", NULL);
	assert_string_equal(rig.out, "nothing waits\n");
}

static void events_are_a_line_each(void **state)
{
	answer(0,
	       ":\n\nevent: REGISTRATION\ndata: {\"endpoint\":\"a\",\"address\":\"10.0.0.1:1\"}\n\n"
	       "event: UPDATED\ndata: {\"registration\":{\"endpoint\":\"a\"},"
	       "\"update\":{\"lifetime\":9}}\n\n"
	       "event: AWAKE\ndata: {\"ep\":\"a\"}\n\n"
	       "event: NOTIFICATION\ndata: {\"ep\":\"a\",\"res\":\"/3/0/9\"}\n\n");
	assert_int_equal(rig_run("events", "--ep", "a", "--count", "4", NULL), 0);
	assert_string_equal(rig.target, "/api/event?ep=a");
	assert_non_null(strstr(rig.out, "REGISTRATION      a  10.0.0.1:1\n"));
	assert_non_null(strstr(rig.out, "UPDATED           a  {\"lifetime\":9}\n"));
	assert_non_null(strstr(rig.out, "NOTIFICATION      a  {\"res\":\"/3/0/9\"}\n"));
	assert_int_equal(rig_run("events", "--json", "--count", "1", NULL), 0);
	assert_string_equal(rig.out, "{\"event\":\"REGISTRATION\",\"data\":{\"endpoint\":\"a\","
				     "\"address\":\"10.0.0.1:1\"}}\n");
}

static void a_broken_stream_is_asked_for_again(void **state)
{
	answer(0, "event: AWAKE\ndata: {\"ep\":\"a\"}\n\n");
	answer(1, "event: SLEEPING\ndata: {\"ep\":\"a\"}\n\n");
	assert_int_equal(rig_run("events", "--count", "2", NULL), 0);
	assert_int_equal(rig.asked, 2);
	assert_non_null(strstr(rig.err, "broke off"));
	assert_non_null(strstr(rig.out, "SLEEPING"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(a_single_value_stands_alone),
		T(an_instance_is_a_table),
		T(an_object_shows_its_instances),
		T(what_a_device_says_cannot_play_with_the_terminal),
		T(devices_are_aligned),
		T(a_long_list_is_fetched_in_pages),
		T(one_device_is_shown_with_its_objects),
		T(a_queued_operation_is_explained),
		T(what_waits_is_listed),
		T(events_are_a_line_each),
		T(a_broken_stream_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
