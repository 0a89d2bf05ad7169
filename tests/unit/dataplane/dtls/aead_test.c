// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/aead.h"
#include "tests/unit/support/prng.h"

#define LEN_MAX 600

static const struct dtls_aead_ops *const all_ops[] = {
	&dtls_aead_wolfcrypt,
#ifdef __x86_64__
	&dtls_aead_aesni,
#endif
};
#define OPS (sizeof(all_ops) / sizeof(all_ops[0]))

static struct dtls_aead *aeads[OPS];

static int set_up(void **state)
{
	for (size_t i = 0; i < OPS; i++)
		if (all_ops[i]->usable())
			aeads[i] = dtls_aead_new(all_ops[i]);
	return aeads[0] ? 0 : -1;
}

static int tear_down(void **state)
{
	for (size_t i = 0; i < OPS; i++)
		dtls_aead_free(aeads[i]);
	return 0;
}

struct vector {
	enum dtls_cipher cipher;
	const char *key, *nonce, *aad, *plain, *sealed; // hexadecimal
};

static const struct vector vectors[] = {
	// NIST SP 800-38C, example 3.
	{DTLS_AES128_CCM_8, "404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b",
	 "000102030405060708090a0b0c0d0e0f10111213",
	 "202122232425262728292a2b2c2d2e2f3031323334353637",
	 "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
	// McGrew and Viega, The Galois/Counter Mode of Operation, test case 4.
	{DTLS_AES128_GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	 "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	 "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
	 "5bc94fbc3221a5db94fae95ae7121a47"},
};

static size_t from_hex(uint8_t *out, const char *hex)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};

		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return len;
}

static void published_vectors_come_out(void **state)
{
	for (size_t v = 0; v < sizeof(vectors) / sizeof(vectors[0]); v++)
		for (size_t i = 0; i < OPS && aeads[i]; i++) {
			uint8_t key[32], data[LEN_MAX], sealed[LEN_MAX], plain[LEN_MAX];
			struct dtls_aead_job job = {.key = key, .data = data};
			size_t sealed_len = from_hex(sealed, vectors[v].sealed);

			job.cipher = (uint8_t)vectors[v].cipher;
			from_hex(key, vectors[v].key);
			assert_int_equal(from_hex(job.nonce, vectors[v].nonce), DTLS_NONCE_LEN);
			job.aad_len = (uint8_t)from_hex(job.aad, vectors[v].aad);
			job.len = (uint16_t)from_hex(plain, vectors[v].plain);
			memcpy(data, plain, job.len);
			job.tag = data + job.len;
			aeads[i]->ops->seal(aeads[i], &job, 1);
			assert_true(job.ok);
			assert_memory_equal(data, sealed, sealed_len);
			aeads[i]->ops->open(aeads[i], &job, 1);
			assert_true(job.ok);
			assert_memory_equal(data, plain, job.len);
		}
}

static void the_sequence_number_mask_is_one_block_of_aes(void **state)
{
	// FIPS 197, appendix C.1, in every place of a burst that is no multiple of the lanes.
	uint8_t key[16], sample[16], wanted[16];
	struct dtls_mask_job jobs[7];

	from_hex(key, "000102030405060708090a0b0c0d0e0f");
	from_hex(sample, "00112233445566778899aabbccddeeff");
	from_hex(wanted, "69c4e0d86a7b0430d8cdb78070b4c55a");
	for (size_t i = 0; i < OPS && aeads[i]; i++) {
		for (int k = 0; k < 7; k++)
			jobs[k] = (struct dtls_mask_job){.key = key, .sample = sample};
		aeads[i]->ops->mask(aeads[i], jobs, 7);
		for (int k = 0; k < 7; k++)
			assert_memory_equal(jobs[k].mask, wanted, 16);
	}
}

// The same jobs twice, each set with bytes of its own.
struct set {
	struct dtls_aead_job jobs[DTLS_JOBS_MAX];
	uint8_t bytes[DTLS_JOBS_MAX][LEN_MAX + 16];
};

static struct set sets[OPS];
static uint8_t keys[DTLS_JOBS_MAX][32];

