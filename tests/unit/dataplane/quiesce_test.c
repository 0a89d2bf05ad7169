// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Threads, and a limit that only a worker which never moves reaches.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "dataplane/quiesce.h"

#define FOREVER_MS 60000u

static struct dp_worker *workers[2];

static int set_up(void **state)
{
	for (unsigned i = 0; i < 2; i++)
		workers[i] = aligned_alloc(alignof(struct dp_worker), sizeof(struct dp_worker));
	for (unsigned i = 0; i < 2; i++) {
		assert_non_null(workers[i]);
		memset(workers[i], 0, sizeof(*workers[i]));
	}
	dp_quiesce_watch(workers, 2);
	return 0;
}

static int tear_down(void **state)
{
	dp_quiesce_watch(NULL, 0);
	free(workers[0]);
	free(workers[1]);
	return 0;
}

static void *go_round(void *worker)
{
	struct dp_worker *w = worker;

	while (!atomic_load(&w->stop))
		atomic_fetch_add(&w->rounds, 1);
	return NULL;
}

static void a_worker_in_the_middle_of_a_round_is_waited_for(void **state)
{
	pthread_t thread;

	atomic_store(&workers[1]->asleep, 1);
	assert_false(dp_quiesce(2));
	assert_int_equal(pthread_create(&thread, NULL, go_round, workers[0]), 0);
	assert_true(dp_quiesce(FOREVER_MS));
	atomic_store(&workers[0]->stop, true);
	pthread_join(thread, NULL);
	assert_false(dp_quiesce(2));
}

static void one_that_sleeps_is_not(void **state)
{
	atomic_store(&workers[0]->asleep, 1);
	assert_false(dp_quiesce(2));
	atomic_store(&workers[1]->asleep, 1);
	assert_true(dp_quiesce(0));
}

static void nobody_is_waited_for_when_no_worker_runs(void **state)
{
	dp_quiesce_watch(NULL, 0);
	assert_true(dp_quiesce(0));
}

// Of any other thread than DPDK's.
static void memory_of_ours_goes_at_once(void **state)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(page != MAP_FAILED);
	assert_int_equal(munmap(page, 4096), 0);
	assert_int_equal(msync(page, 4096, MS_ASYNC), -1); // it is gone
	assert_int_equal(munmap((char *)page + 1, 4096), -1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_worker_in_the_middle_of_a_round_is_waited_for),
		T(one_that_sleeps_is_not),
		T(nobody_is_waited_for_when_no_worker_runs),
		T(memory_of_ours_goes_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
