// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/credentials.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/security/public_key.h"
#include "control/security/state.h"

LOG_TYPE("credentials");

// One endpoint, one credential; one identity, one endpoint: of two, the newer counts.
static void older_remove(struct credential_table *table, const struct ctl_credential *credential)
{
	struct ctl_credential *older = credential_by_endpoint(
		table, ctl_credential_endpoint(credential), credential->endpoint_len);

	if (older == NULL && credential->identity_len > 0)
		older = credential_by_identity(table, credential->mode,
					       ctl_credential_identity(credential),
					       credential->identity_len);
	if (older == NULL)
		return;
	LOG(error, "%" PRIu64 " left out (a newer one has its endpoint or identity)", older->id);
	credential_remove(table, older);
	older_remove(table, credential);
}

static int load_one(uint64_t id, const struct ctl_credential_record *record, void *arg)
{
	struct ctl_credentials *credentials = arg;
	struct ctl_credential *credential;
	int rc;

	if (record->mode == 0)
		return credential_gone_add(credentials, id);
	credential = credential_of_record(credentials->seal, id, record, &rc);
	if (credential == NULL) {
		if (rc == 0)
			LOG(error, "%" PRIu64 " left out (tampered with on disk)", id);
		return rc;
	}
	older_remove(&credentials->table, credential);
	if (credential_add(&credentials->table, credential))
		return 0;
	ctl_credential_free(credential);
	return -ENOMEM;
}

static int reload(struct ctl_credentials *credentials)
{
	int rc;

	credential_table_clear(&credentials->table);
	credentials->gone_count = 0;
	rc = ctl_store_credentials_load(credentials->ctl->store, load_one, credentials);
	credentials->gone_stored = credentials->gone_count;
	return rc;
}

static int open_at(struct ctl_credentials *credentials, char why[static 160])
{
	const struct config *cfg = credentials->ctl->cfg;
	char *path = NULL;
	int rc;

	if (cfg->security.key_file != NULL)
		path = strdup(cfg->security.key_file);
	else if (asprintf(&path, "%s/credentials.key", cfg->state) < 0)
		path = NULL;
	if (path == NULL)
		return -ENOMEM;
	rc = credentials_key_prove(credentials, path, why);
	free(path);
	return rc != 0 ? rc : reload(credentials);
}

static void release(struct ctl_credentials *credentials)
{
	credential_table_free(&credentials->table);
	ctl_seal_free(credentials->seal);
	free(credentials->gone);
	free(credentials);
}