static void make_jobs(struct prng *random, uint16_t n)
{
	for (uint16_t k = 0; k < n; k++) {
		struct dtls_aead_job *job = &sets[0].jobs[k];

		for (int b = 0; b < 32; b++)
			keys[k][b] = (uint8_t)prng_next(random);
		memset(job, (int)prng_next(random), sizeof(*job)); // what is behind lengths too
		job->key = keys[k];
		job->cipher = (uint8_t)prng_below(random, DTLS_CIPHER_COUNT);
		job->len = (uint16_t)prng_below(random, prng_below(random, 3) ? 80 : LEN_MAX);
		job->aad_len = (uint8_t)(1 + prng_below(random, DTLS_AAD_MAX));
		for (int b = 0; b < LEN_MAX + 16; b++)
			sets[0].bytes[k][b] = (uint8_t)prng_next(random);
		for (size_t i = 0; i < OPS; i++) {
			sets[i].jobs[k] = *job;
			memcpy(sets[i].bytes[k], sets[0].bytes[k], LEN_MAX + 16);
			sets[i].jobs[k].data = sets[i].bytes[k];
			sets[i].jobs[k].tag = sets[i].bytes[k] + job->len;
		}
	}
}

static void all_implementations_give_the_same_bytes(void **state)
{
	struct prng random = {1};

	for (unsigned round = 0; round < 2000; round++) {
		uint16_t n = (uint16_t)(1 + prng_below(&random, DTLS_JOBS_MAX));

		make_jobs(&random, n);
		for (size_t i = 0; i < OPS && aeads[i]; i++) {
			aeads[i]->ops->seal(aeads[i], sets[i].jobs, n);
			assert_memory_equal(sets[i].bytes, sets[0].bytes,
					    n * sizeof(sets[0].bytes[0]));
		}
		for (uint16_t k = 0; k < n; k++) {
			unsigned bit = prng_below(&random, 8u * (sets[0].jobs[k].len + 8));

			for (size_t i = 0; i < OPS; i++)
				if (k % 3 == 0)
					sets[i].bytes[k][bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (size_t i = 0; i < OPS && aeads[i]; i++) {
			aeads[i]->ops->open(aeads[i], sets[i].jobs, n);
			for (uint16_t k = 0; k < n; k++) {
				assert_int_equal(sets[i].jobs[k].ok, k % 3 != 0);
				if (sets[i].jobs[k].ok)
					assert_memory_equal(sets[i].bytes[k], sets[0].bytes[k],
							    sizeof(sets[0].bytes[0]));
			}
		}
	}
}

static void jobs_need_no_byte_beyond_their_own(void **state)
{
	struct prng random = {2};

	for (uint16_t len = 0; len < 40; len++)
		for (size_t i = 0; i < OPS && aeads[i]; i++) {
			// Of their true size, so that reading or writing past them is found out.
			uint8_t *exact = malloc(len + 8u);
			struct dtls_aead_job job;

			make_jobs(&random, 1);
			job = sets[0].jobs[0];
			job.cipher = DTLS_AES128_CCM_8;
			job.len = len;
			job.data = exact;
			job.tag = exact + len;
			memset(exact, 7, len);
			aeads[i]->ops->seal(aeads[i], &job, 1);
			aeads[i]->ops->open(aeads[i], &job, 1);
			assert_true(job.ok);
			for (uint16_t b = 0; b < len; b++)
				assert_int_equal(exact[b], 7);
			free(exact);
		}
}

static bool never(void)
{
	return false;
}

static void what_the_processor_cannot_do_is_not_used(void **state)
{
	const struct dtls_aead_ops ops = {.name = "none", .usable = never};

	assert_null(dtls_aead_new(&ops));
	dtls_aead_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_come_out),
		cmocka_unit_test(the_sequence_number_mask_is_one_block_of_aes),
		cmocka_unit_test(all_implementations_give_the_same_bytes),
		cmocka_unit_test(jobs_need_no_byte_beyond_their_own),
		cmocka_unit_test(what_the_processor_cannot_do_is_not_used),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
