// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The examples of LwM2M 1.0 sections 6.4.3 and 6.4.4: TLV and LwM2M JSON.
#include "lwm2m/codec/encode.h"

#include "tests/support/codec_case.h"
#include "tests/support/tree_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// Objects 65 and 66 are the specification's own, for its example of object links.
static const struct lwm2m_resource_info *example(const void *ctx, uint16_t object,
						 uint16_t resource)
{
	static const struct lwm2m_resource_info resources[] = {
		{.object = 65, .resource = 0, .type = LWM2M_OBJLNK, .multiple = true},
		{.object = 65, .resource = 1, .type = LWM2M_STRING},
		{.object = 65, .resource = 2, .type = LWM2M_INTEGER},
		{.object = 66, .resource = 0, .type = LWM2M_STRING},
		{.object = 66, .resource = 1, .type = LWM2M_STRING},
		{.object = 66, .resource = 2, .type = LWM2M_OBJLNK},
	};

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		if (resources[i].object == object && resources[i].resource == resource)
			return &resources[i];
	}
	return lwm2m_resource_info(object, resource);
}

static const struct lwm2m_model model = {.resource = example};

struct example {
	const char *path;
	const char *payload; // TLV in hexadecimal
	const char *tree;
};

static const struct example tlv[] = {
	// A single object instance, without and within its wrapping.
	{"/3/0",
	 "c800144f70656e204d6f62696c6520416c6c69616e6365c801164c69676874776569676874204d324d20436c"
	 "69656e74c80209333435303030313233c303312e30860641000141010588070842000ed84201138887084100"
	 "7d42010384c10964c10a0f830b410000c40d5182428fc60e2b30323a3030c11055",
	 "/0{0=STRING Open Mobile Alliance,1=STRING Lightweight M2M Client,2=STRING 345000123,"
	 "3=STRING 1.0,6=INTEGER[#0=INTEGER 1,#1=INTEGER 5],7=INTEGER[#0=INTEGER 3800,"
	 "#1=INTEGER 5000],8=INTEGER[#0=INTEGER 125,#1=INTEGER 900],9=INTEGER 100,10=INTEGER 15,"
	 "11=INTEGER[#0=INTEGER 0],13=TIME 1367491215,14=STRING +02:00,16=STRING U}"},
	{"/3",
	 "080079c800144f70656e204d6f62696c6520416c6c69616e6365c801164c69676874776569676874204d324d"
	 "20436c69656e74c80209333435303030313233c303312e30860641000141010588070842000ed84201138887"
	 "0841007d42010384c10964c10a0f830b410000c40d5182428fc60e2b30323a3030c11055",
	 "//3{/0{0=STRING Open Mobile Alliance,1=STRING Lightweight M2M Client,2=STRING 345000123,"
	 "3=STRING 1.0,6=INTEGER[#0=INTEGER 1,#1=INTEGER 5],7=INTEGER[#0=INTEGER 3800,"
	 "#1=INTEGER 5000],8=INTEGER[#0=INTEGER 125,#1=INTEGER 900],9=INTEGER 100,10=INTEGER 15,"
	 "11=INTEGER[#0=INTEGER 0],13=TIME 1367491215,14=STRING +02:00,16=STRING U}}"},
	// Two instances of Access Control, with a resource instance of 16 bits.
	{"/2", "08000ec10001c101008302417f07c1037f080112c10003c101008702417f0761013601c1037f",
	 "//2{/0{0=INTEGER 1,1=INTEGER 0,2=INTEGER[#127=INTEGER 7],3=INTEGER 127},"
	 "/1{0=INTEGER 3,1=INTEGER 0,2=INTEGER[#127=INTEGER 7,#310=INTEGER 1],3=INTEGER 127}}"},
	{"/1", "08000fc10001c40100015180c10601c10755",
	 "//1{/0{0=INTEGER 1,1=INTEGER 86400,6=BOOLEAN true,7=STRING U}}"},
	// Object links, among them the null link.
	{"/65/0", "88000c440000420000440100420001c8010d38363133383030373535353030c40212345678",
	 "/0{0=OBJLNK[#0=OBJLNK 66:0,#1=OBJLNK 66:1],1=STRING 8613800755500,"
	 "2=INTEGER 305419896}"},
	{"/66",
	 "080026c8000b6d79536572766963652031c8010f496e7465726e65742e31352e323334c40200430000"
	 "080126c8000b6d79536572766963652032c8010f496e7465726e65742e31352e323335c402ffffffff",
	 "//66{/0{0=STRING myService 1,1=STRING Internet.15.234,2=OBJLNK 67:0},"
	 "/1{0=STRING myService 2,1=STRING Internet.15.235,2=OBJLNK 65535:65535}}"},
};

