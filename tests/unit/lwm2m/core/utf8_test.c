// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void text_of_every_width_is_valid(void **state)
{
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid(NULL, 0));
	assert_true(utf8_valid("a\x7f\n", 3));
	assert_true(utf8_valid("\xc2\x80\xdf\xbf", 4));
	assert_true(utf8_valid("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 12));
	assert_true(utf8_valid("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8));
}

static void every_malformed_form_is_invalid(void **state)
{
	static const char *const texts[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc2",
		"\xc2\x41",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xe1\x80",
		"\xe1\x80\x41",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf1\x80\x80",
		"\xff",
		"\xfe",
		"ok\xc3",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(utf8_valid(texts[i], strlen(texts[i])));
		assert_false(utf8_printable(texts[i], strlen(texts[i])));
	}
}

static void control_characters_are_not_printable(void **state)
{
	assert_true(utf8_printable("urn:imei:49-015420\xc2\xa0", 20));
	assert_false(utf8_printable("a\0b", 3));
	assert_false(utf8_printable("a\n", 2));
	assert_false(utf8_printable("\x7f", 1));
	assert_false(utf8_printable("\xc2\x85", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_every_width_is_valid),
		cmocka_unit_test(every_malformed_form_is_invalid),
		cmocka_unit_test(control_characters_are_not_printable),
	};
	return cmocka_run_group_tests_name("lwm2m/core/utf8", tests, NULL, NULL);
}
