// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/decode.h"

#include "tests/support/tree_text.h"
#include "tests/vectors/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static max_align_t arena_buf[4096];
static struct lwm2m_decode_error err;
static char text[8192];

// Decodes from a block of its exact size, so that a sanitizer sees any overread. The tree's text,
// or NULL.
static const char *decode(uint16_t format, const char *path_text, const char *hex)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(arena_buf, sizeof(arena_buf));
	size_t cap = strlen(hex) / 2;
	uint8_t *payload = malloc(cap ? cap : 1);
	struct lwm2m_path path;
	struct lwm2m_node *node;

	assert_non_null(payload);
	assert_int_equal(hex_bytes(hex, payload, cap), cap);
	assert_true(lwm2m_path_parse(&path, path_text, strlen(path_text)));
	bool ok = lwm2m_decode(&lwm2m_model_builtin, format, &path, payload, cap, &arena, &node,
			       &err);
	if (ok)
		tree_text(node, text, sizeof(text));
	else
		assert_non_null(err.what);
	free(payload);
	return ok ? text : NULL;
}

struct good {
	const char *path, *hex, *tree;
};

struct bad {
	const char *path, *hex;
	size_t offset;
};

static void check_good(uint16_t format, const struct good *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *tree = decode(format, cases[i].path, cases[i].hex);
		if (!tree)
			fail_msg("%s %s: %s at %zu", cases[i].path, cases[i].hex, err.what,
				 err.offset);
		assert_string_equal(tree, cases[i].tree);
	}
}

static void check_bad(uint16_t format, const struct bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *tree = decode(format, cases[i].path, cases[i].hex);
		if (tree)
			fail_msg("%s %s: %s", cases[i].path, cases[i].hex, tree);
		if (err.offset != cases[i].offset)
			fail_msg("%s %s: %s at %zu", cases[i].path, cases[i].hex, err.what,
				 err.offset);
	}
}

#define CHECK(f, format, cases) f(format, cases, sizeof(cases) / sizeof((cases)[0]))

static void what_real_clients_sent_means_what_leshan_says(void **state)
{
	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		const char *tree = decode(v->format, v->path, v->hex);
		if (!tree)
			fail_msg("%s: %s at %zu", v->name, err.what, err.offset);
		assert_string_equal(tree, v->tree);
	}
}

static void every_cut_of_a_real_payload_is_survived(void **state)
{
	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		char hex[2048];
		size_t len = strlen(payload_vectors[i].hex);
		for (size_t cut = 0; cut < len; cut += 2) {
			memcpy(hex, payload_vectors[i].hex, cut);
			hex[cut] = '\0';
			decode(payload_vectors[i].format, payload_vectors[i].path, hex);
		}
	}
}

static void text_is_typed_by_the_resource(void **state)
{
	static const struct good cases[] = {
		{"/3/0/0", "", "0=STRING "},
		{"/3/0/0", "c3a4", "0=STRING \xc3\xa4"},
		{"/3/0/9", "2d31", "9=INTEGER -1"},
		{"/3/0/9", "2d39323233333732303336383534373735383038",
		 "9=INTEGER -9223372036854775808"},
		{"/3/0/7/1", "35", "#1=INTEGER 5"},
		{"/3/0/13", "31373935333434353635", "13=TIME 1795344565"},
		{"/1/0/6", "31", "6=BOOLEAN true"},
		{"/1/0/10", "333a30", "10=OBJLNK 3:0"},
		{"/1/0/11", "3138343436373434303733373039353531363135",
		 "11=UNSIGNED_INTEGER 18446744073709551615"},
		{"/6/0/0", "2d31382e356530", "0=FLOAT -18.5"},
		{"/6/0/4", "494141414150383d", "4=OPAQUE 20000000ff"},
		{"/6/0/4", "", "4=OPAQUE "},
		{"/9999/0/0", "31", "0=STRING 1"},
	};

	CHECK(check_good, LWM2M_FORMAT_TEXT, cases);
}

