// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/credential.h"

#include <stdlib.h>
#include <string.h>

#include "control/security/public_key.h"
#include "lwm2m/core/utf8.h"

static const char *psk_problem(const struct ctl_credential_parts *parts)
{
	if (parts->identity_len == 0)
		return "Missing PSK identity";
	if (parts->identity_len > CTL_PSK_IDENTITY_MAX)
		return "PSK identity is longer than 128 bytes";
	if (!utf8_printable(parts->identity, parts->identity_len))
		return "PSK identity is not printable text";
	if (parts->key_len == 0)
		return "Missing PSK key";
	return parts->key_len > CTL_PSK_KEY_MAX ? "PSK key is longer than 64 bytes" : NULL;
}

static const char *problem(const struct ctl_credential_parts *parts)
{
	if (parts->endpoint_len == 0)
		return "Missing endpoint";
	if (parts->endpoint_len > LWM2M_ENDPOINT_MAX)
		return "endpoint is longer than 255 bytes";
	if (!utf8_printable(parts->endpoint, parts->endpoint_len))
		return "endpoint is not printable text";
	switch (parts->mode) {
	case CTL_CREDENTIAL_PSK:
		return psk_problem(parts);
	case CTL_CREDENTIAL_RPK:
		return ctl_public_key_ok(parts->identity, parts->identity_len)
			       ? NULL
			       : "Invalid security info content: key is not the "
				 "SubjectPublicKeyInfo of an elliptic curve key";
	case CTL_CREDENTIAL_X509:
		break;
	}
	return NULL;
}

static uint8_t *append(uint8_t *to, const void *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
	return to + len;
}

struct ctl_credential *ctl_credential_new(const struct ctl_credential_parts *parts,
					  const char **why)
{
	struct ctl_credential *credential;
	uint8_t *to;

	*why = problem(parts);
	if (*why != NULL)
		return NULL;
	credential = calloc(1, sizeof(*credential) + parts->endpoint_len + parts->identity_len +
				       parts->key_len);
	if (credential == NULL) {
		*why = "out of memory";
		return NULL;
	}
	credential->mode = (uint8_t)parts->mode;
	credential->endpoint_len = (uint8_t)parts->endpoint_len;
	credential->identity_len = (uint16_t)parts->identity_len;
	credential->key_len = (uint16_t)parts->key_len;
	to = append(credential->bytes, parts->endpoint, parts->endpoint_len);
	to = append(to, parts->identity, parts->identity_len);
	append(to, parts->key, parts->key_len);
	return credential;
}

static size_t bytes_of(const struct ctl_credential *credential)
{
	return (size_t)credential->endpoint_len + credential->identity_len + credential->key_len;
}

void ctl_credential_free(struct ctl_credential *credential)
{
	if (credential == NULL)
		return;
	explicit_bzero(credential->bytes, bytes_of(credential));
	free(credential);
}

bool ctl_credential_equal(const struct ctl_credential *a, const struct ctl_credential *b)
{
	return a->mode == b->mode && a->endpoint_len == b->endpoint_len &&
	       a->identity_len == b->identity_len && a->key_len == b->key_len &&
	       memcmp(a->bytes, b->bytes, bytes_of(a)) == 0;
}
