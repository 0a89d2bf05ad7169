// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/cli/sse.h"

static char told[1024];
static unsigned left;

static bool on_event(const char *name, const char *data, void *arg)
{
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s(%s)", name, data);
	return --left > 0;
}

static const char *feed(const char *text, size_t piece)
{
	struct sse sse = {.cb = on_event};
	size_t len = strlen(text);

	told[0] = '\0';
	left = 100;
	for (size_t at = 0; at < len; at += piece)
		sse_feed(&sse, text + at, len - at < piece ? len - at : piece);
	sse_free(&sse);
	return told;
}

static void events_are_found_whatever_the_pieces(void **state)
{
	static const char text[] = ":\n\nevent: AWAKE\ndata: {\"ep\":\"a\"}\n\n"
				   "event: SEND\r\ndata: {}\r\n\r\n";

	for (size_t piece = 1; piece < sizeof(text); piece++)
		assert_string_equal(feed(text, piece), "AWAKE({\"ep\":\"a\"})SEND({})");
}

static void what_the_standard_allows_is_read(void **state)
{
	assert_string_equal(feed("data:a\ndata: b\n\n", 3), "message(a\nb)");
	assert_string_equal(feed("event: X\n\ndata\nid: 4\n\ndata: y\n\n", 4), "message(y)");
	assert_string_equal(feed("data: \n\n", 9), "message()");
	assert_string_equal(feed("data: never ended", 5), "");
}

static void a_long_line_is_taken_whole(void **state)
{
	static char text[6000], expected[900];

	memset(expected, 'x', sizeof(expected) - 1);
	sprintf(text, "event: L\ndata: %s\n\n", expected);
	feed(text, 7);
	assert_memory_equal(told, "L(xxx", 5);
	assert_int_equal(strlen(told), strlen(expected) + 3);
}

static void whoever_has_enough_gets_no_more(void **state)
{
	struct sse sse = {.cb = on_event};

	told[0] = '\0';
	left = 1;
	assert_false(sse_feed(&sse, "data: a\n\ndata: b\n\n", 18));
	assert_string_equal(told, "message(a)");
	sse_free(&sse);
}

static void a_new_connection_forgets_half_an_event(void **state)
{
	struct sse sse = {.cb = on_event};

	told[0] = '\0';
	left = 9;
	sse_feed(&sse, "event: A\ndata: a\nda", 19);
	sse_reset(&sse);
	sse_feed(&sse, "data: b\n\n", 9);
	assert_string_equal(told, "message(b)");
	sse_free(&sse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_found_whatever_the_pieces),
		cmocka_unit_test(what_the_standard_allows_is_read),
		cmocka_unit_test(a_long_line_is_taken_whole),
		cmocka_unit_test(whoever_has_enough_gets_no_more),
		cmocka_unit_test(a_new_connection_forgets_half_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