static void text_that_is_no_value_is_refused(void **state)
{
	static const struct bad cases[] = {
		{"/3/0/0", "ff", 0},                                        // not UTF-8
		{"/3/0/9", "", 0},                                          // nothing
		{"/3/0/9", "2d", 0},                                        // -
		{"/3/0/9", "2b31", 0},                                      // +1
		{"/3/0/9", "3120", 0},                                      // "1 "
		{"/3/0/9", "39323233333732303336383534373735383038", 0},    // 2^63
		{"/3/0/13", "39323233333732303336383534373735383037", 0},   // time without room
		{"/1/0/11", "2d31", 0},                                     // -1
		{"/1/0/11", "3138343436373434303733373039353531363136", 0}, // 2^64
		{"/1/0/6", "74727565", 0},                                  // true
		{"/1/0/6", "32", 0},                                        // 2
		{"/1/0/10", "333a", 0},                                     // 3:
		{"/1/0/10", "36353533363a30", 0},                           // 65536:0
		{"/6/0/0", "6e616e", 0},                                    // nan
		{"/6/0/0", "307831", 0},                                    // 0x1
		{"/6/0/0", "312e322e33", 0},                                // 1.2.3
		{"/6/0/0", "3165393939", 0},                                // 1e999
		{"/6/0/4", "494141", 0},                                    // base64 cut
		{"/6/0/4", "49413d41", 0},                                  // padding inside
		{"/6/0/4", "49423d3d", 0},                                  // bits left over
		{"/6/0/4", "3d3d3d3d", 0},                                  // only padding
		{"/3/0", "31", 0},                                          // not one value
		{"/", "31", 0},
	};

	CHECK(check_bad, LWM2M_FORMAT_TEXT, cases);
}

static void opaque_is_for_opaque_resources(void **state)
{
	assert_string_equal(decode(LWM2M_FORMAT_OPAQUE, "/6/0/4", "00ff"), "4=OPAQUE 00ff");
	assert_string_equal(decode(LWM2M_FORMAT_OPAQUE, "/9999/0/4", ""), "4=OPAQUE ");
	assert_null(decode(LWM2M_FORMAT_OPAQUE, "/3/0/9", "05"));
	assert_null(decode(LWM2M_FORMAT_OPAQUE, "/3", "05"));
}

static void tlv_forms_are_read(void **state)
{
	static const struct good cases[] = {
		{"/3/0/9", "c10980", "9=INTEGER -128"},
		{"/3/0/9", "c209ff00", "9=INTEGER -256"},
		{"/3/0/9", "e1000980", "9=INTEGER -128"},
		{"/3/0/9", "c809017f", "9=INTEGER 127"},
		{"/3/0/0", "d000000141", "0=STRING A"},
		{"/3/0/0", "d80000000141", "0=STRING A"},
		{"/1/0/11", "c10bff", "11=UNSIGNED_INTEGER 255"},
		{"/1/0/10", "c40a0003ffff", "10=OBJLNK 3:65535"},
		{"/9999/0/1", "c1017f", "1=OPAQUE 7f"},
		{"/9999/0", "", "/0{}"},
		{"/3", "c10964", "//3{/0{9=INTEGER 100}}"},
		{"/3303", "0303c16400", "//3303{/3{100=OPAQUE 00}}"},
		{"/3303", "00000001", "//3303{/0{},/1{}}"},
		{"/3/0/7", "4100054101ff", "7=INTEGER[#0=INTEGER 5,#1=INTEGER -1]"},
		{"/3/0/7", "8007", "7=INTEGER[]"},
		{"/3/0/7", "", "7=INTEGER[]"},
		{"/3/0/7/1", "4101ff", "#1=INTEGER -1"},
		{"/3/0/7/1", "83074101ff", "#1=INTEGER -1"},
	};

	CHECK(check_good, LWM2M_FORMAT_TLV, cases);
	assert_string_equal(decode(LWM2M_FORMAT_TLV_OLD, "/3/0/9", "c809017f"), "9=INTEGER 127");
}

