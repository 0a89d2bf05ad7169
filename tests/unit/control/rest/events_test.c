// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/metrics.h"
#include "control/rest/resources.h"
#include "control/rest/server.h"
#include "tests/unit/control/rest/fixture.h"

static struct fixture f;
static uv_loop_t loop;
static struct ctl_rest rest;
static uint32_t wakes, cuts;

static void count_wake(struct ctl_stream *stream)
{
	wakes++;
}

static void count_cut(struct ctl_stream *stream)
{
	cuts++;
}

static int setup(void **state)
{
	fixture_init(&f);
	uv_loop_init(&loop);
	f.ctl.loop = &loop;
	rest = (struct ctl_rest){.ctl = &f.ctl};
	rest.events = ctl_events_new(&f.ctl);
	assert_non_null(rest.events);
	f.ctl.rest = &rest;
	wakes = cuts = 0;
	ctl_counters = (struct ctl_counters){0};
	return 0;
}

static int teardown(void **state)
{
	ctl_events_free(rest.events);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	fixture_fini(&f);
	return 0;
}

static struct ctl_stream *open_reader(const char *endpoint)
{
	struct ctl_stream *stream =
		ctl_events_open(rest.events, endpoint, endpoint ? strlen(endpoint) : 0);

	assert_non_null(stream);
	stream->wake = count_wake;
	stream->cut = count_cut;
	return stream;
}

