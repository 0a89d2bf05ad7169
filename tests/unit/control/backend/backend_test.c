// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Back ends that are down, slow or refuse; control killed in between. Events are committed as the
// link would, without a dataplane.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/link/group.h"
#include "control/registry.h"
#include "control/store/outbox.h"
#include "tests/unit/control/support/device.h"
#include "tests/unit/control/support/gateway.h"
#include "tests/unit/control/support/receiver.h"

static struct gateway gw;
static struct receiver one, two;

static struct ctl_group *committing;

static void on_committed(int err, void *batch)
{
	if (err != 0)
		abort();
	ctl_group_publish(committing, batch);
}

static void commit(struct ctl_group *group)
{
	committing = group;
	ctl_store_submit(gw.ctl.store, on_committed, ctl_group_seal(group));
	ctl_store_flush(gw.ctl.store);
	ctl_group_free(group);
}

static void commit_range(unsigned from, unsigned count)
{
	struct ctl_group *group = ctl_group_new(&gw.ctl);

	for (unsigned n = from; n < from + count; n++) {
		char name[32];

		snprintf(name, sizeof(name), "dev-%u", n);
		if (ctl_group_register(group, device_record(name, DEVICE_LOCATION(n))) != 0)
			abort();
	}
	commit(group);
}

struct expected {
	struct receiver *receiver;
	unsigned count;
};

static bool has_received(void *arg)
{
	const struct expected *expected = arg;

	return receiver_count(expected->receiver) >= expected->count;
}

static void wait_received(struct receiver *receiver, unsigned count)
{
	struct expected expected = {receiver, count};

	assert_true(gateway_run_until(&gw, has_received, NULL, &expected));
}

static bool was_asked(void *arg)
{
	const struct expected *expected = arg;

	return receiver_requests(expected->receiver) >= expected->count;
}

static bool cursor_moved(void *arg)
{
	return ctl_outbox_cursor(gw.ctl.store, 0) == *(uint64_t *)arg;
}

// dev-0, dev-1, ... each once, ids unique.
static void assert_in_order(struct receiver *receiver, unsigned count)
{
	assert_int_equal(receiver_count(receiver), count);
	assert_int_equal(receiver->malformed, 0);
	for (unsigned i = 0; i < count; i++) {
		char told[64];

		snprintf(told, sizeof(told), "sluice.registration dev-%u", i);
		assert_string_equal(receiver->told[i], told);
		if (i > 0)
			assert_string_not_equal(receiver->ids[i], receiver->ids[i - 1]);
	}
}

static int setup(void **state)
{
	gateway_init(&gw);
	receiver_start(&one, 0);
	receiver_start(&two, 0);
	gateway_backend(&gw, "one", one.url);
	return 0;
}

static int setup_directory(void **state)
{
	gateway_init(&gw);
	return 0;
}

static int teardown(void **state)
{
	receiver_free(&one);
	receiver_free(&two);
	gateway_remove(&gw);
	return 0;
}

static void events_arrive_in_order_and_in_batches(void **state)
{
	uint64_t last = 1000;

	gateway_start(&gw);
	commit_range(0, 700);
	commit_range(700, 300);
	wait_received(&one, 1000);
	assert_true(gateway_run_until(&gw, cursor_moved, NULL, &last));
	assert_in_order(&one, 1000);
	assert_true(one.batches < 20);
	gateway_stop(&gw);
}

static void what_happened_while_the_back_end_was_down_arrives_later(void **state)
{
	uint16_t port = one.port;

	receiver_stop(&one);
	gateway_start(&gw);
	commit_range(0, 300);
	for (int i = 0; i < 100; i++)
		uv_run(&gw.loop, UV_RUN_NOWAIT);
	gateway_stop(&gw); // control, too, goes and comes
	gateway_start(&gw);
	commit_range(300, 10);
	receiver_start(&one, port);
	wait_received(&one, 310);
	assert_in_order(&one, 310);
	gateway_stop(&gw);
}

static void a_batch_that_is_refused_is_repeated_until_accepted(void **state)
{
	struct expected asked = {&one, 3};

	receiver_set(&one, 500, false);
	gateway_start(&gw);
	commit_range(0, 50);
	assert_true(gateway_run_until(&gw, was_asked, NULL, &asked));
	assert_int_equal(receiver_count(&one), 0);
	receiver_set(&one, 302, false); // not accepted either
	asked.count = receiver_requests(&one) + 1;
	assert_true(gateway_run_until(&gw, was_asked, NULL, &asked));
	receiver_set(&one, 202, false);
	wait_received(&one, 50);
	assert_in_order(&one, 50);
	gateway_stop(&gw);
}