static void malformed_tlv_names_the_byte(void **state)
{
	static const struct bad cases[] = {
		{"/3/0", "c1", 0},             // no id
		{"/3/0", "c10964c2", 3},       // the second cut
		{"/3/0", "c8096401", 0},       // longer than the payload
		{"/3/0", "d8090000", 0},       // length cut
		{"/3/0", "c10964c10965", 3},   // twice
		{"/3/0", "e1ffff00", 0},       // reserved id
		{"/3/0", "410005", 0},         // resource instance outside
		{"/3/0/9", "c10a05", 0},       // other id
		{"/3/0/9", "c10905c10a05", 3}, // two
		{"/3/0/9", "", 0},             // none
		{"/3/0/9", "c309000000", 0},   // 3-byte integer
		{"/3/0/9", "c009", 0},         // 0-byte integer
		{"/1/0/6", "c10602", 0},       // boolean 2
		{"/1/0/6", "c2060001", 0},     // boolean of 2
		{"/6/0/0", "c2000001", 0},     // float of 2
		{"/1/0/10", "c20a0003", 0},    // object link of 2
		{"/3/0/0", "c100ff", 0},       // not UTF-8
		{"/3/1", "0300c10964", 0},     // other instance
		{"/3303", "c10964", 0},        // multiple instances without wrapping
		{"/3", "0300c10964c10964", 5}, // resource beside an instance
		{"/3/0/7", "8307c10005", 2},   // resource inside a multiple one
		{"/3/0/7/1", "c10705", 0},     // no instance
		{"/3/0/7/1", "8307410005", 2}, // other resource instance
		{"/", "c10964", 0},
	};

	CHECK(check_bad, LWM2M_FORMAT_TLV, cases);
}

static void cbor_values_are_typed_by_the_resource(void **state)
{
	static const struct good cases[] = {
		{"/3/0/9", "1864", "9=INTEGER 100"},
		{"/3/0/9", "3b7fffffffffffffff", "9=INTEGER -9223372036854775808"},
		{"/3/0/9", "f94900", "9=INTEGER 10"},
		{"/3/0/13", "c11a6b02c8b5", "13=TIME 1795344565"},
		{"/6/0/0", "05", "0=FLOAT 5"},
		{"/6/0/0", "f93e00", "0=FLOAT 1.5"},
		{"/6/0/0", "f90001", "0=FLOAT 5.9604644775390625e-08"},
		{"/6/0/0", "f9fc00", "0=FLOAT -inf"},
		{"/6/0/0", "fa41dfe376", "0=FLOAT 27.986064910888672"},
		{"/6/0/0", "fbc064c00000000000", "0=FLOAT -166"},
		{"/6/0/4", "4320ff00", "4=OPAQUE 20ff00"},
		{"/6/0/4", "5f4120420100ff", "4=OPAQUE 200100"},
		{"/3/0/0", "7f61416142ff", "0=STRING AB"},
		{"/1/0/6", "f5", "6=BOOLEAN true"},
		{"/1/0/10", "63333a30", "10=OBJLNK 3:0"},
		{"/9999/0/0", "1bffffffffffffffff", "0=UNSIGNED_INTEGER 18446744073709551615"},
		{"/9999/0/0", "20", "0=INTEGER -1"},
		{"/9999/0/0", "f4", "0=BOOLEAN false"},
		// The date of RFC 8949 section 3.4.1, and leap days.
		{"/3/0/13", "c074323031332d30332d32315432303a30343a30305a", "13=TIME 1363896240"},
		{"/3/0/13", "c074323032342d30322d32395430303a30303a30315a", "13=TIME 1709164801"},
		{"/3/0/13", "c074313936392d31322d33315432333a35393a35395a", "13=TIME -1"},
		{"/3/0/13", "c074303030302d30312d30315430303a30303a30305a", "13=TIME -62167219200"},
		// The decimal fraction of RFC 8949 section 3.4.4: 273.15.
		{"/6/0/0", "c48221196ab3", "0=FLOAT 273.14999999999998"},
		{"/3/0/9", "c4820220", "9=INTEGER -100"},
		{"/9999/0/0", "d9d9f705", "0=INTEGER 5"}, // a tag that only comments
	};

	CHECK(check_good, LWM2M_FORMAT_CBOR, cases);
}

