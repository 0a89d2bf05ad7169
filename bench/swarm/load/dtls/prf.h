// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The pseudo-random function of TLS 1.2 (RFC 5246 section 5), with what of its HMACs depends on the
// secret only done once: that halves them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dataplane/dtls/hmac.h"

#define PRF_SEED_MAX 64 // bytes, and as many more for the label

// prf: of the secret.
void prf_expand(const struct dtls_hmac *prf, const char *label, const uint8_t *seed,
		size_t seed_len, uint8_t *out, size_t len);
