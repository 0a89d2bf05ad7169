// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64], path[128], why[160];

static int setup(void **state)
{
	strcpy(directory, "/tmp/sluice-seal-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/key", directory);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(directory); // nothing else is left behind
}

static void key_file(const char *text, size_t len, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static struct ctl_seal *seal_get(bool make)
{
	struct ctl_seal *seal = ctl_seal_new(path, make, why);

	if (seal == NULL)
		fail_msg("%s", why);
	return seal;
}

static void what_is_sealed_is_read_again_with_the_key_of_the_file(void **state)
{
	struct ctl_seal *seal = seal_get(true);
	uint8_t sealed[5 + CTL_SEAL_OVERHEAD], text[5];

	assert_true(ctl_seal(seal, "place", 5, "12345", 5, sealed));
	assert_true(memcmp(sealed + 12, "12345", 5) != 0);
	ctl_seal_free(seal);
	seal = seal_get(false); // as after a restart
	assert_true(ctl_unseal(seal, "place", 5, sealed, sizeof(sealed), text));
	assert_memory_equal(text, "12345", 5);
	ctl_seal_free(seal);
}

static void the_same_text_is_never_sealed_the_same_way(void **state)
{
	struct ctl_seal *seal = seal_get(true);
	uint8_t a[3 + CTL_SEAL_OVERHEAD], b[3 + CTL_SEAL_OVERHEAD];

	assert_true(ctl_seal(seal, "", 0, "abc", 3, a));
	assert_true(ctl_seal(seal, "", 0, "abc", 3, b));
	assert_memory_not_equal(a, b, 12); // the nonces
	assert_memory_not_equal(a + 12, b + 12, 3);
	ctl_seal_free(seal);
}

static void nothing_is_opened_that_was_changed_cut_or_moved(void **state)
{
	struct ctl_seal *seal = seal_get(true);
	uint8_t sealed[8 + CTL_SEAL_OVERHEAD], text[8 + CTL_SEAL_OVERHEAD];

	assert_true(ctl_seal(seal, "place", 5, "12345678", 8, sealed));
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_false(ctl_unseal(seal, "place", 5, sealed, sizeof(sealed), text));
		sealed[i] ^= 1;
	}
	for (size_t len = 0; len < sizeof(sealed); len++)
		assert_false(ctl_unseal(seal, "place", 5, sealed, len, text));
	assert_false(ctl_unseal(seal, "plane", 5, sealed, sizeof(sealed), text));
	assert_false(ctl_unseal(seal, "plac", 4, sealed, sizeof(sealed), text));
	assert_true(ctl_unseal(seal, "place", 5, sealed, sizeof(sealed), text));
	ctl_seal_free(seal);
}

static void another_key_opens_nothing(void **state)
{
	struct ctl_seal *seal = seal_get(true);
	uint8_t sealed[1 + CTL_SEAL_OVERHEAD], text[1];

	assert_true(ctl_seal(seal, "", 0, "x", 1, sealed));
	ctl_seal_free(seal);
	unlink(path);
	seal = seal_get(true);
	assert_false(ctl_unseal(seal, "", 0, sealed, sizeof(sealed), text));
	ctl_seal_free(seal);
}

static void secrets_follow_from_the_key_the_use_and_the_number(void **state)
{
	static const struct {
		const char *use;
		uint64_t number;
	} others[] = {{"use", 8}, {"use 7", 7}, {"uses", 7}, {"", 7}};
	struct ctl_seal *seal = seal_get(true);
	uint8_t once[CTL_SEAL_DERIVED], other[CTL_SEAL_DERIVED];

	assert_true(ctl_seal_derive(seal, "use", 7, once));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_true(ctl_seal_derive(seal, others[i].use, others[i].number, other));
		assert_memory_not_equal(other, once, sizeof(once));
	}
	ctl_seal_free(seal);
	seal = seal_get(false); // as after a restart
	assert_true(ctl_seal_derive(seal, "use", 7, other));
	assert_memory_equal(other, once, sizeof(once));
	ctl_seal_free(seal);
	unlink(path);
	seal = seal_get(true);
	assert_true(ctl_seal_derive(seal, "use", 7, other));
	assert_memory_not_equal(other, once, sizeof(once));
	ctl_seal_free(seal);
}

static void a_key_that_is_made_is_for_its_owner_alone_and_never_made_twice(void **state)
{
	struct stat file;
	char first[80] = "", second[80] = "";
	FILE *in;

	ctl_seal_free(seal_get(true));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	in = fopen(path, "r");
	assert_non_null(fgets(first, sizeof(first), in));
	fclose(in);
	assert_int_equal(strlen(first), 65);
	ctl_seal_free(seal_get(true));
	in = fopen(path, "r");
	assert_non_null(fgets(second, sizeof(second), in));
	fclose(in);
	assert_string_equal(first, second);
}

static void a_file_that_is_no_key_is_named_with_what_is_wrong(void **state)
{
	static const char good[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

	assert_null(ctl_seal_new(path, false, why));
	assert_non_null(strstr(why, "No such file"));
	key_file(good, 64, 0600); // without a newline: as somebody may have written it
	ctl_seal_free(seal_get(false));
	key_file(good, 64, 0640);
	assert_null(ctl_seal_new(path, true, why));
	assert_non_null(strstr(why, "others may read it"));
	assert_non_null(strstr(why, path));
	chmod(path, 0600);
	key_file(good, 62, 0600);
	assert_null(ctl_seal_new(path, true, why));
	assert_non_null(strstr(why, "not a key"));
	key_file("g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64, 0600);
	assert_null(ctl_seal_new(path, true, why));
	assert_non_null(strstr(why, "not a key"));
	assert_null(ctl_seal_new(directory, true, why));
	assert_non_null(strstr(why, "not a file"));
	assert_null(ctl_seal_new("/proc/nowhere/key", true, why));
	assert_non_null(strstr(why, "cannot be made"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(what_is_sealed_is_read_again_with_the_key_of_the_file),
		T(the_same_text_is_never_sealed_the_same_way),
		T(nothing_is_opened_that_was_changed_cut_or_moved),
		T(another_key_opens_nothing),
		T(secrets_follow_from_the_key_the_use_and_the_number),
		T(a_key_that_is_made_is_for_its_owner_alone_and_never_made_twice),
		T(a_file_that_is_no_key_is_named_with_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
