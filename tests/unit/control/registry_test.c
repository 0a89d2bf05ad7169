// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/hub.h"
#include "control/registry.h"
#include "tests/unit/control/support/device.h"

#define DEVICES 5000u

static struct ctl_reg *add(struct ctl_registry *registry, unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "dev-%u", n);
	return ctl_registry_add(registry, n, device_record(name, DEVICE_LOCATION(n)));
}

static struct ctl_reg *find(const struct ctl_registry *registry, unsigned n)
{
	char name[32];
	int len = snprintf(name, sizeof(name), "dev-%u", n);

	return ctl_registry_by_endpoint(registry, name, (size_t)len);
}

static struct ctl_registry *filled(void)
{
	struct ctl_registry *registry = ctl_registry_new();

	assert_non_null(registry);
	for (unsigned n = 1; n <= DEVICES; n++)
		assert_non_null(add(registry, n));
	assert_int_equal(ctl_registry_count(registry), DEVICES);
	return registry;
}

static void a_registration_is_found_by_endpoint_location_and_key(void **state)
{
	struct ctl_registry *registry = filled();

	for (unsigned n = 1; n <= DEVICES; n++) {
		struct ctl_reg *reg = find(registry, n);

		assert_non_null(reg);
		assert_int_equal(reg->key, n);
		assert_ptr_equal(ctl_registry_by_location(registry, DEVICE_LOCATION(n)), reg);
		assert_ptr_equal(ctl_registry_by_key(registry, n), reg);
	}
	assert_null(find(registry, DEVICES + 1));
	assert_null(ctl_registry_by_endpoint(registry, "dev-", 4));
	assert_null(ctl_registry_by_location(registry, 1));
	assert_null(ctl_registry_by_key(registry, 0));
	ctl_registry_free(registry);
}

static void room_for_many_is_made_at_once_and_loses_none(void **state)
{
	struct ctl_registry *registry = ctl_registry_new();

	for (unsigned n = 1; n <= 3; n++)
		assert_non_null(add(registry, n));
	ctl_registry_reserve(registry, DEVICES);
	ctl_registry_reserve(registry, 1);
	for (unsigned n = 4; n <= DEVICES; n++)
		assert_non_null(add(registry, n));
	for (unsigned n = 1; n <= DEVICES; n++) {
		assert_int_equal(find(registry, n)->key, n);
		assert_int_equal(ctl_registry_by_location(registry, DEVICE_LOCATION(n))->key, n);
	}
	ctl_registry_free(registry);
}

static void a_reader_goes_on_after_others_were_removed(void **state)
{
	struct ctl_registry *registry = filled();
	struct ctl_reg *reg;
	unsigned seen = 0;

	for (unsigned n = 1; n <= DEVICES; n++)
		if (n % 5 != 0)
			ctl_registry_remove(registry, find(registry, n));
	assert_int_equal(ctl_registry_count(registry), DEVICES / 5);
	for (uint64_t key = 0; (reg = ctl_registry_after(registry, key)) != NULL; key = reg->key) {
		assert_int_equal(reg->key, ++seen * 5);
		assert_ptr_equal(ctl_registry_by_key(registry, reg->key), reg);
	}
	assert_int_equal(seen, DEVICES / 5);
	seen = 0;
	for (reg = NULL; (reg = ctl_registry_next(registry, reg)) != NULL;)
		seen++;
	assert_int_equal(seen, DEVICES / 5);
	assert_null(ctl_registry_after(registry, UINT64_MAX));
	assert_null(ctl_registry_by_key(registry, 4));
	ctl_registry_free(registry);
}

static void an_update_keeps_the_place_and_changes_the_record(void **state)
{
	struct ctl_registry *registry = filled();
	struct ctl_reg *reg = find(registry, 17);
	struct ctl_record *record = device_record("dev-17", DEVICE_LOCATION(17));

	record->updated_ms = 4711;
	ctl_registry_update(registry, reg, record);
	assert_ptr_equal(find(registry, 17), reg);
	assert_ptr_equal(reg->record, record);
	assert_int_equal(reg->seen_ms, 4711);
	ctl_registry_free(registry);
}

