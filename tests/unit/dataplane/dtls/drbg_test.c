// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/random.h>

#include "dataplane/dtls/drbg.h"
#include "dataplane/dtls/memory.h"

#define BYTES 32

static struct dtls_memory memory;
static struct dtls_drbg drbg;
static WOLFSSL_CTX *ctx;

// Without a key of its own a server must have this.
static unsigned int no_key(WOLFSSL *ssl, const char *identity, unsigned char *key,
			   unsigned int room)
{
	return 0;
}

static int set_up(void **state)
{
	memory = (struct dtls_memory){.bytes_max = 1 << 20};
	assert_int_equal(dtls_memory_install(), 0);
	assert_int_equal(wolfSSL_Init(), WOLFSSL_SUCCESS);
	ctx = wolfSSL_CTX_new(wolfDTLSv1_2_server_method());
	assert_non_null(ctx);
	wolfSSL_CTX_set_psk_server_callback(ctx, no_key);
	assert_int_equal(dtls_drbg_init(&drbg), 0);
	return 0;
}

static int tear_down(void **state)
{
	dtls_drbg_fini(&drbg);
	assert_null(drbg.bank); // nobody uses it any more
	wolfSSL_CTX_free(ctx);
	assert_int_equal(memory.bytes, 0);
	dtls_memory_release(&memory, UINT32_MAX);
	return 0;
}

static WOLFSSL *object(struct dtls_drbg *of)
{
	struct dtls_drbg *before;
	struct dtls_memory *account;
	WOLFSSL *ssl;

	before = dtls_drbg_use(of);
	account = dtls_memory_use(&memory);
	ssl = wolfSSL_new(ctx);
	dtls_memory_use(account);
	assert_ptr_equal(dtls_drbg_use(before), of);
	assert_non_null(ssl);
	return ssl;
}

static void draw(WOLFSSL *ssl, uint8_t bytes[static BYTES])
{
	assert_int_equal(wc_RNG_GenerateBlock(wolfSSL_GetRNG(ssl), bytes, BYTES), 0);
}

static void draw_from_new(struct dtls_drbg *of, uint8_t bytes[static BYTES])
{
	WOLFSSL *ssl = object(of);

	draw(ssl, bytes);
	wolfSSL_free(ssl);
}

static void objects_share_a_generator_and_no_numbers(void **state)
{
	WOLFSSL *one = object(&drbg), *other = object(&drbg);
	uint8_t bytes[4][BYTES];

	draw(one, bytes[0]);
	draw(other, bytes[1]);
	draw(one, bytes[2]);
	wolfSSL_free(one);
	draw(other, bytes[3]); // it is not the object's
	wolfSSL_free(other);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(bytes[i], bytes[j], BYTES);
}

static void two_generators_have_nothing_in_common(void **state)
{
	uint8_t ours[BYTES], theirs[BYTES];
	struct dtls_drbg another;

	assert_int_equal(dtls_drbg_init(&another), 0);
	draw_from_new(&drbg, ours);
	draw_from_new(&another, theirs);
	assert_memory_not_equal(ours, theirs, BYTES);
	dtls_drbg_fini(&another);
	assert_null(another.bank);
}

static void an_object_made_without_one_has_its_own(void **state)
{
	WOLFSSL *own = object(NULL);
	uint64_t bytes = memory.bytes;
	uint8_t number[BYTES];

	draw(own, number);
	wolfSSL_free(own);
	own = object(&drbg);
	assert_true(memory.bytes < bytes);
	wolfSSL_free(own);
}

static void a_generator_is_not_given_up_under_an_object(void **state)
{
	WOLFSSL *ssl = object(&drbg);
	uint8_t number[BYTES];

	dtls_drbg_fini(&drbg);
	draw(ssl, number);
	wolfSSL_free(ssl);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
#ifndef WC_RNG_BANK_SUPPORT
	puts("skipped: this wolfSSL has no banks of generators, each object has one of its own");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		T(objects_share_a_generator_and_no_numbers),
		T(two_generators_have_nothing_in_common),
		T(an_object_made_without_one_has_its_own),
		T(a_generator_is_not_given_up_under_an_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
