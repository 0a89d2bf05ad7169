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

#include "control/store/env.h"
#include "tests/unit/control/support/device.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw; // for its directory
static const char *const one_name[] = {"one"};
static const char *const two_names[] = {"one", "two"};

static int setup(void **state)
{
	gateway_init(&gw);
	return 0;
}

static int teardown(void **state)
{
	gateway_remove(&gw);
	return 0;
}

static struct ctl_store *open_with(const char *const *names, unsigned count)
{
	char why[160];
	struct ctl_store *store = ctl_store_open(gw.state, (size_t)64 << 20, true, why);

	assert_non_null(store);
	assert_int_equal(ctl_outbox_configure(store, names, count), 0);
	return store;
}

static void append(struct ctl_store *store, unsigned count)
{
	struct ctl_outbox_entry entry = {.type = CTL_REGISTERED, .version = CTL_OUTBOX_RECORD};
	struct ctl_record *record = device_record("dev", 1);

	for (unsigned i = 0; i < count; i++)
		ctl_outbox_append(store, &entry, record);
	assert_int_equal(ctl_store_commit(store), 0);
	free(record);
}

static void stage(struct ctl_store *store, unsigned entries_max)
{
	ctl_outbox_stage(store, entries_max);
	assert_int_equal(ctl_store_commit(store), 0);
}

struct seen {
	uint64_t first, last;
	unsigned count;
};

static bool on_entry(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	struct seen *seen = arg;

	assert_true(key > seen->last);
	assert_int_equal(view->record->endpoint_len, 3);
	if (seen->count++ == 0)
		seen->first = key;
	seen->last = key;
	return true;
}

static struct seen read_after(struct ctl_store *store, uint64_t after)
{
	struct seen seen = {0};

	assert_int_equal(ctl_outbox_read(store, after, on_entry, &seen), 0);
	return seen;
}

static void without_back_ends_nothing_is_kept(void **state)
{
	struct ctl_store *store = open_with(NULL, 0);

	append(store, 3);
	assert_int_equal(read_after(store, 0).count, 0);
	assert_int_equal(ctl_outbox_last(store), 0);
	ctl_store_close(store);
}

static void events_come_back_in_order_and_stay_until_all_have_passed(void **state)
{
	struct ctl_store *store = open_with(two_names, 2);

	for (unsigned i = 0; i < 10; i++)
		append(store, 1);
	assert_int_equal(read_after(store, 0).count, 10);
	assert_int_equal(read_after(store, 7).first, 8);
	ctl_outbox_advance(store, 0, 10);
	stage(store, 100);
	assert_int_equal(read_after(store, 0).count, 10);
	ctl_outbox_advance(store, 1, 4);
	stage(store, 3); // bounded
	assert_int_equal(read_after(store, 0).first, 4);
	stage(store, 3);
	assert_int_equal(read_after(store, 0).first, 5);
	assert_false(ctl_outbox_dirty(store));
	ctl_store_close(store);
}

static void events_of_one_commit_are_read_from_any_of_them_and_leave_together(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);

	append(store, 5);
	append(store, 1000); // of more than one block
	append(store, 5);
	for (uint64_t after = 0; after < 1010; after++) {
		struct seen seen = read_after(store, after);

		assert_int_equal(seen.first, after + 1);
		assert_int_equal(seen.count, 1010 - after);
	}
	assert_int_equal(read_after(store, 1010).count, 0);
	ctl_outbox_advance(store, 0, 7);
	stage(store, 2000);
	assert_false(ctl_outbox_dirty(store));
	assert_int_equal(read_after(store, 0).first, 6);
	ctl_outbox_advance(store, 0, 1004);
	stage(store, 2000);
	assert_false(ctl_outbox_dirty(store));
	assert_in_range(read_after(store, 0).first, 7, 1004);
	ctl_outbox_advance(store, 0, 1010);
	stage(store, 2000);
	assert_int_equal(read_after(store, 0).count, 0);
	ctl_store_close(store);
}

static void keys_never_repeat_even_after_the_outbox_ran_empty(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);

	append(store, 10);
	ctl_outbox_advance(store, 0, 10);
	stage(store, 100);
	assert_int_equal(read_after(store, 0).count, 0);
	ctl_store_close(store);
	store = open_with(NULL, 0);
	ctl_store_close(store);
	store = open_with(one_name, 1);
	append(store, 1);
	assert_int_equal(read_after(store, 0).first, 11);
	ctl_store_close(store);
}

