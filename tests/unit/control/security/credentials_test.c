// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The credentials on a real store, through restarts and with everything that may be wrong on disk.
#include "control/security/credentials.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/security/hex.h"
#include "control/store/credentials.h"
#include "control/store/env.h"
#include "tests/unit/control/security/keys.h"
#include "tests/unit/control/security/rig.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static struct ctl ctl;
static char why[160];

static void open_store(void)
{
	ctl = (struct ctl){.loop = &gw.loop, .cfg = &gw.cfg};
	assert_int_equal(uv_loop_init(&gw.loop), 0);
	ctl.store = ctl_store_open(gw.state, (size_t)256 << 20, true, why);
	assert_non_null(ctl.store);
}

static void close_store(void)
{
	uv_run(&gw.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&gw.loop), 0);
	ctl_store_close(ctl.store);
}

static void start(void)
{
	open_store();
	if (ctl_credentials_new(&ctl, &ctl.credentials, why) != 0)
		fail_msg("%s", why);
}

static void stop(void)
{
	ctl_credentials_free(ctl.credentials);
	close_store();
}

static int setup(void **state)
{
	gateway_init(&gw);
	start();
	return 0;
}

static int teardown(void **state)
{
	stop();
	gateway_remove(&gw);
	return 0;
}

static enum ctl_credential_change put(struct ctl_credential *credential)
{
	enum ctl_credential_change change;

	assert_non_null(credential);
	assert_int_equal(credential_store(ctl.credentials, credential, &change), 0);
	ctl_store_flush(ctl.store);
	return change;
}

static const struct ctl_credential *of(const char *endpoint)
{
	return ctl_credentials_of(ctl.credentials, endpoint, strlen(endpoint));
}

static const struct ctl_credential *whose(const char *identity)
{
	return ctl_credentials_identify(ctl.credentials, CTL_CREDENTIAL_PSK, identity,
					strlen(identity));
}

static bool take_away(const char *endpoint)
{
	bool removed;

	assert_int_equal(ctl_credentials_begin(ctl.credentials), 0);
	assert_int_equal(
		ctl_credentials_remove(ctl.credentials, endpoint, strlen(endpoint), &removed), 0);
	ctl_credentials_commit(ctl.credentials);
	return removed;
}

static void what_was_put_is_there_after_a_restart_and_found_by_all_its_names(void **state)
{
	uint8_t der[1024];
	struct ctl_credential_parts parts = {
		.mode = CTL_CREDENTIAL_RPK, .endpoint = "r", .endpoint_len = 1, .identity = der};
	const char *problem;

	parts.identity_len = strlen(p256_key) / 2;
	ctl_unhex(p256_key, strlen(p256_key), der);
	assert_int_equal(put(psk_new("a", "id-a", "secret")), CTL_CREDENTIAL_ADDED);
	assert_int_equal(put(ctl_credential_new(&parts, &problem)), CTL_CREDENTIAL_ADDED);
	assert_int_equal(put(x509_new("meter-1")), CTL_CREDENTIAL_ADDED);
	stop();
	start();
	assert_int_equal(ctl_credentials_count(ctl.credentials), 3);
	assert_int_equal(of("a")->key_len, 6);
	assert_memory_equal(ctl_credential_key(of("a")), "secret", 6);
	assert_ptr_equal(whose("id-a"), of("a"));
	assert_ptr_equal(ctl_credentials_by_id(ctl.credentials, of("a")->id), of("a"));
	assert_ptr_equal(ctl_credentials_identify(ctl.credentials, CTL_CREDENTIAL_RPK, der,
						  parts.identity_len),
			 of("r"));
	ctl_unhex(named_certificate, strlen(named_certificate), der);
	assert_ptr_equal(ctl_credentials_identify(ctl.credentials, CTL_CREDENTIAL_X509, der,
						  strlen(named_certificate) / 2),
			 of("meter-1"));
	assert_null(whose("id-b"));
	assert_null(whose(""));
	assert_null(ctl_credentials_identify(ctl.credentials, CTL_CREDENTIAL_RPK, "id-a", 4));
}

static void a_certificate_is_for_an_endpoint_that_expects_one(void **state)
{
	uint8_t der[1024];

	ctl_unhex(named_certificate, strlen(named_certificate), der);
	put(psk_new("meter-1", "i", "k"));
	assert_null(ctl_credentials_identify(ctl.credentials, CTL_CREDENTIAL_X509, der,
					     strlen(named_certificate) / 2));
	put(x509_new("meter-1"));
	assert_non_null(ctl_credentials_identify(ctl.credentials, CTL_CREDENTIAL_X509, der,
						 strlen(named_certificate) / 2));
}

