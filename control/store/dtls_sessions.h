// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS sessions as they lie on disk: the database "dtls_sessions", by worker and slot, so that a
// new session in the place of one whose end nobody heard of replaces it. Keys and all are sealed by
// control/link/dtls.c. Loop thread only.
//
// A session must not go on twice from the same place, or nonces repeat. So the store counts the
// dataplanes that came, and each session has the count of when it was written: what it may have
// been used for since follows from the difference. A copy of the store that is put back forgets
// what was counted since: the sessions in it must go (README, DTLS). So must those of a store whose
// commits need not survive a power failure, after one.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/store/store.h"

#define CTL_DTLS_SESSION_VERSION 1u
#define CTL_DTLS_SESSION_SEALED  (256u + 28u)

struct ctl_dtls_session {
	uint32_t version;    // CTL_DTLS_SESSION_VERSION
	uint32_t dataplanes; // that had come when it was written
	uint64_t cid;        // worker 8 bits, slot 32, generation 24
	uint64_t credential;
	uint8_t sealed[CTL_DTLS_SESSION_SEALED];
	uint8_t reserved[4];
};
static_assert(sizeof(struct ctl_dtls_session) == 312, "layout on disk");

// A dataplane has come: counts it unless it is the last one again. Into the open change set.
void ctl_store_dtls_dataplane(struct ctl_store *store, uint64_t dataplane_id);
// None that is there goes on: for a copy of the store that was put back. Into the open change set.
void ctl_store_dtls_forget(struct ctl_store *store);
// How many have come.
uint32_t ctl_store_dtls_dataplanes(const struct ctl_store *store);

// False: there is none on disk.
bool ctl_store_dtls_any(struct ctl_store *store);

// Into the open change set. Put returns where the session goes, until the next change; delete of
// one that is not there does nothing.
struct ctl_dtls_session *ctl_store_dtls_put(struct ctl_store *store, uint64_t cid);
void ctl_store_dtls_delete(struct ctl_store *store, uint64_t cid);

// Those on disk, in order, from the one after *key on (0: the first); *key becomes that of the last
// one that the callback has taken. The session lives for the call; its sizes and version are right.
// The callback's result other than 0 ends it and is returned: what it was called for comes again.
typedef int (*ctl_store_dtls_cb_t)(const struct ctl_dtls_session *session, void *arg);
int ctl_store_dtls_after(struct ctl_store *store, uint64_t *key, ctl_store_dtls_cb_t cb, void *arg);
