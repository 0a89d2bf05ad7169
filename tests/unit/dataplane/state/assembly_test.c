// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/state/assembly.h"

#define BODY_MAX 1000

static struct dp_assembly assembly;

static int set_up(void **state)
{
	return dp_assembly_init(&assembly, BODY_MAX);
}

static int tear_down(void **state)
{
	dp_assembly_fini(&assembly);
	return 0;
}

static void a_transfer_is_found_by_its_key_until_it_is_freed(void **state)
{
	// Two of one bucket, and one of another.
	const uint64_t keys[] = {5, 5 + DP_TRANSFER_BUCKETS, 6};
	struct dp_transfer *transfers[3];

	for (int i = 0; i < 3; i++)
		assert_non_null(transfers[i] = dp_transfer_begin(&assembly, keys[i], 1, true));
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++)
			assert_ptr_equal(dp_transfer_find(&assembly, keys[j]),
					 j < i ? NULL : transfers[j]);
		dp_transfer_free(&assembly, transfers[i]);
	}
	assert_null(dp_transfer_find(&assembly, 7));
	assert_int_equal(assembly.count, 0);
}

static void beginning_again_is_another_transfer_in_the_same_place(void **state)
{
	struct dp_transfer *transfer = dp_transfer_begin(&assembly, 5, 1, true);
	uint32_t serial = transfer->serial;

	transfer->received = 100;
	assert_ptr_equal(dp_transfer_begin(&assembly, 5, 1, true), transfer);
	assert_int_equal(transfer->received, 0);
	assert_int_not_equal(transfer->serial, serial);
	assert_int_equal(assembly.count, 1);
	serial = transfer->serial;
	dp_transfer_free(&assembly, transfer);
	assert_int_not_equal(transfer->serial, serial);
}

static void every_transfer_has_room_for_a_body_and_a_head(void **state)
{
	struct dp_transfer *transfers[DP_TRANSFERS_MAX];

	for (uint32_t i = 0; i < DP_TRANSFERS_MAX; i++) {
		uint8_t *body;

		assert_non_null(transfers[i] = dp_transfer_begin(&assembly, i * 3, i, true));
		body = dp_transfer_body(&assembly, transfers[i]);
		memset(body - DP_ASSEMBLY_HEAD_MAX, (int)i, DP_ASSEMBLY_HEAD_MAX + BODY_MAX);
	}
	assert_null(dp_transfer_begin(&assembly, 1, 1, true));
	assert_ptr_equal(dp_transfer_begin(&assembly, 3, 1, true),
			 transfers[1]); // it is there already
	for (uint32_t i = 0; i < DP_TRANSFERS_MAX; i++) {
		const uint8_t *body = dp_transfer_body(&assembly, transfers[i]);

		assert_int_equal(*(body - DP_ASSEMBLY_HEAD_MAX), (uint8_t)i);
		assert_int_equal(body[BODY_MAX - 1], (uint8_t)i);
		dp_transfer_free(&assembly, transfers[i]);
	}
	assert_non_null(dp_transfer_begin(&assembly, 1, 1, true));
}

static void one_sender_has_a_share(void **state)
{
	struct dp_transfer *transfer = NULL;

	for (uint64_t key = 0; key < DP_TRANSFERS_PEER; key++)
		assert_non_null(transfer = dp_transfer_begin(&assembly, key, 7, true));
	assert_null(dp_transfer_begin(&assembly, 5000, 7, true));
	assert_non_null(dp_transfer_begin(&assembly, 0, 7, true)); // anew
	// Another one of the same bucket is another sender.
	assert_non_null(dp_transfer_begin(&assembly, 5001, 7 + DP_TRANSFER_BUCKETS, true));
	dp_transfer_free(&assembly, transfer);
	assert_non_null(dp_transfer_begin(&assembly, 5000, 7, true));
}

static void strangers_together_leave_some_to_registered_devices(void **state)
{
	struct dp_transfer *transfer = NULL;

	for (uint64_t i = 0; i < DP_TRANSFERS_UNKNOWN; i++)
		assert_non_null(transfer = dp_transfer_begin(&assembly, i, i, false));
	assert_null(dp_transfer_begin(&assembly, 5000, 5000, false));
	for (uint64_t i = DP_TRANSFERS_UNKNOWN; i < DP_TRANSFERS_MAX; i++)
		assert_non_null(dp_transfer_begin(&assembly, i, i, true));
	assert_null(dp_transfer_begin(&assembly, 5000, 5000, true));
	dp_transfer_free(&assembly, transfer);
	assert_non_null(dp_transfer_begin(&assembly, 5000, 5000, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_transfer_is_found_by_its_key_until_it_is_freed),
		T(beginning_again_is_another_transfer_in_the_same_place),
		T(every_transfer_has_room_for_a_body_and_a_head),
		T(one_sender_has_a_share),
		T(strangers_together_leave_some_to_registered_devices),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