static void an_identity_belongs_to_one_endpoint(void **state)
{
	put(psk_new("a", "id", "1"));
	assert_int_equal(put(psk_new("b", "id", "2")), CTL_CREDENTIAL_TAKEN);
	assert_null(of("b"));
	assert_memory_equal(ctl_credential_key(whose("id")), "1", 1);
	take_away("a");
	assert_int_equal(put(psk_new("b", "id", "2")), CTL_CREDENTIAL_ADDED);
	assert_ptr_equal(whose("id"), of("b"));
}

static void another_one_of_an_endpoint_replaces_the_first_under_a_new_id(void **state)
{
	uint64_t id;

	put(psk_new("a", "old", "1"));
	id = of("a")->id;
	assert_int_equal(put(psk_new("a", "old", "1")), CTL_CREDENTIAL_UNCHANGED);
	assert_int_equal(of("a")->id, id);
	assert_int_equal(put(psk_new("a", "old", "2")), CTL_CREDENTIAL_REPLACED);
	assert_true(of("a")->id > id);
	assert_null(ctl_credentials_by_id(ctl.credentials, id));
	assert_int_equal(put(psk_new("a", "new", "2")), CTL_CREDENTIAL_REPLACED);
	assert_null(whose("old"));
	stop();
	start();
	assert_int_equal(ctl_credentials_count(ctl.credentials), 1);
	assert_ptr_equal(whose("new"), of("a"));
}

static void what_was_removed_is_gone_and_its_id_never_comes_again(void **state)
{
	uint64_t id;

	put(x509_new("a"));
	id = of("a")->id;
	assert_true(take_away("a"));
	assert_false(take_away("a"));
	assert_null(of("a"));
	stop();
	start();
	assert_int_equal(ctl_credentials_count(ctl.credentials), 0);
	put(x509_new("a"));
	assert_true(of("a")->id > id);
}

static void thousands_are_listed_in_order_while_others_go(void **state)
{
	enum ctl_credential_change change;
	const struct ctl_credential *at;
	char name[32];
	size_t listed = 0;
	bool removed;

	assert_int_equal(ctl_credentials_begin(ctl.credentials), 0);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "dev-%d", i);
		assert_int_equal(
			ctl_credentials_put(ctl.credentials, psk_new(name, name, "k"), &change), 0);
	}
	for (int i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "dev-%d", i);
		assert_int_equal(
			ctl_credentials_remove(ctl.credentials, name, strlen(name), &removed), 0);
		assert_true(removed);
	}
	ctl_credentials_commit(ctl.credentials);
	for (uint64_t id = 0; (at = ctl_credentials_after(ctl.credentials, id)) != NULL;
	     id = at->id)
		listed++;
	assert_int_equal(listed, 1000);
	assert_null(ctl_credentials_after(ctl.credentials, UINT64_MAX));
	assert_ptr_equal(whose("dev-4999"), of("dev-4999"));
	assert_null(whose("dev-3999"));
}

static void what_was_aborted_never_was(void **state)
{
	enum ctl_credential_change change;
	bool removed;

	put(psk_new("a", "id-a", "1"));
	assert_int_equal(ctl_credentials_begin(ctl.credentials), 0);
	ctl_credentials_put(ctl.credentials, psk_new("b", "id-b", "2"), &change);
	ctl_credentials_put(ctl.credentials, psk_new("a", "id-c", "3"), &change);
	ctl_credentials_remove(ctl.credentials, "a", 1, &removed);
	ctl_credentials_abort(ctl.credentials);
	assert_int_equal(ctl_credentials_count(ctl.credentials), 1);
	assert_ptr_equal(whose("id-a"), of("a"));
	assert_null(whose("id-b"));
}

static char key_path[128];

static void restart_fails(const char *expected)
{
	open_store();
	assert_true(ctl_credentials_new(&ctl, &ctl.credentials, why) < 0);
	if (strstr(why, expected) == NULL)
		fail_msg("%s", why);
	close_store();
}

