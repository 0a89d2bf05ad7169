// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Who we are in a handshake and what we agree to: wolfSSL's contexts, one pair for each worker, so
// that nothing is shared between them. Made by the main thread, at the start and when certificate
// files have changed; used and given up by the worker.
#pragma once

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/config.h"

struct dtls_files { // PEM; each may be NULL
	const char *certificate;
	const char *key;
	const char *ca;                         // of the clients' certificates
	const struct config_certificate *named; // chosen by the name that a client asks for (SNI)
	uint32_t named_count;
	uint32_t ticket_lifetime_s; // that devices are told of
};

struct dtls_named {
	char *name;
	WOLFSSL_CTX *ctx;
};

struct dtls_server {
	WOLFSSL_CTX *psk; // has no key of its own, so that nothing but a pre-shared key will do
	// DTLS 1.2 and no ECDHE: what most devices have. Its objects know nothing of DTLS 1.3,
	// which spares a tenth of the handshake.
	WOLFSSL_CTX *psk_12;
	WOLFSSL_CTX *x509; // and pre-shared keys of DTLS 1.2; without a certificate the same as psk
	WOLFSSL_CTX *rpk;  // raw public keys; NULL: no key
	struct dtls_named *named;
	uint32_t named_count;
	uint8_t trust[32]; // digest of the file ca
};

// That of the name, which need not end with a zero; x509 when there is none.
WOLFSSL_CTX *dtls_server_named(const struct dtls_server *server, const uint8_t *name, size_t len);

// 0 or -errno with the reason in why.
int dtls_server_init(struct dtls_server *server, const struct dtls_files *files,
		     char why[static 160]);
// What handshakes under way still use lives on until they end.
void dtls_server_fini(struct dtls_server *server);
