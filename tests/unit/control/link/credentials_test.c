// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials over the bridge: what the played dataplane asks and is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "control/link/link.h"
#include "control/metrics.h"
#include "control/registry.h"
#include "lwm2m/coap/msg.h"
#include "tests/unit/control/security/rig.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static struct fake_dataplane dp;

static void step(void *arg)
{
	fake_step(&dp);
}

static bool ready(void *arg)
{
	return fake_is_ready(&dp) && ctl_link_state(gw.ctl.link) == CTL_LINK_READY;
}

static bool answered(void *arg)
{
	return dp.answers == *(uint32_t *)arg;
}

static bool gone(void *arg)
{
	return dp.gone == *(uint32_t *)arg;
}

static int setup(void **state)
{
	gateway_init(&gw);
	gw.cfg.security.ticket_lifetime_s = 86400;
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	assert_true(gateway_run_until(&gw, ready, step, NULL));
	ctl_counters = (struct ctl_counters){0};
	return 0;
}

static int teardown(void **state)
{
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
	return 0;
}

static void put(struct ctl_credential *credential)
{
	enum ctl_credential_change change;

	assert_int_equal(credential_store(gw.ctl.credentials, credential, &change), 0);
}

static uint64_t id_of(const char *endpoint)
{
	return ctl_credentials_of(gw.ctl.credentials, endpoint, strlen(endpoint))->id;
}

// lie: of how many bytes the event claims the identity is, besides those it has.
static bool ask(uint32_t worker, uint64_t query, uint32_t kind, const char *id, uint32_t lie)
{
	union device_event event = {0};
	struct bridge_credential_query *ev = (struct bridge_credential_query *)&event;

	ev->record.type = BRIDGE_EV_CREDENTIAL_QUERY;
	ev->query = query;
	ev->kind = kind;
	ev->id_len = (uint32_t)strlen(id) + lie;
	memcpy(ev->id, id, strlen(id));
	return fake_send(&dp, worker, &event, (uint32_t)(sizeof(*ev) + strlen(id)));
}

static void wait_answers(uint32_t count)
{
	assert_true(gateway_run_until(&gw, answered, step, &count));
}

static void wait_gone(uint32_t count)
{
	assert_true(gateway_run_until(&gw, gone, step, &count));
}

static void a_known_identity_is_answered_with_key_and_endpoint(void **state)
{
	put(psk_new("meter-1", "id-1", "secret"));
	assert_true(ask(1, 77, BRIDGE_CREDENTIAL_PSK, "id-1", 0));
	wait_answers(1);
	assert_int_equal(fake_answer(&dp)->query, 77);
	assert_int_equal(fake_answer(&dp)->verdict, 0);
	assert_int_equal(fake_answer(&dp)->kind, BRIDGE_CREDENTIAL_PSK);
	assert_int_equal(fake_answer(&dp)->credential, id_of("meter-1"));
	assert_int_equal(fake_answer(&dp)->key_len, 6);
	assert_int_equal(fake_answer(&dp)->endpoint_len, 7);
	assert_memory_equal(fake_answer(&dp)->bytes, "secretmeter-1", 13);
	assert_int_equal(ctl_counters.identities_known, 1);
}

static void an_unknown_one_is_answered_so_and_counted(void **state)
{
	put(psk_new("meter-1", "id-1", "secret"));
	assert_true(ask(0, 5, BRIDGE_CREDENTIAL_PSK, "id-2", 0));
	assert_true(ask(0, 6, BRIDGE_CREDENTIAL_RPK, "id-1", 0));
	assert_true(ask(0, 7, BRIDGE_CREDENTIAL_X509, "no certificate", 0));
	wait_answers(3);
	assert_int_equal(fake_answer(&dp)->query, 7);
	assert_int_equal(fake_answer(&dp)->verdict, 1);
	assert_int_equal(fake_answer(&dp)->credential, 0);
	assert_int_equal(fake_answer(&dp)->key_len, 0);
	assert_int_equal(ctl_counters.identities_unknown, 3);
}

