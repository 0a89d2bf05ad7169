// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/decode.h"

#include "tests/support/codec_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define JSON LWM2M_FORMAT_SENML_JSON

static void values_of_all_types_are_read(void **state)
{
	static const struct codec_good cases[] = {
		{"/3442/0/110", "[{\"n\":\"/3442/0/110\",\"vs\":\"a b\"}]", "110=STRING a b"},
		{"/3442/0/180", "[{\"n\":\"/3442/0/180\",\"vs\":\"</3>\"}]", "180=CORELINK </3>"},
		{"/3442/0/120", "[{\"n\":\"/3442/0/120\",\"v\":-9223372036854775808}]",
		 "120=INTEGER -9223372036854775808"},
		{"/3442/0/120", "[{\"n\":\"/3442/0/120\",\"v\":9223372036854775807}]",
		 "120=INTEGER 9223372036854775807"},
		{"/3442/0/120", "[{\"n\":\"/3442/0/120\",\"v\":1.2e2}]", "120=INTEGER 120"},
		{"/3442/0/125", "[{\"n\":\"/3442/0/125\",\"v\":18446744073709551615}]",
		 "125=UNSIGNED_INTEGER 18446744073709551615"},
		{"/3442/0/125", "[{\"n\":\"/3442/0/125\",\"v\":7.0}]", "125=UNSIGNED_INTEGER 7"},
		{"/3442/0/130", "[{\"n\":\"/3442/0/130\",\"v\":-1.5E-3}]", "130=FLOAT -0.0015"},
		{"/3442/0/130", "[{\"n\":\"/3442/0/130\",\"v\":3}]", "130=FLOAT 3"},
		{"/3442/0/140", "[{\"n\":\"/3442/0/140\",\"vb\":false}]", "140=BOOLEAN false"},
		{"/3442/0/150", "[{\"n\":\"/3442/0/150\",\"vd\":\"-_8A\"}]", "150=OPAQUE fbff00"},
		{"/3442/0/150", "[{\"n\":\"/3442/0/150\",\"vd\":\"AA\"}]", "150=OPAQUE 00"},
		{"/3442/0/150", "[{\"n\":\"/3442/0/150\",\"vd\":\"\"}]", "150=OPAQUE "},
		{"/3442/0/160", "[{\"n\":\"/3442/0/160\",\"v\":1795344565}]",
		 "160=TIME 1795344565"},
		{"/3442/0/170", "[{\"n\":\"/3442/0/170\",\"vlo\":\"3:65535\"}]",
		 "170=OBJLNK 3:65535"},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
}

static void what_the_model_does_not_know_is_typed_by_its_field(void **state)
{
	static const struct codec_good cases[] = {
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"v\":1}]", "1=INTEGER 1"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"v\":1.0}]", "1=FLOAT 1"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"v\":9223372036854775808}]",
		 "1=UNSIGNED_INTEGER 9223372036854775808"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"v\":18446744073709551616}]",
		 "1=FLOAT 1.8446744073709552e+19"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"vs\":\"1\"}]", "1=STRING 1"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"vb\":true}]", "1=BOOLEAN true"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"vd\":\"AA\"}]", "1=OPAQUE 00"},
		{"/9/0/1", "[{\"n\":\"/9/0/1\",\"vlo\":\"3:0\"}]", "1=OBJLNK 3:0"},
		{"/9/0/1", "[{\"n\":\"/9/0/1/5\",\"v\":1}]", "1=INTEGER[#5=INTEGER 1]"},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
}

static void bases_hold_until_others_come(void **state)
{
	static const struct codec_good cases[] = {
		{"/3/0", "[{\"bn\":\"/3/0/\",\"n\":\"9\",\"v\":1},{\"n\":\"10\",\"v\":2}]",
		 "/0{9=INTEGER 1,10=INTEGER 2}"},
		{"/", "[{\"n\":\"9\",\"v\":1,\"bn\":\"/3/0/\"},{\"bn\":\"/6/0/0\",\"v\":2}]",
		 "{//3{/0{9=INTEGER 1}},//6{/0{0=FLOAT 2}}}"},
		// RFC 8428 section 5.1.3, with names of LwM2M: base value, unit, time and version.
		{"/3442/0",
		 "[{\"bn\":\"/3442/0/\",\"bt\":1.276020076001e+09,\"bu\":\"A\",\"bver\":5,"
		 "\"n\":\"130\",\"u\":\"V\",\"v\":120.1},{\"n\":\"1130/0\",\"t\":-5,\"v\":1.2},"
		 "{\"n\":\"1130/1\",\"t\":-4,\"v\":1.3}]",
		 "/0{130=FLOAT 120.09999999999999,1130=FLOAT[#0=FLOAT 1.2,#1=FLOAT 1.3]}"},
		{"/3442/0",
		 "[{\"bn\":\"/3442/0/\",\"bv\":20,\"n\":\"120\",\"v\":-25},"
		 "{\"n\":\"130\",\"v\":0.5},{\"n\":\"110\",\"vs\":\"x\"}]",
		 "/0{120=INTEGER -5,130=FLOAT 20.5,110=STRING x}"},
		// A record that only sets bases.
		{"/3/0", "[{\"bn\":\"/3/0/\",\"bt\":5},{\"n\":\"9\",\"v\":1}]", "/0{9=INTEGER 1}"},
		{"/3/0/9", "[{\"bn\":\"/3/0/9\",\"bt\":5},{\"t\":1,\"v\":1}]", "9=INTEGER 1"},
		{"/3/0/7", "[{\"bn\":\"/3/0/7/\"},{\"n\":\"1\",\"v\":1}]",
		 "7=INTEGER[#1=INTEGER 1]"},
		{"/3/0/7", "[]", "7=INTEGER[]"},
		{"/3303", "[{\"bn\":\"/3303/5\"}]", "//3303{/5{}}"},
		// Fields of no interest, white space.
		{"/3/0/9",
		 " [ { \"n\" : \"/3/0/9\" ,\t\"v\":1,\r\n\"x\":{\"y\":[1,{}]},\"u\":\"%\","
		 "\"s\":1.5,\"ut\":60}\n] ",
		 "9=INTEGER 1"},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
}

static void strings_keep_what_their_escapes_say(void **state)
{
	static const struct codec_good cases[] = {
		{"/3/0/0", "[{\"n\":\"/3/0/0\",\"vs\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}]",
		 "0=STRING \"\\/\b\f\n\r\t"},
		{"/3/0/0", "[{\"n\":\"/3/0/0\",\"vs\":\"\\u0041\\u00e4\\u20ac\\uD83D\\ude00\"}]",
		 "0=STRING A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"/3/0/0", "[{\"n\":\"/3/0/0\",\"vs\":\"\xc3\xa4\x7f\"}]", "0=STRING \xc3\xa4\x7f"},
		{"/3/0/0", "[{\"\\u006e\":\"\\/3\\/0\\/0\",\"v\\u0073\":\"x\"}]", "0=STRING x"},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
}

static void malformed_json_names_the_byte(void **state)
{
	static const struct codec_bad cases[] = {
		{"/3/0/9", "", 0},
		{"/3/0/9", "[", 1},
		{"/3/0/9", "[{", 2},
		{"/3/0/9", "[{\"n\"", 5},
		{"/3/0/9", "[{\"n\":", 6},
		{"/3/0/9", "[{\"n\":\"/3/0/9", 13},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1}", 21},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1}]x", 22},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1},]", 22},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1,}]", 21},
		{"/3/0/9", "[{\"n\" \"/3/0/9\"}]", 6},
		{"/3/0/9", "[{\"n\":\"/3/0/9\" \"v\":1}]", 15},
		{"/3/0/9", "[{n:1}]", 2},
		{"/3/0/9", "[{1:1}]", 2},
		{"/3/0/9", "[{\"v\":+1}]", 6},
		{"/3/0/9", "[{\"v\":01}]", 7},
		{"/3/0/9", "[{\"v\":1.}]", 8},
		{"/3/0/9", "[{\"v\":.1}]", 6},
		{"/3/0/9", "[{\"v\":1e}]", 8},
		{"/3/0/9", "[{\"v\":-}]", 7},
		{"/3/0/9", "[{\"v\":NaN}]", 6},
		{"/3/0/9", "[{\"v\":Infinity}]", 6},
		{"/3/0/9", "[{\"v\":1e999}]", 6},
		{"/3/0/9", "[{\"v\":0x1}]", 7},
		{"/3/0/9", "[{\"v\":tru}]", 6},
		{"/3/0/9", "[{\"x\":nul", 6},
		{"/3/0/0", "[{\"vs\":\"\n\"}]", 8},      // control character
		{"/3/0/0", "[{\"vs\":\"\\x\"}]", 8},     // unknown escape
		{"/3/0/0", "[{\"vs\":\"\\u12g4\"}]", 8}, // not hexadecimal
		{"/3/0/0", "[{\"vs\":\"\\u123\"}]", 8},  // too short
		{"/3/0/0", "[{\"vs\":\"\\ud83d\"}]", 8}, // half a pair
		{"/3/0/0", "[{\"vs\":\"\\ud83d\\u0041\"}]", 8},
		{"/3/0/0", "[{\"vs\":\"\\ude00\"}]", 8},      // the other half
		{"/3/0/0", "[{\"vs\":\"a\xff\"}]", 8},        // not UTF-8
		{"/3/0/0", "[{\"vs\":\"\xed\xa0\x80\"}]", 8}, // a surrogate in UTF-8
		{"/3/0/0", "[{\"vs\":\"\xc0\x80\"}]", 8},     // over-long
		{"/3/0/9", "\xef\xbb\xbf[]", 0},              // byte order mark
	};

	codec_check_bad(JSON, CODEC_CASES(cases));
}