static void a_back_end_that_hangs_does_not_delay_another(void **state)
{
	gateway_backend(&gw, "two", two.url);
	receiver_set(&one, 200, true);
	gateway_start(&gw);
	commit_range(0, 600);
	wait_received(&two, 600);
	assert_in_order(&two, 600);
	assert_int_equal(receiver_count(&one), 0);
	gateway_stop(&gw);
}

static void the_kinds_of_events_are_told_apart(void **state)
{
	struct ctl_group *group;
	struct ctl_reg *reg;

	gateway_start(&gw);
	commit_range(0, 1);
	group = ctl_group_new(&gw.ctl);
	reg = ctl_registry_by_endpoint(gw.ctl.registry, "dev-0", 5);
	assert_int_equal(ctl_group_update(group, reg, device_record("dev-0", DEVICE_LOCATION(0)),
					  LWM2M_PARAM_LT, false),
			 0);
	assert_int_equal(ctl_group_register(group, device_record("dev-0", DEVICE_LOCATION(1))), 0);
	reg = ctl_registry_by_endpoint(gw.ctl.registry, "dev-0", 5);
	assert_int_equal(ctl_group_touch(group, reg, &reg->record->peer, DEVICE_WALL_MS + 1), 0);
	assert_int_equal(ctl_group_deregister(group, reg, DEVICE_WALL_MS, CTL_REASON_EXPIRED), 0);
	commit(group);
	wait_received(&one, 5);
	assert_int_equal(one.malformed, 0);
	assert_string_equal(one.told[0], "sluice.registration dev-0");
	assert_string_equal(one.told[1], "sluice.update dev-0");
	assert_string_equal(one.told[2], "sluice.deregistration dev-0 replaced");
	assert_string_equal(one.told[3], "sluice.registration dev-0");
	assert_string_equal(one.told[4], "sluice.deregistration dev-0 expired");
	gateway_stop(&gw);
}

static unsigned distinct_ids(struct receiver *receiver)
{
	unsigned count = 0;

	for (unsigned i = 0; i < receiver->count; i++) {
		unsigned j = 0;

		while (j < i && strcmp(receiver->ids[j], receiver->ids[i]) != 0)
			j++;
		// A repeated id tells of the same event.
		if (j < i)
			assert_string_equal(receiver->told[j], receiver->told[i]);
		count += j == i;
	}
	return count;
}

// Control in a child commits everything in its first turn and posts in the following ones; the
// parent kills it when some batches have arrived.
static void after_kill_9_nothing_is_missing_and_ids_are_the_same(void **state)
{
	uint64_t deadline_ns = uv_hrtime() + 120000000000u;
	char expected[64];
	int status, pipe_fds[2];
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork(); // before there are threads
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (read(pipe_fds[0], one.url, sizeof(one.url)) <= 0)
			_exit(1);
		gateway_backend(&gw, "one", one.url);
		gateway_start(&gw);
		for (unsigned n = 0; n < 1500; n += 100)
			commit_range(n, 100);
		uv_run(&gw.loop, UV_RUN_DEFAULT);
		_exit(1);
	}
	receiver_start(&one, 0);
	gateway_backend(&gw, "one", one.url);
	assert_int_equal(write(pipe_fds[1], one.url, sizeof(one.url)), sizeof(one.url));
	while (receiver_count(&one) < 256)
		assert_true(uv_hrtime() < deadline_ns);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	gateway_start(&gw);
	snprintf(expected, sizeof(expected), "sluice.registration dev-%u", 1499);
	uint64_t last = 1500;
	assert_true(gateway_run_until(&gw, cursor_moved, NULL, &last));
	assert_int_equal(one.malformed, 0);
	assert_int_equal(distinct_ids(&one), 1500);
	assert_string_equal(one.told[one.count - 1], expected);
	gateway_stop(&gw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			after_kill_9_nothing_is_missing_and_ids_are_the_same, setup_directory,
			teardown),
		TEST(events_arrive_in_order_and_in_batches),
		TEST(what_happened_while_the_back_end_was_down_arrives_later),
		TEST(a_batch_that_is_refused_is_repeated_until_accepted),
		TEST(a_back_end_that_hangs_does_not_delay_another),
		TEST(the_kinds_of_events_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
