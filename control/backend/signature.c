// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/signature.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define DIGEST_BYTES 32

static bool mac_run(EVP_MAC_CTX *ctx, const char *key, const char *time, const void *body,
		    size_t len, uint8_t digest[static DIGEST_BYTES])
{
	char sha256[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t written = 0;

	return EVP_MAC_init(ctx, (const uint8_t *)key, strlen(key), params) == 1 &&
	       EVP_MAC_update(ctx, (const uint8_t *)time, strlen(time)) == 1 &&
	       EVP_MAC_update(ctx, body, len) == 1 &&
	       EVP_MAC_final(ctx, digest, &written, DIGEST_BYTES) == 1 && written == DIGEST_BYTES;
}

int signature_header(char header[static SIGNATURE_HEADER_MAX], const char *key, uint64_t time_s,
		     const void *body, size_t len)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	uint8_t digest[DIGEST_BYTES];
	char time[24];
	bool ok;
	int n;

	snprintf(time, sizeof(time), "%" PRIu64 ".", time_s);
	ok = ctx != NULL && mac_run(ctx, key, time, body, len, digest);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	if (!ok)
		return -EIO;
	n = snprintf(header, SIGNATURE_HEADER_MAX, "X-Sluice-Signature: t=%" PRIu64 ",v1=", time_s);
	for (int i = 0; i < DIGEST_BYTES; i++)
		n += snprintf(header + n, SIGNATURE_HEADER_MAX - (size_t)n, "%02x", digest[i]);
	return 0;
}
