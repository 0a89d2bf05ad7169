// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/rest/listing.h"

// What is listed: 'l' for a search that takes longer, '0' where memory runs out, else a number.
struct numbers {
	struct ctl_listing listing;
	const char *script;
};

static enum ctl_listing_next next_number(struct ctl_listing *listing, json_t **entry)
{
	struct numbers *numbers = (struct numbers *)listing;
	char what = *numbers->script;

	if (what == '\0')
		return CTL_LISTING_END;
	numbers->script++;
	if (what == 'l')
		return CTL_LISTING_LATER;
	if (what != '0')
		*entry = json_pack("{s:i}", "n", what - '0');
	return CTL_LISTING_ENTRY;
}

// Reads it as a server would with a buffer of that many bytes: how it ended.
static ssize_t read_all(const char *script, uint64_t left, size_t max, char text[static 256])
{
	struct numbers *numbers = calloc(1, sizeof(*numbers));
	struct ctl_resp resp = {0};
	size_t len = 0;
	ssize_t n;

	assert_non_null(numbers);
	numbers->script = script;
	numbers->listing.next = next_number;
	numbers->listing.left = left;
	ctl_listing_begin(&numbers->listing, &resp);
	assert_int_equal(resp.status, 200);
	assert_string_equal(resp.content_type, CTL_TYPE_JSON);
	while ((n = resp.stream->read(resp.stream, text + len, max)) > 0) {
		assert_true((size_t)n <= max);
		len += (size_t)n;
	}
	text[len] = '\0';
	resp.stream->free(resp.stream);
	return n;
}

static void nothing_is_an_empty_array(void **state)
{
	char text[256];

	assert_int_equal(read_all("", UINT64_MAX, 100, text), -1);
	assert_string_equal(text, "[]");
}

static void entries_are_the_same_in_pieces_of_any_size(void **state)
{
	char text[256];

	for (size_t max = 1; max < 40; max++) {
		assert_int_equal(read_all("123", UINT64_MAX, max, text), -1);
		assert_string_equal(text, "[{\"n\":1},{\"n\":2},{\"n\":3}]");
	}
}

static void no_more_are_listed_than_were_asked_for(void **state)
{
	char text[256];

	assert_int_equal(read_all("123", 2, 100, text), -1);
	assert_string_equal(text, "[{\"n\":1},{\"n\":2}]");
	assert_int_equal(read_all("123", 0, 100, text), -1);
	assert_string_equal(text, "[]");
}

static void a_search_that_takes_longer_shows_as_white_space(void **state)
{
	char text[256];

	assert_int_equal(read_all("ll1l", 1, 100, text), -1);
	assert_string_equal(text, "\n\n[{\"n\":1}]");
}

static void it_breaks_off_when_memory_is_out(void **state)
{
	char text[256];

	assert_int_equal(read_all("10", UINT64_MAX, 8, text), -2);
	assert_string_equal(text, "[{\"n\":1}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_array),
		cmocka_unit_test(entries_are_the_same_in_pieces_of_any_size),
		cmocka_unit_test(no_more_are_listed_than_were_asked_for),
		cmocka_unit_test(a_search_that_takes_longer_shows_as_white_space),
		cmocka_unit_test(it_breaks_off_when_memory_is_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
