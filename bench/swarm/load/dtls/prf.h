// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The pseudo-random function of TLS 1.2 (RFC 5246 section 5), with what of its HMACs depends on the
// secret only done once: that halves them.
#pragma once

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/sha256.h>

#include <stddef.h>
#include <stdint.h>

#define PRF_SEED_MAX 64 // bytes, and as many more for the label

struct prf {
	wc_Sha256 inner;
	wc_Sha256 outer;
};

// secret: at most 64 bytes, what HMAC takes as they are.
void prf_init(struct prf *prf, const uint8_t *secret, size_t len);
void prf_expand(const struct prf *prf, const char *label, const uint8_t *seed, size_t seed_len,
		uint8_t *out, size_t len);