static void an_emptied_registry_takes_the_same_devices_again(void **state)
{
	struct ctl_registry *registry = filled();

	ctl_registry_clear(registry);
	assert_int_equal(ctl_registry_count(registry), 0);
	assert_null(ctl_registry_next(registry, NULL));
	assert_null(find(registry, 1));
	assert_non_null(add(registry, 1));
	assert_non_null(find(registry, 1));
	ctl_registry_remove(registry, find(registry, 1));
	assert_null(ctl_registry_after(registry, 0));
	ctl_registry_free(registry);
}

static struct dp_peer peer_of(unsigned n)
{
	struct dp_peer peer = {.addr = {0x20, 0x01, [15] = (uint8_t)n}, .udp_port_be16 = 0x3316};

	return peer;
}

static void of_several_devices_behind_one_address_the_last_to_come_is_found(void **state)
{
	struct ctl_registry *registry = ctl_registry_new();
	struct dp_peer here = peer_of(1), there = peer_of(2), other = peer_of(1);
	struct ctl_reg *a = add(registry, 1), *b = add(registry, 2), *c = add(registry, 3);

	other.scope_id = 3; // another link's
	ctl_registry_move(registry, a, &here);
	ctl_registry_move(registry, b, &here);
	ctl_registry_move(registry, c, &other);
	assert_ptr_equal(ctl_registry_by_address(registry, &here), b);
	assert_ptr_equal(ctl_registry_by_address(registry, &other), c);
	assert_null(ctl_registry_by_address(registry, &there));
	here.worker = 1; // how it reached us does not matter
	here.mac[0] = 2;
	ctl_registry_move(registry, a, &here); // stays
	assert_ptr_equal(ctl_registry_by_address(registry, &here), b);
	ctl_registry_move(registry, b, &there);
	assert_ptr_equal(ctl_registry_by_address(registry, &here), a);
	ctl_registry_remove(registry, a);
	assert_null(ctl_registry_by_address(registry, &here));
	assert_ptr_equal(ctl_registry_by_address(registry, &there), b);
	ctl_registry_free(registry);
}

static void an_update_from_a_new_address_is_found_there_also_among_many(void **state)
{
	struct ctl_registry *registry = ctl_registry_new();
	struct dp_peer peer = peer_of(9);
	struct ctl_record *record;

	for (unsigned n = 0; n < 3000; n++) // all behind one address, more than there are buckets
		add(registry, n);
	record = device_record("dev-17", find(registry, 17)->record->location);
	record->peer = peer;
	ctl_registry_update(registry, find(registry, 17), record);
	assert_ptr_equal(ctl_registry_by_address(registry, &peer), find(registry, 17));
	for (unsigned n = 2999; n > 17; n--) {
		const struct dp_peer *same = &find(registry, n)->record->peer;

		assert_ptr_equal(ctl_registry_by_address(registry, same), find(registry, n));
		ctl_registry_remove(registry, find(registry, n));
	}
	ctl_registry_free(registry);
}

static char heard[8];

static void on_event(const struct ctl_event *event, void *arg)
{
	strcat(heard, arg);
}

static void every_subscriber_hears_in_the_order_of_subscription(void **state)
{
	struct ctl_hub *hub = ctl_hub_new();
	struct ctl_event event = {.type = CTL_REGISTERED};
	int rc = 0;

	assert_int_equal(ctl_hub_subscribe(hub, on_event, "a"), 0);
	assert_int_equal(ctl_hub_subscribe(hub, on_event, "b"), 0);
	ctl_hub_publish(hub, &event);
	ctl_hub_publish(hub, &event);
	assert_string_equal(heard, "abab");
	for (int i = 0; rc == 0 && i < 100; i++)
		rc = ctl_hub_subscribe(hub, on_event, "c");
	assert_int_not_equal(rc, 0);
	ctl_hub_free(hub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_is_found_by_endpoint_location_and_key),
		cmocka_unit_test(room_for_many_is_made_at_once_and_loses_none),
		cmocka_unit_test(a_reader_goes_on_after_others_were_removed),
		cmocka_unit_test(an_update_keeps_the_place_and_changes_the_record),
		cmocka_unit_test(an_emptied_registry_takes_the_same_devices_again),
		cmocka_unit_test(of_several_devices_behind_one_address_the_last_to_come_is_found),
		cmocka_unit_test(an_update_from_a_new_address_is_found_there_also_among_many),
		cmocka_unit_test(every_subscriber_hears_in_the_order_of_subscription),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
