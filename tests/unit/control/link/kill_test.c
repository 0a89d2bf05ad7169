// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control in a process of its own, killed at the worst moment: what it acknowledged is on disk.
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

#include "control/registry.h"
#include "control/store/store.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

#define KILL_AFTER 200u // registrations acknowledged

static struct gateway gw;
static struct fake_dataplane dp;

static pid_t control_start(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		gateway_start(&gw);
		uv_run(&gw.loop, UV_RUN_DEFAULT);
		_exit(1);
	}
	return pid;
}

static void send_register(unsigned n)
{
	union device_event event;
	char query[64];

	snprintf(query, sizeof(query), "ep=dev-%u&lwm2m=1.1&lt=300", n);
	fake_promise(&dp, &event,
		     device_register(&event, DEVICE_LOCATION(n), query, "</1/0>,</3/0>"));
}

static void every_acknowledged_registration_survives_kill_9(void **state)
{
	struct ctl_registry *registry = ctl_registry_new();
	unsigned next[FAKE_WORKERS] = {0, 1};
	struct ctl_store *store;
	uint64_t deadline_ns;
	char why[160];
	int status;
	pid_t pid;

	gateway_init(&gw);
	fake_start(&dp, gw.state);
	pid = control_start();
	deadline_ns = uv_hrtime() + 120000000000u;
	// Some are always under way when the end comes.
	while (dp.committed[0] + dp.committed[1] < KILL_AFTER) {
		assert_true(uv_hrtime() < deadline_ns);
		fake_step(&dp);
		for (uint32_t w = 0; fake_is_ready(&dp) && w < FAKE_WORKERS; w++)
			for (; dp.seq[w] < dp.committed[w] + 7; next[w] += FAKE_WORKERS)
				send_register(next[w]);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	fake_step(&dp); // answers that were on their way count, too

	store = ctl_store_open(gw.state, (size_t)1 << 30, true, why);
	assert_non_null(store);
	assert_int_equal(ctl_store_load(store, registry), 0);
	assert_true(ctl_registry_count(registry) >= dp.committed[0] + dp.committed[1]);
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		for (uint64_t i = 0; i < dp.committed[w]; i++)
			assert_non_null(ctl_registry_by_location(
				registry, DEVICE_LOCATION(w + i * FAKE_WORKERS)));
	ctl_registry_free(registry);
	ctl_store_close(store);
	fake_stop(&dp);
	gateway_remove(&gw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_acknowledged_registration_survives_kill_9),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
