// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/object.h"
#include "lwm2m/coap/msg.h"

static const struct object_values values = {"dev", 300, 21.5};

static size_t read_ok(const uint16_t *path, unsigned depth, int format, uint8_t *buf, size_t cap)
{
	size_t len = 0;
	assert_int_equal(object_read(&values, path, depth, &format, buf, cap, &len), COAP_CONTENT);
	return len;
}

static void a_resource_reads_as_text(void **state)
{
	uint8_t buf[64];
	size_t len = read_ok((uint16_t[]){3303, 0, 5700}, 3, -1, buf, sizeof(buf));
	assert_int_equal(len, 5);
	assert_memory_equal(buf, "21.50", 5);
}

static void integers_take_the_shortest_tlv(void **state)
{
	uint8_t buf[64];
	size_t len = read_ok((uint16_t[]){1, 0, 1}, 3, OBJECT_TLV, buf, sizeof(buf));
	assert_int_equal(len, 4);
	assert_memory_equal(buf, "\xc2\x01\x01\x2c", 4); // 300
}

static void an_object_wraps_its_instance(void **state)
{
	uint8_t buf[64];
	size_t len = read_ok((uint16_t[]){1}, 1, OBJECT_TLV, buf, sizeof(buf));
	assert_int_equal(len, 13);
	assert_memory_equal(buf, "\x08\x00\x0a\xc1\x00\x7b\xc2\x01\x01\x2c\xc1\x07U", 13);
}

static void senml_cbor_names_the_base_once(void **state)
{
	uint8_t buf[128];
	size_t len = read_ok((uint16_t[]){3303, 0, 5701}, 3, OBJECT_SENML_CBOR, buf, sizeof(buf));
	static const char expected[] = "\x81\xa3\x21\x68/3303/0/\x00\x64"
				       "5701\x03\x63"
				       "Cel";
	assert_int_equal(len, sizeof(expected) - 1);
	assert_memory_equal(buf, expected, len);
}

static void what_is_not_there_is_not_found(void **state)
{
	uint8_t buf[64];
	size_t len;
	int format = -1;
	assert_int_equal(object_read(&values, (uint16_t[]){4}, 1, &format, buf, 64, &len),
			 COAP_NOT_FOUND);
	assert_int_equal(object_read(&values, (uint16_t[]){3, 1}, 2, &format, buf, 64, &len),
			 COAP_NOT_FOUND);
	assert_int_equal(object_read(&values, NULL, 0, &format, buf, 64, &len), COAP_NOT_FOUND);
}

static void formats_that_do_not_fit_are_refused(void **state)
{
	uint8_t buf[64];
	size_t len;
	int format = OBJECT_TEXT;
	assert_int_equal(object_read(&values, (uint16_t[]){3, 0}, 2, &format, buf, 64, &len),
			 COAP_NOT_ACCEPTABLE);
	format = 50;
	assert_int_equal(object_read(&values, (uint16_t[]){3, 0, 0}, 3, &format, buf, 64, &len),
			 COAP_NOT_ACCEPTABLE);
}

static void an_answer_that_does_not_fit_fails_whole(void **state)
{
	uint8_t buf[64];
	for (size_t cap = 0; cap < 12; cap++) {
		size_t len = 0;
		int format = OBJECT_TLV;
		assert_int_equal(object_read(&values, (uint16_t[]){1}, 1, &format, buf, cap, &len),
				 COAP_INTERNAL_SERVER_ERROR);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resource_reads_as_text),
		cmocka_unit_test(integers_take_the_shortest_tlv),
		cmocka_unit_test(an_object_wraps_its_instance),
		cmocka_unit_test(senml_cbor_names_the_base_once),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(formats_that_do_not_fit_are_refused),
		cmocka_unit_test(an_answer_that_does_not_fit_fails_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