int ctl_credentials_new(struct ctl *ctl, struct ctl_credentials **out, char why[static 160])
{
	struct ctl_credentials *credentials = calloc(1, sizeof(*credentials));
	int rc = -ENOMEM;

	why[0] = '\0';
	if (credentials != NULL && credential_table_init(&credentials->table)) {
		credentials->ctl = ctl;
		rc = open_at(credentials, why);
	}
	if (rc == 0)
		rc = uv_timer_init(ctl->loop, &credentials->retry);
	if (rc == 0) {
		credentials->retry.data = credentials;
		*out = credentials;
		LOG(info, "%zu read", credentials->table.count);
		return 0;
	}
	if (why[0] == '\0')
		snprintf(why, 160, "credentials, cannot be read (%s)", strerror(-rc));
	if (credentials != NULL)
		release(credentials);
	return rc;
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void ctl_credentials_free(struct ctl_credentials *credentials)
{
	if (credentials == NULL)
		return;
	ctl_store_flush(credentials->ctl->store);
	uv_close((uv_handle_t *)&credentials->retry, on_closed);
}

size_t ctl_credentials_count(const struct ctl_credentials *credentials)
{
	return credentials->table.count;
}

const struct ctl_credential *ctl_credentials_of(const struct ctl_credentials *credentials,
						const char *endpoint, size_t len)
{
	return credential_by_endpoint(&credentials->table, endpoint, len);
}

const struct ctl_credential *ctl_credentials_by_id(const struct ctl_credentials *credentials,
						   uint64_t id)
{
	return credential_by_id(&credentials->table, id);
}

const struct ctl_credential *ctl_credentials_after(const struct ctl_credentials *credentials,
						   uint64_t id)
{
	return credential_after(&credentials->table, id);
}

struct ctl_seal *ctl_credentials_seal(const struct ctl_credentials *credentials)
{
	return credentials->seal;
}

struct named {
	const struct credential_table *table;
	const struct ctl_credential *found;
};

static bool on_name(const char *name, size_t len, void *arg)
{
	struct named *named = arg;

	named->found = credential_by_endpoint(named->table, name, len);
	if (named->found != NULL && named->found->mode != CTL_CREDENTIAL_X509)
		named->found = NULL;
	return named->found != NULL;
}

const struct ctl_credential *ctl_credentials_identify(const struct ctl_credentials *credentials,
						      enum ctl_credential_mode mode, const void *id,
						      size_t len)
{
	struct named named = {.table = &credentials->table};

	if (mode != CTL_CREDENTIAL_X509)
		return len == 0 ? NULL : credential_by_identity(&credentials->table, mode, id, len);
	ctl_certificate_names(id, len, on_name, &named);
	return named.found;
}

int ctl_credentials_begin(struct ctl_credentials *credentials)
{
	credentials->mark = ctl_store_mark(credentials->ctl->store);
	credentials->changed = false;
	return ctl_hold_why(&credentials->ctl->holds, CTL_HOLD_STORE) != NULL ? -EROFS : 0;
}

static int retire(struct ctl_credentials *credentials, struct ctl_credential *credential)
{
	static const struct ctl_credential_record mark = {
		.version = CTL_CREDENTIAL_VERSION,
		.bytes = sizeof(mark),
	};
	int rc = credential_gone_add(credentials, credential->id);

	credentials->changed = true;
	ctl_store_credential_put(credentials->ctl->store, credential->id, &mark);
	if (rc == 0)
		credential_remove(&credentials->table, credential);
	return rc;
}

static int add(struct ctl_credentials *credentials, struct ctl_credential *credential)
{
	struct ctl_store *store = credentials->ctl->store;
	struct ctl_credential_record *record;

	credentials->changed = true;
	credential->id = ctl_store_credential_id(store);
	record = credential_record(credentials->seal, credential);
	if (record == NULL || !credential_add(&credentials->table, credential)) {
		free(record);
		ctl_credential_free(credential);
		return -ENOMEM;
	}
	ctl_store_credential_put(store, credential->id, record);
	free(record);
	return 0;
}

int ctl_credentials_put(struct ctl_credentials *credentials, struct ctl_credential *credential,
			enum ctl_credential_change *change)
{
	struct credential_table *table = &credentials->table;
	struct ctl_credential *old = credential_by_endpoint(
		table, ctl_credential_endpoint(credential), credential->endpoint_len);
	struct ctl_credential *owner = NULL;
	int rc = 0;

	if (credential->identity_len > 0)
		owner = credential_by_identity(table, credential->mode,
					       ctl_credential_identity(credential),
					       credential->identity_len);
	*change = old == NULL ? CTL_CREDENTIAL_ADDED : CTL_CREDENTIAL_REPLACED;
	if (owner != NULL && owner != old)
		*change = CTL_CREDENTIAL_TAKEN;
	else if (old != NULL && ctl_credential_equal(old, credential))
		*change = CTL_CREDENTIAL_UNCHANGED;
	if (*change == CTL_CREDENTIAL_TAKEN || *change == CTL_CREDENTIAL_UNCHANGED) {
		ctl_credential_free(credential);
		return 0;
	}
	if (old != NULL)
		rc = retire(credentials, old);
	if (rc == 0)
		return add(credentials, credential);
	ctl_credential_free(credential);
	return rc;
}

int ctl_credentials_remove(struct ctl_credentials *credentials, const char *endpoint, size_t len,
			   bool *removed)
{
	struct ctl_credential *credential =
		credential_by_endpoint(&credentials->table, endpoint, len);

	*removed = credential != NULL;
	return credential != NULL ? retire(credentials, credential) : 0;
}

static void on_committed(int err, void *arg)
{
	struct ctl_credentials *credentials = arg;

	if (err != 0)
		return;
	credentials->gone_stored = credentials->gone_count;
	credentials_gone_tell(credentials);
}

void ctl_credentials_commit(struct ctl_credentials *credentials)
{
	ctl_store_submit(credentials->ctl->store, on_committed, credentials);
}

void ctl_credentials_abort(struct ctl_credentials *credentials)
{
	int rc;

	if (!credentials->changed)
		return;
	ctl_store_rewind(credentials->ctl->store, credentials->mark);
	ctl_store_flush(credentials->ctl->store); // what is read back is on disk
	rc = reload(credentials);
	if (rc != 0)
		LOG(error, "cannot be read back (%s)", strerror(-rc));
}
