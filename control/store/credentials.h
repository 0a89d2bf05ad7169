// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials as they lie on disk: the database "credentials", by a growing id that is never used
// again. What is secret of one is sealed by control/security, which alone can read it. What was
// removed leaves a mark until the dataplane was told. Loop thread only.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "control/store/store.h"

#define CTL_CREDENTIAL_VERSION 1u

struct ctl_credential_record {
	uint32_t version; // CTL_CREDENTIAL_VERSION
	uint32_t bytes;   // of the whole block
	uint8_t mode;     // 0: removed, nothing follows
	uint8_t endpoint_len;
	uint16_t identity_len;
	uint16_t key_len;
	uint16_t reserved;
	uint8_t body[]; // the endpoint; then, sealed, identity and key
};
static_assert(sizeof(struct ctl_credential_record) == 16, "layout on disk");

uint64_t ctl_store_credential_id(struct ctl_store *store);

// Into the open change set.
void ctl_store_credential_put(struct ctl_store *store, uint64_t id,
			      const struct ctl_credential_record *record);
void ctl_store_credential_delete(struct ctl_store *store, uint64_t id);

// Calls with every one of a version that is known, in order of id; the record lives for the call.
// What is damaged is logged and left out. The callback's result other than 0 ends it and is
// returned.
typedef int (*ctl_credential_cb_t)(uint64_t id, const struct ctl_credential_record *record,
				   void *arg);
int ctl_store_credentials_load(struct ctl_store *store, ctl_credential_cb_t cb, void *arg);

// A sealed text of the store's own, by which the right key is known. -ENOENT when there is none.
#define CTL_CREDENTIALS_PROOF_MAX 64u
int ctl_store_credentials_proof_get(struct ctl_store *store,
				    uint8_t proof[static CTL_CREDENTIALS_PROOF_MAX], size_t *len);
void ctl_store_credentials_proof_put(struct ctl_store *store, const void *proof, size_t len);