static const struct example json[] = {
	{"/3/0",
	 "{\"bn\":\"/3/0/\",\"e\":[{\"n\":\"0\",\"sv\":\"Open Mobile Alliance\"},"
	 "{\"n\":\"6/0\",\"v\":1},{\"n\":\"6/1\",\"v\":5},{\"n\":\"9\",\"v\":100},"
	 "{\"n\":\"13\",\"v\":1367491215},{\"n\":\"14\",\"sv\":\"+02:00\"}]}",
	 "/0{0=STRING Open Mobile Alliance,6=INTEGER[#0=INTEGER 1,#1=INTEGER 5],9=INTEGER 100,"
	 "13=TIME 1367491215,14=STRING +02:00}"},
	{"/",
	 "{\"bn\":\"/\",\"e\":[{\"n\":\"65/0/0/0\",\"ov\":\"66:0\"},"
	 "{\"n\":\"65/0/0/1\",\"ov\":\"66:1\"},{\"n\":\"65/0/1\",\"sv\":\"8613800755500\"},"
	 "{\"n\":\"65/0/2\",\"v\":1},{\"n\":\"66/0/0\",\"sv\":\"myService1\"},"
	 "{\"n\":\"66/0/2\",\"ov\":\"67:0\"}]}",
	 "{//65{/0{0=OBJLNK[#0=OBJLNK 66:0,#1=OBJLNK 66:1],1=STRING 8613800755500,2=INTEGER 1}},"
	 "//66{/0{0=STRING myService1,2=OBJLNK 67:0}}}"},
};

// Decodes, compares, and encodes to the same bytes.
static void check(uint16_t format, const struct example *ex, const uint8_t *payload, size_t len)
{
	static max_align_t arena_buf[2048];
	struct lwm2m_arena arena = lwm2m_arena_begin(arena_buf, sizeof(arena_buf));
	struct lwm2m_path path = codec_path(ex->path);
	struct lwm2m_decode_error err;
	struct lwm2m_encode_error why;
	struct lwm2m_node *node;
	static char text[2048];
	uint8_t out[512];
	size_t out_len;

	if (!lwm2m_decode(&model, format, &path, payload, len, &arena, &node, &err))
		fail_msg("%s: %s at %zu", ex->path, err.what, err.offset);
	assert_string_equal(tree_text(node, text, sizeof(text)), ex->tree);
	assert_true(lwm2m_encode(&model, format, &path, node, out, sizeof(out), &out_len, &why));
	assert_int_equal(out_len, len);
	assert_memory_equal(out, payload, len);
}

static void the_examples_of_tlv_are_read_and_written(void **state)
{
	for (size_t i = 0; i < sizeof(tlv) / sizeof(tlv[0]); i++) {
		uint8_t payload[256];
		size_t len = hex_bytes(tlv[i].payload, payload, sizeof(payload));

		assert_int_equal(len, strlen(tlv[i].payload) / 2);
		check(LWM2M_FORMAT_TLV, &tlv[i], payload, len);
	}
}

static void the_examples_of_lwm2m_json_are_read_and_written(void **state)
{
	for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++)
		check(LWM2M_FORMAT_JSON, &json[i], (const uint8_t *)json[i].payload,
		      strlen(json[i].payload));
}

static void types_come_from_the_model_alone(void **state)
{
	struct lwm2m_decode_error err;

	assert_string_equal(codec_decode(&lwm2m_model_builtin, LWM2M_FORMAT_TLV, "/66/0/2",
					 "\xc4\x02\x00\x43\x00\x00", 6, &err),
			    "2=OPAQUE 00430000");
	assert_string_equal(codec_decode(&model, LWM2M_FORMAT_TLV, "/66/0/2",
					 "\xc4\x02\x00\x43\x00\x00", 6, &err),
			    "2=OBJLNK 67:0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_tlv_are_read_and_written),
		cmocka_unit_test(the_examples_of_lwm2m_json_are_read_and_written),
		cmocka_unit_test(types_come_from_the_model_alone),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/spec", tests, NULL, NULL);
}