static void records_that_mean_nothing_are_refused(void **state)
{
	static const struct codec_bad cases[] = {
		{"/3/0/9", "{}", 0},                                         // no array
		{"/3/0/9", "[]", 0},                                         // no record
		{"/3/0/9", "[[]]", 1},                                       // no object
		{"/3/0/9", "[{}]", 1},                                       // no name
		{"/3/0/9", "[{\"v\":1}]", 1},                                // no name
		{"/3/0/9", "[{\"n\":\"/3/0/9\"}]", 1},                       // no value
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"s\":1}]", 1},               // only a sum
		{"/3/0/9", "[{\"n\":\"3/0/9\",\"v\":1}]", 1},                // no path
		{"/3/0/9", "[{\"n\":\"/3/0/09\",\"v\":1}]", 1},              // no path
		{"/3/0/9", "[{\"n\":\"/3/0/65535\",\"v\":1}]", 1},           // reserved
		{"/3/0/9", "[{\"n\":\"/3/0/65536\",\"v\":1}]", 1},           // no id
		{"/3/0/9", "[{\"n\":\"/3/0/9/1/1\",\"v\":1}]", 1},           // too deep
		{"/3/0/9", "[{\"bn\":\"/3/0/\",\"n\":\"/9\",\"v\":1}]", 1},  // two slashes
		{"/3/0/9", "[{\"bn\":\"12345678901234567890123456\"}]", 7},  // too long
		{"/3/0/9", "[{\"n\":\"/3/0/10\",\"v\":1}]", 1},              // not asked
		{"/3/0/9", "[{\"n\":\"/3/0\",\"v\":1}]", 1},                 // above
		{"/3/0", "[{\"n\":\"/3/0\",\"v\":1}]", 1},                   // no resource
		{"/3/0/9", "[{\"n\":5}]", 6},                                // n no text
		{"/3/0/9", "[{\"bn\":null}]", 7},                            // null
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":\"1\"}]", 19},          // v text
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":null}]", 19},           // v null
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":[1]}]", 19},            // v array
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"vb\":1}]", 20},             // vb number
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"vd\":1}]", 20},             // vd number
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"t\":\"1\"}]", 19},          // t text
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1,\"v\":1}]", 25},      // twice
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1,\"vs\":\"1\"}]", 26}, // two values
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1,\"x_\":1}]", 21},     // must-understand
		{"/3/0/9", "[{\"bver\":11,\"n\":\"/3/0/9\",\"v\":1}]", 9},   // newer
		{"/3/0/9", "[{\"bver\":-1,\"n\":\"/3/0/9\",\"v\":1}]", 9},   // no version
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1},{\"n\":\"/3/0/9\",\"v\":1}]", 22},
		{"/3/0", "[{\"n\":\"/3/0/7\",\"v\":1},{\"n\":\"/3/0/7/0\",\"v\":1}]", 22},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"bt\":1e308,\"t\":1e308,\"v\":1}]", 1},
	};

	codec_check_bad(JSON, CODEC_CASES(cases));
}