static void cbor_that_is_no_such_value_is_refused(void **state)
{
	static const struct bad cases[] = {
		{"/3/0/9", "", 0},
		{"/3/0/9", "18", 0},
		{"/3/0/9", "1c", 0},                 // reserved form
		{"/3/0/9", "1f", 0},                 // indefinite integer
		{"/3/0/9", "ff", 0},                 // break
		{"/3/0/9", "0505", 1},               // two
		{"/3/0/9", "80", 0},                 // array
		{"/3/0/9", "f6", 0},                 // null
		{"/3/0/9", "f81f", 0},               // reserved simple value
		{"/3/0/9", "f93e00", 0},             // 1.5
		{"/3/0/9", "1b8000000000000000", 0}, // 2^63
		{"/3/0/9", "fb43e0000000000000", 0}, // 2^63
		{"/3/0/9", "3b8000000000000000", 0}, // -2^63 - 1
		{"/3/0/9", "6131", 0},               // "1"
		{"/3/0/0", "5841", 0},               // string cut
		{"/6/0/4", "c2420100", 0},           // bignum
		{"/6/0/4", "c3420100", 0},           // negative bignum
		{"/6/0/0", "c5822003", 0},           // bigfloat
		{"/6/0/0", "c4190190", 0},           // decimal fraction without its array
		{"/6/0/0", "c48120", 0},             // of one
		{"/6/0/0", "c482612001", 2},         // of text
		{"/6/0/0", "c48219019101", 0},       // exponent
		{"/6/0/0", "c48219019005", 0},       // infinite
		{"/3/0/9", "c482200f", 0},           // 1.5
		{"/3/0/13", "74323031332d30332d32315432303a30343a30305a", 0},   // date untagged
		{"/3/0/13", "c074323031332d31332d32315432303a30343a30305a", 1}, // month 13
		{"/3/0/13", "c074323031332d30332d33325432303a30343a30305a", 1}, // day 32
		{"/3/0/13", "c074323031332d30332d32315432343a30343a30305a", 1}, // hour 24
		{"/3/0/13", "c074323031332d30332d32315432303a36303a30305a", 1}, // minute 60
		{"/3/0/13", "c074323031332f30332d32315432303a30343a30305a", 1}, // slash
		{"/3/0/13", "c074323031332d30332d32315432303a30343a30782b", 1}, // no seconds
		{"/3/0/13", "c06a323031332d30332d3231", 1},                     // no time
		{"/3/0/9", "c074323031332d30332d32315432303a30343a30305a", 1},  // no time resource
		{"/3/0/0", "7bffffffffffffffff41", 0},                          // string of 2^64
		{"/3/0/0", "7f6141", 3},   // chunks without a break
		{"/3/0/0", "7f4141ff", 1}, // chunk of the other kind
		{"/3/0/0", "61ff", 0},     // not UTF-8
		{"/3/0/0", "4141", 0},     // bytes for a string
		{"/1/0/11", "20", 0},
		{"/1/0/6", "01", 0},
		{"/3/0", "05", 0},
	};

	CHECK(check_bad, LWM2M_FORMAT_CBOR, cases);
}

