// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Asking control who a peer is. Worker's thread only.
#pragma once

#include "dataplane/dtls/handshakes.h"

// Asks about hs->kind; false: control is away or behind, nothing has been asked.
bool dtls_whose_ask(struct dp_worker *w, const struct dtls_handshake *hs, struct dtls_bytes id);
// Tells identities apart that one ClientHello has.
uint64_t dtls_whose_identity(const struct dp_worker *w, const void *identity, size_t len);
// Keeps the peer's certificate or key until the handshake is done. 0 or -ENOMEM.
int dtls_whose_keep(struct dtls_handshake *hs, const uint8_t *proof, uint32_t len);
void dtls_whose_forget(struct dtls_handshake *hs);
