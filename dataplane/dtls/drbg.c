// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/drbg.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/random.h>

#include <errno.h>
#include <stddef.h>

static _Thread_local struct dtls_drbg *in_use;

struct dtls_drbg *dtls_drbg_use(struct dtls_drbg *drbg)
{
	struct dtls_drbg *before = in_use;

	in_use = drbg;
	return before;
}

#ifdef WC_RNG_BANK_SUPPORT

#include <wolfssl/wolfcrypt/rng_bank.h>

#define SEED_SECONDS 10 // that the kernel may take

int __real_wc_InitRng_ex(WC_RNG *rng, void *heap, int device);
int __wrap_wc_InitRng_ex(WC_RNG *rng, void *heap, int device);

// What wc_InitRng_ex is for whoever calls it. wc_FreeRng knows what it has before it.
int __wrap_wc_InitRng_ex(WC_RNG *rng, void *heap, int device)
{
	return in_use ? wc_InitRng_BankRef(in_use->bank, rng)
		      : __real_wc_InitRng_ex(rng, heap, device);
}

int dtls_drbg_init(struct dtls_drbg *drbg)
{
	drbg->bank = NULL;
	return wc_rng_bank_new(&drbg->bank, 1, WC_RNG_BANK_FLAG_CAN_WAIT, SEED_SECONDS, NULL,
			       INVALID_DEVID) == 0
		       ? 0
		       : -EIO;
}

void dtls_drbg_fini(struct dtls_drbg *drbg)
{
	wc_rng_bank_free(&drbg->bank);
}

#else

int dtls_drbg_init(struct dtls_drbg *drbg)
{
	drbg->bank = NULL;
	return 0;
}

void dtls_drbg_fini(struct dtls_drbg *drbg)
{
}

#endif
