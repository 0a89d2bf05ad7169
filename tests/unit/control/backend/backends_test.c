// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The outbox reaches its bounds; back ends are made and removed by REST. Events are committed as
// the link would, without a dataplane.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/backend/backend.h"
#include "control/hold.h"
#include "control/link/group.h"
#include "control/registry.h"
#include "control/store/store.h"
#include "tests/unit/control/support/device.h"
#include "tests/unit/control/support/gateway.h"
#include "tests/unit/control/support/receiver.h"

static struct gateway gw;
static struct receiver one, two;

static uint64_t wall_ms = DEVICE_WALL_MS; // of the events

static struct ctl_group *committing;

static void on_committed(int err, void *batch)
{
	if (err != 0)
		abort();
	ctl_group_publish(committing, batch);
}

static void commit_range(unsigned from, unsigned count)
{
	struct ctl_group *group = ctl_group_new(&gw.ctl);

	for (unsigned n = from; n < from + count; n++) {
		struct ctl_record *record;
		char name[32];

		snprintf(name, sizeof(name), "dev-%u", n);
		record = device_record(name, DEVICE_LOCATION(n));
		record->updated_ms = wall_ms;
		if (ctl_group_register(group, record) != 0)
			abort();
	}
	committing = group;
	ctl_store_submit(gw.ctl.store, on_committed, ctl_group_seal(group));
	ctl_store_flush(gw.ctl.store);
	ctl_group_free(group);
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

static int setup(void **state)
{
	gateway_init(&gw);
	receiver_start(&one, 0);
	receiver_start(&two, 0);
	gateway_backend(&gw, "one", one.url);
	wall_ms = DEVICE_WALL_MS;
	return 0;
}

static int teardown(void **state)
{
	receiver_free(&one);
	receiver_free(&two);
	gateway_remove(&gw);
	return 0;
}

static bool is_held(void *arg)
{
	return ctl_held(&gw.ctl.holds) == *(bool *)arg;
}

static void devices_are_held_while_the_outbox_is_full(void **state)
{
	struct ctl_outbox_status outbox;
	bool held = true;

	gw.cfg.outbox.max_bytes = 128 << 10;
	receiver_set(&one, 500, false);
	gateway_start(&gw);
	commit_range(0, 1500);
	assert_true(gateway_run_until(&gw, is_held, NULL, &held));
	ctl_backends_outbox(gw.ctl.backends, &outbox);
	assert_true(outbox.bytes >= gw.cfg.outbox.max_bytes);
	assert_non_null(strstr(outbox.warning, "devices have to wait"));
	receiver_set(&one, 200, false);
	held = false;
	assert_true(gateway_run_until(&gw, is_held, NULL, &held));
	wait_received(&one, 1500);
	gateway_stop(&gw);
}

static bool has_dropped(void *arg)
{
	struct ctl_backend_status status;

	ctl_backends_status(gw.ctl.backends, 0, &status);
	*(uint64_t *)arg = status.dropped;
	return status.dropped > 0;
}

static bool has_caught_up(void *arg)
{
	struct ctl_backend_status status;

	ctl_backends_status(gw.ctl.backends, 0, &status);
	return status.lag_events == 0;
}

static void the_oldest_go_when_the_outbox_may_drop_them(void **state)
{
	uint64_t dropped = 0;

	gateway_backend(&gw, "two", two.url);
	gw.cfg.outbox.max_bytes = 128 << 10;
	gw.cfg.outbox.when_full = CONFIG_FULL_DROP;
	receiver_set(&one, 500, false);
	gateway_start(&gw);
	for (unsigned n = 0; n < 1500; n += 100) { // it is never far behind
		commit_range(n, 100);
		wait_received(&two, n + 100);
	}
	assert_true(gateway_run_until(&gw, has_dropped, NULL, &dropped));
	assert_false(ctl_held(&gw.ctl.holds));
	receiver_set(&one, 200, false);
	assert_true(gateway_run_until(&gw, has_caught_up, NULL, NULL));
	has_dropped(&dropped);
	assert_int_equal(receiver_count(&one) + dropped, 1500); // each one or the other
	assert_string_equal(one.told[one.count - 1], "sluice.registration dev-1499");
	gateway_stop(&gw);
}

static void what_is_too_old_goes(void **state)
{
	uint64_t dropped = 0;

	gw.cfg.outbox.max_age_s = 1;
	wall_ms = 1000; // in 1970
	receiver_set(&one, 500, false);
	gateway_start(&gw);
	commit_range(0, 300);
	assert_true(gateway_run_until(&gw, has_dropped, NULL, &dropped));
	gateway_stop(&gw);
}

static int put(const char *name, const char *json)
{
	char *why;
	bool created;
	int rc = ctl_backends_put(gw.ctl.backends, name, json, strlen(json), &why, &created);

	free(why);
	return rc;
}

static void back_ends_made_by_rest_outlive_control(void **state)
{
	char json[128];
	unsigned i;

	gateway_start(&gw);
	snprintf(json, sizeof(json), "{\"url\":\"%s\"}", two.url);
	commit_range(0, 10);
	assert_int_equal(put("two", json), 0);
	assert_int_equal(put("one", json), -EPERM);
	assert_int_equal(put("three", "{}"), -EINVAL);
	assert_int_equal(ctl_backends_delete(gw.ctl.backends, "one"), -EPERM);
	assert_int_equal(ctl_backends_delete(gw.ctl.backends, "three"), -ENOENT);
	gateway_stop(&gw);
	gateway_start(&gw);
	assert_int_equal(ctl_backends_count(gw.ctl.backends), 2);
	commit_range(10, 5);
	wait_received(&two, 5); // what came before it was made is not for it
	assert_string_equal(two.told[0], "sluice.registration dev-10");
	wait_received(&one, 15);
	assert_int_equal(put("two", json), 0); // changed
	assert_int_equal(ctl_backends_delete(gw.ctl.backends, "two"), 0);
	assert_false(ctl_backends_find(gw.ctl.backends, "two", &i));
	commit_range(15, 1);
	wait_received(&one, 16);
	gateway_stop(&gw);
	gateway_start(&gw);
	assert_int_equal(ctl_backends_count(gw.ctl.backends), 1);
	gateway_stop(&gw);
	assert_int_equal(receiver_count(&two), 5);
}

static void on_tested(const struct ctl_backend_tested *tested, void *arg)
{
	*(struct ctl_backend_tested *)arg = *tested;
}

static bool was_tested(void *arg)
{
	return ((struct ctl_backend_tested *)arg)->http != NULL;
}

static void a_back_end_can_be_tried(void **state)
{
	struct ctl_backend_tested tested = {0};

	gateway_start(&gw);
	receiver_set(&one, 418, false);
	assert_non_null(ctl_backends_test(gw.ctl.backends, 0, on_tested, &tested));
	assert_true(gateway_run_until(&gw, was_tested, NULL, &tested));
	assert_int_equal(tested.status, 418);
	assert_string_equal(tested.http, "1.1");
	assert_non_null(tested.why);
	ctl_backend_test_cancel(ctl_backends_test(gw.ctl.backends, 0, on_tested, &tested));
	gateway_stop(&gw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(devices_are_held_while_the_outbox_is_full),
		TEST(the_oldest_go_when_the_outbox_may_drop_them),
		TEST(what_is_too_old_goes),
		TEST(back_ends_made_by_rest_outlive_control),
		TEST(a_back_end_can_be_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
