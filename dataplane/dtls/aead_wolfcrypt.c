// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/wolf.h"

static uint32_t key_len(const struct dtls_aead_job *job)
{
	return job->cipher == DTLS_AES256_GCM ? 32 : 16;
}

static uint32_t tag_len(const struct dtls_aead_job *job)
{
	return job->cipher == DTLS_AES128_CCM_8 ? 8 : 16;
}

static bool is_ccm(const struct dtls_aead_job *job)
{
	return job->cipher == DTLS_AES128_CCM_8 || job->cipher == DTLS_AES128_CCM;
}

void dtls_wolf_open(struct dtls_aead *aead, struct dtls_aead_job *job)
{
	Aes *aes = aead->aes;
	int rc;

	if (is_ccm(job)) {
		rc = wc_AesCcmSetKey(aes, job->key, 16);
		if (rc == 0)
			rc = wc_AesCcmDecrypt(aes, job->data, job->data, job->len, job->nonce,
					      DTLS_NONCE_LEN, job->tag, tag_len(job), job->aad,
					      job->aad_len);
	} else {
		rc = wc_AesGcmSetKey(aes, job->key, key_len(job));
		if (rc == 0)
			rc = wc_AesGcmDecrypt(aes, job->data, job->data, job->len, job->nonce,
					      DTLS_NONCE_LEN, job->tag, 16, job->aad, job->aad_len);
	}
	job->ok = rc == 0;
}

void dtls_wolf_seal(struct dtls_aead *aead, struct dtls_aead_job *job)
{
	Aes *aes = aead->aes;
	int rc;

	if (is_ccm(job)) {
		rc = wc_AesCcmSetKey(aes, job->key, 16);
		if (rc == 0)
			rc = wc_AesCcmEncrypt(aes, job->data, job->data, job->len, job->nonce,
					      DTLS_NONCE_LEN, job->tag, tag_len(job), job->aad,
					      job->aad_len);
	} else {
		rc = wc_AesGcmSetKey(aes, job->key, key_len(job));
		if (rc == 0)
			rc = wc_AesGcmEncrypt(aes, job->data, job->data, job->len, job->nonce,
					      DTLS_NONCE_LEN, job->tag, 16, job->aad, job->aad_len);
	}
	job->ok = rc == 0;
}

static bool usable(void)
{
	return true;
}

static void open_all(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		dtls_wolf_open(aead, &jobs[i]);
}

static void seal_all(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		dtls_wolf_seal(aead, &jobs[i]);
}

static void mask_all(struct dtls_aead *aead, struct dtls_mask_job *jobs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		if (wc_AesSetKeyDirect(aead->aes, jobs[i].key, 16, NULL, AES_ENCRYPTION) != 0 ||
		    wc_AesEncryptDirect(aead->aes, jobs[i].mask, jobs[i].sample) != 0)
			__builtin_memset(jobs[i].mask, 0, sizeof(jobs[i].mask));
}

const struct dtls_aead_ops dtls_aead_wolfcrypt = {
	.name = "wolfcrypt",
	.usable = usable,
	.open = open_all,
	.seal = seal_all,
	.mask = mask_all,
};
