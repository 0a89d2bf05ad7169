// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Signatures, packing, secrets, verdicts: the small parts of a POST.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "control/backend/pack.h"
#include "control/backend/secret.h"
#include "control/backend/signature.h"
#include "control/backend/verdict.h"

// Computed with: printf '1795000000.[]' | openssl dgst -sha256 -hmac key
#define EXPECTED_SIGNATURE "873d6701ff72c8fb0cfcd2a3260bd3567727521ac5c0ec360b37fb259043cfc3"

static void a_signature_is_hmac_sha256_over_time_and_body(void **state)
{
	char header[SIGNATURE_HEADER_MAX];

	assert_int_equal(signature_header(header, "key", 1795000000, "[]", 2), 0);
	assert_string_equal(header, "X-Sluice-Signature: t=1795000000,v1=" EXPECTED_SIGNATURE);
	assert_int_equal(signature_header(header, "key", 1795000000, "[ ]", 3), 0);
	assert_null(strstr(header, EXPECTED_SIGNATURE));
}

static void what_is_packed_unpacks_and_is_the_same_each_time(void **state)
{
	static char body[100000], out[100000];
	struct pack one = {0}, two = {0};
	z_stream z = {0};

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)(i % 251 * i);
	assert_int_equal(pack_gzip(&one, body, 10), 0);
	assert_int_equal(pack_gzip(&one, body, sizeof(body)), 0);
	assert_int_equal(pack_gzip(&two, body, sizeof(body)), 0);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.bytes, two.bytes, one.len);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = one.bytes;
	z.avail_in = (uInt)one.len;
	z.next_out = (Bytef *)out;
	z.avail_out = sizeof(out);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, sizeof(body));
	assert_memory_equal(out, body, sizeof(body));
	inflateEnd(&z);
	pack_free(&one);
	pack_free(&two);
}

static void file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_secret_is_the_first_line_of_its_file_as_it_is_now(void **state)
{
	char path[] = "/tmp/sluice-secret-XXXXXX", why[160];
	struct config_auth auth = {.bearer_file = path, .hmac_key = (char[]){"k"}};
	struct secrets secrets = {0};

	close(mkstemp(path));
	file_write(path, "one\r\nmore\n");
	assert_int_equal(secrets_load(&secrets, &auth, why), 0);
	assert_string_equal(secrets.bearer, "one");
	assert_string_equal(secrets.hmac_key, "k");
	assert_null(secrets.basic);
	file_write(path, "two");
	assert_int_equal(secrets_load(&secrets, &auth, why), 0);
	assert_string_equal(secrets.bearer, "two");
	file_write(path, "\n");
	assert_int_equal(secrets_load(&secrets, &auth, why), -EINVAL);
	assert_non_null(strstr(why, "has no first line"));
	assert_string_equal(secrets.bearer, "two");
	unlink(path);
	assert_int_equal(secrets_load(&secrets, &auth, why), -ENOENT);
	assert_non_null(strstr(why, "cannot be opened"));
	secrets_free(&secrets);
}

static void statuses_mean_accepted_again_refused_or_too_large(void **state)
{
	static const struct {
		long status;
		enum verdict verdict;
	} cases[] = {
		{0, VERDICT_RETRY},     {200, VERDICT_ACCEPTED},  {299, VERDICT_ACCEPTED},
		{301, VERDICT_RETRY},   {400, VERDICT_REFUSED},   {401, VERDICT_RETRY},
		{403, VERDICT_RETRY},   {404, VERDICT_RETRY},     {405, VERDICT_REFUSED},
		{407, VERDICT_RETRY},   {408, VERDICT_RETRY},     {409, VERDICT_REFUSED},
		{410, VERDICT_REFUSED}, {413, VERDICT_TOO_LARGE}, {415, VERDICT_REFUSED},
		{421, VERDICT_RETRY},   {422, VERDICT_REFUSED},   {425, VERDICT_RETRY},
		{429, VERDICT_RETRY},   {499, VERDICT_REFUSED},   {500, VERDICT_RETRY},
		{503, VERDICT_RETRY},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(verdict_of(cases[i].status), cases[i].verdict);
}

static void pauses_double_up_to_a_bound_and_half_is_random(void **state)
{
	assert_int_equal(verdict_backoff_ms(200, 10000, 0, 0), 100);
	assert_int_equal(verdict_backoff_ms(200, 10000, 0, 100), 200);
	assert_int_equal(verdict_backoff_ms(200, 10000, 3, 0), 800);
	assert_int_equal(verdict_backoff_ms(200, 10000, 6, 0), 5000);
	assert_int_equal(verdict_backoff_ms(200, 10000, 1000, 5000), 10000);
	assert_int_equal(verdict_backoff_ms(60000, 3600000, UINT32_MAX, 0), 1800000);
	assert_int_equal(verdict_backoff_ms(1, 1, 0, 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_is_hmac_sha256_over_time_and_body),
		cmocka_unit_test(what_is_packed_unpacks_and_is_the_same_each_time),
		cmocka_unit_test(a_secret_is_the_first_line_of_its_file_as_it_is_now),
		cmocka_unit_test(statuses_mean_accepted_again_refused_or_too_large),
		cmocka_unit_test(pauses_double_up_to_a_bound_and_half_is_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
