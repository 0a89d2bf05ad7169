// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/siphash.h"

// The key 00 01 ... 0f and messages 00 01 ... of the paper's appendix and its reference code.
static void the_published_values_come_out(void **state)
{
	const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t message[63];

	for (uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	assert_true(ctl_siphash(key, message, 0) == 0x726fdb47dd0e0e31);
	assert_true(ctl_siphash(key, message, 1) == 0x74f839c593dc67fd);
	assert_true(ctl_siphash(key, message, 8) == 0x93f5f5799a932462);
	assert_true(ctl_siphash(key, message, 15) == 0xa129ca6149be45e5);
	assert_true(ctl_siphash(key, message, 63) == 0x958a324ceb064572);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_values_come_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
