// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials as they lie on disk. The id, the head and the endpoint are the associated data of
// what is sealed: a record that was moved to another endpoint's place is not opened.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/security/state.h"

struct place {
	uint64_t id;
	uint8_t head[sizeof(struct ctl_credential_record)];
	char endpoint[LWM2M_ENDPOINT_MAX];
};
static_assert(offsetof(struct place, endpoint) == 24, "no padding is sealed");

static size_t place_of(struct place *place, uint64_t id, const struct ctl_credential_record *record)
{
	memset(place, 0, sizeof(*place));
	place->id = id;
	memcpy(place->head, record, sizeof(place->head));
	memcpy(place->endpoint, record->body, record->endpoint_len);
	return offsetof(struct place, endpoint) + record->endpoint_len;
}

struct ctl_credential_record *credential_record(struct ctl_seal *seal,
						const struct ctl_credential *credential)
{
	size_t secret = (size_t)credential->identity_len + credential->key_len;
	size_t bytes = sizeof(struct ctl_credential_record) + credential->endpoint_len + secret +
		       CTL_SEAL_OVERHEAD;
	struct ctl_credential_record *record = calloc(1, bytes);
	struct place place;
	size_t place_len;

	if (record == NULL)
		return NULL;
	record->version = CTL_CREDENTIAL_VERSION;
	record->bytes = (uint32_t)bytes;
	record->mode = credential->mode;
	record->endpoint_len = credential->endpoint_len;
	record->identity_len = credential->identity_len;
	record->key_len = credential->key_len;
	memcpy(record->body, ctl_credential_endpoint(credential), credential->endpoint_len);
	place_len = place_of(&place, credential->id, record);
	if (ctl_seal(seal, &place, place_len, ctl_credential_identity(credential), secret,
		     record->body + record->endpoint_len))
		return record;
	free(record);
	return NULL;
}

struct ctl_credential *credential_of_record(struct ctl_seal *seal, uint64_t id,
					    const struct ctl_credential_record *record, int *rc)
{
	size_t secret = (size_t)record->identity_len + record->key_len;
	size_t sealed = record->bytes - sizeof(*record) - record->endpoint_len;
	struct ctl_credential *credential;
	struct place place;
	size_t place_len;

	*rc = 0;
	if (sealed != secret + CTL_SEAL_OVERHEAD)
		return NULL;
	credential = calloc(1, sizeof(*credential) + record->endpoint_len + secret);
	if (credential == NULL) {
		*rc = -ENOMEM;
		return NULL;
	}
	credential->id = id;
	credential->mode = record->mode;
	credential->endpoint_len = record->endpoint_len;
	credential->identity_len = record->identity_len;
	credential->key_len = record->key_len;
	memcpy(credential->bytes, record->body, record->endpoint_len);
	place_len = place_of(&place, id, record);
	if (ctl_unseal(seal, &place, place_len, record->body + record->endpoint_len, sealed,
		       credential->bytes + record->endpoint_len))
		return credential;
	ctl_credential_free(credential);
	return NULL;
}

static const char proof_text[] = "sluice credentials";

static int proof_make(struct ctl_credentials *credentials)
{
	uint8_t proof[sizeof(proof_text) + CTL_SEAL_OVERHEAD];
	struct ctl_store *store = credentials->ctl->store;

	if (!ctl_seal(credentials->seal, proof_text, sizeof(proof_text), proof_text,
		      sizeof(proof_text), proof))
		return -EIO;
	ctl_store_credentials_proof_put(store, proof, sizeof(proof));
	return ctl_store_commit(store);
}

int credentials_key_prove(struct ctl_credentials *credentials, const char *path,
			  char why[static 160])
{
	uint8_t proof[CTL_CREDENTIALS_PROOF_MAX], text[CTL_CREDENTIALS_PROOF_MAX];
	size_t len;
	int rc = ctl_store_credentials_proof_get(credentials->ctl->store, proof, &len);
	bool first = rc == -ENOENT;

	if (rc != 0 && !first) {
		snprintf(why, 160, "credentials, cannot be read (%s)", strerror(-rc));
		return rc;
	}
	credentials->seal = ctl_seal_new(path, first, why);
	if (credentials->seal == NULL)
		return -EACCES;
	if (first) {
		rc = proof_make(credentials);
		if (rc != 0)
			snprintf(why, 160, "credentials, cannot be written (%s)", strerror(-rc));
		return rc;
	}
	if (ctl_unseal(credentials->seal, proof_text, sizeof(proof_text), proof, len, text))
		return 0;
	snprintf(why, 160,
		 "security.key_file %.60s, not the key that the credentials in the store are "
		 "encrypted under",
		 path);
	return -EACCES;
}