static void values_that_do_not_fit_are_refused(void **state)
{
	static const struct codec_bad cases[] = {
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1.5}]", 19},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":9223372036854775808}]", 19},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":-9223372036854775809}]", 19},
		// Doubles this large stand for several integers.
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":9007199254740993.0}]", 19},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"v\":1e300}]", 19},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"vs\":\"5\"}]", 20},
		{"/3/0/9", "[{\"n\":\"/3/0/9\",\"vb\":true}]", 20},
		{"/3/0/0", "[{\"n\":\"/3/0/0\",\"v\":5}]", 19},
		{"/3/0/13", "[{\"n\":\"/3/0/13\",\"v\":9223372036854775807}]", 20},
		{"/3/0/13", "[{\"n\":\"/3/0/13\",\"vs\":\"2026-01-31T23:59:59Z\"}]", 21},
		{"/1/0/11", "[{\"n\":\"/1/0/11\",\"v\":-1}]", 20},
		{"/1/0/11", "[{\"n\":\"/1/0/11\",\"v\":18446744073709551616}]", 20},
		{"/1/0/6", "[{\"n\":\"/1/0/6\",\"v\":1}]", 19},
		{"/6/0/4", "[{\"n\":\"/6/0/4\",\"vd\":\"AB\"}]", 20},   // bits left over
		{"/6/0/4", "[{\"n\":\"/6/0/4\",\"vd\":\"A\"}]", 20},    // no byte
		{"/6/0/4", "[{\"n\":\"/6/0/4\",\"vd\":\"AA==\"}]", 20}, // padding
		{"/6/0/4", "[{\"n\":\"/6/0/4\",\"vd\":\"+/8A\"}]", 20}, // the other alphabet
		{"/6/0/4", "[{\"n\":\"/6/0/4\",\"vs\":\"AA\"}]", 20},
		{"/1/0/10", "[{\"n\":\"/1/0/10\",\"vs\":\"3:0\"}]", 21},
		{"/1/0/10", "[{\"n\":\"/1/0/10\",\"vlo\":\"3\"}]", 22},
		{"/3/0/0", "[{\"n\":\"/3/0/0\",\"vlo\":\"3:0\"}]", 21},
		{"/3/0/9", "[{\"bv\":1,\"n\":\"/3/0/9\",\"v\":9223372036854775807}]", 26},
		{"/6/0/0", "[{\"bv\":1e308,\"n\":\"/6/0/0\",\"v\":1.7e308}]", 30},
	};

	codec_check_bad(JSON, CODEC_CASES(cases));
}