// By its number, as a session ticket has it.
static bool ask_again(uint64_t query, uint64_t credential, uint32_t len)
{
	union device_event event = {0};
	struct bridge_credential_query *ev = (struct bridge_credential_query *)&event;

	ev->record.type = BRIDGE_EV_CREDENTIAL_QUERY;
	ev->query = query;
	ev->kind = BRIDGE_CREDENTIAL_AGAIN;
	ev->id_len = len;
	memcpy(ev->id, &credential, sizeof(credential));
	return fake_send(&dp, 0, &event, (uint32_t)sizeof(*ev) + len);
}

static void one_that_was_shown_before_is_answered_without_its_key(void **state)
{
	put(psk_new("meter-1", "id-1", "secret"));
	assert_true(ask_again(9, id_of("meter-1"), 8));
	wait_answers(1);
	assert_int_equal(fake_answer(&dp)->query, 9);
	assert_int_equal(fake_answer(&dp)->verdict, 0);
	assert_int_equal(fake_answer(&dp)->kind, BRIDGE_CREDENTIAL_AGAIN);
	assert_int_equal(fake_answer(&dp)->credential, id_of("meter-1"));
	assert_int_equal(fake_answer(&dp)->key_len, 0);
	assert_int_equal(fake_answer(&dp)->until_s, 0);
	assert_memory_equal(fake_answer(&dp)->bytes, "meter-1", 7);
}

static void one_that_was_replaced_or_removed_since_is_not_known_again(void **state)
{
	uint64_t before;
	bool removed;

	put(psk_new("meter-1", "id-1", "secret"));
	before = id_of("meter-1");
	put(psk_new("meter-1", "id-1", "another"));
	assert_true(ask_again(1, before, 8));
	wait_answers(1);
	assert_int_equal(fake_answer(&dp)->verdict, 1);
	before = id_of("meter-1");
	assert_int_equal(ctl_credentials_begin(gw.ctl.credentials), 0);
	ctl_credentials_remove(gw.ctl.credentials, "meter-1", 7, &removed);
	ctl_credentials_commit(gw.ctl.credentials);
	assert_true(ask_again(2, before, 8));
	assert_true(ask_again(3, before, 4)); // half a number
	wait_answers(3);
	assert_int_equal(fake_answer(&dp)->verdict, 1);
	assert_int_equal(ctl_counters.identities_unknown, 3);
}

static void a_malformed_question_is_counted_and_gets_no_answer(void **state)
{
	assert_true(ask(0, 1, BRIDGE_CREDENTIAL_PSK, "id", 100));
	assert_true(ask(0, 2, 0, "id", 0));
	assert_true(ask(0, 3, BRIDGE_CREDENTIAL_AGAIN + 1, "id", 0));
	assert_true(ask(0, 4, BRIDGE_CREDENTIAL_PSK, "id", 0));
	wait_answers(1);
	assert_int_equal(fake_answer(&dp)->query, 4);
	assert_int_equal(ctl_counters.bridge_errors, 3);
}

static void a_flood_of_questions_is_not_answered_in_full(void **state)
{
	uint32_t asked = 0;

	dp.deaf = true; // its ring fills up
	while (ctl_counters.identities_unanswered == 0) {
		assert_true(asked < 1000000);
		while (ask(0, asked, BRIDGE_CREDENTIAL_PSK, "nobody", 0))
			asked++;
		uv_run(&gw.loop, UV_RUN_NOWAIT);
		if (ctl_link_segment(gw.ctl.link) == NULL)
			fail_msg("detached");
		dp.deaf = false;
		fake_step(&dp);
		dp.deaf = true;
	}
	assert_true(ctl_counters.identities_unknown > 0);
}

static void every_worker_is_told_of_what_was_removed_or_replaced(void **state)
{
	uint64_t id;
	bool removed;

	put(psk_new("a", "id-a", "1"));
	id = id_of("a");
	put(psk_new("a", "id-a", "1"));
	put(psk_new("a", "id-a", "2"));
	wait_gone(FAKE_WORKERS);
	assert_int_equal(dp.gone_last, id);
	id = id_of("a");
	assert_int_equal(ctl_credentials_begin(gw.ctl.credentials), 0);
	ctl_credentials_remove(gw.ctl.credentials, "a", 1, &removed);
	ctl_credentials_commit(gw.ctl.credentials);
	wait_gone(2 * FAKE_WORKERS);
	assert_int_equal(dp.gone_last, id);
}

