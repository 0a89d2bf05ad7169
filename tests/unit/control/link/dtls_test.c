// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS sessions kept for a dataplane that comes back, the played one or another.
#include "control/store/dtls_sessions.h"
#include "lwm2m/coap/msg.h"
#include "tests/unit/control/link/rig.h"
#include "tests/unit/control/security/rig.h"

#define CID(worker, slot, generation) \
	((uint64_t)(worker) << 56 | (uint64_t)(slot) << 24 | (generation))

static uint64_t credential;

static int setup_meter(void **state)
{
	enum ctl_credential_change change;

	setup(state);
	assert_int_equal(
		credential_store(gw.ctl.credentials, psk_new("meter-1", "id-1", "secret"), &change),
		0);
	credential = ctl_credentials_of(gw.ctl.credentials, "meter-1", 7)->id;
	return 0;
}

static void save(uint64_t cid, uint64_t whose, uint8_t fill)
{
	union device_event event = {0};
	struct bridge_dtls_save *ev = (struct bridge_dtls_save *)&event;
	uint32_t worker = (uint32_t)(cid >> 56);

	ev->record.type = BRIDGE_EV_DTLS_SAVE;
	ev->record.seq = ++dp.seq[worker];
	ev->cid = cid;
	ev->credential = whose;
	memset(ev->session, fill, sizeof(ev->session));
	assert_true(fake_send(&dp, worker, &event, sizeof(*ev)));
	run_until(all_committed);
}

static void end(uint32_t worker, uint64_t cid)
{
	union device_event event = {0};
	struct bridge_dtls_session *ev = (struct bridge_dtls_session *)&event;

	ev->record.type = BRIDGE_EV_DTLS_END;
	ev->cid = cid;
	assert_true(fake_send(&dp, worker, &event, sizeof(*ev)));
}

static bool ended(void *arg)
{
	return ctl_counters.events_received > *(uint64_t *)arg;
}

static void wait_end(uint32_t worker, uint64_t cid)
{
	uint64_t before = ctl_counters.events_received;

	end(worker, cid);
	assert_true(gateway_run_until(&gw, ended, step, &before));
	assert_int_equal(ctl_store_commit(gw.ctl.store), 0);
}

static void comes_again(uint64_t id)
{
	fake_hang_up(&dp);
	dp.id = id;
	dp.restore_ends = dp.dtls_restored = dp.dtls_known = 0;
	run_until(ready);
}

static void a_session_is_handed_to_the_next_dataplane(void **state)
{
	comes_again(1);
	save(CID(1, 5, 77), credential, 0xab);
	comes_again(2);
	assert_int_equal(dp.dtls_restored, 1);
	assert_true(dp.dtls_cid == CID(1, 5, 77));
	assert_int_equal(dp.dtls_skipped, 0);
	assert_int_equal(dp.dtls_session[0], 0xab);
	assert_int_equal(dp.dtls_session[255], 0xab);
	assert_string_equal(dp.dtls_endpoint, "meter-1");
	comes_again(3); // and was not written anew
	assert_int_equal(dp.dtls_skipped, 1);
}

static void so_it_is_when_control_was_restarted_too(void **state)
{
	comes_again(1);
	save(CID(0, 5, 77), credential, 0xab);
	gateway_stop(&gw);
	fake_hang_up(&dp);
	dp.id = 2;
	dp.restore_ends = dp.dtls_restored = 0;
	start();
	run_until(ready);
	assert_int_equal(dp.dtls_restored, 1);
	assert_int_equal(dp.dtls_skipped, 0);
}

static void the_dataplane_that_wrote_it_is_only_asked_for_it(void **state)
{
	comes_again(1);
	save(CID(1, 5, 77), credential, 0xab);
	comes_again(1);
	assert_int_equal(dp.dtls_restored, 0);
	assert_int_equal(dp.dtls_known, 1);
	assert_true(dp.dtls_cid == CID(1, 5, 77));
	comes_again(2);
	assert_int_equal(dp.dtls_skipped, 0); // it counts as one
}