static void overlapping_paths_bring_a_value_twice(void **state)
{
	static const struct codec_good cases[] = {
		{"/", "[{\"n\":\"/3/0/9\",\"v\":1},{\"n\":\"/3/0/9\",\"v\":2}]",
		 "{//3{/0{9=INTEGER 2}}}"},
	};

	codec_check_good(JSON, CODEC_CASES(cases));
}

static void nesting_is_bounded(void **state)
{
	static const struct codec_good deep[] = {
		{"/3/0", "[{\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]],\"n\":\"/3/0/9\",\"v\":1}]",
		 "/0{9=INTEGER 1}"},
	};
	static const struct codec_bad deeper[] = {
		{"/3/0", "[{\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}]", 22},
		{"/3/0", "[{\"x\":{\"a\":[[[[[[[[[[[[[[[[1", 26},
	};

	codec_check_good(JSON, CODEC_CASES(deep));
	codec_check_bad(JSON, CODEC_CASES(deeper));
}

static void a_number_too_long_for_any_value_is_refused(void **state)
{
	char payload[200] = "[{\"n\":\"/6/0/0\",\"v\":0.";
	struct lwm2m_decode_error err;

	memset(payload + strlen(payload), '1', 140);
	strcat(payload, "}]");
	assert_null(
		codec_decode(&lwm2m_model_builtin, JSON, "/6/0/0", payload, strlen(payload), &err));
	assert_int_equal(err.offset, 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_all_types_are_read),
		cmocka_unit_test(what_the_model_does_not_know_is_typed_by_its_field),
		cmocka_unit_test(bases_hold_until_others_come),
		cmocka_unit_test(strings_keep_what_their_escapes_say),
		cmocka_unit_test(malformed_json_names_the_byte),
		cmocka_unit_test(records_that_mean_nothing_are_refused),
		cmocka_unit_test(values_that_do_not_fit_are_refused),
		cmocka_unit_test(overlapping_paths_bring_a_value_twice),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(a_number_too_long_for_any_value_is_refused),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/senml_json", tests, NULL, NULL);
}