static void what_was_removed_while_no_dataplane_was_there_is_told_when_it_comes(void **state)
{
	uint64_t id;
	bool removed;

	put(psk_new("a", "id-a", "1"));
	put(psk_new("b", "id-b", "2"));
	id = id_of("b");
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_start(&gw);
	for (const char *name = "ab"; *name != '\0'; name++) {
		assert_int_equal(ctl_credentials_begin(gw.ctl.credentials), 0);
		ctl_credentials_remove(gw.ctl.credentials, name, 1, &removed);
		ctl_credentials_commit(gw.ctl.credentials);
	}
	gateway_stop(&gw); // and control is restarted besides
	gateway_start(&gw);
	fake_start(&dp, gw.state);
	wait_gone(2 * FAKE_WORKERS);
	assert_int_equal(dp.gone_last, id);
	gateway_stop(&gw);
	gateway_start(&gw);
	assert_true(gateway_run_until(&gw, ready, step, NULL));
	assert_int_equal(dp.gone, 2 * FAKE_WORKERS); // once is enough
}

static void every_worker_is_told_to_read_the_gateways_own_again(void **state)
{
	assert_int_equal(ctl_link_credentials_reload(gw.ctl.link), 0);
	fake_step(&dp);
	assert_int_equal(dp.reloads, FAKE_WORKERS);
}

static bool all_committed(void *arg)
{
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		if (dp.committed[w] != dp.seq[w])
			return false;
	return true;
}

// Registers and waits for the answer. 0, or the code it is refused with.
static uint32_t registers(const char *query, uint64_t credential)
{
	uint32_t refused = dp.rejects_count;
	union device_event event;
	uint32_t len = device_register(&event, DEVICE_LOCATION(0), query, "</3/0>");

	event.ev.credential = credential;
	assert_int_not_equal(fake_promise(&dp, &event, len), 0);
	assert_true(gateway_run_until(&gw, all_committed, step, NULL));
	return dp.rejects_count == refused ? 0 : dp.rejects[refused % FAKE_REJECTS_MAX].code;
}

static const struct ctl_record *registered(const char *endpoint)
{
	const struct ctl_reg *reg =
		ctl_registry_by_endpoint(gw.ctl.registry, endpoint, strlen(endpoint));

	return reg != NULL ? reg->record : NULL;
}

static void a_device_registers_under_its_credentials_name_given_or_not(void **state)
{
	put(psk_new("meter-1", "id-1", "1"));
	assert_int_equal(registers("ep=meter-1&lwm2m=1.1", id_of("meter-1")), 0);
	assert_int_equal(registered("meter-1")->secure, 1);
	assert_int_equal(registers("lwm2m=1.1", id_of("meter-1")), 0);
	assert_int_equal(registered("meter-1")->secure, 1);
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 1);
}

static void the_dataplane_is_told_the_name_that_was_left_out(void **state)
{
	union device_event event;
	uint32_t len = device_register(&event, DEVICE_LOCATION(0), "lwm2m=1.1", "</3/0>");

	put(psk_new("meter-1", "id-1", "1"));
	event.ev.credential = id_of("meter-1");
	event.record.flags = 1;
	assert_int_not_equal(fake_promise(&dp, &event, len), 0);
	assert_true(gateway_run_until(&gw, all_committed, step, NULL));
	assert_int_equal(dp.named, 1);
	assert_int_equal(dp.named_seq, dp.seq[0]);
	assert_string_equal(dp.named_endpoint, "meter-1");
	assert_int_equal(registers("ep=meter-1&lwm2m=1.1", id_of("meter-1")), 0);
	assert_int_equal(dp.named, 1);
}

static void another_name_no_credential_or_one_that_is_gone_is_forbidden(void **state)
{
	put(psk_new("meter-1", "id-1", "1"));
	put(psk_new("meter-2", "id-2", "2"));
	assert_int_equal(registers("ep=meter-2&lwm2m=1.1", id_of("meter-1")), COAP_FORBIDDEN);
	assert_int_equal(registers("ep=nobody&lwm2m=1.1", id_of("meter-1")), COAP_FORBIDDEN);
	assert_int_equal(registers("ep=meter-1&lwm2m=1.1", 0), COAP_FORBIDDEN);
	assert_int_equal(registers("ep=meter-1&lwm2m=1.1", 4711), COAP_FORBIDDEN);
	assert_int_equal(registers("lwm2m=1.1", 4711), COAP_FORBIDDEN);
	assert_int_equal(ctl_counters.registrations_forbidden, 5);
	assert_int_equal(ctl_registry_count(gw.ctl.registry), 0);
	assert_int_equal(registers("ep=nobody&lwm2m=1.1", 0), 0);
	assert_int_equal(registered("nobody")->secure, 0);
}