static void with_a_wrong_key_or_none_it_does_not_start_and_nothing_is_lost(void **state)
{
	char aside[140];

	snprintf(key_path, sizeof(key_path), "%s/credentials.key", gw.state);
	snprintf(aside, sizeof(aside), "%s.aside", key_path);
	put(psk_new("a", "id", "1"));
	stop();
	assert_int_equal(rename(key_path, aside), 0);
	restart_fails("No such file");
	assert_int_not_equal(access(key_path, F_OK), 0); // none was made in its place
	gw.cfg.security.key_file = aside;
	start();
	stop();
	gw.cfg.security.key_file = key_path;
	FILE *file = fopen(key_path, "w");
	fprintf(file, "%064d\n", 0);
	fclose(file);
	chmod(key_path, 0600);
	restart_fails("not the key that the credentials in the store are encrypted under");
	chmod(key_path, 0644);
	restart_fails("others may read it");
	gw.cfg.security.key_file = aside;
	start();
	assert_ptr_equal(whose("id"), of("a"));
	gw.cfg.security.key_file = NULL;
}

static void no_key_lies_on_disk_in_the_clear(void **state)
{
	char path[128], *bytes;
	FILE *file;
	long size;

	put(psk_new("endpoint-in-the-clear", "identity-not", "key-not-either"));
	snprintf(path, sizeof(path), "%s/store/data.mdb", gw.state);
	file = fopen(path, "r");
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	fclose(file);
	assert_non_null(memmem(bytes, (size_t)size, "endpoint-in-the-clear", 21));
	assert_null(memmem(bytes, (size_t)size, "identity-not", 12));
	assert_null(memmem(bytes, (size_t)size, "key-not-either", 14));
	free(bytes);
}

static uint8_t stored[512];
static size_t stored_len;

static int on_record(uint64_t id, const struct ctl_credential_record *record, void *arg)
{
	if (id != *(uint64_t *)arg)
		return 0;
	memcpy(stored, record, record->bytes);
	stored_len = record->bytes;
	return 0;
}

static void store_raw(uint64_t id, const void *bytes, size_t len)
{
	memcpy(store_put(ctl.store, STORE_CREDENTIALS, id, len), bytes, len);
	assert_int_equal(ctl_store_commit(ctl.store), 0);
}

static void a_record_that_was_changed_cut_or_moved_is_left_out_and_the_others_stay(void **state)
{
	uint64_t id, other;

	put(psk_new("a", "id-a", "1"));
	put(psk_new("b", "id-b", "2"));
	id = of("a")->id;
	other = of("b")->id;
	assert_int_equal(ctl_store_credentials_load(ctl.store, on_record, &id), 0);
	for (size_t i = 0; i < stored_len; i++) {
		stored[i] ^= 1;
		store_raw(id, stored, stored_len);
		stored[i] ^= 1;
		stop();
		start();
		assert_int_equal(ctl_credentials_count(ctl.credentials), 1);
		assert_non_null(of("b"));
	}
	for (size_t len = 1; len < stored_len; len++) {
		store_raw(id, stored, len);
		ctl_credentials_begin(ctl.credentials);
		ctl_credentials_abort(ctl.credentials); // reads all of them
		assert_int_equal(ctl_credentials_count(ctl.credentials), 1);
	}
	store_raw(other, stored, stored_len); // in another's place
	store_raw(id, stored, stored_len);
	stop();
	start();
	assert_int_equal(ctl_credentials_count(ctl.credentials), 1);
	assert_non_null(of("a"));
}

static void while_the_store_cannot_be_written_nothing_is_changed(void **state)
{
	put(psk_new("first", "first", "k"));
	ctl_hold_set(&ctl.holds, CTL_HOLD_STORE, "No space left on device");
	assert_int_equal(ctl_credentials_begin(ctl.credentials), -EROFS);
	ctl_hold_clear(&ctl.holds, CTL_HOLD_STORE);
	assert_int_equal(ctl_credentials_count(ctl.credentials), 1);
	assert_ptr_equal(whose("first"), of("first"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(what_was_put_is_there_after_a_restart_and_found_by_all_its_names),
		T(a_certificate_is_for_an_endpoint_that_expects_one),
		T(an_identity_belongs_to_one_endpoint),
		T(another_one_of_an_endpoint_replaces_the_first_under_a_new_id),
		T(what_was_removed_is_gone_and_its_id_never_comes_again),
		T(thousands_are_listed_in_order_while_others_go),
		T(what_was_aborted_never_was),
		T(with_a_wrong_key_or_none_it_does_not_start_and_nothing_is_lost),
		T(no_key_lies_on_disk_in_the_clear),
		T(a_record_that_was_changed_cut_or_moved_is_left_out_and_the_others_stay),
		T(while_the_store_cannot_be_written_nothing_is_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
