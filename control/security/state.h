// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Inside of the credentials: what its files share.
#pragma once

#include "control/security/credentials.h"
#include "control/security/seal.h"
#include "control/security/table.h"
#include "control/store/credentials.h"

struct ctl_credentials {
	struct ctl *ctl;
	struct ctl_seal *seal;
	struct credential_table table;
	uint64_t *gone; // removed, to be told to the dataplane, oldest first
	size_t gone_count, gone_cap;
	size_t gone_stored; // of those, on disk
	size_t mark;        // in the open change set: where begin was
	bool changed;       // since then
	uv_timer_t retry;   // when the dataplane had no room to be told
};

// gone.c
int credential_gone_add(struct ctl_credentials *credentials, uint64_t id); // 0 or -ENOMEM
// What can be told now; the rest soon.
void credentials_gone_tell(struct ctl_credentials *credentials);

// sealed.c: as it lies on disk, malloc'ed; NULL when memory or randomness is out.
struct ctl_credential_record *credential_record(struct ctl_seal *seal,
						const struct ctl_credential *credential);
// NULL when it was not sealed under this key for this place, or when memory is out (*rc).
struct ctl_credential *credential_of_record(struct ctl_seal *seal, uint64_t id,
					    const struct ctl_credential_record *record, int *rc);
// Is this the key of what is stored? Of a store without credentials it becomes that. 0 or -errno.
int credentials_key_prove(struct ctl_credentials *credentials, const char *path,
			  char why[static 160]);
