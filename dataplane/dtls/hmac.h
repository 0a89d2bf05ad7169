// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// HMAC-SHA256 (RFC 2104) under a secret that is used often: what depends on the secret alone is
// done once, which halves an HMAC of a few blocks. The caller takes a copy of inner, adds the data
// to it with wc_Sha256Update, and ends it here. Pure.
#pragma once

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/sha256.h>

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DTLS_HMAC_BLOCK 64
#define DTLS_HMAC_LEN   32

struct dtls_hmac {
	wc_Sha256 inner;
	wc_Sha256 outer;
};

static inline void dtls_hmac_begin_padded(wc_Sha256 *hash, const uint8_t *secret, size_t len,
					  uint8_t pad)
{
	uint8_t block[DTLS_HMAC_BLOCK];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < len; i++)
		block[i] ^= secret[i];
	wc_InitSha256(hash);
	wc_Sha256Update(hash, block, sizeof(block));
}

// secret: at most DTLS_HMAC_BLOCK bytes.
static inline void dtls_hmac_init(struct dtls_hmac *hmac, const uint8_t *secret, size_t len)
{
	assert(len <= DTLS_HMAC_BLOCK);
	dtls_hmac_begin_padded(&hmac->inner, secret, len, 0x36);
	dtls_hmac_begin_padded(&hmac->outer, secret, len, 0x5c);
}

static inline void dtls_hmac_end(const struct dtls_hmac *hmac, wc_Sha256 *hash,
				 uint8_t out[static DTLS_HMAC_LEN])
{
	wc_Sha256Final(hash, out);
	*hash = hmac->outer;
	wc_Sha256Update(hash, out, DTLS_HMAC_LEN);
	wc_Sha256Final(hash, out);
}