// Everything that is there now, in pieces of max bytes.
static const char *read_all(struct ctl_stream *stream, size_t max)
{
	static char text[16384];
	size_t n = 0;
	ssize_t got;

	while ((got = stream->read(stream, text + n, max)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	return text;
}

static void publish(enum ctl_event_type type, const struct ctl_reg *reg, uint16_t params)
{
	ctl_hub_publish(f.ctl.hub,
			&(struct ctl_event){.type = type, .reg = reg, .update_params = params});
}

#define REG                                                                                      \
	"{\"endpoint\":\"a\",\"registrationId\":\"AAAAAAAAB\",\"registrationDate\":1000,"        \
	"\"lastUpdate\":2000,\"address\":\"10.0.0.1:5683\",\"lwM2mVersion\":\"1.1\","            \
	"\"lifetime\":60,\"bindingMode\":\"U\",\"rootPath\":\"/\",\"objectLinks\":[{\"url\":"    \
	"\"/3/0\",\"attributes\":{}}],\"secure\":false,\"additionalRegistrationAttributes\":{}," \
	"\"queuemode\":false,\"availableInstances\":{\"3\":[0]}}"

static void the_first_bytes_are_a_comment(void **state)
{
	struct ctl_stream *stream = open_reader(NULL);

	assert_string_equal(read_all(stream, 100), ":\n\n");
	stream->free(stream);
}

static void a_device_in_queue_mode_that_leaves_is_told_to_sleep(void **state)
{
	struct ctl_stream *stream = open_reader(NULL);
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");

	read_all(stream, 100);
	reg->record->queue_mode = 1;
	publish(CTL_REGISTERED, reg, 0);
	assert_non_null(strstr(read_all(stream, 1000), "\"sleeping\":false"));
	publish(CTL_DEREGISTERED, reg, 0);
	assert_non_null(strstr(read_all(stream, 1000), "\"sleeping\":true"));
	stream->free(stream);
}

static void events_are_written_line_by_line(void **state)
{
	struct ctl_stream *stream = open_reader(NULL);
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");

	read_all(stream, 100);
	publish(CTL_REGISTERED, reg, 0);
	publish(CTL_UPDATED, reg, LWM2M_PARAM_LT);
	publish(CTL_DEREGISTERED, reg, 0);
	assert_string_equal(read_all(stream, 7),
			    "event: REGISTRATION\ndata: " REG "\n\n"
			    "event: UPDATED\ndata: {\"registration\":" REG ",\"update\":"
			    "{\"registrationId\":\"AAAAAAAAB\",\"address\":\"10.0.0.1:5683\","
			    "\"lifetime\":60,\"secure\":false,\"additionalAttributes\":{}}}\n\n"
			    "event: DEREGISTRATION\ndata: " REG "\n\n");
	assert_int_equal(ctl_counters.stream_events, 3);
	stream->free(stream);
}

static void a_reader_of_one_endpoint_sees_no_other(void **state)
{
	struct ctl_stream *only_a = open_reader("a"), *all = open_reader(NULL);
	struct ctl_reg *a = fixture_register(&f, "a", "</3/0>");
	struct ctl_reg *ab = fixture_register(&f, "ab", "</3/0>");

	read_all(only_a, 100);
	read_all(all, 100);
	publish(CTL_REGISTERED, ab, 0);
	assert_string_equal(read_all(only_a, 100), "");
	assert_non_null(strstr(read_all(all, 100), "\"endpoint\":\"ab\""));
	publish(CTL_REGISTERED, a, 0);
	assert_string_equal(read_all(only_a, 4096), "event: REGISTRATION\ndata: " REG "\n\n");
	only_a->free(only_a);
	all->free(all);
}

static void an_idle_reader_is_woken_once(void **state)
{
	struct ctl_stream *stream = open_reader(NULL);
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");

	publish(CTL_REGISTERED, reg, 0); // it has not read yet: nothing to wake
	assert_int_equal(wakes, 0);
	read_all(stream, 4096);
	publish(CTL_REGISTERED, reg, 0);
	publish(CTL_REGISTERED, reg, 0);
	assert_int_equal(wakes, 1);
	stream->free(stream);
}

static void a_slow_reader_is_cut_off_and_the_others_go_on(void **state)
{
	struct ctl_stream *slow = open_reader(NULL), *fast = open_reader(NULL);
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");
	uint32_t n = 0;
	char byte;

	while (cuts == 0 && n++ < 10000) {
		publish(CTL_REGISTERED, reg, 0);
		read_all(fast, 4096);
	}
	assert_int_equal(cuts, 1);
	assert_in_range(n, CTL_EVENTS_BACKLOG_MAX / 512, CTL_EVENTS_BACKLOG_MAX / 256);
	assert_int_equal(ctl_counters.stream_cut, 1);
	assert_int_equal(slow->read(slow, &byte, 1), -1);
	publish(CTL_REGISTERED, reg, 0);
	assert_non_null(strstr(read_all(fast, 4096), "REGISTRATION"));
	assert_int_equal(cuts, 1);
	slow->free(slow);
	fast->free(fast);
}

static void readers_may_leave_in_any_order(void **state)
{
	struct ctl_stream *streams[3] = {open_reader(NULL), open_reader("a"), open_reader(NULL)};
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");

	streams[1]->free(streams[1]);
	publish(CTL_REGISTERED, reg, 0);
	streams[2]->free(streams[2]);
	streams[0]->free(streams[0]);
	publish(CTL_REGISTERED, reg, 0);
	assert_int_equal(ctl_counters.stream_events, 2);
}

static void a_keepalive_is_a_comment(void **state)
{
	struct ctl_stream *stream = open_reader(NULL);

	read_all(stream, 100);
	ctl_events_keepalive(rest.events);
	assert_int_equal(wakes, 1);
	assert_string_equal(read_all(stream, 2), ":\n\n");
	stream->free(stream);
}

static void without_a_rest_side_events_go_nowhere(void **state)
{
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");

	f.ctl.rest = NULL;
	publish(CTL_REGISTERED, reg, 0);
	assert_int_equal(ctl_counters.stream_events, 0);
}

static void the_resource_has_the_recorded_content_type(void **state)
{
	struct ctl_req req = {.ctl = &f.ctl, .query_count = 1};
	struct ctl_resp resp = {0};

	req.query[0] = (struct ctl_query){{"ep", 2}, {"a", 1}};
	assert_int_equal(ctl_event_get(&req, &resp), 0);
	assert_string_equal(resp.content_type, "text/event-stream;charset=utf-8");
	ctl_resp_clear(&resp);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void the_messages_of_a_device_are_asked_for_while_somebody_reads_of_it(void **state)
{
	struct ctl_stream *all = open_reader(NULL), *one = open_reader("a"),
			  *two = open_reader("a");

	assert_int_equal(f.watched, 2);
	one->free(one);
	two->free(two);
	all->free(all);
	assert_int_equal(f.watched, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_messages_of_a_device_are_asked_for_while_somebody_reads_of_it),
		T(the_first_bytes_are_a_comment),
		T(a_device_in_queue_mode_that_leaves_is_told_to_sleep),
		T(events_are_written_line_by_line),
		T(a_reader_of_one_endpoint_sees_no_other),
		T(an_idle_reader_is_woken_once),
		T(a_slow_reader_is_cut_off_and_the_others_go_on),
		T(readers_may_leave_in_any_order),
		T(a_keepalive_is_a_comment),
		T(without_a_rest_side_events_go_nowhere),
		T(the_resource_has_the_recorded_content_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
