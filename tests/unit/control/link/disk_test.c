// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The link while the disk fails: what is acknowledged and told, and when.
#include <errno.h>
#include <lmdb.h>
#include <stdatomic.h>

#include "tests/unit/control/link/rig.h"

// The linker has every commit come here; the store's thread calls it.
static atomic_int commit_error;
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	int error = commit_error;

	if (error == 0)
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

static void nothing_is_acknowledged_or_told_before_the_disk_has_recovered(void **state)
{
	send_register("a", DEVICE_LOCATION(0));
	run_until(all_committed);
	commit_error = ENOSPC;
	send_register("b", DEVICE_LOCATION(1));
	run_until(all_held);
	send_register("c", DEVICE_LOCATION(2)); // was on its way
	for (int i = 0; i < 100; i++) {
		uv_run(&gw.loop, UV_RUN_NOWAIT);
		fake_step(&dp);
	}
	assert_int_equal(dp.committed[0] + dp.committed[1], 1);
	assert_string_equal(heard, "R:a ");
	assert_non_null(strstr(ctl_hold_why(&gw.ctl.holds, CTL_HOLD_STORE), "No space left"));
	commit_error = 0;
	run_until(all_committed);
	run_until(none_held);
	assert_string_equal(heard, "R:a R:b R:c ");
	assert_int_equal(dp.attaches, 1);
	assert_int_equal(dp.rejects_count, 0);
}

static void what_a_dataplane_that_is_gone_told_is_kept_and_answered_to_nobody(void **state)
{
	commit_error = EIO;
	send_register("a", DEVICE_LOCATION(0));
	run_until(all_held);
	fake_hang_up(&dp);
	dp.attaches = 1;
	run_until(attached_twice);
	send_register("b", DEVICE_LOCATION(1));
	commit_error = 0;
	run_until(all_committed);
	assert_string_equal(heard, "R:a R:b ");
	assert_int_equal(dp.committed[0], 0);
	assert_int_equal(dp.committed[1], 1);
}

static void what_never_reaches_the_disk_is_not_told(void **state)
{
	commit_error = EROFS;
	send_register("a", DEVICE_LOCATION(0));
	run_until(all_held);
	gateway_stop(&gw);
	commit_error = 0;
	assert_int_equal(dp.committed[0], 0);
	assert_string_equal(heard, "");
	start();
	assert_null(find("a"));
}

static void events_are_taken_as_long_as_the_disk_is_not_far_behind(void **state)
{
	unsigned n = 0;

	commit_error = ENOSPC;
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "dev-%u", n);
		send_register(name, DEVICE_LOCATION(n));
		n++;
		uv_run(&gw.loop, UV_RUN_NOWAIT);
		fake_step(&dp);
	}
	assert_true(gw.ctl.link->rounds < 100);
	assert_true(ctl_registry_count(gw.ctl.registry) < 100);
	commit_error = 0;
	run_until(all_committed);
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 100);
}

static void a_device_that_came_and_went_before_the_commit_is_told_in_order(void **state)
{
	union device_event event;

	commit_error = ENOSPC;
	send_register("a", DEVICE_LOCATION(0));
	run_until(all_held);
	fake_promise(&dp, &event, device_update(&event, DEVICE_LOCATION(0), "lt=60", NULL));
	uv_run(&gw.loop, UV_RUN_NOWAIT);
	fake_promise(&dp, &event, device_deregister(&event, DEVICE_LOCATION(0)));
	for (int i = 0; i < 10; i++)
		uv_run(&gw.loop, UV_RUN_NOWAIT);
	assert_null(find("a"));
	assert_string_equal(heard, "");
	commit_error = 0;
	run_until(all_committed);
	assert_string_equal(heard, "R:a U2/0/60:a D0:a ");
}

static bool two_settled(void *arg)
{
	return dp.settles == 2;
}

static void what_need_not_be_durable_is_answered_before_it_is_on_disk_and_told_after(void **state)
{
	union device_event event;

	gw.cfg.durability.update = gw.cfg.durability.send = CONFIG_DURABILITY_MEMORY;
	send_register("a", DEVICE_LOCATION(0));
	run_until(all_committed);
	assert_int_equal(dp.settles, 0);
	commit_error = ENOSPC;
	send_register("b", DEVICE_LOCATION(2)); // of the same worker
	fake_promise(&dp, &event, device_update(&event, DEVICE_LOCATION(0), "lt=60", NULL));
	device_send(&event, 42, "x", 1); // refused for its format, all the same at once
	fake_promise(&dp, &event, (uint32_t)sizeof(event.ev) + event.ev.coap_len);
	run_until(two_settled);
	assert_int_equal(dp.committed[0], 1);
	assert_int_equal(dp.settled[0], 4);
	assert_int_equal(dp.rejects_count, 1);
	assert_string_equal(heard, "R:a ");
	commit_error = 0;
	run_until(all_committed);
	assert_string_equal(heard, "R:a R:b U2/0/60:a ");
}

static void every_kind_of_event_has_its_own_durability(void **state)
{
	static const uint16_t kinds[] = {BRIDGE_EV_REGISTER, BRIDGE_EV_UPDATE, BRIDGE_EV_DEREGISTER,
					 BRIDGE_EV_SEND, BRIDGE_EV_NOTIFY};
	enum config_durability *const each[] = {
		&gw.cfg.durability.registration,   &gw.cfg.durability.update,
		&gw.cfg.durability.deregistration, &gw.cfg.durability.send,
		&gw.cfg.durability.notification,
	};

	for (size_t i = 0; i < 5; i++) {
		*each[i] = CONFIG_DURABILITY_MEMORY;
		for (size_t k = 0; k < 5; k++)
			assert_int_equal(link_is_memory(gw.ctl.link, kinds[k]), k == i);
		assert_int_equal(link_is_memory(gw.ctl.link, BRIDGE_EV_EXPIRE), i == 2);
		assert_false(link_is_memory(gw.ctl.link, BRIDGE_EV_TOUCH));
		*each[i] = CONFIG_DURABILITY_COMMIT;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_acknowledged_or_told_before_the_disk_has_recovered),
		TEST(what_a_dataplane_that_is_gone_told_is_kept_and_answered_to_nobody),
		TEST(what_never_reaches_the_disk_is_not_told),
		TEST(events_are_taken_as_long_as_the_disk_is_not_far_behind),
		TEST(a_device_that_came_and_went_before_the_commit_is_told_in_order),
		TEST(what_need_not_be_durable_is_answered_before_it_is_on_disk_and_told_after),
		TEST(every_kind_of_event_has_its_own_durability),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
