// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bridge/config.h"

static void endpoints_are_parsed_strictly(void **state)
{
	static const char *const bad[] = {
		"",
		":1",
		"1.2.3.4",
		"1.2.3.4:",
		"1.2.3.4:65536",
		"1.2.3.4:-1",
		"1.2.3.4:+1",
		"1.2.3:1",
		"::1:5683",
		"[::1]",
		"[::1:5683",
		"[:5683",
		"[1.2.3.4]:1",
		"[]:1",
		"1.2.3.4: 1",
		"1.2.3.4:1 ",
		"[::1]x:1",
		"1.2.3.4:000001",
		"host:1",
		"[::g]:1",
		"[fe80::1%lo]:1",
	};
	static const uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 18, [15] = 1};
	static const uint8_t v6[16] = {[15] = 1};
	uint8_t addr[16];
	uint16_t port;

	assert_true(config_parse_endpoint("198.18.0.1:5683", addr, &port));
	assert_memory_equal(addr, v4, 16);
	assert_int_equal(port, 5683);
	assert_true(config_parse_endpoint("[::1]:65535", addr, &port));
	assert_memory_equal(addr, v6, 16);
	assert_int_equal(port, 65535);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(config_parse_endpoint(bad[i], addr, &port));
}

static void prefixes_are_parsed_strictly(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"/24",
		"198.18.0.1",
		"198.18.0.1/",
		"198.18.0.1/33",
		"2001:db8::1/129",
		"198.18.0.1/24/1",
		"198.18.0/24",
		"2001:db8::g/64",
	};
	static const uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 198, [13] = 18, [15] = 1};
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	uint8_t addr[16], len;

	assert_true(config_parse_prefix("198.18.0.1/24", addr, &len));
	assert_memory_equal(addr, v4, 16);
	assert_int_equal(len, 24);
	assert_true(config_parse_prefix("2001:db8::1/64", addr, &len));
	assert_memory_equal(addr, v6, 16);
	assert_int_equal(len, 64);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(config_parse_prefix(bad[i], addr, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_parsed_strictly),
		cmocka_unit_test(prefixes_are_parsed_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
