// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/aead.h"

#include <stdlib.h>

#include "dataplane/dtls/wolf.h"

static const struct dtls_aead_ops *fastest(void)
{
#ifdef __x86_64__
	if (dtls_aead_aesni.usable())
		return &dtls_aead_aesni;
#endif
	return &dtls_aead_wolfcrypt;
}

struct dtls_aead *dtls_aead_new(const struct dtls_aead_ops *ops)
{
	struct dtls_aead *aead;

	if (!ops)
		ops = fastest();
	if (!ops->usable())
		return NULL;
	aead = calloc(1, sizeof(*aead));
	if (!aead)
		return NULL;
	aead->ops = ops;
	aead->aes = calloc(1, sizeof(*aead->aes));
	if (!aead->aes || wc_AesInit(aead->aes, NULL, INVALID_DEVID) != 0) {
		free(aead->aes);
		free(aead);
		return NULL;
	}
	return aead;
}

void dtls_aead_free(struct dtls_aead *aead)
{
	if (!aead)
		return;
	wc_AesFree(aead->aes);
	free(aead->aes);
	free(aead);
}
