// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/decode.h"

#include "tests/support/codec_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define JSON LWM2M_FORMAT_JSON

static void entries_are_read_from_any_base(void **state)
{
	static const struct codec_good cases[] = {
		{"/3/0", "{\"bn\":\"/3/0/\",\"e\":[{\"n\":\"9\",\"v\":1}]}", "/0{9=INTEGER 1}"},
		{"/3/0", "{\"e\":[{\"n\":\"9\",\"v\":1}],\"bn\":\"/3/0/\"}", "/0{9=INTEGER 1}"},
		{"/3/0", "{\"bn\":\"/\",\"e\":[{\"n\":\"3/0/9\",\"v\":1}]}", "/0{9=INTEGER 1}"},
		{"/3/0/9", "{\"bn\":\"/3/0/9\",\"e\":[{\"v\":1}]}", "9=INTEGER 1"},
		{"/3/0/9", "{\"bn\":\"/3/0/9\",\"e\":[{\"n\":\"\",\"v\":1}]}", "9=INTEGER 1"},
		// Without a base name, names are relative to what was asked.
		{"/3/0", "{\"e\":[{\"n\":\"9\",\"v\":1}]}", "/0{9=INTEGER 1}"},
		{"/3/0/9", "{\"e\":[{\"n\":\"\",\"v\":1}]}", "9=INTEGER 1"},
		{"/3/0/7", "{\"e\":[{\"n\":\"0\",\"v\":1}]}", "7=INTEGER[#0=INTEGER 1]"},
		{"/", "{\"e\":[{\"n\":\"3/0/9\",\"v\":1}]}", "{//3{/0{9=INTEGER 1}}}"},
		{"/3/0", "{\"bn\":\"/3/0/\",\"e\":[]}", "/0{}"},
		{"/3/0/7", "{\"e\":[]}", "7=INTEGER[]"},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
	codec_check_good(LWM2M_FORMAT_JSON_OLD, CODEC_CASES(cases));
}

static void values_of_all_types_are_read(void **state)
{
	static const struct codec_good cases[] = {
		{"/3442/0/110", "{\"e\":[{\"sv\":\"x\"}]}", "110=STRING x"},
		{"/3442/0/120", "{\"e\":[{\"v\":-5,\"t\":1}]}", "120=INTEGER -5"},
		{"/3442/0/130", "{\"e\":[{\"v\":1.5}]}", "130=FLOAT 1.5"},
		{"/3442/0/140", "{\"e\":[{\"bv\":true}]}", "140=BOOLEAN true"},
		{"/3442/0/150", "{\"e\":[{\"sv\":\"+/8A\"}]}", "150=OPAQUE fbff00"},
		{"/3442/0/150", "{\"e\":[{\"sv\":\"AA==\"}]}", "150=OPAQUE 00"},
		{"/3442/0/160", "{\"e\":[{\"v\":1367491215}],\"bt\":5}", "160=TIME 1367491215"},
		{"/3442/0/170", "{\"e\":[{\"ov\":\"3:0\"}]}", "170=OBJLNK 3:0"},
		{"/9/0/1", "{\"e\":[{\"sv\":\"AA==\",\"u\":1}],\"x\":{}}", "1=STRING AA=="},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
}

static void malformed_documents_name_the_byte(void **state)
{
	static const struct codec_bad cases[] = {
		{"/3/0/9", "", 0},
		{"/3/0/9", "[]", 0},
		{"/3/0/9", "{}", 0},                                      // no entries
		{"/3/0/9", "{\"bn\":\"/3/0/9\"}", 0},                     // no entries
		{"/3/0/9", "{\"e\":{}}", 5},                              // no array
		{"/3/0/9", "{\"e\":[1]}", 6},                             // no object
		{"/3/0/9", "{\"e\":[{\"v\":1}]}x", 15},                   // more
		{"/3/0/9", "{\"e\":[{\"v\":1}]", 14},                     // cut
		{"/3/0/9", "{\"e\":[{\"v\":1}],\"e\":[]}", 15},           // twice
		{"/3/0/9", "{\"bn\":\"/\",\"bn\":\"/\"}", 10},            // twice
		{"/3/0/9", "{\"bt\":1,\"bt\":1}", 8},                     // twice
		{"/3/0/9", "{\"bt\":\"1\",\"e\":[]}", 6},                 // no number
		{"/3/0/9", "{\"bn\":1,\"e\":[]}", 6},                     // no text
		{"/3/0/9", "{\"e\":[{\"v\":1,\"v\":1}]}", 17},            // twice
		{"/3/0/9", "{\"e\":[{\"v\":1,\"sv\":\"1\"}]}", 18},       // two values
		{"/3/0/9", "{\"e\":[{}]}", 6},                            // no value
		{"/3/0/9", "{\"e\":[]}", 0},                              // no entry
		{"/3/0/9", "{\"e\":[{\"v\":\"1\"}]}", 11},                // text
		{"/3/0/9", "{\"e\":[{\"v\":1.5}]}", 11},                  // no integer
		{"/3/0/9", "{\"e\":[{\"v\":1,\"t\":-5},{\"v\":2}]}", 21}, // two of one resource
		{"/3/0/9", "{\"bn\":\"/3/0/10\",\"e\":[{\"v\":1}]}", 21}, // not asked
		{"/3/0/9", "{\"bn\":\"3/0/9\",\"e\":[{\"v\":1}]}", 19},   // no path
		{"/6/0/4", "{\"e\":[{\"sv\":\"AA\"}]}", 12},              // no base64
		{"/6/0/4", "{\"e\":[{\"v\":1}]}", 11},                    // no opaque value
		{"/1/0/10", "{\"e\":[{\"sv\":\"3:0\"}]}", 12},            // not as ov
	};

	codec_check_bad(JSON, CODEC_CASES(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_read_from_any_base),
		cmocka_unit_test(values_of_all_types_are_read),
		cmocka_unit_test(malformed_documents_name_the_byte),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/lwm2m_json", tests, NULL, NULL);
}