static void senml_forms_are_read(void **state)
{
	static const struct good cases[] = {
		{"/3/0/9", "81a200662f332f302f390205", "9=INTEGER 5"},
		// The base comes after the name; indefinite lengths; a tag; an unknown field; a
		// unit.
		{"/3/0", "9fbf006139c1020521652f332f302f01624156627878820102ffff",
		 "/0{9=INTEGER 5}"},
		// The base name holds for what follows, until another.
		{"/", "83a321632f332f0063302f390201a20064302f31300202a221662f362f302f300203",
		 "{//3{/0{9=INTEGER 1,10=INTEGER 2}},//6{/0{0=FLOAT 3}}}"},
		{"/3/0/7", "82a200682f332f302f372f300201a200682f332f302f372f310202",
		 "7=INTEGER[#0=INTEGER 1,#1=INTEGER 2]"},
		{"/3/0/7/1", "81a200682f332f302f372f310202", "#1=INTEGER 2"},
		{"/1/0/10", "81a200672f312f302f313063766c6f63333a30", "10=OBJLNK 3:0"},
		{"/1/0/6", "81a200662f312f302f3604f5", "6=BOOLEAN true"},
		{"/6/0/4", "81a200662f362f302f34084100", "4=OPAQUE 00"},
		{"/9999/0/1",
		 "82a2006b2f393939392f302f312f3002f93e00a2006b2f393939392f302f312f310205",
		 "1=FLOAT[#0=FLOAT 1.5,#1=INTEGER 5]"},
		{"/3", "80", "//3{}"},
		{"/3/0", "81a121642f332f30", "/0{}"},
		{"/3/0", "81a121652f332f302f", "/0{}"},
		{"/3/0/7", "80", "7=INTEGER[]"},
		{"/3/0/9", "81a300662f332f302f39020506fb41d9583f41000000", "9=INTEGER 5"},
		// A base value.
		{"/3/0/9", "81a300662f332f302f390205240a", "9=INTEGER 15"},
	};

	CHECK(check_good, LWM2M_FORMAT_SENML_CBOR, cases);
}

static void malformed_senml_names_the_byte(void **state)
{
	static const struct bad cases[] = {
		{"/3/0/9", "", 0},
		{"/3/0/9", "a0", 0},                                // no array
		{"/3/0/9", "80", 0},                                // no record
		{"/3/0/9", "8105", 1},                              // no map
		{"/3/0/9", "81a100662f332f302f39", 1},              // no value
		{"/3/0/9", "81a10205", 1},                          // no name
		{"/3/0/9", "81a200662f332f302f3a0205", 1},          // no path
		{"/3/0/9", "81a200672f332f302f31300205", 1},        // another resource
		{"/3/0/9", "81a200662f332f302f3902", 11},           // cut
		{"/3/0/9", "82a200662f332f302f390205", 12},         // fewer records than promised
		{"/3/0/9", "81a200662f332f302f39020505", 12},       // more
		{"/3/0/9", "81a300662f332f302f3902050206", 13},     // v twice
		{"/3/0/9", "81a300662f332f302f390205036131", 13},   // two kinds of value
		{"/3/0/9", "81a200662f332f302f39036131", 11},       // string for an integer
		{"/3/0/9", "81a200662f332f302f39026131", 11},       // v that is text
		{"/3/0/9", "81a300662f332f302f390205200b", 13},     // version 11
		{"/6/0/0", "81a200662f362f302f3002f97e00", 11},     // not a number
		{"/6/0/0", "81a200662f362f302f3002f97c00", 11},     // infinite
		{"/3/0/9", "81a300662f332f302f39020506f97c00", 13}, // time infinite
		{"/3/0/9", "81a300662f332f302f39020506f5", 13},     // time no number
		{"/3/0/9", "81a300662f332f302f3902050105", 13},     // unit no text
		{"/3/0/9", "81a300662f332f302f390205626161", 15},   // label without value
		{"/3/0/9", "81a300662f332f302f39020562615f01", 12}, // must be understood
		{"/3/0/9", "81a300662f332f302f390205f500", 12},     // label of no kind
		{"/3/0", "82a200662f332f302f390205a200662f332f302f390205", 12},     // twice
		{"/3/0", "82a200662f332f302f370205a200682f332f302f372f300205", 12}, // both forms
		{"/3/0", "81a200642f332f300205", 1}, // value of an instance
		{"/1/0/10", "81a200672f312f302f31300363333a30", 12},
		{"/3/0/9", "9f", 1},
		{"/3/0/9", "81bf00662f332f302f39ff", 1},
		{"/3/0/9", "81bf00ff", 3}, // break instead of a value
	};

	CHECK(check_bad, LWM2M_FORMAT_SENML_CBOR, cases);
}

