// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What of a suite the records need to know, and the small pieces that opening and sealing share.
// Private to dataplane/dtls/.
#pragma once

#include <string.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/record.h"
#include "dataplane/dtls/session.h"

struct dtls_suite_facts {
	uint8_t cipher; // enum dtls_cipher
	uint8_t tag_len;
	uint8_t explicit_len; // bytes of nonce in front of the ciphertext
	uint8_t key_len;
	uint64_t update_after; // records sealed before the write keys are renewed; 1.3
	uint64_t seal_max;     // records one key may seal
	uint32_t forged_max;   // records of one read key that may fail to authenticate; 0: no limit
};

extern const struct dtls_suite_facts dtls_suites[DTLS_SUITE_COUNT];

static inline void dtls_store_uint(uint8_t *out, uint64_t value, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		out[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
}

// RFC 5288 section 3, RFC 6655 section 3: the salt, then the explicit part, which is epoch and
// sequence number here. RFC 8446 section 5.3: the IV with the sequence number over it.
static inline void dtls_nonce_12(uint8_t nonce[static DTLS_NONCE_LEN], const uint8_t *salt,
				 const uint8_t *explicit_part)
{
	memcpy(nonce, salt, DTLS_SALT_LEN);
	memcpy(nonce + DTLS_SALT_LEN, explicit_part, 8);
}

static inline void dtls_nonce_13(uint8_t nonce[static DTLS_NONCE_LEN], const uint8_t *iv,
				 uint64_t seq)
{
	uint64_t low;

	memcpy(nonce, iv, DTLS_NONCE_LEN);
	memcpy(&low, nonce + 4, 8);
	low ^= __builtin_bswap64(seq);
	memcpy(nonce + 4, &low, 8);
}

// RFC 5246 section 6.2.3.3 with the epoch in the sequence number.
static inline uint8_t dtls_aad_12(uint8_t *aad, uint64_t number, uint8_t type, uint16_t len)
{
	dtls_store_uint(aad, number, 8);
	aad[8] = type;
	aad[9] = 0xfe;
	aad[10] = 0xfd;
	dtls_store_uint(aad + 11, len, 2);
	return 13;
}

// RFC 9146 section 5.3.
static inline uint8_t dtls_aad_cid(uint8_t *aad, uint64_t number, const uint8_t *cid,
				   uint8_t cid_len, uint16_t len)
{
	memset(aad, 0xff, 8);
	aad[8] = DTLS_CONTENT_CID;
	aad[9] = cid_len;
	aad[10] = DTLS_CONTENT_CID;
	aad[11] = 0xfe;
	aad[12] = 0xfd;
	dtls_store_uint(aad + 13, number, 8);
	memcpy(aad + 21, cid, cid_len);
	dtls_store_uint(aad + 21 + cid_len, len, 2);
	return (uint8_t)(23 + cid_len);
}

// DTLS 1.3: the key of the sequence numbers lies behind that of the records.
static inline const uint8_t *dtls_number_key(const uint8_t *key)
{
	return key + 16;
}

// The next application traffic secret and what follows from it (RFC 8446 section 7.2). 0 or -EIO.
int dtls_keys_next(uint8_t secret[static DTLS_SECRET_LEN], uint8_t key[static DTLS_KEY_MAX],
		   uint8_t iv[static DTLS_IV_MAX]) __attribute__((warn_unused_result));
