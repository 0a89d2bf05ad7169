// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/objects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

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
	static const uint16_t objects[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 3303, 3442, 31024};
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
	assert_int_equal(found, 171); // rows of the table
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

static void the_rows_of_an_object_are_together(void **state)
{
	const struct lwm2m_object_info *objects;
	size_t objects_count, count, total = 0;

	objects = lwm2m_object_infos(&objects_count);
	for (size_t i = 0; i < objects_count; i++) {
		const struct lwm2m_resource_info *rows =
			lwm2m_object_resources(objects[i].object, &count);

		assert_true(i == 0 || objects[i - 1].object < objects[i].object);
		assert_true(count > 0);
		for (size_t r = 0; r < count; r++) {
			assert_int_equal(rows[r].object, objects[i].object);
			assert_true(rows[r].since < LWM2M_OBJECT_VERSIONS_MAX);
			assert_int_not_equal(objects[i].enablers[rows[r].since], 0);
		}
		total += count;
	}
	assert_int_equal(total, 171);
	assert_null(lwm2m_object_resources(8, &count));
	assert_int_equal(count, 0);
	assert_null(lwm2m_object_resources(65535, &count));
}

static void a_resource_knows_the_version_that_brought_it(void **state)
{
	assert_int_equal(lwm2m_resource_info(1, 8)->since, 0);
	assert_int_equal(lwm2m_resource_info(1, 23)->since, 1);
	assert_int_equal(lwm2m_resource_info(4, 12)->since, 2);
	assert_int_equal(lwm2m_resource_info(5, 10)->since, 1);
	assert_true(lwm2m_resource_info(3, 11)->mandatory);
	assert_string_equal(lwm2m_resource_info(3, 9)->range, "0..100");
	assert_string_equal(lwm2m_resource_info(6, 6)->units, "m/s");
}

// leshan#1434.
static void an_object_without_version_has_that_of_the_enabler_or_1_0(void **state)
{
	assert_int_equal(lwm2m_object_default_version(3, 10), LWM2M_OBJECT_VERSION(1, 0));
	assert_int_equal(lwm2m_object_default_version(3, 11), LWM2M_OBJECT_VERSION(1, 1));
	assert_int_equal(lwm2m_object_default_version(4, 11), LWM2M_OBJECT_VERSION(1, 2));
	assert_int_equal(lwm2m_object_default_version(5, 11), LWM2M_OBJECT_VERSION(1, 0));
	assert_int_equal(lwm2m_object_default_version(3303, 11), LWM2M_OBJECT_VERSION(1, 0));
	assert_int_equal(lwm2m_object_default_version(9999, 11), LWM2M_OBJECT_VERSION(1, 0));
}

static bool is_version(const char *text, uint16_t wanted)
{
	uint16_t version;

	return lwm2m_object_version_parse(&version, text, strlen(text)) && version == wanted;
}

static void a_version_is_two_numbers(void **state)
{
	static const char *const bad[] = {"",     "1",    "1.",     ".1",    "1.1.1",
					  "1.-1", "1.1 ", "1.0000", "256.0", "1.256"};
	uint16_t version;

	assert_true(is_version("1.0", LWM2M_OBJECT_VERSION(1, 0)));
	assert_true(is_version("255.13", LWM2M_OBJECT_VERSION(255, 13)));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(lwm2m_object_version_parse(&version, bad[i], strlen(bad[i])));
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
		cmocka_unit_test(the_rows_of_an_object_are_together),
		cmocka_unit_test(a_resource_knows_the_version_that_brought_it),
		cmocka_unit_test(an_object_without_version_has_that_of_the_enabler_or_1_0),
		cmocka_unit_test(a_version_is_two_numbers),
		cmocka_unit_test(types_have_the_names_of_the_rest_api),
	};
	return cmocka_run_group_tests_name("lwm2m/core/objects", tests, NULL, NULL);
}
