// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The devices' credentials: all of them in memory, so that the dataplane's questions are answered
// without the disk; on disk encrypted under security.key_file. What is here is on disk. Loop thread
// only.
#pragma once

#include "control/ctl.h"
#include "control/security/credential.h"

struct ctl_seal;

// Reads them all. -errno with the reason in why; nothing on disk is changed then.
int ctl_credentials_new(struct ctl *ctl, struct ctl_credentials **out, char why[static 160]);
// Memory goes once the loop has closed the handles.
void ctl_credentials_free(struct ctl_credentials *credentials);

size_t ctl_credentials_count(const struct ctl_credentials *credentials);
// Each NULL when there is none. They live until the next change.
const struct ctl_credential *ctl_credentials_of(const struct ctl_credentials *credentials,
						const char *endpoint, size_t len);
const struct ctl_credential *ctl_credentials_by_id(const struct ctl_credentials *credentials,
						   uint64_t id);
// The first with an id above this one: lets a reader go on after others came and went.
const struct ctl_credential *ctl_credentials_after(const struct ctl_credentials *credentials,
						   uint64_t id);
// What seals secrets at rest.
struct ctl_seal *ctl_credentials_seal(const struct ctl_credentials *credentials);
// Whose this is: a PSK identity, a raw public key, a certificate (whose names are looked up as
// endpoints).
const struct ctl_credential *ctl_credentials_identify(const struct ctl_credentials *credentials,
						      enum ctl_credential_mode mode, const void *id,
						      size_t len);

enum ctl_credential_change {
	CTL_CREDENTIAL_ADDED,
	CTL_CREDENTIAL_REPLACED,  // another of the same endpoint, whose sessions are cut
	CTL_CREDENTIAL_UNCHANGED, // it was there already
	CTL_CREDENTIAL_TAKEN,     // not put: its identity belongs to another endpoint
};

// Changes, between begin and commit. 0 or -errno: then abort. Begin: -EROFS while the store cannot
// be written, and nothing has begun. Put takes the credential in any case.
int ctl_credentials_begin(struct ctl_credentials *credentials);
int ctl_credentials_put(struct ctl_credentials *credentials, struct ctl_credential *credential,
			enum ctl_credential_change *change);
int ctl_credentials_remove(struct ctl_credentials *credentials, const char *endpoint, size_t len,
			   bool *removed);
// To disk, soon; then sessions of what was removed are cut. Abort goes back to what is on disk.
void ctl_credentials_commit(struct ctl_credentials *credentials);
void ctl_credentials_abort(struct ctl_credentials *credentials);

// The dataplane is there: it is told what was removed while it was not.
void ctl_credentials_on_ready(struct ctl_credentials *credentials);