static void nesting_is_bounded(void **state)
{
	char hex[256] = "81a1187f";

	// An unknown field that is an array in an array in an array...
	for (size_t i = 8; i < 8 + 2 * 17; i += 2)
		memcpy(hex + i, "81", 3);
	strcat(hex, "00");
	assert_null(decode(LWM2M_FORMAT_SENML_CBOR, "/3/0", hex));
	assert_string_equal(err.what, "CBOR is nested too deeply");
}

static void a_full_arena_is_an_error(void **state)
{
	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		uint8_t payload[1024];
		size_t len = hex_bytes(v->hex, payload, sizeof(payload));
		struct lwm2m_path path;
		bool ok = false;

		assert_true(lwm2m_path_parse(&path, v->path, strlen(v->path)));
		for (size_t cap = 0; !ok; cap += 16) {
			assert_in_range(cap, 0, sizeof(arena_buf));
			struct lwm2m_arena arena = lwm2m_arena_begin(arena_buf, cap);
			struct lwm2m_node *node;
			ok = lwm2m_decode(&lwm2m_model_builtin, v->format, &path, payload, len,
					  &arena, &node, &err);
			assert_true(arena.used <= cap);
			assert_true(ok || (cap > 0 || err.what));
		}
	}
	assert_null(decode(12345, "/3", ""));
}

static void the_number_of_nodes_is_bounded(void **state)
{
	static max_align_t big[32768];
	static uint8_t payload[3 * (LWM2M_NODES_MAX + 1)];
	struct lwm2m_arena arena = lwm2m_arena_begin(big, sizeof(big));
	const struct lwm2m_path path = {.ids = {9999}, .depth = 2};
	struct lwm2m_node *node;

	for (size_t i = 0; i <= LWM2M_NODES_MAX; i++) {
		payload[3 * i] = 0xe0;
		payload[3 * i + 1] = (uint8_t)(i >> 8);
		payload[3 * i + 2] = (uint8_t)i;
	}
	assert_false(lwm2m_decode(&lwm2m_model_builtin, LWM2M_FORMAT_TLV, &path, payload,
				  sizeof(payload), &arena, &node, &err));
	assert_int_equal(err.offset, 3 * (LWM2M_NODES_MAX - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_real_clients_sent_means_what_leshan_says),
		cmocka_unit_test(every_cut_of_a_real_payload_is_survived),
		cmocka_unit_test(text_is_typed_by_the_resource),
		cmocka_unit_test(text_that_is_no_value_is_refused),
		cmocka_unit_test(opaque_is_for_opaque_resources),
		cmocka_unit_test(tlv_forms_are_read),
		cmocka_unit_test(malformed_tlv_names_the_byte),
		cmocka_unit_test(cbor_values_are_typed_by_the_resource),
		cmocka_unit_test(cbor_that_is_no_such_value_is_refused),
		cmocka_unit_test(senml_forms_are_read),
		cmocka_unit_test(malformed_senml_names_the_byte),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(a_full_arena_is_an_error),
		cmocka_unit_test(the_number_of_nodes_is_bounded),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/decode", tests, NULL, NULL);
}
