// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// wolfCrypt's AES, and its jobs done one by one. Private to dataplane/dtls/.
#pragma once

#include "dataplane/dtls/aead.h"

// clang-format off: the options decide what the other header declares.
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>

void dtls_wolf_open(struct dtls_aead *aead, struct dtls_aead_job *job);
void dtls_wolf_seal(struct dtls_aead *aead, struct dtls_aead_job *job);