static void the_newest_snapshot_counts(void **state)
{
	comes_again(1);
	save(CID(0, 5, 77), credential, 1);
	save(CID(0, 5, 77), credential, 2);
	save(CID(0, 6, 70), credential, 3);
	save(CID(0, 6, 71), credential, 4); // another session in its slot
	comes_again(2);
	assert_int_equal(dp.dtls_restored, 2);
	assert_true(dp.dtls_cid == CID(0, 6, 71));
	assert_int_equal(dp.dtls_session[9], 4);
}

static void one_that_is_over_is_forgotten(void **state)
{
	comes_again(1);
	save(CID(0, 5, 77), credential, 1);
	save(CID(0, 6, 77), credential, 1);
	wait_end(0, CID(0, 5, 77));
	comes_again(2);
	assert_int_equal(dp.dtls_restored, 1);
	assert_true(dp.dtls_cid == CID(0, 6, 77));
}

static void one_whose_credential_is_gone_is_not_handed_over(void **state)
{
	bool removed;

	comes_again(1);
	save(CID(0, 5, 77), credential, 1);
	assert_int_equal(ctl_credentials_begin(gw.ctl.credentials), 0);
	ctl_credentials_remove(gw.ctl.credentials, "meter-1", 7, &removed);
	ctl_credentials_commit(gw.ctl.credentials);
	save(CID(0, 6, 77), credential, 1); // it had not heard yet
	comes_again(2);
	assert_int_equal(dp.dtls_restored, 0);
	assert_int_equal(ctl_store_commit(gw.ctl.store), 0);
	assert_false(ctl_store_dtls_any(gw.ctl.store));
}

static void one_of_a_worker_that_is_no_more_is_dropped(void **state)
{
	comes_again(1);
	save(CID(1, 5, 77), credential, 1);
	ctl_store_dtls_put(gw.ctl.store, CID(FAKE_WORKERS, 1, 1))->credential = credential;
	assert_int_equal(ctl_store_commit(gw.ctl.store), 0);
	comes_again(2);
	assert_int_equal(dp.dtls_restored, 1);
}

static void a_session_that_somebody_changed_on_disk_is_left_out(void **state)
{
	comes_again(1);
	save(CID(0, 5, 77), credential, 1);
	// Not sealed for this place.
	ctl_store_dtls_put(gw.ctl.store, CID(0, 6, 77))->credential = credential;
	assert_int_equal(ctl_store_commit(gw.ctl.store), 0);
	comes_again(2);
	assert_int_equal(dp.dtls_restored, 1);
	assert_true(dp.dtls_cid == CID(0, 5, 77));
}

static void nonsense_is_counted(void **state)
{
	union device_event event = {0};
	uint64_t before = ctl_counters.bridge_errors;

	event.record.type = BRIDGE_EV_DTLS_SAVE;
	event.record.seq = ++dp.seq[0];
	assert_true(fake_send(&dp, 0, &event, sizeof(struct bridge_dtls_save) - 1));
	run_until(all_committed);
	end(0, CID(1, 1, 1));
	save(CID(0, 5, 77), credential, 1);
	assert_int_equal(ctl_counters.bridge_errors, before + 2);
	assert_int_equal(dp.rejects[0].code, COAP_INTERNAL_SERVER_ERROR);
}

static void ten_thousand_sessions_are_handed_over_in_order(void **state)
{
	comes_again(1);
	for (uint32_t i = 0; i < 10000; i++)
		ctl_store_dtls_put(gw.ctl.store, CID(i % 2, i / 2, i & 0xffffff))->credential =
			credential;
	assert_int_equal(ctl_store_commit(gw.ctl.store), 0);
	comes_again(1);
	assert_int_equal(dp.dtls_known, 10000);
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_meter, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_session_is_handed_to_the_next_dataplane),
		TEST(so_it_is_when_control_was_restarted_too),
		TEST(the_dataplane_that_wrote_it_is_only_asked_for_it),
		TEST(the_newest_snapshot_counts),
		TEST(one_that_is_over_is_forgotten),
		TEST(one_whose_credential_is_gone_is_not_handed_over),
		TEST(one_of_a_worker_that_is_no_more_is_dropped),
		TEST(a_session_that_somebody_changed_on_disk_is_left_out),
		TEST(nonsense_is_counted),
		TEST(ten_thousand_sessions_are_handed_over_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