static void reattach(void)
{
	fake_hang_up(&dp);
	dp.restore_ends = 0;
	assert_true(gateway_run_until(&gw, ready, step, NULL));
}

static void a_registration_is_restored_for_the_credential_its_device_has(void **state)
{
	bool removed;

	put(psk_new("meter-1", "id-1", "1"));
	assert_int_equal(registers("ep=meter-1&lwm2m=1.1", id_of("meter-1")), 0);
	reattach();
	assert_int_equal(dp.restored_credential, id_of("meter-1"));
	put(psk_new("meter-1", "id-1", "other"));
	reattach();
	assert_int_equal(dp.restored_credential, id_of("meter-1"));
	assert_int_equal(ctl_credentials_begin(gw.ctl.credentials), 0);
	ctl_credentials_remove(gw.ctl.credentials, "meter-1", 7, &removed);
	ctl_credentials_commit(gw.ctl.credentials);
	reattach();
	assert_true(dp.restored_credential == UINT64_MAX);
}

static void a_dataplane_gets_the_keys_of_session_tickets_first_of_all(void **state)
{
	struct bridge_ticket_keys keys = dp.ticket_keys;
	uint64_t period = (uint64_t)time(NULL) / gw.ctl.cfg->security.ticket_lifetime_s;

	assert_int_equal(dp.tickets, FAKE_WORKERS);
	assert_true(keys.period == period || keys.period == period - 1);
	assert_memory_not_equal(keys.now, keys.before, sizeof(keys.now));
	assert_int_equal(registers("ep=plain&lwm2m=1.1", 0), 0);
	reattach(); // to another one: it takes the same tickets
	assert_int_equal(dp.tickets, 2 * FAKE_WORKERS);
	assert_false(dp.tickets_late);
	if (dp.ticket_keys.period == keys.period) // or a day has passed just now
		assert_memory_equal(dp.ticket_keys.now, keys.now, sizeof(keys.now));
}

static int setup_off(void **state)
{
	gateway_init(&gw);
	fake_start(&dp, gw.state);
	gateway_start(&gw);
	assert_true(gateway_run_until(&gw, ready, step, NULL));
	return 0;
}

static void without_a_lifetime_there_are_none(void **state)
{
	assert_int_equal(dp.tickets, 0);
}

static void one_that_came_in_the_clear_is_restored_for_nobodys(void **state)
{
	assert_int_equal(registers("ep=plain&lwm2m=1.1", 0), 0);
	reattach();
	assert_int_equal(dp.restored, 1);
	assert_int_equal(dp.restored_credential, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_known_identity_is_answered_with_key_and_endpoint),
		T(an_unknown_one_is_answered_so_and_counted),
		T(one_that_was_shown_before_is_answered_without_its_key),
		T(one_that_was_replaced_or_removed_since_is_not_known_again),
		T(a_malformed_question_is_counted_and_gets_no_answer),
		T(a_flood_of_questions_is_not_answered_in_full),
		T(every_worker_is_told_of_what_was_removed_or_replaced),
		T(what_was_removed_while_no_dataplane_was_there_is_told_when_it_comes),
		T(a_device_registers_under_its_credentials_name_given_or_not),
		T(the_dataplane_is_told_the_name_that_was_left_out),
		T(another_name_no_credential_or_one_that_is_gone_is_forbidden),
		T(a_registration_is_restored_for_the_credential_its_device_has),
		T(one_that_came_in_the_clear_is_restored_for_nobodys),
		T(every_worker_is_told_to_read_the_gateways_own_again),
		T(a_dataplane_gets_the_keys_of_session_tickets_first_of_all),
		cmocka_unit_test_setup_teardown(without_a_lifetime_there_are_none, setup_off,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
