// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The AEADs behind the records: a burst of jobs, each with a key of its own, several in flight at a
// time. Keys come unexpanded. Which implementation does it is chosen once per worker; all give the
// same bytes. Not shared between threads.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DTLS_NONCE_LEN 12
#define DTLS_AAD_MAX   40 // RFC 9146 section 5.3 with a Connection ID of 16 bytes: 39
#define DTLS_JOBS_MAX  64

enum dtls_cipher {
	DTLS_AES128_CCM_8,
	DTLS_AES128_CCM,
	DTLS_AES128_GCM,
	DTLS_AES256_GCM,
	DTLS_CIPHER_COUNT,
};

struct dtls_aead_job {
	const uint8_t *key;
	uint8_t *data;   // in place
	uint8_t *tag;    // 8 or 16 bytes: read when opening, written when sealing
	uint16_t len;    // of data
	uint8_t cipher;  // enum dtls_cipher
	uint8_t aad_len; // 1 to DTLS_AAD_MAX
	bool ok;         // out; false after opening: data is not to be looked at
	uint8_t nonce[DTLS_NONCE_LEN];
	uint8_t aad[DTLS_AAD_MAX + 8]; // room to be read in whole blocks behind the length
};

struct dtls_mask_job {      // RFC 9147 section 4.2.3: AES-ECB of a sample of ciphertext
	const uint8_t *key; // AES-128
	const uint8_t *sample;
	uint8_t mask[16];
};

struct dtls_aead;

struct dtls_aead_ops {
	const char *name;
	bool (*usable)(void); // on this processor
	void (*open)(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n);
	void (*seal)(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n);
	void (*mask)(struct dtls_aead *aead, struct dtls_mask_job *jobs, uint16_t n);
};

extern const struct dtls_aead_ops dtls_aead_wolfcrypt; // everything, one after the other
extern const struct dtls_aead_ops dtls_aead_aesni;     // CCM and masks in lanes, GCM as above

struct dtls_aead {
	const struct dtls_aead_ops *ops;
	struct Aes *aes; // wolfCrypt's
	// The records' scratch (record.h).
	struct dtls_aead_job jobs[DTLS_JOBS_MAX];
	struct dtls_mask_job masks[DTLS_JOBS_MAX];
	uint8_t job_of[DTLS_JOBS_MAX];
};

// ops NULL: the fastest that this processor can do. NULL: no memory, or ops are not usable here.
struct dtls_aead *dtls_aead_new(const struct dtls_aead_ops *ops);
void dtls_aead_free(struct dtls_aead *aead); // fine with NULL
