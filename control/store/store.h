// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Everything that must survive control: an LMDB environment in STATE/store with the databases meta,
// registrations, observations, outbox, cursors, queue, credentials, backends and exchanges. Keys
// are growing 64-bit numbers, big-endian, so that a group commit dirties few pages.
//
// One write transaction at a time: begin, any number of changes, then commit or abort. Loop thread
// only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/registry.h"

// Address space only; the file grows as needed. Halved until the system grants it.
#define CTL_STORE_MAP_BYTES ((size_t)64 << 30)

// Of the layout on disk. A store of a newer format is refused, one of an older format is taken
// over: 1 had neither observations nor events with data of their own, 2 no credentials, 3 no events
// that say which paths they tell of, and no back ends made by REST, 4 no exchanges.
#define CTL_STORE_FORMAT 5u

struct ctl_store;

// Opens or creates. state is the state directory, made when missing and locked against a second
// control. sync false: commits survive the process, but not a power failure, until ctl_store_sync.
// NULL with the reason in why.
struct ctl_store *ctl_store_open(const char *state, size_t map_bytes, bool sync,
				 char why[static 160]);
void ctl_store_close(struct ctl_store *store);

// 36 characters, made once per store; CloudEvents ids start with it.
const char *ctl_store_uuid(const struct ctl_store *store);

// 0 or -errno; after a failed change or commit the transaction is aborted by the caller or gone.
int ctl_store_begin(struct ctl_store *store);
int ctl_store_commit(struct ctl_store *store);
void ctl_store_abort(struct ctl_store *store);
void ctl_store_sync(struct ctl_store *store);

// Registrations. The next key is used up even if the transaction is aborted.
uint64_t ctl_store_key_next(struct ctl_store *store);
int ctl_store_put(struct ctl_store *store, uint64_t key, const struct ctl_record *record);
int ctl_store_delete(struct ctl_store *store, uint64_t key);
// Adds all of them to an empty registry. What is damaged is logged with its key and left out.
int ctl_store_load(struct ctl_store *store, struct ctl_registry *registry);
