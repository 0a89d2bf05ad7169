// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/queue/waiting.h"

static struct waiting waiting;

static int setup(void **state)
{
	return waiting_init(&waiting);
}

static int teardown(void **state)
{
	waiting_fini(&waiting);
	return 0;
}

static struct waiting_op *add(const char *name, uint64_t id, uint64_t expires_ms)
{
	struct waiting_op *op = waiting_add(&waiting, name, strlen(name), id, expires_ms);

	assert_non_null(op);
	return op;
}

static struct waiting_endpoint *find(const char *name)
{
	return waiting_find(&waiting, name, strlen(name));
}

static void operations_stand_in_the_order_they_came(void **state)
{
	struct waiting_op *a = add("dev", 1, 10), *b = add("dev", 2, 5), *c = add("dev", 3, 7);
	struct waiting_endpoint *endpoint = find("dev");

	assert_ptr_equal(endpoint->first, a);
	assert_ptr_equal(a->next, b);
	assert_ptr_equal(b->next, c);
	assert_int_equal(endpoint->count, 3);
	waiting_remove(&waiting, b);
	assert_ptr_equal(a->next, c);
	assert_ptr_equal(c->prev, a);
	assert_int_equal(waiting.count, 2);
}

static void an_endpoint_goes_with_its_last_operation(void **state)
{
	struct waiting_op *a = add("dev", 1, 10);

	assert_null(find("de"));
	assert_null(find("device"));
	waiting_remove(&waiting, a);
	assert_null(find("dev"));
	assert_int_equal(waiting.endpoints, 0);
	assert_int_equal(waiting_next_ms(&waiting), UINT64_MAX);
}

static void what_ended_keeps_its_place_but_counts_no_longer(void **state)
{
	struct waiting_op *a = add("dev", 1, 10);

	add("dev", 2, 20);
	waiting_end(&waiting, a);
	waiting_end(&waiting, a);
	assert_ptr_equal(find("dev")->first, a);
	assert_int_equal(find("dev")->count, 1);
	assert_int_equal(waiting.count, 1);
	assert_null(waiting_expired(&waiting, 10));
	assert_int_equal(waiting_next_ms(&waiting), 20);
}

static void the_first_to_expire_is_taken_first(void **state)
{
	struct waiting_op *ops[500];
	uint64_t last = 0;
	size_t left;

	srand(4);
	for (unsigned i = 0; i < 500; i++)
		ops[i] = add("dev", i + 1, (uint64_t)(rand() % 1000));
	for (unsigned i = 0; i < 500; i += 3)
		waiting_remove(&waiting, ops[i]);
	left = waiting.count;
	assert_null(waiting_expired(&waiting, waiting_next_ms(&waiting) - 1));
	for (struct waiting_op *op; (op = waiting_expired(&waiting, 1000)) != NULL; left--) {
		assert_true(op->expires_ms >= last);
		assert_int_equal(op->heap_at, WAITING_NOWHERE);
		last = op->expires_ms;
	}
	assert_int_equal(left, 0);
	assert_int_equal(waiting_next_ms(&waiting), UINT64_MAX);
}

static void thousands_of_endpoints_are_each_found_and_walked_over_once(void **state)
{
	size_t walked = 0;
	char name[16];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "dev-%u", i);
		add(name, i + 1, i);
	}
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "dev-%u", i);
		assert_int_equal(find(name)->first->id, i + 1);
	}
	for (struct waiting_endpoint *at = waiting_next(&waiting, NULL); at != NULL;
	     at = waiting_next(&waiting, at))
		walked++;
	assert_int_equal(walked, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(operations_stand_in_the_order_they_came),
		T(an_endpoint_goes_with_its_last_operation),
		T(what_ended_keeps_its_place_but_counts_no_longer),
		T(the_first_to_expire_is_taken_first),
		T(thousands_of_endpoints_are_each_found_and_walked_over_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
