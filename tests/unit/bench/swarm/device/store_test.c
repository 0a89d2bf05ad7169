// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/device/objects.h"

static struct store fresh(void)
{
	struct store store;
	uint32_t count;
	const struct store_entry *base = objects_factory(true, &count);
	store_init(&store, base, count);
	return store;
}

static uint64_t order(const struct store_entry *e)
{
	return (uint64_t)e->object << 48 | (uint64_t)e->instance << 32 |
	       (uint64_t)e->resource << 16 | e->index;
}

static void the_factory_table_is_sorted_and_typed_as_the_enabler_says(void **state)
{
	uint32_t count;
	const struct store_entry *e = objects_factory(true, &count);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			assert_true(order(&e[i - 1]) < order(&e[i]));
		if (e[i].resource == STORE_INSTANCE)
			continue;
		const struct lwm2m_resource_info *info =
			lwm2m_resource_info(e[i].object, e[i].resource);
		assert_non_null(info);
		assert_int_equal(info->type, e[i].value.type);
		assert_int_equal(info->multiple, e[i].multiple);
	}
}

static void a_store_shares_the_table_until_it_is_written_to(void **state)
{
	struct store store = fresh();
	struct lwm2m_path path = {.ids = {3, 0, 14}, .depth = 3};
	struct lwm2m_value value = {.bytes = {(const uint8_t *)"+02", 3}, .type = LWM2M_STRING};
	uint32_t at;
	assert_null(store.entries);
	assert_true(store_set(&store, &path, false, &value));
	assert_int_equal(store_find(&store, &path, &at), 1);
	assert_memory_equal(store_at(&store, at)->value.bytes.data, "+02", 3);
	assert_int_equal(store.base[at].value.bytes.len, 6);
	store_fini(&store);
}

static void a_path_finds_all_that_is_below_it(void **state)
{
	struct store store = fresh();
	uint32_t at;
	assert_int_equal(
		store_find(&store, &(struct lwm2m_path){.ids = {3, 0, 7}, .depth = 3}, &at), 2);
	assert_int_equal(
		store_find(&store, &(struct lwm2m_path){.ids = {3, 0, 7, 1}, .depth = 4}, &at), 1);
	assert_int_equal(
		store_find(&store, &(struct lwm2m_path){.ids = {3, 0, 9, 0}, .depth = 4}, &at), 0);
	assert_int_equal(store_find(&store, &(struct lwm2m_path){.ids = {99}, .depth = 1}, &at), 0);
	assert_int_equal(store_find(&store, &(struct lwm2m_path){.depth = 0}, &at), store.count);
}

static void instances_come_and_go_and_ids_are_used_again(void **state)
{
	struct store store = fresh();
	struct lwm2m_path path = {.ids = {3303, 1}, .depth = 2};
	uint32_t at, before = store.count;
	assert_int_equal(store_free_instance(&store, 3303), 1);
	assert_true(store_add_instance(&store, 3303, 1));
	assert_int_equal(store_free_instance(&store, 3303), 2);
	assert_true(store_remove(&store, &path));
	assert_int_equal(store_find(&store, &path, &at), 0);
	assert_int_equal(store.count, before);
	assert_int_equal(store_free_instance(&store, 3303), 1);
	store_fini(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_factory_table_is_sorted_and_typed_as_the_enabler_says),
		cmocka_unit_test(a_store_shares_the_table_until_it_is_written_to),
		cmocka_unit_test(a_path_finds_all_that_is_below_it),
		cmocka_unit_test(instances_come_and_go_and_ids_are_used_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
