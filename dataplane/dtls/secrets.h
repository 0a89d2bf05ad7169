// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is taken out of wolfSSL: the keys of a finished handshake, and, only when the configuration
// asks for a key log, secrets in the NSS format that Wireshark reads.
#pragma once

#include "dataplane/dtls/handshakes.h"

struct dtls_aead;

// Before the handshake: has wolfSSL tell the secrets it makes. 0 or -EINVAL.
int dtls_secrets_watch(WOLFSSL *ssl, struct dtls_handshake *hs);
// After it: fills hs->keys. False: something is missing or records cannot be protected with it.
bool dtls_secrets_harvest(struct dtls_aead *aead, WOLFSSL *ssl, struct dtls_handshake *hs);
