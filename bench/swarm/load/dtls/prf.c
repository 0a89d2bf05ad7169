// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/swarm/load/dtls/prf.h"

#include <assert.h>
#include <string.h>

#define DIGEST DTLS_HMAC_LEN

static void hmac(const struct dtls_hmac *prf, const uint8_t *data, size_t len,
		 uint8_t out[static DIGEST])
{
	wc_Sha256 hash = prf->inner;

	wc_Sha256Update(&hash, data, (uint32_t)len);
	dtls_hmac_end(prf, &hash, out);
}

void prf_expand(const struct dtls_hmac *prf, const char *label, const uint8_t *seed,
		size_t seed_len, uint8_t *out, size_t len)
{
	uint8_t input[DIGEST + 2 * PRF_SEED_MAX], block[DIGEST]; // A(i), label, seed
	size_t label_len = strlen(label), input_len = DIGEST + label_len + seed_len;

	assert(label_len <= PRF_SEED_MAX && seed_len <= PRF_SEED_MAX);
	memcpy(input + DIGEST, label, label_len);
	memcpy(input + DIGEST + label_len, seed, seed_len);
	hmac(prf, input + DIGEST, label_len + seed_len, input);
	while (len > 0) {
		size_t n = len < DIGEST ? len : DIGEST;

		hmac(prf, input, input_len, block);
		memcpy(out, block, n);
		out += n;
		len -= n;
		if (len > 0)
			hmac(prf, input, DIGEST, input);
	}
}
