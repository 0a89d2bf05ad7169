// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The pool of huge pages is the machine's, so the kernel's answers are made up here (ld --wrap).
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

#include <cmocka.h>

#include "dataplane/state/region.h"

#define HUGE_BYTES ((size_t)2 << 20)

static size_t pool;         // bytes of huge pages that may be reserved
static int populate_errno;  // what asking for the first page fails with; 0: it does not
static size_t asked, given; // of huge pages

void *__real_mmap64(void *at, size_t len, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t len, int prot, int flags, int fd, off_t offset);
int __real_madvise(void *at, size_t len, int advice);
int __wrap_madvise(void *at, size_t len, int advice);

void *__wrap_mmap64(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	if ((flags & MAP_HUGETLB) == 0)
		return __real_mmap64(at, len, prot, flags, fd, offset);
	asked += len;
	if (len % HUGE_BYTES != 0 || len > pool) {
		errno = len > pool ? ENOMEM : EINVAL;
		return MAP_FAILED;
	}
	given += len;
	return __real_mmap64(at, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, fd, offset);
}

int __wrap_madvise(void *at, size_t len, int advice)
{
	if (advice != MADV_POPULATE_WRITE || populate_errno == 0)
		return __real_madvise(at, len, advice);
	errno = populate_errno;
	return -1;
}

static int set_up(void **state)
{
	pool = 16 * HUGE_BYTES;
	populate_errno = 0;
	asked = given = 0;
	return 0;
}

static size_t reserved_since(struct dp_region_sizes before)
{
	return dp_region_sizes().reserved - before.reserved;
}

static size_t other_since(struct dp_region_sizes before)
{
	return dp_region_sizes().other - before.other;
}

static void works_to_its_last_byte(uint8_t *region, size_t bytes)
{
	assert_non_null(region);
	assert_int_equal(region[0] | region[bytes - 1], 0);
	region[0] = region[bytes - 1] = 1;
	dp_region_free(region, bytes);
}

static void a_region_takes_reserved_huge_pages_while_there_are_enough(void **state)
{
	struct dp_region_sizes before = dp_region_sizes();

	works_to_its_last_byte(dp_region_alloc(2 * HUGE_BYTES + 1), 2 * HUGE_BYTES + 1);
	assert_int_equal(given, 3 * HUGE_BYTES);
	assert_int_equal(reserved_since(before), 3 * HUGE_BYTES);
	assert_int_equal(other_since(before), 0);
}

static void a_region_that_the_pool_is_too_small_for_takes_other_memory(void **state)
{
	struct dp_region_sizes before = dp_region_sizes();

	pool = 2 * HUGE_BYTES;
	works_to_its_last_byte(dp_region_alloc(2 * HUGE_BYTES + 1), 2 * HUGE_BYTES + 1);
	assert_int_equal(asked, 3 * HUGE_BYTES);
	assert_int_equal(reserved_since(before), 0);
	assert_int_equal(other_since(before), 3 * HUGE_BYTES);
}

static void
a_control_group_that_may_have_no_huge_page_is_noticed_before_one_is_touched(void **state)
{
	struct dp_region_sizes before = dp_region_sizes();

	populate_errno = EFAULT;
	works_to_its_last_byte(dp_region_alloc(HUGE_BYTES), HUGE_BYTES);
	assert_int_equal(given, HUGE_BYTES);
	assert_int_equal(reserved_since(before), 0);
	assert_int_equal(other_since(before), HUGE_BYTES);
}

static void a_kernel_that_cannot_be_asked_for_the_first_page_is_trusted(void **state)
{
	struct dp_region_sizes before = dp_region_sizes();

	populate_errno = EINVAL;
	works_to_its_last_byte(dp_region_alloc(HUGE_BYTES), HUGE_BYTES);
	assert_int_equal(reserved_since(before), HUGE_BYTES);
}

static void less_than_a_huge_page_asks_for_none(void **state)
{
	works_to_its_last_byte(dp_region_alloc(HUGE_BYTES - 1), HUGE_BYTES - 1);
	works_to_its_last_byte(dp_region_alloc(1), 1);
	assert_int_equal(asked, 0);
}

static void more_than_there_is_address_space_is_no_region(void **state)
{
	struct dp_region_sizes before = dp_region_sizes();

	assert_null(dp_region_alloc(SIZE_MAX / 2));
	assert_null(dp_region_alloc(SIZE_MAX));
	assert_int_equal(other_since(before), 0);
	dp_region_free(NULL, HUGE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_region_takes_reserved_huge_pages_while_there_are_enough,
				       set_up),
		cmocka_unit_test_setup(a_region_that_the_pool_is_too_small_for_takes_other_memory,
				       set_up),
		cmocka_unit_test_setup(
			a_control_group_that_may_have_no_huge_page_is_noticed_before_one_is_touched,
			set_up),
		cmocka_unit_test_setup(a_kernel_that_cannot_be_asked_for_the_first_page_is_trusted,
				       set_up),
		cmocka_unit_test_setup(less_than_a_huge_page_asks_for_none, set_up),
		cmocka_unit_test_setup(more_than_there_is_address_space_is_no_region, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
