// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every credential, in memory: by endpoint, by identity, by id and in order of id. Loop thread
// only.
#pragma once

#include "control/security/credential.h"

struct credential_entry {
	uint64_t id;
	struct ctl_credential *credential; // NULL: removed
};

struct credential_table {
	struct ctl_credential **by_endpoint, **by_identity;
	size_t mask; // buckets - 1, of each
	struct credential_entry *order;
	size_t order_len, order_cap;
	size_t count;
	uint64_t seed[2]; // identities come from outside: nobody may aim at one chain
};

bool credential_table_init(struct credential_table *table); // false: no memory
void credential_table_clear(struct credential_table *table);
void credential_table_free(struct credential_table *table);

struct ctl_credential *credential_by_endpoint(const struct credential_table *table,
					      const char *endpoint, size_t len);
// PSK and RPK only: the others have none.
struct ctl_credential *credential_by_identity(const struct credential_table *table,
					      enum ctl_credential_mode mode, const void *identity,
					      size_t len);
struct ctl_credential *credential_by_id(const struct credential_table *table, uint64_t id);
// The first with an id above this one.
struct ctl_credential *credential_after(const struct credential_table *table, uint64_t id);

// Takes it. Its id must be above all others, its endpoint and identity new. False: no memory.
bool credential_add(struct credential_table *table, struct ctl_credential *credential);
// Frees it.
void credential_remove(struct credential_table *table, struct ctl_credential *credential);
