// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/settings.h>
#include <wolfssl/wolfcrypt/types.h>

#include "dataplane/dtls/memory.h"

static struct dtls_memory memory;

static int set_up(void **state)
{
	memory = (struct dtls_memory){.bytes_max = 1 << 20};
	assert_int_equal(dtls_memory_install(), 0);
	dtls_memory_use(&memory);
	return 0;
}

static int tear_down(void **state)
{
	dtls_memory_use(NULL);
	dtls_memory_release(&memory, UINT32_MAX);
	return 0;
}

static void *get(size_t bytes)
{
	return XMALLOC(bytes, NULL, DYNAMIC_TYPE_TMP_BUFFER);
}

static void put(void *data)
{
	XFREE(data, NULL, DYNAMIC_TYPE_TMP_BUFFER);
}

static void what_is_given_back_is_taken_again(void **state)
{
	void *first = get(1000), *again;

	assert_true(memory.bytes >= 1000);
	put(first);
	assert_int_equal(memory.bytes, 0);
	assert_true(memory.kept >= 1000);
	again = get(1010);
	assert_ptr_equal(again, first);
	assert_int_equal(memory.kept, 0);
	put(again);
}

static void no_more_is_given_than_allowed(void **state)
{
	void *most = get((1 << 20) - 200);

	assert_non_null(most);
	assert_null(get(1000));
	assert_int_equal(memory.refused, 1);
	put(most);
	assert_int_equal(memory.bytes, 0);
}

static void what_is_large_is_not_kept(void **state)
{
	put(get(DTLS_MEMORY_CLASSES * DTLS_MEMORY_GRAIN));
	assert_int_equal(memory.bytes, 0);
	assert_int_equal(memory.kept, 0);
}

static void no_more_is_kept_than_the_bound(void **state)
{
	static void *blocks[2000];

	memory.bytes_max = 64 << 20;
	for (unsigned i = 0; i < 2000; i++)
		assert_non_null(blocks[i] = get(16000));
	for (unsigned i = 0; i < 2000; i++)
		put(blocks[i]);
	assert_int_equal(memory.bytes, 0);
	assert_in_range(memory.kept, DTLS_MEMORY_KEPT_MAX - 20000, DTLS_MEMORY_KEPT_MAX);
}

static void what_is_kept_is_given_back_bit_by_bit(void **state)
{
	void *blocks[10];
	uint64_t kept;

	for (unsigned i = 0; i < 10; i++)
		blocks[i] = get(100 * (i + 1));
	for (unsigned i = 0; i < 10; i++)
		put(blocks[i]);
	kept = memory.kept;
	dtls_memory_release(&memory, 4);
	assert_in_range(memory.kept, 1, kept - 4 * 100);
	dtls_memory_release(&memory, 6);
	assert_int_equal(memory.kept, 0);
	dtls_memory_release(&memory, 1);
}

static void what_grows_keeps_its_bytes(void **state)
{
	char *data = get(10);

	memcpy(data, "0123456789", 10);
	data = XREALLOC(data, 5000, NULL, DYNAMIC_TYPE_TMP_BUFFER);
	assert_memory_equal(data, "0123456789", 10);
	put(data);
	assert_int_equal(memory.bytes, 0);
}

static void what_is_on_nobody_s_account_goes_to_nobody(void **state)
{
	void *data;

	dtls_memory_use(NULL);
	data = get(100);
	dtls_memory_use(&memory);
	put(data);
	assert_int_equal(memory.bytes, 0);
	assert_int_equal(memory.kept, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_given_back_is_taken_again),
		T(no_more_is_given_than_allowed),
		T(what_is_large_is_not_kept),
		T(no_more_is_kept_than_the_bound),
		T(what_is_kept_is_given_back_bit_by_bit),
		T(what_grows_keeps_its_bytes),
		T(what_is_on_nobody_s_account_goes_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
