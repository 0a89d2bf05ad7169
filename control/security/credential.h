// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What one device proves who it is with: one flat block in memory. An endpoint has at most one, and
// an identity belongs to one endpoint.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwm2m/core/register.h"

// The kinds of the bridge's queries, too.
enum ctl_credential_mode {
	CTL_CREDENTIAL_PSK = 1,
	CTL_CREDENTIAL_RPK = 2,
	CTL_CREDENTIAL_X509 = 3,
};

#define CTL_PSK_IDENTITY_MAX 128u // bytes; RFC 4279 section 5.3
#define CTL_PSK_KEY_MAX      64u  // likewise

struct ctl_credential {
	uint64_t id;                                          // 0: not stored yet; never used again
	struct ctl_credential *endpoint_next, *identity_next; // hash chains
	uint8_t mode;                                         // enum ctl_credential_mode
	uint8_t endpoint_len;
	uint16_t identity_len; // PSK: the identity; RPK: the public key; X509: none
	uint16_t key_len;      // PSK
	uint8_t bytes[];       // endpoint, identity, key
};

static inline const char *ctl_credential_endpoint(const struct ctl_credential *credential)
{
	return (const char *)credential->bytes;
}
static inline const uint8_t *ctl_credential_identity(const struct ctl_credential *credential)
{
	return credential->bytes + credential->endpoint_len;
}
static inline const uint8_t *ctl_credential_key(const struct ctl_credential *credential)
{
	return ctl_credential_identity(credential) + credential->identity_len;
}

// What a new one is made of; borrowed.
struct ctl_credential_parts {
	enum ctl_credential_mode mode;
	const char *endpoint;
	size_t endpoint_len;
	const void *identity;
	size_t identity_len;
	const void *key;
	size_t key_len;
};

// NULL with the reason, a literal, in *why: a part is not what it may be, or memory is out.
struct ctl_credential *ctl_credential_new(const struct ctl_credential_parts *parts,
					  const char **why);
// Leaves nothing of the key in memory.
void ctl_credential_free(struct ctl_credential *credential);
// The same endpoint, mode, identity and key.
bool ctl_credential_equal(const struct ctl_credential *a, const struct ctl_credential *b);
