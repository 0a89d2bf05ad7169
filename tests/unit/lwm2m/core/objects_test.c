// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/objects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void known_resources_are_found(void **state)
{
	const struct lwm2m_resource_info *info = lwm2m_resource_info(3, 6);

	assert_non_null(info);
	assert_string_equal(info->name, "Available Power Sources");
	assert_int_equal(info->type, LWM2M_INTEGER);
	assert_true(info->multiple);
	assert_int_equal(info->operations, LWM2M_OP_READ);

	info = lwm2m_resource_info(3, 4);
	assert_non_null(info);
	assert_int_equal(info->type, LWM2M_NONE);
	assert_int_equal(info->operations, LWM2M_OP_EXECUTE);

	info = lwm2m_resource_info(3303, 5700);
	assert_non_null(info);
	assert_int_equal(info->type, LWM2M_FLOAT);
	// The first and the last row.
	assert_non_null(lwm2m_resource_info(0, 0));
	assert_int_equal(lwm2m_resource_info(0, 0)->operations, 0);
	assert_non_null(lwm2m_resource_info(3442, 1180));
}

static void the_table_is_sorted_so_that_every_row_is_found(void **state)
{
	static const uint16_t objects[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 3303, 3442};
	size_t found = 0;

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		for (uint32_t resource = 0; resource <= UINT16_MAX; resource++) {
			const struct lwm2m_resource_info *info =
				lwm2m_resource_info(objects[i], (uint16_t)resource);
			if (!info)
				continue;
			found++;
			assert_int_equal(info->object, objects[i]);
			assert_int_equal(info->resource, resource);
			assert_non_null(lwm2m_object_info(info->object));
		}
	}
	assert_int_equal(found, 167); // rows of the table
}

static void unknown_ones_are_not_found(void **state)
{
	assert_null(lwm2m_resource_info(3, 23));
	assert_null(lwm2m_resource_info(5, 4));
	assert_null(lwm2m_resource_info(8, 0));
	assert_null(lwm2m_resource_info(65535, 65535));
	assert_null(lwm2m_object_info(8));
	assert_string_equal(lwm2m_object_info(3)->name, "Device");
	assert_true(lwm2m_object_info(3303)->multiple);
}

static void types_have_the_names_of_the_rest_api(void **state)
{
	assert_string_equal(lwm2m_type_name(LWM2M_UNSIGNED_INTEGER), "UNSIGNED_INTEGER");
	assert_string_equal(lwm2m_type_name(LWM2M_CORELINK), "CORELINK");
	assert_string_equal(lwm2m_type_name(LWM2M_TYPE_COUNT), "NONE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_resources_are_found),
		cmocka_unit_test(the_table_is_sorted_so_that_every_row_is_found),
		cmocka_unit_test(unknown_ones_are_not_found),
		cmocka_unit_test(types_have_the_names_of_the_rest_api),
	};
	return cmocka_run_group_tests_name("lwm2m/core/objects", tests, NULL, NULL);
}