static void a_back_end_goes_on_where_it_was_and_a_new_one_starts_now(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);

	append(store, 10);
	ctl_outbox_advance(store, 0, 4);
	stage(store, 0);
	ctl_outbox_advance(store, 0, 6); // not staged any more: lost with the process
	ctl_store_close(store);
	store = open_with(two_names, 2);
	assert_int_equal(ctl_outbox_cursor(store, 0), 4);
	assert_int_equal(ctl_outbox_cursor(store, 1), 10);
	ctl_store_close(store);
	store = open_with(NULL, 0); // forgets both
	ctl_store_close(store);
	store = open_with(one_name, 1);
	assert_int_equal(ctl_outbox_cursor(store, 0), 10);
	ctl_store_close(store);
}

static void a_damaged_event_is_left_out(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);

	for (unsigned i = 0; i < 3; i++)
		append(store, 1);
	memcpy(store_put(store, STORE_OUTBOX, 2, 3), "bad", 3);
	assert_int_equal(ctl_store_commit(store), 0);
	assert_int_equal(read_after(store, 0).count, 2);
	ctl_store_close(store);
}

// A block that says it holds more than there is of it, and an entry longer than its block.
static void the_rest_of_a_damaged_block_is_left_out(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);
	struct ctl_outbox_block *block;
	struct ctl_outbox_item *item;
	size_t len;

	append(store, 3);
	for (unsigned round = 0; round < 2; round++) {
		struct ctl_outbox_entry entry = {.type = CTL_REGISTERED,
						 .version = CTL_OUTBOX_RECORD};
		struct ctl_record *record = device_record("dev", 1);

		ctl_outbox_append(store, &entry, record);
		ctl_outbox_append(store, &entry, record);
		block = store_changes_last_outbox(store->open, &len);
		item = (struct ctl_outbox_item *)(block + 1);
		if (round == 0)
			block->count = 100;
		else
			item->len = UINT32_MAX;
		assert_int_equal(ctl_store_commit(store), 0);
		free(record);
	}
	append(store, 1);
	assert_int_equal(read_after(store, 0).count, 3 + 2 + 0 + 1);
	assert_int_equal(read_after(store, 3).first, 4);
	assert_int_equal(read_after(store, 5).first, 8);
	ctl_store_close(store);
}

static void append_data(struct ctl_store *store, uint8_t type, const char *head, const char *tail,
			const char *raw)
{
	static const struct lwm2m_path paths[] = {{{3303, 1, 5700}, 3}, {{5}, 1}};
	struct ctl_outbox_entry entry = {.type = type, .wall_ms = DEVICE_WALL_MS};
	struct ctl_outbox_parts parts = {
		.endpoint = "dev",
		.json = {{head, strlen(head)}, {tail, strlen(tail)}},
		.raw = (const uint8_t *)raw,
		.paths = paths,
		.paths_count = raw != NULL ? 2 : 0,
	};
	struct ctl_outbox_data data = {
		.endpoint_len = 3,
		.json_len = (uint32_t)(strlen(head) + strlen(tail)),
		.raw_len = raw != NULL ? (uint32_t)strlen(raw) : 0,
		.format = 112,
	};

	ctl_outbox_append_data(store, &entry, &data, &parts);
	assert_int_equal(ctl_store_commit(store), 0);
}

static bool on_data(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	char *seen = arg;

	assert_null(view->record);
	assert_int_equal(view->entry.wall_ms, DEVICE_WALL_MS);
	sprintf(seen + strlen(seen), "%d %.*s %.*s %.*s", view->entry.type, (int)view->endpoint_len,
		view->endpoint, (int)view->data.json_len, view->json, (int)view->data.raw_len,
		(const char *)view->raw);
	for (uint32_t i = 0; i < view->paths_count; i++) {
		char text[LWM2M_PATH_TEXT_MAX];
		struct lwm2m_path path;

		ctl_outbox_path(view, i, &path);
		lwm2m_path_format(&path, text);
		sprintf(seen + strlen(seen), " %s", text);
	}
	strcat(seen, ";");
	return true;
}

static void events_with_data_of_their_own_come_back_whole(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);
	char seen[256] = "";

	append_data(store, CTL_NOTIFICATION, "{\"a\":1", ",\"b\":2}", "raw");
	append_data(store, CTL_SEND, "{}", "", NULL);
	append_data(store, CTL_REGISTERED, "{}", "", NULL); // has no data: left out
	assert_int_equal(ctl_outbox_read(store, 0, on_data, seen), 0);
	assert_string_equal(seen, "3 dev {\"a\":1,\"b\":2} raw /3303/1/5700 /5;4 dev {} ;");
	ctl_store_close(store);
}

