// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials for tests.
#pragma once

#include <string.h>

#include "control/security/credentials.h"

static inline struct ctl_credential *psk_new(const char *endpoint, const char *identity,
					     const char *key)
{
	const char *why;

	return ctl_credential_new(&(struct ctl_credential_parts){.mode = CTL_CREDENTIAL_PSK,
								 .endpoint = endpoint,
								 .endpoint_len = strlen(endpoint),
								 .identity = identity,
								 .identity_len = strlen(identity),
								 .key = key,
								 .key_len = strlen(key)},
				  &why);
}

static inline struct ctl_credential *x509_new(const char *endpoint)
{
	const char *why;

	return ctl_credential_new(&(struct ctl_credential_parts){.mode = CTL_CREDENTIAL_X509,
								 .endpoint = endpoint,
								 .endpoint_len = strlen(endpoint)},
				  &why);
}

// Puts it and commits. 0 or -errno.
static inline int credential_store(struct ctl_credentials *credentials,
				   struct ctl_credential *credential,
				   enum ctl_credential_change *change)
{
	int rc = ctl_credentials_begin(credentials);

	if (rc == 0)
		rc = ctl_credentials_put(credentials, credential, change);
	if (rc == 0)
		ctl_credentials_commit(credentials);
	else
		ctl_credentials_abort(credentials);
	return rc;
}