static void damaged_data_is_left_out(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);
	struct {
		struct ctl_outbox_entry entry;
		struct ctl_outbox_data data;
		char bytes[8];
	} block = {.entry = {.type = CTL_SEND, .version = CTL_OUTBOX_DATA},
		   .data = {.endpoint_len = 3, .json_len = UINT32_MAX, .raw_len = 6}};
	char seen[256] = "";

	append_data(store, CTL_SEND, "{}", "", NULL);
	for (uint64_t key = 2; key < 7; key++) {
		size_t len = sizeof(block);

		if (key == 3)
			len = sizeof(block.entry) + 4;
		if (key == 4)
			block.data = (struct ctl_outbox_data){.endpoint_len = 7, .json_len = 1};
		if (key == 5)
			block.entry.version = 5;
		if (key == 6) { // no whole number of paths behind it
			block.entry.version = CTL_OUTBOX_PATHS;
			block.data = (struct ctl_outbox_data){.endpoint_len = 1, .json_len = 2};
		}
		memcpy(store_put(store, STORE_OUTBOX, key, len), &block, len);
		assert_int_equal(ctl_store_commit(store), 0);
	}
	assert_int_equal(ctl_outbox_read(store, 0, on_data, seen), 0);
	assert_string_equal(seen, "4 dev {} ;");
	ctl_store_close(store);
}

// As formats 2 to 5 of the store had them: each a value of its own.
static void an_event_without_paths_is_still_read(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);
	struct {
		struct ctl_outbox_entry entry;
		struct ctl_outbox_data data;
		char bytes[8];
	} block = {
		.entry = {.type = CTL_SEND, .version = CTL_OUTBOX_DATA, .wall_ms = DEVICE_WALL_MS},
		.data = {.endpoint_len = 3, .json_len = 2, .raw_len = 3},
		.bytes = "dev{}raw"};
	char seen[256] = "";

	memcpy(store_put(store, STORE_OUTBOX, 1, sizeof(block)), &block, sizeof(block));
	assert_int_equal(ctl_store_commit(store), 0);
	assert_int_equal(ctl_outbox_read(store, 0, on_data, seen), 0);
	assert_string_equal(seen, "4 dev {} raw;");
	ctl_store_close(store);
}

static void a_back_end_comes_and_goes_while_others_stay(void **state)
{
	struct ctl_store *store = open_with(NULL, 0);
	unsigned one, two;

	assert_int_equal(ctl_outbox_add(store, "one", &one), 0);
	append(store, 5);
	assert_int_equal(ctl_outbox_add(store, "two", &two), 0);
	assert_int_not_equal(one, two);
	assert_int_equal(ctl_outbox_cursor(store, one), 0);
	assert_int_equal(ctl_outbox_cursor(store, two), 5);
	append(store, 5);
	assert_int_equal(ctl_outbox_remove(store, one), 0);
	stage(store, 100);
	assert_int_equal(read_after(store, 0).first, 6); // what only the one that left waited for
	assert_int_equal(ctl_outbox_add(store, "one", &one), 0);
	assert_int_equal(ctl_outbox_cursor(store, one), 10);
	ctl_store_close(store);
	store = open_with(two_names, 2);
	assert_int_equal(ctl_outbox_cursor(store, 0), 10);
	assert_int_equal(ctl_outbox_cursor(store, 1), 5);
	ctl_store_close(store);
}

static void the_outbox_knows_what_it_takes_on_disk(void **state)
{
	struct ctl_store *store = open_with(one_name, 1);
	struct ctl_outbox_usage usage;

	assert_int_equal(ctl_outbox_usage(store, &usage), 0);
	assert_int_equal(usage.entries, 0);
	assert_int_equal(usage.bytes, 0);
	append(store, 1000);
	assert_int_equal(ctl_outbox_usage(store, &usage), 0);
	assert_int_equal(usage.entries, 1000);
	assert_true(usage.bytes > 1000 * sizeof(struct ctl_record));
	ctl_outbox_advance(store, 0, 1000);
	stage(store, 1000);
	assert_int_equal(ctl_outbox_usage(store, &usage), 0);
	assert_int_equal(usage.bytes, 0);
	ctl_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_back_ends_nothing_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
			events_come_back_in_order_and_stay_until_all_have_passed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			events_of_one_commit_are_read_from_any_of_them_and_leave_together, setup,
			teardown),
		cmocka_unit_test_setup_teardown(keys_never_repeat_even_after_the_outbox_ran_empty,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_rest_of_a_damaged_block_is_left_out, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_back_end_goes_on_where_it_was_and_a_new_one_starts_now, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_event_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(events_with_data_of_their_own_come_back_whole,
						setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_data_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(an_event_without_paths_is_still_read, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_back_end_comes_and_goes_while_others_stay, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_outbox_knows_what_it_takes_on_disk, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
